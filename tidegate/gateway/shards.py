"""What a gateway knows of each symbol's engine: the figures in its event ring, and the room in its queues."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from tidegate.v1 import operations_service_pb2, types_pb2
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import CommandProducer
from tidegate.wire.stats import EngineState, EngineStats, read_stats

NO_STATS = EngineStats(message="no figures yet")


@dataclass(frozen=True)
class Shard:
    """One symbol, as seen from here."""

    instrument: Instrument
    stats_area: memoryview
    queues: tuple[CommandProducer, ...]
    """Every producer's ring into the symbol, to read its depth."""

    def queue_depth(self) -> int:
        """Commands that wait, all producers together; true also when the engine shows no figures any more."""
        return sum(queue.depth for queue in self.queues)

    def stats(self) -> EngineStats:
        """The newest figures; those of an engine that has not started when there are none."""
        return read_stats(self.stats_area) or NO_STATS


class Shards:
    """All symbols of the venue."""

    def __init__(
        self, shards: list[Shard], heartbeat_stale_ms: int, *, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._shards = shards
        self._stale_ns = heartbeat_stale_ms * 1_000_000
        self._clock_ns = clock_ns

    def serving(self) -> dict[str, bool]:
        """Per symbol, whether its engine runs and has shown so lately."""
        return {shard.instrument.symbol: self._is_serving(shard.stats()) for shard in self._shards}

    def instrument_states(self) -> list[operations_service_pb2.InstrumentState]:
        """Every instrument with its phase, by instrument id."""
        shards = sorted(self._shards, key=lambda shard: shard.instrument.instrument_id)
        return [
            operations_service_pb2.InstrumentState(
                instrument=instrument_message(shard.instrument), phase=phase_of(shard.stats())
            )
            for shard in shards
        ]

    def statuses(self) -> list[operations_service_pb2.ShardStatus]:
        """Every symbol's figures."""
        return [self._status(shard, shard.stats()) for shard in self._shards]

    def _is_serving(self, stats: EngineStats) -> bool:
        return stats.state == EngineState.RUNNING and self._clock_ns() - stats.updated_ns <= self._stale_ns

    def _status(self, shard: Shard, stats: EngineStats) -> operations_service_pb2.ShardStatus:
        silent = stats.state == EngineState.RUNNING and not self._is_serving(stats)
        return operations_service_pb2.ShardStatus(
            symbol=shard.instrument.symbol,
            phase=phase_of(stats),
            epoch=stats.epoch,
            sequence=stats.sequence,
            queue_depth=shard.queue_depth(),
            queue_capacity=stats.queue_capacity,
            commands_per_second=0 if silent else stats.commands_per_second,
            open_orders=stats.open_orders,
            best_bid_ticks=stats.best_bid,
            best_ask_ticks=stats.best_ask,
            commit_p50_us=stats.commit_p50_us,
            commit_p99_us=stats.commit_p99_us,
            batch_p50_us=stats.batch_p50_us,
            batch_p99_us=stats.batch_p99_us,
            snapshot_sequence=stats.snapshot_sequence,
            state="no sign of life" if silent else stats.state_text,
        )


def phase_of(stats: EngineStats) -> types_pb2.Phase:
    """The phase as the contract has it; the numbers are the same."""
    return cast(types_pb2.Phase, stats.phase)


def instrument_message(instrument: Instrument) -> types_pb2.Instrument:
    """The instrument as the contract has it; decimals without an exponent."""
    return types_pb2.Instrument(
        symbol=instrument.symbol,
        instrument_id=instrument.instrument_id,
        tick_size=f"{instrument.tick_size:f}",
        lot_size=f"{instrument.lot_size:f}",
        settlement_asset=instrument.settlement_asset,
        price_min_ticks=instrument.price_min_ticks,
        price_max_ticks=instrument.price_max_ticks,
        quantity_min_lots=instrument.quantity_min_lots,
        quantity_max_lots=instrument.quantity_max_lots,
        market_quantity_max_lots=instrument.market_quantity_max_lots,
        notional_min=instrument.notional_min,
        tick_lot_value=instrument.tick_lot_value,
        open_orders_max=instrument.open_orders_max,
    )
