"""LOBSTER files, through the running venue.

One maker holds every resting order, each in its place in the queue; one taker sends an IOC order for each
run of executions with the same time and side. What the messages do not tell (levels that come into view,
orders that went while out of it) is put right from the book file, and counted. Hidden executions and
halts do not touch the visible book. The recorded book after a row is compared with the public one after
the last row of a run, since an aggressive order is one command.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from tidegate.ops.replay.config import LobsterSettings
from tidegate.ops.replay.errors import BadRecordingError
from tidegate.ops.replay.lanes import Lanes, fill_place
from tidegate.ops.replay.levels import ASK, BID
from tidegate.ops.replay.lobster_book import ANONYMOUS, Fill, LobsterBook, before_first, implied_start, merged
from tidegate.ops.replay.lobster_files import VISIBLE, Kind, Message, read_messages
from tidegate.ops.replay.maker_commands import send_changes
from tidegate.ops.replay.stage import Stage, stage
from tidegate.ops.replay.summary import Progress, Summary
from tidegate.ops.replay.verifier import PublicBook
from tidegate.v1 import types_pb2
from tidegate_client import BatchHandle, ClientOrderIds, Instrument, ReportKind, TimeInForce

_IOC, _TRADE = TimeInForce.IOC.value, ReportKind.TRADE.value
_ORDERS_SHARE_MAX = 0.9
_UNCOMPARED_MAX = 3


async def replay(settings: LobsterSettings) -> bool:
    """Replay the files, print the summary; whether everything was as it must be."""
    async with stage(settings, lambda _: 1) as ready:
        progress = Progress(f"replaying {settings.file.name} into {settings.symbol}")
        messages = await asyncio.to_thread(
            lambda: list(read_messages(settings.file, settings.orderbook, settings.tick, settings.limit_lines))
        )
        if not messages:
            raise BadRecordingError(f"{settings.file.name} is empty")
        async with PublicBook(settings.market_data, settings.symbol) as public:
            run = LobsterReplay(settings, ready, public)
            with progress:
                await run.run(messages, progress)
            return await run.finish(messages, progress.seconds)


class Aggressor:
    """One aggressive order: what the recording says it took, and what it took on the venue."""

    __slots__ = ("lots", "recorded", "trades")

    def __init__(self, recorded: list[Fill]) -> None:
        self.recorded = merged(recorded)
        self.lots = sum(lots for _, lots, _ in recorded)
        self.trades: list[tuple[int, int, int]] = []  # trade id, lots, price


class LobsterReplay:
    """The state of one replay."""

    def __init__(self, settings: LobsterSettings, ready: Stage, public: PublicBook) -> None:
        self._settings = settings
        self._ready = ready
        self._public = public
        self._next_id = ClientOrderIds()
        self.book = LobsterBook(self._next_id)
        self.lanes = Lanes(ready.sessions, settings.window, settings.message_commands_max, self._on_done)
        self.kinds: Counter[str] = Counter()
        self.rows = self.steps = self.provided = 0
        self.aggressors: list[Aggressor] = []
        self._sent: dict[int, Aggressor] = {}
        self._makers: dict[int, int] = {}  # trade id to the maker's client order id
        self._maker_events = ready.sessions[0].events()
        self._orders_max = int(_orders_max(ready.instrument) * _ORDERS_SHARE_MAX)

    async def run(self, messages: list[Message], progress: Progress) -> None:
        """All rows, run by run."""
        start_s, first_s = time.monotonic(), float(messages[0].time)
        progress.total(len(messages))
        collector = asyncio.create_task(self._collect_makers())
        try:
            self.book.start(before_first(messages[0]) if messages[0].book else implied_start(messages))
            await self._send()
            self.book.last_mention = {each.order_id: row for row, each in enumerate(messages) if each.order_id}
            for run in runs(messages):
                if self._settings.speed:
                    await self.lanes.pace(start_s + (float(run[0].time) - first_s) / self._settings.speed)
                await self._step(run)
                if not self.steps % 256:
                    progress.update(self.rows, f"{self.lanes.commands} commands")
            await self.lanes.settle()
            progress.update(self.rows, "settled")
            wanted = {trade for each in self.aggressors for trade, _, _ in each.trades}
            async with asyncio.timeout(10):
                while not wanted <= self._makers.keys():  # noqa: ASYNC110 - filled by the collector
                    await asyncio.sleep(0.01)
        finally:
            collector.cancel()

    async def finish(self, messages: list[Message], seconds: float) -> bool:
        """Print the summary; whether everything was as it must be."""
        public = self._public
        await public.reach(self.lanes.last_sequence, 5.0)
        audit = await self._ready.audit()
        exact = sum(self._actual(each) == each.recorded for each in self.aggressors)
        adjusted = self.book.adjustments
        summary = Summary(f"{len(messages)} rows of {self._settings.file.name} in {seconds:.1f} s")
        summary.row("rows", ", ".join(f"{count} {name}" for name, count in sorted(self.kinds.items())))
        summary.row(
            "aggressive orders exact",
            f"{exact} of {len(self.aggressors)} gave the recorded fills (orders, sizes, prices, in order)",
        )
        for each in [each for each in self.aggressors if self._actual(each) != each.recorded][:_UNCOMPARED_MAX]:
            summary.row("  for example", f"recorded {each.recorded}, venue {self._actual(each)}")
        if messages[0].book is not None:
            summary.compared("books equal", public, self.steps)
            summary.row(
                "levels from the book file",
                f"{adjusted.came_into_view} came into view, {adjusted.gone_out_of_view} had gone out of view, "
                f"{adjusted.within_view} changed within view without a message",
            )
        if adjusted.proved_gone:
            summary.row(
                "orders proved gone", f"{adjusted.proved_gone} stood before what was executed, or crossed a new order"
            )
        if self.provided:
            summary.row("lots provided", f"{self.provided} executed that no level had")
        summary.traffic(self.lanes, seconds)
        summary.sessions(self._ready.sessions, 0)
        summary.audit(audit)
        summary.show()
        return public.is_sound and audit.passed and not self.lanes.refused

    # One run of rows

    async def _step(self, run: list[Message]) -> None:
        self.steps += 1
        self.rows += len(run)
        self.book.row = self.rows - 1
        for each in run:
            self.kinds[each.kind.name] += 1
        executed = [each for each in run if each.kind is Kind.EXECUTION]
        if executed:
            await self._execute(executed)
        elif run[0].kind in VISIBLE:
            self.book.apply(run[0])
            await self._send()
        last = run[-1].book
        if last is None:
            return
        self.book.agree(last)
        self.book.trim(last, self._orders_max)
        await self._send()
        if self.steps % self._settings.verify_every == 0:
            await self.lanes.settle()
            sequence = self.lanes.last_sequence
            self._public.expect(sequence, (last.bids, last.asks), "book")
            await self._public.reach(sequence)

    async def _execute(self, executed: list[Message]) -> None:
        side = executed[0].side
        known = self.book.orders
        recorded = [
            (each.order_id if each.order_id in known else ANONYMOUS, each.size, each.price) for each in executed
        ]
        self.book.clear_way(side, merged(recorded))
        self.provided += self.book.provide(side, recorded)
        await self._send()
        aggressor = Aggressor(recorded)
        limit = (min if side == BID else max)(each.price for each in executed)
        client_order_id = self._next_id()
        self.aggressors.append(aggressor)
        self._sent[client_order_id] = aggressor
        command = await self.lanes.command(self._ready.taker)
        body = (client_order_id, ASK if side == BID else BID, _IOC, limit, aggressor.lots)
        fill_place(command, self._settings.symbol, body)
        self.book.execute(side, aggressor.lots, limit)

    async def _send(self) -> None:
        await send_changes(self.lanes, self._settings.symbol, self.book.take_changes())

    # Answers

    def _on_done(self, lane: int, handle: BatchHandle) -> None:
        if lane != self._ready.taker:
            return
        for client_order_id, answer in zip(handle.ids, handle.answers, strict=True):
            aggressor = self._sent.pop(client_order_id)
            for report in answer.reports if answer is not None else ():
                if report.kind == _TRADE and not report.maker:
                    fill = report.trade_id, report.last_quantity_lots, report.last_price_ticks
                    aggressor.trades.append(fill)

    async def _collect_makers(self) -> None:
        while (report := await self._maker_events.next_wire()) is not None:
            self._note_maker(report)

    def _note_maker(self, report: types_pb2.Report) -> None:
        if report.kind == _TRADE:
            self._makers[report.trade_id] = report.client_order_id

    def _actual(self, aggressor: Aggressor) -> list[Fill]:
        numbers = self.book.numbers
        return merged((numbers[self._makers[trade]], lots, price) for trade, lots, price in aggressor.trades)


def runs(messages: list[Message]) -> Iterator[list[Message]]:
    """Executions, hidden ones among them, of one time and side together; every other row alone."""
    run: list[Message] = []
    for each in chain(messages, (None,)):
        executes = each is not None and each.kind in (Kind.EXECUTION, Kind.HIDDEN_EXECUTION)
        if run and not (executes and each is not None and (each.time, each.side) == (run[0].time, run[0].side)):
            yield run
            run = []
        if each is not None:
            if executes:
                run.append(each)
            else:
                yield [each]


def _orders_max(instrument: Instrument) -> int:
    return instrument.open_orders_max
