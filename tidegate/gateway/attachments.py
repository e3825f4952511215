"""What a gateway holds in shared memory: the rings and doorbells of every symbol, wired into its Router."""

from __future__ import annotations

import contextlib
from types import TracebackType

import structlog

from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.shards import Shard
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.journal_reader import JournalDamagedError, newest_sequence
from tidegate.wire.native import CommandProducer, Router, stats_area
from tidegate.wire.segment import Segment
from tidegate.wire.topology import engine_name, gateway_name

log = structlog.get_logger(__name__)


class Attachments:
    """Everything attached, and a Router over it. Raises FileNotFoundError when a segment is not there."""

    def __init__(self, settings: GatewaySettings) -> None:
        limits, topology = settings.limits, settings.topology
        self._settings = settings
        self.router = Router(
            settings.number,
            sessions_max=limits.sessions_max,
            items_max=limits.items_max,
            in_flight_max=limits.in_flight_max + limits.items_max,
            output_bytes_max=limits.output_bytes_max,
            retry_delay_ms=limits.retry_delay_ms,
        )
        self._symbols: dict[str, tuple[Shard, contextlib.ExitStack]] = {}
        self._stack = contextlib.ExitStack()
        topology.run_dir.mkdir(parents=True, exist_ok=True)
        try:
            self.bell = Doorbell(topology.bell(gateway_name(settings.number)))
            self._stack.callback(self.bell.close)
            for instrument in settings.instruments:
                self.attach(instrument)
        except BaseException:
            self.close()
            raise

    @property
    def shards(self) -> list[Shard]:
        """Every symbol that is attached."""
        return [shard for shard, _ in self._symbols.values()]

    def attach(self, instrument: Instrument) -> Shard:
        """A symbol's rings and doorbell. Raises FileNotFoundError or ValueError when they are not (wholly) there."""
        topology, symbol, own_name = self._settings.topology, instrument.symbol, gateway_name(self._settings.number)
        with contextlib.ExitStack() as stack:
            rings = {name: _segment(stack, topology.command_segment(symbol, name)) for name in topology.producers}
            events = _segment(stack, topology.event_segment(symbol))
            engine_bell = Doorbell(topology.bell(engine_name(symbol)))
            stack.callback(engine_bell.close)
            queues = tuple(CommandProducer(ring) for ring in rings.values())
            shard = Shard(instrument, stats_area(events), queues)
            stack.callback(_release, shard)
            self.router.add_symbol(
                instrument.instrument_id, symbol, rings[own_name], events, self._settings.number, engine_bell.fd
            )
            self._symbols[symbol] = shard, stack.pop_all()
        self._start_where_the_log_ends(symbol)
        return shard

    def _start_where_the_log_ends(self, symbol: str) -> None:
        # An engine that recovers into a new ring shows its last batch again: to this gateway's clients it is old.
        if dict(self.router.positions())[symbol]:
            return
        try:
            self.router.start_after(symbol, newest_sequence(self._settings.topology.journal_dir(symbol)))
        except JournalDamagedError as error:
            log.error("journal not readable", symbol=symbol, error=str(error))

    def detach(self, symbol: str) -> None:
        """Lets go of a symbol: the native views first, then the memory that they look at."""
        self.router.remove_symbol(symbol)
        self._symbols.pop(symbol)[1].close()

    def close(self) -> None:
        """Lets go of everything."""
        self.router.close()
        while self._symbols:
            self._symbols.popitem()[1][1].close()
        self._stack.close()

    def __enter__(self) -> Attachments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _segment(stack: contextlib.ExitStack, name: str) -> memoryview:
    segment = Segment.attach(name)
    stack.callback(segment.close)
    return segment.buf


def _release(shard: Shard) -> None:
    shard.stats_area.release()
    for queue in shard.queues:
        queue.close()
