// Journal payloads for whoever reads journals: recovery tools, gateways that catch up, market data.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <vector>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/payload.hpp"

namespace tidegate {

namespace {

struct PayloadInfo {
    PayloadHead head;
    std::uint64_t last_sequence = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> cursors;
};

PayloadInfo inspect(nb::object payload) {
    const BufferView view(payload, false);
    const PayloadView checked(view.data(), view.size());
    PayloadInfo info{checked.head(), checked.last_sequence(), {}};
    for (const RingCursor& cursor : checked.rings()) info.cursors.emplace_back(cursor.generation, cursor.position);
    return info;
}

template <typename Record>
nb::bytes unpack(nb::handle payload) {
    const BufferView view(payload, false);
    std::vector<Command> commands;
    std::vector<Event> events;
    {
        const nb::gil_scoped_release unlocked;
        PayloadView(view.data(), view.size()).unpack(commands, events);
    }
    if constexpr (std::is_same_v<Record, Command>)
        return nb::bytes(commands.data(), commands.size() * sizeof(Command));
    else
        return nb::bytes(events.data(), events.size() * sizeof(Event));
}

}  // namespace

void bind_payload(nb::module_& m) {
    nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
        try {
            std::rethrow_exception(thrown);
        } catch (const DamagedPayload& damaged) {
            PyErr_SetString(PyExc_ValueError, damaged.what());
        }
    });
    nb::class_<PayloadInfo>(m, "PayloadInfo")
        .def_prop_ro("epoch", [](const PayloadInfo& info) { return info.head.epoch; })
        .def_prop_ro("first_sequence", [](const PayloadInfo& info) { return info.head.first_sequence; })
        .def_ro("last_sequence", &PayloadInfo::last_sequence)
        .def_prop_ro("commands", [](const PayloadInfo& info) { return info.head.n_commands; })
        .def_prop_ro("events", [](const PayloadInfo& info) { return info.head.n_events; })
        .def_prop_ro("time_ns", [](const PayloadInfo& info) { return info.head.time_ns; })
        .def_ro("cursors", &PayloadInfo::cursors);
    m.def("inspect", &inspect, nb::arg("payload"));
    m.def("unpack_events", [](nb::object payload) { return unpack<Event>(payload); }, nb::arg("payload"));
    m.def("unpack_commands", [](nb::object payload) { return unpack<Command>(payload); }, nb::arg("payload"));
}

}  // namespace tidegate
