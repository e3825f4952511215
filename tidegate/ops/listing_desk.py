"""Lists and delists symbols while the venue runs (rule INS-3): one request at a time, a step per tick.

    list      rings, then the listing (gateways and market data attach), then the engine; answered when it runs
    delist    no orders, no positions; off the listing; a while for everybody to let go; looked at once more,
              because a command may have slipped in; the engine drained; the rings destroyed; the journal stays

Engines of other symbols notice nothing of it.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING

import structlog

from tidegate.ops.errors import ConfigError, ListingRefusedError
from tidegate.ops.listing import VenueListing
from tidegate.ops.memory import VenueMemory
from tidegate.ops.processes import engine_spec
from tidegate.wire.enums import Phase
from tidegate.wire.instruments import Instrument
from tidegate.wire.listing import ListingAnswer, ListingRequest, leave_answer, take_request
from tidegate.wire.stats import EngineState, EngineStats
from tidegate.wire.topology import engine_name

if TYPE_CHECKING:
    from tidegate.ops.supervisor import Supervisor

log = structlog.get_logger(__name__)

LOOK_INTERVAL_S = 0.25  # how often an idle desk looks for requests
WORK_INTERVAL_S = 0.05
LET_GO_S = 2.0  # for gateways and market data to see that a symbol is off the listing
STATS_FRESH_S = 3.0

Steps = Generator[None, None, ListingAnswer]


class ListingDesk:
    """The requests of one venue."""

    def __init__(self, supervisor: Supervisor, memory: VenueMemory, listing: VenueListing) -> None:
        self._supervisor = supervisor
        self._memory = memory
        self._listing = listing
        self._directory = supervisor.config.topology.listing_dir
        self._request: ListingRequest | None = None
        self._steps: Steps | None = None
        self._looked_at = 0.0

    @property
    def interval_s(self) -> float:
        """How soon it wants its next step."""
        return LOOK_INTERVAL_S if self._steps is None else WORK_INTERVAL_S

    def step(self, now: float) -> None:
        """Goes on with the request at hand, or looks for one."""
        if self._steps is None:
            if now - self._looked_at < LOOK_INTERVAL_S:
                return
            self._looked_at = now
            self._request = take_request(self._directory)
            if self._request is None:
                return
            self._steps = self._list(self._request) if self._request.action == "list" else self._delist(self._request)
        assert self._request is not None
        try:
            next(self._steps)
        except StopIteration as done:
            self._answer(self._request, done.value)
        except (ListingRefusedError, OSError) as error:
            self._answer(self._request, ListingAnswer(ok=False, message=str(error)))
        except Exception as error:
            # A fault here must not take the venue down, whose other symbols have nothing to do with it.
            log.exception("fault", request=self._request.model_dump(mode="json"))
            self._answer(self._request, ListingAnswer(ok=False, message=f"a fault of the supervisor: {error!r}"))

    def _answer(self, request: ListingRequest, answer: ListingAnswer) -> None:
        log.info(request.action, symbol=request.symbol, ok=answer.ok, message=answer.message)
        self._request = self._steps = None
        self._looked_at = 0.0  # the next may be waiting
        leave_answer(self._directory, request.id, answer)

    def _list(self, request: ListingRequest) -> Steps:
        if request.instrument is None or request.instrument.symbol != request.symbol:
            raise ListingRefusedError("the request holds no instrument of this symbol")
        if request.initial_phase not in Phase.__members__ or request.initial_phase == Phase.NONE.name:
            raise ListingRefusedError(f"{request.initial_phase} is not a phase")
        if self._listing.is_listed(request.symbol):
            raise ListingRefusedError(f"{request.symbol} is listed already")
        instrument = self._listing.fit(request.instrument, choose_number=request.choose_number)
        extended = self._supervisor.config.listing((*self._listing.listed, instrument))
        spec = engine_spec(extended, instrument, request.initial_phase)
        try:
            self._memory.add(instrument)
        except ConfigError as error:
            raise ListingRefusedError(str(error)) from error
        try:
            self._put(instrument, listed=True)
        except OSError:
            self._memory.remove(instrument.symbol)
            raise
        managed = self._supervisor.manage(spec)
        deadline = time.monotonic() + self._supervisor.config.supervisor.ready_s
        while not self._runs(instrument.symbol):
            if managed.state == "failed" or time.monotonic() > deadline:
                yield from self._take_off(instrument)
                code = managed.exit_code
                raise ListingRefusedError(f"{instrument.symbol}: its engine does not run (exit code {code})")
            yield
        self._supervisor.tell(f"{instrument.symbol} is listed")
        return ListingAnswer(ok=True, instrument=instrument)

    def _delist(self, request: ListingRequest) -> Steps:
        symbol = request.symbol
        if not self._listing.is_listed(symbol):
            raise ListingRefusedError(f"{symbol} is not listed")
        if len(self._listing.listed) == 1:
            raise ListingRefusedError(f"{symbol} is the venue's last symbol")
        self._require_settled(symbol)
        instrument = next(each for each in self._listing.listed if each.symbol == symbol)
        self._put(instrument, listed=False)
        yield from pause(LET_GO_S)
        try:
            self._require_settled(symbol)
        except ListingRefusedError:
            self._put(instrument, listed=True)
            raise
        yield from self._remove_engine(symbol)
        self._supervisor.tell(f"{symbol} is delisted")
        return ListingAnswer(ok=True, instrument=instrument)

    def _take_off(self, instrument: Instrument) -> Generator[None, None, None]:
        """Undoes a listing."""
        self._put(instrument, listed=False)
        yield from pause(LET_GO_S)
        yield from self._remove_engine(instrument.symbol)

    def _remove_engine(self, symbol: str) -> Generator[None, None, None]:
        while not self._supervisor.dismiss(engine_name(symbol)):
            yield
        self._memory.remove(symbol)

    def _put(self, instrument: Instrument, *, listed: bool) -> None:
        self._listing.put(instrument, listed=listed)
        self._supervisor.relist(self._listing.listed)

    def _runs(self, symbol: str) -> bool:
        stats = self._memory.stats(symbol)
        return stats is not None and stats.state == EngineState.RUNNING

    def _require_settled(self, symbol: str) -> None:
        """Raises ListingRefusedError unless nobody has orders or a position, and nobody can get any."""
        why = why_not_settled(self._memory.stats(symbol), self._memory.queued(symbol), time.time_ns())
        if why:
            raise ListingRefusedError(f"{symbol}: {why}")


def why_not_settled(stats: EngineStats | None, queued: int, now_ns: int) -> str:
    """What keeps a symbol on the venue; empty: nothing. `queued`: commands that wait in its rings."""
    if stats is None or stats.state != EngineState.RUNNING or now_ns - stats.updated_ns > STATS_FRESH_S * 1e9:
        return "its engine does not run"
    if stats.phase != Phase.SETTLEMENT:
        return f"its phase is {Phase(stats.phase).name}; it must be SETTLEMENT"
    if queued:
        return f"{queued} commands wait"
    if stats.open_orders:
        return f"{stats.open_orders} orders are open"
    if stats.open_interest:
        return f"positions of {stats.open_interest} lots are open"
    return ""


def pause(seconds: float) -> Generator[None, None, None]:
    """Steps until the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
