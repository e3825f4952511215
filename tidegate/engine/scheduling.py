"""How the processor puts an engine before whoever else is on the machine.

An engine works for tens of microseconds at a time and sleeps in between, most of it for the disk. Where readers,
gateways and fan-out want all processors, what makes orders late is the wait for a turn after each sleep.
"""

from __future__ import annotations

import os

from tidegate.engine.config import Scheduling

NICE_HIGH = -20
_REALTIME_PRIORITY = 1  # the least of them: before every ordinary process, after the kernel's own threads


def put_first(wanted: Scheduling) -> Scheduling:
    """Puts this thread before ordinary ones, as far as `wanted` and the machine allow; returns what came of it.

    realtime: round robin with others of its kind, and the kernel keeps a few percent for everybody else. Takes
    CAP_SYS_NICE or an RLIMIT_RTPRIO (`LimitRTPRIO=` of a unit); without, it is taken for high.
    high: nice -20, the same for RLIMIT_NICE; without, it is taken for normal. Never raises.
    """
    if wanted == "realtime":
        try:
            # Helpers that this thread starts, if it ever does, are ordinary again.
            policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, policy, os.sched_param(_REALTIME_PRIORITY))
            return "realtime"
        except OSError:
            wanted = "high"
    if wanted == "high":
        try:
            os.setpriority(os.PRIO_PROCESS, 0, NICE_HIGH)
            return "high"
        except OSError:
            pass
    return "normal"
