#include <nanobind/nanobind.h>

#include "wire.hpp"

NB_MODULE(_wire, m) {
    m.doc() = "The wire's native core; documented in _wire.pyi.";
    tidegate::bind_rings(m);
    tidegate::bind_ring_ends(m);
    tidegate::bind_payload(m);
    tidegate::bind_codec(m);
    tidegate::bind_router(m);
    tidegate::bind_depth_book(m);
    tidegate::bind_history(m);
}
