"""An event loop in a thread of its own, for those who do not write async."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

from tidegate_client.errors import SessionClosed

_T = TypeVar("_T")
_Arguments = ParamSpec("_Arguments")
SETTLE_S = 1.0  # for what grpc.aio does after the end of a call


class LoopThread:
    """An event loop in a daemon thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tidegate-client", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run to the end and return the result; Ctrl-C cancels it. Raises SessionClosed after close()."""
        if self.closed:
            work.close()
            raise SessionClosed("the client is closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    @property
    def closed(self) -> bool:
        """Whether nothing can be run any more."""
        return self._loop.is_closed()

    def iterate(self, source: AsyncIterator[_T]) -> Iterator[_T]:
        """An async iterator as an iterator; closing it closes the source."""

        async def step() -> _T:
            return await anext(source)

        async def close() -> None:
            end = getattr(source, "aclose", None)
            if end is not None:
                await end()

        try:
            while True:
                try:
                    item = self.run(step())
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if not self.closed:
                self.run(close())

    def close(self) -> None:
        """Stop the loop and the thread, once what grpc.aio still has to do for calls that have ended is done."""

        async def settle() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            _, pending = await asyncio.wait(rest, timeout=SETTLE_S) if rest else (rest, rest)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            await self._loop.shutdown_asyncgens()

        self.run(settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def waited(
    method: Callable[Concatenate[Any, _Arguments], Coroutine[Any, Any, _T]],
) -> Callable[Concatenate[Any, _Arguments], _T]:
    """The same method for a class without async, whose instances have a `_loop`, and in `_inner` the async object."""

    @functools.wraps(method)
    def call(self: Any, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _T:
        loop: LoopThread = self._loop
        return loop.run(method(self._inner, *args, **kwargs))

    return call
