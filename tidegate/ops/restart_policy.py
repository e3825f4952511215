"""Whether and when a process that has ended is started again (acceptance row 12: no crash loop)."""

from __future__ import annotations

import signal

from tidegate.ops.config import SupervisorSection


class RestartPolicy:
    """One process's record. Time comes in, a decision comes out."""

    def __init__(self, settings: SupervisorSection, final_exit_codes: frozenset[int]) -> None:
        """final_exit_codes: the process itself says that starting it again would be wrong."""
        self._settings = settings
        self._final_exit_codes = final_exit_codes
        self._quick_crashes = 0

    def delay_after(self, exit_code: int, uptime_s: float) -> float | None:
        """Seconds to wait before the next start; None: never again.

        The first start after a good while is at once; each further quick crash doubles the wait.
        """
        if exit_code in self._final_exit_codes:
            return None
        # SIGKILL comes from outside (a person, a test, the kernel out of memory): only a rapid row of it counts.
        quick_s = self._settings.quick_kill_s if exit_code == -signal.SIGKILL else self._settings.quick_crash_s
        if uptime_s >= quick_s:
            self._quick_crashes = 0
            return 0.0
        self._quick_crashes += 1
        if self._quick_crashes >= self._settings.quick_crashes_max:
            return None
        return self._settings.backoff_s * float(1 << (self._quick_crashes - 1))
