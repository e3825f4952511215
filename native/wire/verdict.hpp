// Which of a command's events answers whoever sent it.
#pragma once

#include <cstdint>

#include "../records/records.hpp"
#include "report_codec.hpp"

namespace tidegate {

// The first event is; of commands that end with a result it is the last, of a REPLACE what became of the new
// order, of a SET_PHASE the phase.
inline bool is_verdict(const Event& event) {
    const auto type = static_cast<EventType>(event.header.type);
    const bool last = (event.header.flags & kLastOfCommand) != 0;
    switch (static_cast<CommandType>(event.header.command_type)) {
        case CommandType::kSetPhase: return type == EventType::kPhaseChanged || type == EventType::kRejected;
        case CommandType::kReplace:
            return type == EventType::kAccepted || type == EventType::kRejected || type == EventType::kOrderState;
        case CommandType::kCancelAll:
        case CommandType::kQuote: return last;
        default: return event.header.index == 0 || (last && is_query_answer(event));
    }
}

// A cancel-all of the operator that there was too much for: another one like it answers the same caller.
inline bool wants_another(const Event& event) {
    return event.header.type == static_cast<std::uint8_t>(EventType::kCancelAllDone) && event.leaves != 0 &&
           event.header.account == 0 && event.origin != 0;
}
inline Command another(const Event& event) {
    Command command;
    command.header.type = static_cast<std::uint8_t>(CommandType::kCancelAll);
    command.header.symbol = event.header.symbol;
    command.scope = static_cast<std::uint8_t>(CancelScope::kEveryone);
    command.origin = event.origin;
    command.request_id = event.request_id;
    command.item = event.item;
    return command;
}

}  // namespace tidegate
