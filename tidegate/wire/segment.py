"""Shared-memory segments: who owns one, who only looks in, and what is left when a process is killed.

The supervisor creates every segment and is the only one to unlink it. Everybody else attaches without
telling `multiprocessing`'s resource tracker, which would otherwise destroy a live segment when a process
that had merely attached ends (CPython before 3.13). The supervisor's own tracker stays in charge: when
the supervisor is killed, it unlinks what was left once the last child is gone.
"""

from __future__ import annotations

import contextlib
from multiprocessing import resource_tracker, shared_memory


class Segment:
    """A named block of shared memory. `buf` is writable and zeroed when created."""

    def __init__(self, memory: shared_memory.SharedMemory, *, owner: bool) -> None:
        self._memory = memory
        self._owner = owner

    @classmethod
    def create(cls, name: str, size: int) -> Segment:
        """Makes a zeroed segment of at least `size` bytes. Raises FileExistsError when the name is taken."""
        return cls(shared_memory.SharedMemory(name=name, create=True, size=size), owner=True)

    @classmethod
    def attach(cls, name: str) -> Segment:
        """Opens an existing segment. Raises FileNotFoundError when there is none."""
        # The tracker must never hear of it: unregistering afterwards would also undo the owner's
        # registration, because children share the supervisor's tracker.
        register = resource_tracker.register
        resource_tracker.register = lambda *_: None
        try:
            memory = shared_memory.SharedMemory(name=name)
        finally:
            resource_tracker.register = register
        return cls(memory, owner=False)

    @property
    def buf(self) -> memoryview:
        """The memory."""
        memory = self._memory.buf
        assert memory is not None, "the segment is closed"
        return memory

    @property
    def name(self) -> str:
        """The name to attach with."""
        return self._memory.name

    def close(self) -> None:
        """Lets go of the memory; the owner also destroys the segment. Native views must be gone before."""
        # A native object may still hold the mapping; then it goes with the process.
        with contextlib.suppress(BufferError):
            self._memory.close()
        if self._owner:
            self._memory.unlink()


def remove_stale(name: str) -> bool:
    """Destroys a segment that an earlier, killed venue left behind. True when there was one."""
    try:
        memory = shared_memory.SharedMemory(name=name)
    except FileNotFoundError:
        return False
    memory.close()
    memory.unlink()
    return True
