"""What can be asked of a session one thing at a time: send, wait, raise when it was refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Unpack

from tidegate_client.commands import Amend, AnyCommand, Cancel, CancelAll, Replace, ResetProtection, SetCountdown
from tidegate_client.enums import CancelScope, Side
from tidegate_client.handle import BatchHandle
from tidegate_client.instruments import Price, Quantity
from tidegate_client.placing import OrderTerms, Place
from tidegate_client.quoting import Quote, QuoteTerms
from tidegate_client.types import CommandResult


class SessionCalls(ABC):
    """Each waits for its answer; Refused, by class, when it was not applied."""

    @abstractmethod
    def send(self, commands: Iterable[AnyCommand]) -> BatchHandle:
        """Send commands as one message and return at once."""

    @abstractmethod
    def send_quotes(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> BatchHandle:
        """Send quotes as one message and return at once."""

    async def place(
        self, symbol: str, side: Side, price: Price | None, quantity: Quantity | None, **terms: Unpack[OrderTerms]
    ) -> CommandResult:
        """Place one order and wait for its answer; raises Refused when it was not applied."""
        return await self.one(Place(symbol, side, price, quantity, **terms))

    async def amend(
        self,
        symbol: str,
        client_order_id: int = 0,
        *,
        price: Price | None = None,
        quantity: Quantity | None = None,
        order_id: int = 0,
        trigger_price: Price | None = None,
    ) -> CommandResult:
        """Amend one order and wait for the answer; raises Refused when it was not applied."""
        return await self.one(Amend(symbol, client_order_id, price, quantity, order_id, trigger_price))

    async def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """Cancel one order and wait for the answer; raises Refused when it was not applied."""
        return await self.one(Cancel(symbol, client_order_id, order_id))

    async def cancel_all(
        self,
        symbol: str,
        side: Side = Side.UNSPECIFIED,
        scope: CancelScope = CancelScope.UNSPECIFIED,
        protection_group: int = 0,
    ) -> CommandResult:
        """Cancel every open order of the account in the symbol, or of one side, group, or its quotes."""
        return await self.one(CancelAll(symbol, side, scope, protection_group))

    async def replace(
        self, cancel_client_order_id: int, place: Place, *, order_id: int = 0, place_if_cancel_fails: bool = False
    ) -> CommandResult:
        """Cancel one order and place another in one step; when the new one is refused, the old one stays."""
        return await self.one(Replace(cancel_client_order_id, place, order_id, place_if_cancel_fails))

    async def set_countdown(self, symbol: str, countdown_ms: int) -> CommandResult:
        """Start, renew or (0) switch off the countdown to a cancel-all of the symbol."""
        return await self.one(SetCountdown(symbol, countdown_ms))

    async def reset_protection(self, symbol: str, protection_group: int) -> CommandResult:
        """Let a market-maker protection group that has tripped quote again."""
        return await self.one(ResetProtection(symbol, protection_group))

    async def mass_quote(self, quotes: Iterable[Quote], **terms: Unpack[QuoteTerms]) -> list[CommandResult]:
        """Send up to 100 quotes and wait; one result each, none is raised."""
        return await self.send_quotes(quotes, **terms)

    async def one(self, command: AnyCommand) -> CommandResult:
        """Send one command and wait for the answer; raises Refused when it was not applied."""
        return (await self.send([command]))[0].raise_if_refused()
