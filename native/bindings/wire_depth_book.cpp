// The book by levels, for market data.
#include <string_view>
#include <tuple>
#include <vector>

#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/depth_book.hpp"

namespace tidegate {

namespace {

using TradeRow = std::tuple<std::uint64_t, std::int64_t, std::int64_t, unsigned, std::uint64_t, std::int64_t>;

nb::bytes to_bytes(const std::vector<unsigned char>& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

void feed(DepthBook& book, nb::object events) {
    const BufferView view(events, false);
    std::vector<Event> records(view.count_of<Event>());
    if (!records.empty()) std::memcpy(records.data(), view.data(), view.size());
    const nb::gil_scoped_release unlocked;
    book.feed(records.data(), records.size());
}

std::vector<TradeRow> take_trades(DepthBook& book) {
    std::vector<TradeRow> rows;
    for (const PublicTrade& trade : book.take_trades())
        rows.emplace_back(trade.trade_id, trade.price, trade.quantity, trade.aggressor_side, trade.sequence, trade.time_ns);
    return rows;
}

}  // namespace

void bind_depth_book(nb::module_& m) {
    nb::class_<DepthBook>(m, "DepthBook")
        .def(nb::init<std::string_view>(), nb::arg("symbol"))
        .def_prop_ro("sequence", &DepthBook::sequence)
        .def_prop_ro("ready", &DepthBook::ready)
        .def_prop_ro("phase", [](const DepthBook& book) { return unsigned{book.phase()}; })
        .def_prop_ro("best_bid", &DepthBook::best_bid)
        .def_prop_ro("best_ask", &DepthBook::best_ask)
        .def("expect_snapshot", &DepthBook::expect_snapshot, nb::arg("origin"))
        .def("feed", &feed, nb::arg("events"))
        .def("snapshot", [](const DepthBook& book, std::size_t levels) { return to_bytes(book.snapshot(levels)); }, nb::arg("levels"))
        .def("take_delta", [](DepthBook& book) { return to_bytes(book.take_delta()); })
        .def("take_trades", &take_trades);
}

}  // namespace tidegate
