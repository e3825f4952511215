"""Children end by themselves when the supervisor is gone, even when it was killed with -9."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.process import BaseProcess

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent_pid: int, grace_s: float = 10.0) -> None:
    """To be called first in every child's main(), from its main thread.

    When the parent (`parent_pid`, told by the parent itself) dies, the kernel sends this process a SIGTERM, so
    that it drains as on any shutdown; if it is still there `grace_s` later it ends at once.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # The parent may have died before the call: then the signal will never come.
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGTERM)

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=(parent, grace_s), name="parent-watch", daemon=True).start()


def _outlive(parent: BaseProcess, grace_s: float) -> None:
    """Waits for the parent's death, then for the drain, then ends the process. Costs nothing while it waits."""
    parent.join()
    time.sleep(grace_s)
    os._exit(1)
