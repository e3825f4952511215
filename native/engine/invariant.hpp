// Assertions that stay on in release builds: a broken invariant stops the symbol, loudly.
#pragma once

#include <stdexcept>
#include <string>

namespace tidegate {

struct BrokenInvariant : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn, gnu::cold, gnu::noinline]] inline void broken_invariant(const char* condition, const char* function, int line) {
    throw BrokenInvariant(std::string(condition) + " does not hold in " + function + ", line " + std::to_string(line));
}

}  // namespace tidegate

#define TIDEGATE_ASSERT(condition) \
    (__builtin_expect(static_cast<bool>(condition), 1) ? static_cast<void>(0) : ::tidegate::broken_invariant(#condition, __func__, __LINE__))
