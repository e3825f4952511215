"""A maker says what it wants quoted; the manager sees to it (rule ORD-11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Unpack

from tidegate.v1 import order_service_pb2, types_pb2
from tidegate_client.commands import CancelAll, ResetProtection
from tidegate_client.enums import CancelScope, OrderType, Outcome, Reason, ReportKind, Side, TimeInForce
from tidegate_client.errors import Busy, OutcomeUnknown, SessionClosed, TidegateError, Unavailable, class_of
from tidegate_client.handle import BatchHandle
from tidegate_client.instruments import Price, Quantity
from tidegate_client.quote_line import Line, Sides
from tidegate_client.quoting import QUOTES_MAX, QuoteTerms, write_terms
from tidegate_client.session_options import SessionListener
from tidegate_client.types import CommandResult

if TYPE_CHECKING:
    from tidegate_client.session import TradingSession

Key = tuple[str, int]
_TRADE, _PROTECTION = ReportKind.TRADE.value, ReportKind.PROTECTION.value
_CANCELED, _EXPIRED = ReportKind.CANCELED.value, ReportKind.EXPIRED.value
_PHASE_CHANGED, _QUOTED = ReportKind.PHASE_CHANGED.value, ReportKind.QUOTED.value
_QUOTE, _BUY, _SELL = OrderType.QUOTE.value, Side.BUY.value, Side.SELL.value
_TRIPPED, _LOST = Reason.MARKET_MAKER_PROTECTION.value, Reason.DISCONNECT.value
_ASKED = Reason.USER_REQUEST.value
RETRY_S = 0.1  # when a gateway says that it is busy, and not for how long


class QuoteManager(SessionListener):
    """Keeps quotes as they are wanted, through one trading session: ``QuoteManager(session, protection_group=1)``.

    Only what differs is sent, up to 100 quotes a message and `window` messages at a time; a newer wish takes the
    place of one that has not been sent. A fill shrinks the wish by what was filled. A side that somebody cancels
    (a cancel-all, a countdown, the operator) is no longer wanted. A quote that is refused is told to `on_refused`;
    of what is on the book then only sides stay whose price is still wanted. After a disconnect, what is wanted is
    quoted again. When the protection group trips, the venue pulls its quotes in the symbol; the symbol is in
    `frozen`, `on_trip` is called, and nothing is sent until `reset`. Callbacks must not wait.
    """

    def __init__(
        self,
        session: TradingSession,
        *,
        window: int = 4,
        on_trip: Callable[[str], None] | None = None,
        on_refused: Callable[[str, int, Reason], None] | None = None,
        **terms: Unpack[QuoteTerms],
    ) -> None:
        terms.setdefault("time_in_force", TimeInForce.GTX)
        self.frozen: set[str] = set()
        self.sent_quotes = self.sent_messages = 0
        self._session = session
        self._window = window
        self._on_trip = on_trip
        self._on_refused = on_refused
        self._terms = terms
        self._group = terms.get("protection_group", 0)
        self._lines: dict[Key, Line] = {}
        self._unsent: dict[Key, Line] = {}  # in the order in which they began to differ
        self._waiting: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._paused_until = 0.0
        self._scheduled = False
        self._settled = asyncio.Event()
        self._settled.set()
        session.listen(self)

    # What the maker says

    def set(  # noqa: PLR0917 - bid, then ask
        self,
        symbol: str,
        quote_id: int,
        bid_price: Price | None = None,
        bid_quantity: Quantity | None = None,
        ask_price: Price | None = None,
        ask_quantity: Quantity | None = None,
    ) -> None:
        """What is wanted under this id from now on; a side without price or quantity is withdrawn.

        ValueError when a price or quantity is off the grid, before anything has changed.
        """
        instrument = self._session.instrument(symbol)
        wanted: list[int] = []
        for price, quantity in ((bid_price, bid_quantity), (ask_price, ask_quantity)):
            lots = instrument.to_lots(quantity) if price is not None and quantity is not None else 0
            wanted += (instrument.to_ticks(price), lots) if price is not None and lots else (0, 0)
        line = self._lines.get((symbol, quote_id))
        if line is None:
            line = self._lines[symbol, quote_id] = Line(symbol, quote_id)
        line.wanted = (wanted[0], wanted[1], wanted[2], wanted[3])
        self._check(line)

    def pull(self, symbol: str, quote_id: int) -> None:
        """Withdraw both sides."""
        if (symbol, quote_id) in self._lines:
            self.set(symbol, quote_id)

    async def pull_all(self) -> None:
        """Withdraw everything: one cancel-all per symbol, behind all that was sent. Raises what refuses it."""
        for line in self._lines.values():
            line.wanted = (0, 0, 0, 0)
        self._unsent.clear()
        symbols = sorted({line.symbol for line in self._lines.values()})
        if symbols:
            commands = [CancelAll(each, scope=CancelScope.QUOTES, protection_group=self._group) for each in symbols]
            for result in await self._session.send(commands):
                result.raise_if_refused()

    async def reset(self, symbol: str) -> CommandResult:
        """Let the group quote again in the symbol; then what is wanted by now is quoted."""
        result = await self._session.one(ResetProtection(symbol, self._group))
        self.frozen.discard(symbol)
        self._check_symbol(symbol)
        return result

    async def settled(self) -> None:
        """Wait until everything is quoted as it is wanted, or was refused, or its symbol is frozen."""
        await self._settled.wait()

    # What is so

    def wanted(self, symbol: str, quote_id: int) -> Sides:
        """Bid price and quantity, ask price and quantity, ticks and lots; 0 for none."""
        line = self._lines.get((symbol, quote_id))
        return line.wanted if line is not None else (0, 0, 0, 0)

    def on_book(self, symbol: str, quote_id: int) -> Sides:
        """The same of what is open, as of the last report."""
        bid = self._session.orders.quote(symbol, quote_id, _BUY)
        ask = self._session.orders.quote(symbol, quote_id, _SELL)
        return (
            *((bid.price_ticks, bid.leaves_lots) if bid is not None else (0, 0)),
            *((ask.price_ticks, ask.leaves_lots) if ask is not None else (0, 0)),
        )

    # What the session tells

    def on_report(self, report: types_pb2.Report) -> None:
        """Fills, cancels, trips."""
        kind = report.kind
        if kind == _PROTECTION and self._group and report.protection_group == self._group:
            if report.reason == _TRIPPED:
                self._freeze(report.symbol)
        elif report.type == _QUOTE and kind != _QUOTED:
            line = self._lines.get((report.symbol, report.client_order_id))
            if line is not None and report.side:
                self._follow(line, report)
        elif kind == _PHASE_CHANGED:
            for line in self._lines.values():
                if line.symbol == report.symbol:
                    line.forgive()
            self._check_symbol(report.symbol)

    def on_live(self) -> None:
        """What is wanted may not be there any more."""
        for line in self._lines.values():
            self._check(line)

    def on_end(self, error: TidegateError | None) -> None:
        """Nothing is sent any more."""
        del error
        self._unsent.clear()
        self._settled.set()

    def _follow(self, line: Line, report: types_pb2.Report) -> None:
        if report.kind == _TRADE:
            line.shrink(report.side, report.last_quantity_lots)
        elif report.kind in (_CANCELED, _EXPIRED):
            own = report.reason == _ASKED and line.in_flight
            # Nor does the end of a quote from before this manager touch what is wanted under its id now.
            if not own and line.was_sent and report.reason not in (_LOST, _TRIPPED):
                line.drop(report.side)
        self._check(line)

    def _freeze(self, symbol: str) -> None:
        if symbol in self.frozen:
            return
        self.frozen.add(symbol)
        for key in [key for key in self._unsent if key[0] == symbol]:
            del self._unsent[key]
        self._note_settled()
        if self._on_trip is not None:
            self._on_trip(symbol)

    # Sending

    def _check_symbol(self, symbol: str) -> None:
        for line in self._lines.values():
            if line.symbol == symbol:
                self._check(line)

    def _check(self, line: Line) -> None:
        """Send the line some time soon, if it differs; when it is in flight, its answer leads here again."""
        if line.in_flight or line.symbol in self.frozen:
            return
        key = (line.symbol, line.quote_id)
        on_book = self.on_book(*key)
        if line.target(on_book) == on_book:
            self._unsent.pop(key, None)
            self._note_settled()
            return
        self._unsent.setdefault(key, line)
        self._settled.clear()
        self._schedule()

    def _schedule(self) -> None:
        if self._scheduled:
            return
        self._scheduled = True
        wait_s = self._paused_until - self._loop.time()
        if wait_s > 0:
            self._loop.call_later(wait_s, self._send)
        else:
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        if self._unsent and self._loop.time() < self._paused_until:
            self._schedule()
            return
        while self._unsent and len(self._waiting) < self._window and self._session.connected:
            lines = self._take()
            if not lines:
                break
            task = self._loop.create_task(self._answered(self._message(lines), lines))
            self._waiting.add(task)
        self._note_settled()

    def _take(self) -> list[Line]:
        """Up to 100 lines that differ."""
        lines: list[Line] = []
        for key in list(islice(self._unsent, QUOTES_MAX)):
            line = self._unsent.pop(key)
            line.sent = line.target(self.on_book(*key))
            line.in_flight = True
            lines.append(line)
        return lines

    def _message(self, lines: list[Line]) -> BatchHandle:
        request = order_service_pb2.TradeRequest()
        write_terms(request.mass_quote, **self._terms)
        add = request.mass_quote.quotes.add
        for line in lines:
            bid_price, bid_lots, ask_price, ask_lots = line.sent
            add(
                symbol=line.symbol,
                quote_id=line.quote_id,
                bid_price_ticks=bid_price,
                bid_quantity_lots=bid_lots,
                ask_price_ticks=ask_price,
                ask_quantity_lots=ask_lots,
            )
        self.sent_messages += 1
        self.sent_quotes += len(lines)
        return self._session.send_message(request, resend=False)

    async def _answered(self, handle: BatchHandle, lines: list[Line]) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await handle.wait()
        except (OutcomeUnknown, SessionClosed):
            return  # the session has ended
        else:
            self._take_answers(handle, lines)
        finally:
            self._waiting.discard(task)
            self._note_settled()
        if self._unsent:
            self._schedule()

    def _take_answers(self, handle: BatchHandle, lines: list[Line]) -> None:
        for line in lines:
            line.in_flight = False
        for line, answer in zip(lines, handle.answers, strict=True):
            if answer is not None and answer.outcome == Outcome.NOT_APPLIED.value:
                self._refused(line, Reason(answer.reason), answer.retry_delay_ms / 1000)
            elif line.sent == line.wanted:
                line.forgive()
            self._check(line)

    def _refused(self, line: Line, reason: Reason, retry_delay_s: float) -> None:
        if reason is Reason.PROTECTION_FROZEN:
            self._freeze(line.symbol)
        elif retry_delay_s or issubclass(class_of(reason), (Busy, Unavailable)):
            self._paused_until = max(self._paused_until, self._loop.time() + (retry_delay_s or RETRY_S))
        elif reason is not Reason.UNSPECIFIED:
            line.refuse()
            if self._on_refused is not None:
                self._on_refused(line.symbol, line.quote_id, reason)

    def _note_settled(self) -> None:
        if not self._unsent and not self._waiting:
            self._settled.set()
