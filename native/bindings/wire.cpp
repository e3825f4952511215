#include <nanobind/nanobind.h>

NB_MODULE(_wire, m) { m.doc() = "tidegate"; }
