// What the parts of the engine's module give to its entry point.
#pragma once

#include <nanobind/nanobind.h>

namespace tidegate {

void bind_shard(nanobind::module_& m);
void bind_book(nanobind::module_& m);

}  // namespace tidegate
