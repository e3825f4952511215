// The cancel-alls that a gateway sends by itself, for nobody who waits (rule ORD-12): each goes on until its
// symbol has nothing left to cancel, over answers that say "more" and phases that allow no cancel.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "../records/records.hpp"

namespace tidegate {

class Sweeps {
public:
    // `first` is the number of the first one; those of a gateway that ran before must be others.
    explicit Sweeps(std::uint64_t first) : next_(first) {}

    // The command that begins it, for the symbol at `index`.
    Command start(std::uint32_t index, std::uint16_t symbol, CancelScope scope, std::uint32_t account, std::uint64_t order_id) {
        Command command;
        command.header.type = static_cast<std::uint8_t>(CommandType::kCancelAll);
        command.header.symbol = symbol;
        command.header.account = account;
        command.scope = static_cast<std::uint8_t>(scope);
        command.order_id = order_id;
        command.request_id = next_++;  // nobody is shown it: no session is the origin
        open_[command.request_id] = {command, index, false};
        return command;
    }

    // The last event of a cancel-all, or its refusal: the command to send again, or nullptr.
    const Command* answered(const Event& event) {
        if (open_.empty() || event.origin != 0) return nullptr;
        const auto found = open_.find(event.request_id);
        if (found == open_.end()) return nullptr;
        if (event.header.type == static_cast<std::uint8_t>(EventType::kCancelAllDone)) {
            if (event.leaves != 0) return &found->second.command;
        } else if (event.reason == static_cast<std::uint16_t>(Reason::kPhaseForbids)) {
            found->second.waits = true;
            return nullptr;
        }
        open_.erase(found);
        return nullptr;
    }

    // The symbol has entered a phase that allows cancels: send(command) each that waited for it.
    template <typename Send>
    void resume(std::uint32_t index, Send&& send) {
        for (auto& [number, sweep] : open_) {
            if (sweep.index != index || !sweep.waits) continue;
            sweep.waits = false;
            send(sweep.command);
        }
    }

    void forget(std::uint32_t index) {
        std::erase_if(open_, [&](const auto& each) { return each.second.index == index; });
    }

private:
    struct Sweep {
        Command command;
        std::uint32_t index;
        bool waits;
    };

    std::unordered_map<std::uint64_t, Sweep> open_;
    std::uint64_t next_;
};

}  // namespace tidegate
