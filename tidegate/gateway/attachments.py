"""What a gateway holds in shared memory: the rings and doorbells of every symbol, wired into its Router."""

from __future__ import annotations

import contextlib
from types import TracebackType

from tidegate.gateway.config import GatewaySettings
from tidegate.gateway.shards import Shard
from tidegate.wire.doorbell import Doorbell
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import CommandProducer, Router, stats_area
from tidegate.wire.segment import Segment
from tidegate.wire.topology import engine_name, gateway_name


class Attachments:
    """Everything attached, and a Router over it. Raises FileNotFoundError when a segment is not there."""

    def __init__(self, settings: GatewaySettings) -> None:
        limits, topology = settings.limits, settings.topology
        self.router = Router(
            settings.number,
            sessions_max=limits.sessions_max,
            items_max=limits.items_max,
            in_flight_max=limits.in_flight_max + limits.items_max,
            output_bytes_max=limits.output_bytes_max,
            retry_delay_ms=limits.retry_delay_ms,
        )
        self.shards: list[Shard] = []
        self._stack = contextlib.ExitStack()
        topology.run_dir.mkdir(parents=True, exist_ok=True)
        try:
            self.bell = self._bell(settings, gateway_name(settings.number))
            for instrument in settings.instruments:
                self._attach(settings, instrument)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of everything: the native views first, then the memory that they look at."""
        for shard in self.shards:
            shard.stats_area.release()
            for queue in shard.queues:
                queue.close()
        self.router.close()
        self._stack.close()

    def __enter__(self) -> Attachments:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _attach(self, settings: GatewaySettings, instrument: Instrument) -> None:
        topology, symbol, own_name = settings.topology, instrument.symbol, gateway_name(settings.number)
        rings = {name: self._segment(topology.command_segment(symbol, name)).buf for name in topology.producers}
        events = self._segment(topology.event_segment(symbol)).buf
        engine_bell = self._bell(settings, engine_name(symbol))
        own_ring, number = rings[own_name], settings.number
        self.router.add_symbol(instrument.instrument_id, symbol, own_ring, events, number, engine_bell.fd)
        queues = tuple(CommandProducer(ring) for ring in rings.values())
        self.shards.append(Shard(instrument, stats_area(events), queues))

    def _segment(self, name: str) -> Segment:
        segment = Segment.attach(name)
        self._stack.callback(segment.close)
        return segment

    def _bell(self, settings: GatewaySettings, process: str) -> Doorbell:
        bell = Doorbell(settings.topology.bell(process))
        self._stack.callback(bell.close)
        return bell
