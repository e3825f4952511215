// A shard at work: rings in, payload to the journal, events out.
#include <utility>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include "engine_shard.hpp"

namespace tidegate {

namespace {

using Cursors = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

void attach(BoundShard& shard, const std::vector<nb::object>& command_rings, nb::object event_ring,
            const std::vector<int>& reader_bells, int own_bell, const Cursors& cursors) {
    std::vector<BufferView> views;
    std::vector<Sequencer::Memory> rings;
    for (const nb::object& ring : command_rings) {
        const BufferView& view = views.emplace_back(ring_memory(ring));
        rings.push_back({view.data(), view.size()});
    }
    const BufferView& events = views.emplace_back(ring_memory(event_ring));
    std::vector<RingCursor> positions;
    for (const auto& [generation, position] : cursors) positions.push_back({generation, position});
    shard.sequencer.attach(rings, {events.data(), events.size()}, reader_bells, own_bell, positions);
    shard.ring_views = std::move(views);
}

void detach(BoundShard& shard) {
    shard.sequencer.detach();
    shard.ring_views.clear();
}

std::size_t poll(BoundShard& shard, std::size_t commands_max, std::int64_t now_ns, std::uint32_t epoch) {
    return shard.sequencer.poll(commands_max, now_ns, epoch);
}

nb::object payload(const BoundShard& shard) {
    const PayloadBuffer& bytes = shard.sequencer.payload();
    static char nothing = 0;
    auto* data = bytes.size() == 0 ? &nothing : reinterpret_cast<char*>(const_cast<unsigned char*>(bytes.data()));
    PyObject* view = PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(bytes.size()), PyBUF_READ);
    if (view == nullptr) throw nb::python_error();
    return nb::steal(view);
}

std::size_t republish(BoundShard& shard, nb::object bytes, std::uint64_t after_sequence) {
    const BufferView view(bytes, false);
    const nb::gil_scoped_release unlocked;
    return shard.sequencer.republish(PayloadView(view.data(), view.size()), after_sequence);
}

}  // namespace

void bind_shard_live(ShardClass& shard_class) {
    using Unlocked = nb::call_guard<nb::gil_scoped_release>;
    shard_class
        .def("attach", &attach, nb::arg("command_rings"), nb::arg("event_ring"), nb::arg("reader_bells"), nb::arg("own_bell"),
             nb::arg("cursors") = Cursors{})
        .def("detach", &detach)
        .def("poll", &poll, nb::arg("commands_max"), nb::arg("now_ns"), nb::arg("epoch"), Unlocked())
        .def("publish", [](BoundShard& shard) { shard.sequencer.publish(); }, Unlocked())
        .def("wait", [](BoundShard& shard, std::int64_t spin_us, int timeout_ms) { return shard.sequencer.wait(spin_us, timeout_ms); },
             nb::arg("spin_us"), nb::arg("timeout_ms"), Unlocked())
        .def("payload", &payload)
        .def("republish", &republish, nb::arg("payload"), nb::arg("after_sequence"))
        .def_prop_ro("commands_staged", [](const BoundShard& shard) { return shard.sequencer.commands_staged(); })
        .def_prop_ro("first_sequence", [](const BoundShard& shard) { return shard.sequencer.first_sequence(); })
        .def("queue_depth", [](const BoundShard& shard) { return shard.sequencer.queue_depth(); })
        .def("queue_capacity", [](const BoundShard& shard) { return shard.sequencer.queue_capacity(); });
}

}  // namespace tidegate
