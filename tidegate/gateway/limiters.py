"""The limits of API keys as the Router holds them (rules LIM-2, LIM-3, ORD-6): one limiter per key, by the key's tier
and self-trade group."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.gateway.authentication import Principal
from tidegate.gateway.config import GatewayLimits, Tier
from tidegate.v1 import order_service_pb2
from tidegate.wire.native import LimitSpec, Router


class Limiters:
    """Makes limiters when keys first come, and changes them with the account's tier and group."""

    def __init__(self, router: Router, limits: GatewayLimits) -> None:
        self._router = router
        self._limits = limits
        self._known: dict[int, tuple[Tier, int]] = {}  # as set; no more entries than there are valid keys

    def of(self, caller: Principal) -> int:
        """Number of the key's limiter, for the Router's sessions."""
        number = int.from_bytes(caller.digest[:8])
        wanted = (self._limits.tier(caller.tier), caller.self_trade_group)
        if self._known.get(number) != wanted:
            self._router.limiter(number, limit_spec(*wanted))
            self._known[number] = wanted
        return number

    def details(self, session: int, now_ns: int) -> Mapping[str, str]:
        """Where the session's key stands, field by field of LimitState: for a refusal's metadata."""
        encoded = self._router.limits(session, now_ns)
        state = order_service_pb2.PlaceOrderResponse.FromString(encoded).limits
        return {f"limit.{field.name}": str(value) for field, value in state.ListFields()}


def limit_spec(tier: Tier, self_trade_group: int = 0) -> LimitSpec:
    """Tier and group in the Router's terms."""
    return LimitSpec(
        orders_second=tier.orders_second,
        orders_ten_seconds=tier.orders_ten_seconds,
        cancels_second=tier.cancels_second,
        messages_second=tier.messages_second,
        order_to_trade_percent=tier.order_to_trade_percent_max,
        order_to_trade_minimum=tier.order_to_trade_orders_min,
        order_to_trade_window_s=tier.order_to_trade_window_s,
        self_trade_group=self_trade_group,
    )
