"""Which rules an instrument has now: each engine shows the sequence of the definition in force, its journal has it.

So a gateway that has just started knows the newest definition without having seen it happen (rule INS-3).
"""

from __future__ import annotations

import asyncio
from typing import NoReturn

import structlog

from tidegate.gateway.catch_up import JournalCatchUp, sequence_at
from tidegate.gateway.shards import Shard, Shards
from tidegate.wire.enums import EventType
from tidegate.wire.journal_reader import JournalDamagedError
from tidegate.wire.native import EVENT_BYTES
from tidegate.wire.records import InstrumentRules

WATCH_SECONDS = 0.5
_TYPE_OFFSET = 4

log = structlog.get_logger(__name__)


class Definitions:
    """Keeps the instruments of the shards as they are defined."""

    def __init__(self, shards: Shards, catch_up: JournalCatchUp) -> None:
        self._shards = shards
        self._catch_up = catch_up

    async def watch(self) -> NoReturn:
        """For as long as the gateway lives."""
        while True:
            for shard in self._shards:
                sequence = shard.stats().definition_sequence
                if sequence > shard.definition_sequence:
                    await self._read(shard, sequence)
            await asyncio.sleep(WATCH_SECONDS)

    async def _read(self, shard: Shard, sequence: int) -> None:
        symbol = shard.instrument.symbol
        try:
            events = await self._catch_up.reader(symbol, sequence - 1).read_events()
            for index in range(len(events) // EVENT_BYTES):
                record = events[index * EVENT_BYTES : (index + 1) * EVENT_BYTES]
                if sequence_at(events, index) == sequence and record[_TYPE_OFFSET] == EventType.INSTRUMENT_DEFINED:
                    self._shards.define(InstrumentRules.of_event(record).instrument(shard.instrument), sequence)
                    return
        except (ValueError, JournalDamagedError) as error:
            log.error("definition not readable", symbol=symbol, sequence=sequence, error=str(error))
