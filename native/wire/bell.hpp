// The native side of tidegate/wire/doorbell.py: one byte into a pipe wakes who sleeps on it.
#pragma once

#include <unistd.h>

#include <cerrno>

namespace tidegate {

// `bell` < 0: nobody to wake. A pipe that is full wakes its reader anyway.
inline void ring_bell(int bell) {
    if (bell < 0) return;
    const char byte = '!';
    while (::write(bell, &byte, 1) < 0 && errno == EINTR) {
    }
}

}  // namespace tidegate
