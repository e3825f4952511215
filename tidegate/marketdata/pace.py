"""How often readers are told: as often as the processor can take it.

A message costs the same whatever is in it, so that under load fewer and larger ones do the same work. What the
process spends between two rounds is measured (all of its threads), and the time between rounds follows from it: many
readers of a quick market get fewer, larger messages before anything else on the machine has to wait.
"""

from __future__ import annotations

GROWTH_MAX = 1.5  # per round, so that one bad round does not slow readers down for long


class Pace:
    """The time to wait between two rounds, seconds: from `least_s` to `most_s`, so that the process takes about
    `share` of one processor at most."""

    def __init__(self, least_s: float, most_s: float, share: float) -> None:
        self.interval_s = least_s
        self._least_s = least_s
        self._most_s = most_s
        self._share = share

    def after_round(self, spent_s: float, elapsed_s: float) -> None:
        """Processor time spent since the last round, and how long that is ago."""
        if elapsed_s <= 0:
            return
        factor = spent_s / elapsed_s / self._share
        wanted = self.interval_s * min(max(factor, 1 / GROWTH_MAX), GROWTH_MAX)
        self.interval_s = min(max(wanted, self._least_s), self._most_s)
