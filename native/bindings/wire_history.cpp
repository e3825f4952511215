// Rows of the history index, made and read a batch at a time.
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/history_rows.hpp"

namespace tidegate {

namespace {

nb::list as_list(const std::vector<HistoryRows::Row>& rows) {
    nb::list out;
    for (const auto& [key, value] : rows)
        out.append(nb::make_tuple(nb::bytes(key.data(), key.size()), nb::bytes(value.data(), value.size())));
    return out;
}

nb::tuple history_rows(nb::object events, std::uint64_t after_sequence) {
    const BufferView view(events, false);
    const std::size_t count = view.count_of<Event>();
    HistoryRows rows;
    {
        const nb::gil_scoped_release unlocked;
        for (std::size_t i = 0; i < count; ++i) {
            const auto event = view.record<Event>(i);
            if (event.header.sequence > after_sequence) add_history(rows, event);
        }
    }
    return nb::make_tuple(as_list(rows.changes), as_list(rows.clients), as_list(rows.fills));
}

nb::bytes history_events(const std::vector<nb::bytes>& packed) {
    nb::bytes out = make_bytes(packed.size() * sizeof(Event));
    char* at = bytes_data(out);
    for (const nb::bytes& each : packed) {
        const Event event = unpack_history({each.c_str(), each.size()});
        std::memcpy(at, &event, sizeof(event));
        at += sizeof(event);
    }
    return out;
}

}  // namespace

void bind_history(nb::module_& m) {
    m.def("history_rows", &history_rows, nb::arg("events"), nb::arg("after_sequence"));
    m.def("history_events", &history_events, nb::arg("packed"));
}

}  // namespace tidegate
