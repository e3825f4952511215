// The book alone, for benchmarks and embedding.
#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

#include <nanobind/stl/pair.h>

#include "buffer.hpp"
#include "engine.hpp"
#include "engine/book.hpp"

namespace tidegate {

namespace {

std::span<const Command> commands_of(const BufferView& view) {
    const std::size_t count = view.count_of<Command>();
    if (reinterpret_cast<std::uintptr_t>(view.data()) % alignof(Command) != 0)
        throw std::invalid_argument("commands must be 8-byte aligned");
    return {reinterpret_cast<const Command*>(view.data()), count};
}

nb::bytes apply(Book& book, nb::object commands) {
    const BufferView view(commands, false);
    const auto records = commands_of(view);
    std::vector<Event> out;
    {
        const nb::gil_scoped_release unlocked;
        book.apply(records, [&](std::span<const Event> events) { out.insert(out.end(), events.begin(), events.end()); });
    }
    return nb::bytes(out.data(), out.size() * sizeof(Event));
}

std::pair<double, std::uint64_t> run(Book& book, nb::object commands, std::size_t batch) {
    if (batch == 0) throw std::invalid_argument("batch must be at least 1");
    const BufferView view(commands, false);
    const auto records = commands_of(view);
    const nb::gil_scoped_release unlocked;
    std::uint64_t events = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < records.size(); at += batch)
        book.apply(records.subspan(at, std::min(batch, records.size() - at)), [&](std::span<const Event> some) { events += some.size(); });
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return {spent.count(), events};
}

}  // namespace

void bind_book(nb::module_& m) {
    nb::class_<Book>(m, "Book")
        .def(nb::init<std::uint32_t, std::uint32_t>(), nb::kw_only(), nb::arg("orders_max") = 1u << 17, nb::arg("accounts_max") = 1u << 14)
        .def("apply", &apply, nb::arg("commands"))
        .def("run", &run, nb::arg("commands"), nb::arg("batch"))
        .def_prop_ro("last_price", [](const Book& book) { return book.machine().prices().last; })
        .def_prop_ro("open_orders", [](const Book& book) { return book.machine().open_orders(); })
        .def_prop_ro("best_bid", [](const Book& book) { return book.machine().best_bid(); })
        .def_prop_ro("best_ask", [](const Book& book) { return book.machine().best_ask(); });
}

}  // namespace tidegate
