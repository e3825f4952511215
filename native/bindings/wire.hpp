// The parts of the _wire module, one function per file.
#pragma once

#include <nanobind/nanobind.h>

namespace tidegate {

void bind_rings(nanobind::module_& m);
void bind_ring_ends(nanobind::module_& m);
void bind_payload(nanobind::module_& m);
void bind_codec(nanobind::module_& m);
void bind_router(nanobind::module_& m);
void bind_depth_book(nanobind::module_& m);
void bind_history(nanobind::module_& m);

}  // namespace tidegate
