"""A recorded Binance futures feed, through the running venue.

Makers hold one order per price level. Between two depth updates the recording shows the touch only, so a
recorded quote moves the touch: better levels go, the best one gets the recorded quantity. The next depth
update then puts right every level that was touched since the last one, and all that it names itself.
A recorded trade becomes an IOC order of the taker at the recorded price and quantity; where the makers'
level at that price is smaller or not the best (the recording's streams overlap by a millisecond), the
makers make it so first, and the summary counts how often.
"""

from __future__ import annotations

import asyncio
import math
import time

from tidegate.ops.replay.audit import fence
from tidegate.ops.replay.binance_feed import DepthChange, Print, Quote, Recording, read_recording
from tidegate.ops.replay.config import ReplaySettings
from tidegate.ops.replay.lanes import Lanes, fill_place
from tidegate.ops.replay.levels import ASK, BID, Change, MakerBook, Slot
from tidegate.ops.replay.maker_commands import send_changes
from tidegate.ops.replay.mark_prices import MarkPrices
from tidegate.ops.replay.stage import Stage, stage
from tidegate.ops.replay.summary import Progress, Summary
from tidegate.ops.replay.verifier import PublicBook
from tidegate_client import BatchHandle, ClientOrderIds, Instrument, OrderStatus, TimeInForce

# Levels beyond the snapshot come into sight over time: seen 5,000 a side after six minutes.
ORDERS_EXPECTED = 16_000
_IOC = TimeInForce.IOC.value
_EQUAL_SHARE = 0.99
SHOWN_WITHIN_S = 2.0  # a command that changed nothing to be seen is never shown by itself


def makers_needed(instrument: Instrument) -> int:
    """Maker accounts, by how many orders one may have open."""
    return math.ceil(ORDERS_EXPECTED / instrument.open_orders_max)


async def replay(settings: ReplaySettings) -> bool:
    """Replay the file, print the summary; whether everything was as it must be."""
    async with stage(settings, makers_needed) as ready:
        progress = Progress(f"replaying {settings.file.name} into {settings.symbol}")
        recording = await asyncio.to_thread(read_recording, settings.file, ready.instrument, settings.limit_lines)
        async with PublicBook(settings.market_data, settings.symbol) as public:
            run = BinanceReplay(settings, ready, public)
            with progress:
                await run.run(recording, progress)
            return await run.finish(recording, progress.seconds)


class BinanceReplay:
    """The state of one replay: the recorded book, the makers' book, and what is under way."""

    def __init__(self, settings: ReplaySettings, ready: Stage, public: PublicBook) -> None:
        self._settings = settings
        self._ready = ready
        self._public = public
        self._next_id = ClientOrderIds()
        self.recorded: dict[int, dict[int, int]] = {BID: {}, ASK: {}}
        self.maker = MakerBook(self._next_id, ready.instrument.open_orders_max, ready.taker)
        self.lanes = Lanes(ready.sessions, settings.window, settings.message_commands_max, self._on_done)
        self.quotes = self.trades = self.trades_exact = self.trades_prepared = self.resyncs = 0
        self._marks = MarkPrices(ready.operator, settings.symbol)
        self._prints: dict[int, Print] = {}
        self._out_of_step = False

    async def run(self, recording: Recording, progress: Progress) -> None:
        """All events, in order."""
        start_s, first_ns = time.monotonic(), recording.start.arrival_ns
        progress.total(len(recording.events))
        await self._depth(recording.start)
        for number, event in enumerate(recording.events, 1):
            if self._settings.speed:
                await self.lanes.pace(start_s + (event.arrival_ns - first_ns) / 1e9 / self._settings.speed)
            if self._out_of_step:
                await self._resync()
            await self._marks.at(event.arrival_ns)
            if isinstance(event, Quote):
                self.maker.touch(BID, event.bid, event.bid_lots)
                self.maker.touch(ASK, event.ask, event.ask_lots)
                await self._send(self.maker.take_changes())
                await self._sample(event)
            elif isinstance(event, DepthChange):
                await self._depth(event)
            else:
                await self._trade(event)
            if not number % 256:
                progress.update(number, f"{self.lanes.commands} commands, {self._public.equal}/{self._public.sampled}")
        progress.update(len(recording.events), "settling")
        await self.lanes.settle()

    async def finish(self, recording: Recording, seconds: float) -> bool:
        """Compare what is left, print the summary; whether everything was as it must be."""
        public, lanes = self._public, self.lanes
        await public.reach(lanes.last_sequence, 5.0)
        whole = all(
            shown == {price: slot.leaves for price, slot in self.maker.sides[side].slots.items()}
            for side, shown in ((BID, public.bids), (ASK, public.asks))
        )
        audit = await self._ready.audit()
        summary = Summary(f"{recording.lines} lines of {self._settings.file.name} in {seconds:.1f} s")
        dropped = ", ".join(f"{count} {name}" for name, count in sorted(recording.dropped.items())) or "nothing"
        summary.row("older than the snapshot", f"{dropped} (dropped)")
        summary.compared("best quotes equal", public, self.quotes)
        summary.row(
            "whole book at the end",
            f"{'equal' if whole else 'DIFFERENT'}: {len(public.bids)} + {len(public.asks)} levels",
        )
        summary.row(
            "trades",
            f"{self.trades_exact} of {self.trades} exact (price, quantity, side); "
            f"for {self.trades_prepared} the makers' level had to be made first",
        )
        summary.row("mark prices", f"{self._marks.told} set, the last trade of each second")
        summary.traffic(lanes, seconds)
        summary.sessions(self._ready.sessions, self.resyncs)
        summary.audit(audit)
        summary.show()
        share_met = public.equal >= _EQUAL_SHARE * public.sampled and public.sampled > 0
        return share_met and public.is_sound and audit.passed

    # One event

    async def _depth(self, change: DepthChange) -> None:
        for side, levels in ((BID, change.bids), (ASK, change.asks)):
            recorded, mine = self.recorded[side], self.maker.sides[side]
            for price, lots in levels:
                if lots:
                    recorded[price] = lots
                else:
                    recorded.pop(price, None)
                self.maker.want(side, price, lots)
            if mine.dirty:
                for price in mine.dirty:
                    self.maker.want(side, price, recorded.get(price, 0))
                mine.dirty.clear()
        await self._send(self.maker.take_changes())

    async def _trade(self, event: Print) -> None:
        side = ASK if event.buys else BID
        self.maker.prepare_trade(side, event.price, event.lots)
        changes = self.maker.take_changes()
        if changes:
            self.trades_prepared += 1
            await self._send(changes)
        client_order_id = self._next_id()
        self._prints[client_order_id] = event
        command = await self.lanes.command(self._ready.taker)
        taker_side = BID if event.buys else ASK
        fill_place(command, self._settings.symbol, (client_order_id, taker_side, _IOC, event.price, event.lots))
        self.maker.traded(side, event.price, event.lots)
        self.trades += 1
        self._marks.last = event.price

    async def _sample(self, event: Quote) -> None:
        """Every so-many-th quote waits for the public book; the others are compared where that can be seen."""
        self.quotes += 1
        if self.quotes % self._settings.verify_every:
            return
        await self.lanes.settle()
        if self._out_of_step:
            await self._resync()
        quote = ((event.bid, event.bid_lots),), ((event.ask, event.ask_lots),)
        sequence = self.lanes.last_sequence
        self._public.expect(sequence, quote, "after a resync" if self.resyncs else "quote")
        await self._public.reach(sequence, SHOWN_WITHIN_S)

    # Sending

    async def _send(self, changes: list[Change]) -> None:
        await send_changes(self.lanes, self._settings.symbol, changes)

    # Answers

    def _on_done(self, lane: int, handle: BatchHandle) -> None:
        if lane == self._ready.taker:
            for client_order_id, answer in zip(handle.ids, handle.answers, strict=True):
                event = self._prints.pop(client_order_id)
                fills = [each for each in answer.reports if each.trade_id] if answer is not None else []
                exact = sum(each.last_quantity_lots for each in fills) == event.lots and all(
                    each.last_price_ticks == event.price for each in fills
                )
                self.trades_exact += exact
                self._out_of_step |= not exact
        elif any(answer is None or answer.reason for answer in handle.answers):
            self._out_of_step = True

    async def _resync(self) -> None:
        """A command was refused: take the sessions' record for the makers' book; what differs is put right later."""
        await self.lanes.settle()
        for client, session in zip(self._ready.clients, self._ready.sessions, strict=True):
            await fence(client, session, self._settings.symbol)
        self._out_of_step = False
        self.resyncs += 1
        known = self.maker.sides
        fresh = MakerBook(self._next_id, self._ready.instrument.open_orders_max, self._ready.taker)
        for lane, session in enumerate(self._ready.sessions[: self._ready.taker]):
            for order in session.orders.open(self._settings.symbol):
                if order.status != OrderStatus.PENDING_NEW:
                    slot = Slot(lane, order.client_order_id, order.quantity_lots, order.filled_lots)
                    fresh.sides[order.side].add(order.price_ticks, slot)
                    fresh.counts[lane] += 1
        for side, levels in fresh.sides.items():
            levels.dirty |= known[side].dirty | known[side].slots.keys() ^ levels.slots.keys()
            levels.dirty |= {
                price
                for price, slot in levels.slots.items()
                if price in known[side].slots and known[side].slots[price].leaves != slot.leaves
            }
        self.maker = fresh
