"""The venue's commands: phases (MKT-1), prices, instruments (INS-3), position modes (ORD-13)."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.auction import Auction
from tests.oracle.records import (
    INT64_MAX,
    OPEN_ORDERS_PER_ACCOUNT_MAX,
    POSITION_MAX,
    PRICE_MAX,
    QUANTITY_MAX,
    TRIGGER_ORDERS_PER_ACCOUNT_MAX,
    Command,
    EventType,
    Phase,
    PositionMode,
    Reason,
    Rules,
    TriggerBy,
)

UNCROSSED_PHASES = (Phase.POST_ONLY, Phase.OPEN, Phase.REDUCE_ONLY)
RATIO_MAX = 10**9


class Venue(Auction):
    """What is not about one order."""

    def set_phase(self, command: Command) -> None:
        if not Phase.HALT <= command.phase <= Phase.SETTLEMENT:
            self.reject(Reason.INVALID_PHASE)
        elif self.rules is None:
            self.reject(Reason.INVALID_INSTRUMENT)
        elif self.uncrossing != 0:
            self.reject(Reason.PHASE_FORBIDS)
        elif command.phase in UNCROSSED_PHASES and self.is_crossed():
            self.uncrossing, self.uncrossing_reason = command.phase, command.reason
            if self.phase != Phase.HALT or self.lapse()[1]:
                self.go_on_uncrossing()
        else:
            self.change_phase(command.phase)
            self.emit(EventType.PHASE_CHANGED, phase=command.phase, reason=command.reason)

    def set_prices(self, command: Command) -> None:
        mark, index = command.price, command.quantity
        if not (0 <= mark <= PRICE_MAX and 0 <= index <= PRICE_MAX) or mark == index == 0:
            self.reject(Reason.INVALID_PRICE)
            return
        self.mark, self.index = mark or self.mark, index or self.index
        self.funding_rate = command.funding_rate
        self.next_funding_time_ns, self.source_time_ns = command.next_funding_time_ns, command.source_time_ns
        self.emit(
            EventType.PRICES_SET,
            price=self.mark,
            quantity=self.index,
            funding_rate=self.funding_rate,
            next_funding_time_ns=self.next_funding_time_ns,
            source_time_ns=self.source_time_ns,
        )
        if mark:
            self.observe(TriggerBy.MARK, mark)
        if index:
            self.observe(TriggerBy.INDEX, index)

    def set_position_mode(self, command: Command) -> None:
        if self.phase == Phase.HALT:
            self.reject(Reason.PHASE_FORBIDS)
        elif not self.admit(command.account):
            self.reject(Reason.ACCOUNT_TABLE_FULL)
        elif command.mode not in (PositionMode.ONE_WAY, PositionMode.HEDGE):
            self.reject(Reason.INVALID_POSITION_MODE)
        elif (reason := self.check_mode_change(command)) != Reason.NONE:
            self.reject(reason)
        else:
            self.accounts[command.account].mode = command.mode
            self.emit(EventType.POSITION_MODE_SET, mode=command.mode)

    def check_mode_change(self, command: Command) -> Reason:
        account = self.accounts[command.account]
        if account.mode == command.mode:
            return Reason.NONE
        if (account.position, account.short_position) != (0, 0):
            return Reason.POSITION_NOT_FLAT
        return Reason.ORDERS_OPEN if self.open_orders_of(command.account) else Reason.NONE

    # ---- DEFINE_INSTRUMENT --------------------------------------------------------------------------
    def define_instrument(self, rules: Rules) -> None:
        reason = self.check_rules(rules) or self.convert(rules)
        if reason != Reason.NONE:
            self.reject(reason)
            return
        self.rules = rules
        self.definition_sequence = self.sequence
        self.emit(EventType.INSTRUMENT_DEFINED).set_rules(rules)

    def check_rules(self, rules: Rules) -> Reason:
        consistent = (
            1 <= rules.price_min <= rules.price_max <= PRICE_MAX
            and 1 <= rules.quantity_min <= rules.quantity_max <= QUANTITY_MAX
            and 1 <= rules.market_quantity_max <= QUANTITY_MAX
            and rules.notional_min >= 0
            and rules.tick_lot_value >= 1
            and 1 <= rules.open_orders_max <= OPEN_ORDERS_PER_ACCOUNT_MAX
            and rules.trigger_orders_max <= TRIGGER_ORDERS_PER_ACCOUNT_MAX
            and 0 <= rules.position_max <= POSITION_MAX
            and rules.band_down_bps <= 9_999
            and rules.band_up_bps <= 1_000_000
            and all(-18 <= exponent <= 18 for exponent in (rules.tick_exponent, rules.lot_exponent))
            and rules.reserved == 0
        )
        return Reason.NONE if consistent else Reason.INVALID_INSTRUMENT

    def convert(self, rules: Rules) -> Reason:
        """What is held in the old tick and lot is from now on held in the new ones."""
        old = self.rules
        if old is None:
            return Reason.NONE
        tick = ratio(old.tick_mantissa, old.tick_exponent, rules.tick_mantissa, rules.tick_exponent)
        lot = ratio(old.lot_mantissa, old.lot_exponent, rules.lot_mantissa, rules.lot_exponent)
        if tick == lot == 1:
            return Reason.NONE
        if self.phase not in (Phase.HALT, Phase.CANCEL_ONLY, Phase.SETTLEMENT):
            return Reason.PHASE_FORBIDS
        if self.open_orders():
            return Reason.ORDERS_OPEN
        if any(1 not in (of.numerator, of.denominator) or max(of, 1 / of) > RATIO_MAX for of in (tick, lot)):
            return Reason.INVALID_INSTRUMENT
        positions = [p * lot for account in self.accounts.values() for p in (account.position, account.short_position)]
        if any(p.denominator != 1 or abs(p) > POSITION_MAX for p in positions):
            return Reason.INVALID_INSTRUMENT
        for account in self.accounts.values():
            account.position, account.short_position = int(account.position * lot), int(account.short_position * lot)
        for group in self.groups.values():
            group.quantity_limit = converted(group.quantity_limit, lot, INT64_MAX)
            group.quantity = converted(group.quantity, lot, INT64_MAX)
        self.mark, self.index, self.last = (converted(p, tick, PRICE_MAX) for p in (self.mark, self.index, self.last))
        return Reason.NONE


def ratio(old_mantissa: int, old_exponent: int, new_mantissa: int, new_exponent: int) -> Fraction:
    """Old size by new size; 1 when one of them is not known."""
    if old_mantissa == 0 or new_mantissa == 0:
        return Fraction(1)
    return Fraction(old_mantissa, new_mantissa) * Fraction(10) ** (old_exponent - new_exponent)


def converted(value: int, by: Fraction, most: int) -> int:
    """Rounded down, at least 1 when there was something, at most `most`."""
    return min(most, max(1, int(value * by))) if value else 0
