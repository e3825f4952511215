"""What a gateway knows of each symbol's engine: the figures in its event ring, and the room in its queues."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError

from tidegate.gateway.errors import RefusedError
from tidegate.v1 import operations_service_pb2, types_pb2
from tidegate.wire.instruments import Instrument
from tidegate.wire.native import CommandProducer
from tidegate.wire.stats import EngineState, EngineStats, read_stats

NO_STATS = EngineStats(message="no figures yet")


@dataclass
class Shard:
    """One symbol, as seen from here."""

    instrument: Instrument
    """As it is defined now, as far as this gateway knows."""
    stats_area: memoryview
    queues: tuple[CommandProducer, ...]
    """Every producer's ring into the symbol, to read its depth."""
    definition_sequence: int = 0
    """Command that `instrument` is from; 0: as it was listed."""

    def queue_depth(self) -> int:
        """Commands that wait, all producers together; true also when the engine shows no figures any more."""
        return sum(queue.depth for queue in self.queues)

    def stats(self) -> EngineStats:
        """The newest figures; those of an engine that has not started when there are none."""
        return read_stats(self.stats_area) or NO_STATS


class Shards:
    """All symbols of the venue."""

    def __init__(
        self, shards: Iterable[Shard], heartbeat_stale_ms: int, *, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._shards = {shard.instrument.symbol: shard for shard in shards}
        self._stale_ns = heartbeat_stale_ms * 1_000_000
        self._clock_ns = clock_ns

    def __iter__(self) -> Iterator[Shard]:
        return iter(list(self._shards.values()))

    def add(self, shard: Shard) -> None:
        """A symbol was listed."""
        self._shards[shard.instrument.symbol] = shard

    def remove(self, symbol: str) -> None:
        """A symbol was delisted."""
        del self._shards[symbol]

    def knows(self, symbol: str) -> bool:
        """Whether the symbol is listed."""
        return symbol in self._shards

    def instrument(self, symbol: str) -> Instrument | None:
        """The instrument as it is defined now; None when there is none."""
        shard = self._shards.get(symbol)
        return None if shard is None else shard.instrument

    def define(self, instrument: Instrument, sequence: int) -> None:
        """The rules of an instrument have changed at a sequence (rule INS-3)."""
        shard = self._shards.get(instrument.symbol)
        if shard is not None and sequence > shard.definition_sequence:
            shard.instrument, shard.definition_sequence = instrument, sequence

    def serving(self) -> dict[str, bool]:
        """Per symbol, whether its engine runs and has shown so lately."""
        return {symbol: self._is_serving(shard.stats()) for symbol, shard in self._shards.items()}

    def instrument_states(self) -> list[operations_service_pb2.InstrumentState]:
        """Every instrument with its phase, by instrument id."""
        shards = sorted(self._shards.values(), key=lambda shard: shard.instrument.instrument_id)
        return [
            operations_service_pb2.InstrumentState(
                instrument=instrument_message(shard.instrument, shard.definition_sequence),
                phase=phase_of(shard.stats()),
            )
            for shard in shards
        ]

    def statuses(self) -> list[operations_service_pb2.ShardStatus]:
        """Every symbol's figures."""
        return [self._status(shard, shard.stats()) for shard in self._shards.values()]

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
            mark_price_ticks=stats.mark,
            index_price_ticks=stats.index,
            trigger_orders=stats.trigger_orders,
            state="no sign of life" if silent else stats.state_text,
        )


def phase_of(stats: EngineStats) -> types_pb2.Phase:
    """The phase as the contract has it; the numbers are the same."""
    return cast(types_pb2.Phase, stats.phase)


def instrument_message(instrument: Instrument, definition_sequence: int = 0) -> types_pb2.Instrument:
    """The instrument as the contract has it; decimals without an exponent."""
    return types_pb2.Instrument(definition_sequence=definition_sequence, **instrument.message_fields())


def read_instrument(message: types_pb2.Instrument, instrument_id: int) -> Instrument:
    """What a request says of an instrument; instrument_id stands in for one that it leaves out.

    Raises RefusedError: INVALID_INSTRUMENT, with the field at fault."""
    try:
        return Instrument.of_message(message, instrument_id=instrument_id)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise RefusedError(types_pb2.REASON_INVALID_INSTRUMENT, f"{where} {fault['msg']}".strip()) from error
    except (ValueError, ArithmeticError) as error:
        raise RefusedError(types_pb2.REASON_INVALID_INSTRUMENT, str(error)) from error
