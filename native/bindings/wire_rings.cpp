// Layout of rings in shared memory, and the CRC of records.
#include "buffer.hpp"
#include "wire.hpp"
#include "wire/command_ring.hpp"
#include "wire/event_ring.hpp"

namespace tidegate {

namespace {

constexpr std::uint64_t kCapacityMax = std::uint64_t{1} << 32;

std::size_t command_ring_bytes(std::uint64_t capacity) {
    if (capacity > kCapacityMax) throw std::invalid_argument("ring capacity is absurd");
    return CommandRing::bytes_needed(capacity);
}

std::size_t event_ring_bytes(std::uint64_t capacity) {
    if (capacity > kCapacityMax) throw std::invalid_argument("ring capacity is absurd");
    return EventRing::bytes_needed(capacity);
}

void create_command_ring(nb::object memory, std::uint64_t capacity, std::uint64_t high_water, std::uint64_t generation) {
    const BufferView view = ring_memory(memory);
    if (view.size() < command_ring_bytes(capacity)) throw std::invalid_argument("memory too small for the ring");
    CommandRing::create(view.data(), capacity, high_water, generation);
}

void create_event_ring(nb::object memory, std::uint64_t capacity, std::uint64_t generation) {
    const BufferView view = ring_memory(memory);
    if (view.size() < event_ring_bytes(capacity)) throw std::invalid_argument("memory too small for the ring");
    EventRing::create(view.data(), capacity, generation);
}

nb::object stats_area(nb::object memory) {
    {
        const BufferView view = ring_memory(memory);
        EventRing checked(view.data(), view.size());
    }
    nb::object whole = nb::steal(PyMemoryView_FromObject(memory.ptr()));
    if (!whole.is_valid()) throw nb::python_error();
    constexpr auto start = offsetof(EventRing::Header, stats);
    return whole[nb::slice(nb::int_(start), nb::int_(start + EventRing::kStatsBytes), nb::none())];
}

std::uint32_t crc32c_of(nb::object data) {
    const BufferView view(data, false);
    return crc32c(view.data(), view.size());
}

nb::bytes record_with_crc(nb::object record) {
    const BufferView view(record, false);
    if (view.size() != sizeof(Command) && view.size() != sizeof(Event))
        throw std::invalid_argument("a record has 128 or 192 bytes");
    nb::bytes out = make_bytes(view.size());
    std::memcpy(bytes_data(out), view.data(), view.size());
    const std::uint32_t crc = crc32c(view.data() + sizeof(crc), view.size() - sizeof(crc));
    std::memcpy(bytes_data(out), &crc, sizeof(crc));
    return out;
}

}  // namespace

void bind_rings(nb::module_& m) {
    m.attr("COMMAND_BYTES") = sizeof(Command);
    m.attr("EVENT_BYTES") = sizeof(Event);
    m.def("command_ring_bytes", &command_ring_bytes, nb::arg("capacity"));
    m.def("create_command_ring", &create_command_ring, nb::arg("memory"), nb::arg("capacity"), nb::arg("high_water"),
          nb::arg("generation"));
    m.def("event_ring_bytes", &event_ring_bytes, nb::arg("capacity"));
    m.def("create_event_ring", &create_event_ring, nb::arg("memory"), nb::arg("capacity"), nb::arg("generation"));
    m.def("stats_area", &stats_area, nb::arg("memory"));
    m.def("crc32c", &crc32c_of, nb::arg("data"));
    m.def("record_with_crc", &record_with_crc, nb::arg("record"));
}

}  // namespace tidegate
