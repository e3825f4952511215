"""What generated sequences are rich in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Shares are weights of the kinds of commands; other figures are probabilities unless they say otherwise."""

    shares: dict[str, int]
    times_in_force: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4, 4, 5, 6)
    reduce_only: float = 0.12
    market: float = 0.1
    triggers: float = 0.08
    iceberg: float = 0.1
    protected: float = 0.12  # orders and quotes with a market-maker protection group
    hedge: float = 0.1  # accounts in hedge mode from the start
    stp_modes: tuple[int, ...] = (0, 0, 0, 1, 2, 3, 4, 5)
    stp_group: float = 0.25
    accounts: int = 4
    prices: int = 6
    quantity_max: int = 9
    repeat: float = 0.05  # of a client order id used before
    positions: float = 0.3  # starts with positions
    marked: float = 0.5  # starts with mark and index
    plain_rules: float = 0.6  # starts with rules that forbid nothing
    extremes: float = 0.01
    tight: float = 0.15  # tiny tables
    apart: float = 0.0  # of the orders that keep to their own half of the prices
    phases: tuple[int, ...] = (1, 2, 3, 3, 5, 5, 6, 7, *(4,) * 8)
    back: float = 0.15  # per command, from any other phase to one that trades
    ticked: float = 0.85  # sequences in which TICKs come when something is due


MIXED = {
    "place": 160,
    "cancel": 10,
    "amend": 24,
    "replace": 10,
    "quote": 14,
    "cancel_all": 3,
    "phase": 5,
    "prices": 12,
    "countdown": 2,
    "protect": 3,
    "reset": 2,
    "mode": 1,
    "define": 1,
    "query": 8,
    "tick": 3,
    "strange": 1,
}
PROFILES = (
    Profile(MIXED),
    Profile({**MIXED, "amend": 110}, prices=4),
    Profile({**MIXED, "place": 240}, reduce_only=0.5, positions=1.0, quantity_max=12),
    Profile(
        {**MIXED, "place": 240}, stp_group=0.8, stp_modes=(1, 2, 3, 3, 4, 5, 5, 5), times_in_force=(1, 1, 1, 2, 3, 3, 4)
    ),
    Profile(MIXED, tight=1.0, accounts=6, repeat=0.2),
    Profile({**MIXED, "define": 12, "phase": 16, "strange": 10, "retick": 6}, extremes=0.12, plain_rules=0.2),
    Profile(MIXED, prices=40, quantity_max=60, accounts=3),
    Profile({**MIXED, "cancel": 60, "query": 40, "cancel_all": 14}, repeat=0.15),
    # triggers: prices that move all the time
    Profile({**MIXED, "prices": 80, "phase": 3}, triggers=0.5, marked=1.0, positions=0.5),
    Profile({**MIXED, "prices": 60, "phase": 12, "tick": 10}, triggers=0.6, marked=1.0, prices=12, reduce_only=0.3),
    # ... while ticks come late, so that what is due is amended, canceled, and overtaken by phases
    Profile(
        {**MIXED, "prices": 70, "phase": 24, "tick": 30, "amend": 50, "query": 2, "define": 0},
        triggers=0.7,
        marked=1.0,
        ticked=0.1,
        phases=(4, 6, 6, 6, 1),
        back=0.03,
    ),
    # quotes and protection
    Profile({**MIXED, "quote": 120, "protect": 14, "reset": 12, "phase": 4}, protected=0.7, prices=8),
    Profile({**MIXED, "quote": 90, "protect": 10, "reset": 4}, protected=0.5, stp_modes=(1, 1, 0, 3, 5), prices=5),
    # icebergs: few prices, large orders
    Profile({**MIXED, "amend": 40}, iceberg=0.7, quantity_max=30, prices=3, times_in_force=(1, 1, 1, 1, 2, 3, 3)),
    # auctions
    Profile(
        {**MIXED, "phase": 14, "tick": 14},
        phases=(4, 4, 4, 5, 5, 5, 5, 5, 1, 3, 6),
        back=0.05,
        times_in_force=(1, 1, 1, 1, 1, 5),
        iceberg=0.25,
        positions=0.6,
        reduce_only=0.2,
    ),
    # hedge mode
    Profile({**MIXED, "mode": 14, "cancel_all": 8}, hedge=0.8, triggers=0.2, positions=0.6, reduce_only=0.2),
    # expiry, countdown, disconnects
    Profile({**MIXED, "countdown": 24, "cancel_all": 12, "tick": 8}, times_in_force=(1, 5, 5, 5, 6, 6), triggers=0.15),
    # bands, position limits, phases
    Profile({**MIXED, "prices": 40, "phase": 20, "define": 6}, marked=1.0, plain_rules=0.0, market=0.25),
    Profile({**MIXED, "replace": 110, "phase": 8}, reduce_only=0.25, triggers=0.2, marked=1.0),
)

# Every so many seeds a long life: hundreds of open orders over many levels, tables that grow and shrink.
LONG_EVERY = 500
CALM = {**MIXED, "phase": 1, "cancel_all": 1, "define": 0}
LONG_PROFILES = (
    Profile(CALM, accounts=25, prices=400, quantity_max=50, market=0.03, tight=0.0, apart=0.85),
    Profile({**CALM, "cancel_all": 0}, accounts=9, prices=200_000, market=0.05, tight=0.0, apart=0.85),
    Profile(CALM, accounts=40, prices=15, reduce_only=0.4, tight=0.0, apart=0.9),
    Profile({**CALM, "quote": 90, "prices": 60}, accounts=12, prices=60, triggers=0.4, marked=1.0, apart=0.9),
)
