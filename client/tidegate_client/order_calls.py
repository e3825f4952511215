"""What can be asked for one order or symbol at a time, of a client and of a session alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Unpack

from tidegate_client.commands import Amend, AnyCommand, Cancel, CancelAll, Replace, ResetProtection, SetCountdown
from tidegate_client.enums import CancelScope, Side
from tidegate_client.instruments import Price, Quantity
from tidegate_client.placing import OrderTerms, Place
from tidegate_client.types import CommandResult


class OrderCalls(ABC):
    """Each waits for its answer and raises Refused, by class, when it was not applied."""

    @abstractmethod
    async def one(self, command: AnyCommand) -> CommandResult:
        """Carry out one command of any kind."""

    async def place(
        self, symbol: str, side: Side, price: Price | None, quantity: Quantity | None, **terms: Unpack[OrderTerms]
    ) -> CommandResult:
        """Place one order; returns when it is durable."""
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
        """Change price, total quantity or trigger price of an open order."""
        return await self.one(Amend(symbol, client_order_id, price, quantity, order_id, trigger_price))

    async def cancel(self, symbol: str, client_order_id: int = 0, *, order_id: int = 0) -> CommandResult:
        """Cancel one order; NotFound, or Rejected (ORDER_CLOSED), when there is none."""
        return await self.one(Cancel(symbol, client_order_id, order_id))

    async def cancel_all(
        self,
        symbol: str,
        side: Side = Side.UNSPECIFIED,
        scope: CancelScope = CancelScope.UNSPECIFIED,
        protection_group: int = 0,
    ) -> CommandResult:
        """Cancel every open order of the account in the symbol, or of one side, group, or its quotes.

        From a Client, not from a session: "" means every symbol; a refusal in one of them is raised after the
        others were carried out.
        """
        return await self.one(CancelAll(symbol, side, scope, protection_group))

    async def replace(
        self, cancel_client_order_id: int, place: Place, *, order_id: int = 0, place_if_cancel_fails: bool = False
    ) -> CommandResult:
        """Cancel one order and place another in one step; when the new one is refused, the old one stays."""
        return await self.one(Replace(cancel_client_order_id, place, order_id, place_if_cancel_fails))

    async def set_countdown(self, symbol: str, countdown_ms: int) -> CommandResult:
        """Start, renew or (0) switch off the countdown to a cancel-all in the symbol (from a Client, "": in all)."""
        return await self.one(SetCountdown(symbol, countdown_ms))

    async def reset_protection(self, symbol: str, protection_group: int) -> CommandResult:
        """Let a market-maker protection group that has tripped quote again."""
        return await self.one(ResetProtection(symbol, protection_group))
