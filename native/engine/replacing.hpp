// REPLACE: one CANCEL and one PLACE in one step (ORD-10).
#pragma once

#include "machine.hpp"

namespace tidegate {

template <class Memory>
void Machine<Memory>::replace(const Command& command) {
    if (known_already(command)) return;
    Intake intake;
    intake.account = accounts_.admit(command.header.account);
    intake.replaced = replaced_by(command);
    const bool go_on = intake.replaced != kNothing || (command.header.flags & kCommandGoOn) != 0;
    const Reason reason = go_on ? check_place(command, intake) : Reason::kCancelFailed;
    if (reason != Reason::kNone) return refuse(command, reason, intake.account != kNothing);
    if (intake.replaced != kNothing) end_open(intake.replaced, OrderStatus::kCanceled, Reason::kReplaced);
    accept(command, intake);
}

// The open order that is to go, or kNothing; never a quote.
template <class Memory>
std::uint32_t Machine<Memory>::replaced_by(const Command& command) const {
    const bool by_client = (command.header.flags & kCommandTargetByClient) != 0;
    const std::uint32_t found = (by_client ? memory_.find_client(command.header.account, command.order_id) : own_order(command.header.account, command.order_id)).open;
    return found == kNothing || orders_[found].is(kOrderQuote) ? kNothing : found;
}

}  // namespace tidegate
