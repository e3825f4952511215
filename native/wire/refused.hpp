#pragma once

#include <cstdint>

#include "../records/records.hpp"

namespace tidegate {

// Why the gateway does not take a command, and when to come again; kNone: it takes it.
struct Refused {
    Reason reason = Reason::kNone;
    std::uint32_t retry_delay_ms = 0;
};

}  // namespace tidegate
