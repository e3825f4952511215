// The book by levels and what happened in it, for market data.
#include <string_view>
#include <tuple>
#include <vector>

#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/depth_book.hpp"
#include "wire/public_tape.hpp"

namespace tidegate {

namespace {

using EntryRow = std::tuple<std::uint64_t, std::uint64_t, std::size_t, nb::bytes>;
using MinuteRow = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                             std::uint64_t, std::int64_t, std::uint64_t, std::uint64_t>;
using PriceRow = std::tuple<std::uint64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

nb::bytes to_bytes(const std::vector<unsigned char>& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

// Events as they are needed: in aligned memory, fed without the interpreter's lock.
template <typename Reader>
void feed(Reader& reader, nb::object events) {
    const BufferView view(events, false);
    std::vector<Event> records(view.count_of<Event>());
    if (!records.empty()) std::memcpy(records.data(), view.data(), view.size());
    const nb::gil_scoped_release unlocked;
    reader.feed(records.data(), records.size());
}

std::vector<EntryRow> rows_of(const std::vector<TradeEntries>& found) {
    std::vector<EntryRow> rows;
    for (const TradeEntries& entries : found) rows.emplace_back(entries.first_id, entries.last_id, entries.count, to_bytes(entries.bytes));
    return rows;
}

std::vector<MinuteRow> take_minutes(PublicTape& tape) {
    std::vector<MinuteRow> rows;
    for (const MinuteBar& bar : tape.take_minutes())
        rows.emplace_back(bar.open_time_ns, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.notional, bar.trades, bar.taker_buy,
                          bar.last_trade_id, bar.last_sequence);
    return rows;
}

nb::bytes take_news(PublicTape& tape) {
    const std::vector<Event> news = tape.take_news();
    return nb::bytes(reinterpret_cast<const char*>(news.data()), news.size() * sizeof(Event));
}

PriceRow prices(const DepthBook& book) {
    const PublicPrices& now = book.prices();
    return {now.sequence, now.time_ns, now.mark, now.index, now.funding_rate, now.next_funding_time_ns};
}

}  // namespace

void bind_depth_book(nb::module_& m) {
    nb::class_<DepthBook>(m, "DepthBook")
        .def(nb::init<std::string_view>(), nb::arg("symbol"))
        .def_prop_ro("sequence", &DepthBook::sequence)
        .def_prop_ro("time_ns", &DepthBook::time_ns)
        .def_prop_ro("ready", &DepthBook::ready)
        .def_prop_ro("phase", [](const DepthBook& book) { return unsigned{book.phase()}; })
        .def_prop_ro("best_bid", &DepthBook::best_bid)
        .def_prop_ro("best_ask", &DepthBook::best_ask)
        .def_prop_ro("prices", &prices)
        .def_prop_ro("prices_known", &DepthBook::prices_known)
        .def_prop_ro("checksum", &DepthBook::checksum)
        .def("expect_snapshot", &DepthBook::expect_snapshot, nb::arg("origin"))
        .def("feed", &feed<DepthBook>, nb::arg("events"))
        .def("snapshot", [](const DepthBook& book, std::size_t levels) { return to_bytes(book.snapshot(levels)); }, nb::arg("levels"))
        .def("follow", &DepthBook::follow, nb::arg("view"))
        .def("unfollow", &DepthBook::unfollow, nb::arg("view"))
        .def(
            "view_snapshot",
            [](const DepthBook& book, std::size_t view, std::size_t levels, bool conflated) {
                return to_bytes(book.view_snapshot(view, levels, conflated));
            },
            nb::arg("view"), nb::arg("levels"), nb::arg("conflated"))
        .def("take_delta", [](DepthBook& book, std::size_t view) { return to_bytes(book.take_delta(view)); }, nb::arg("view"))
        .def("top_of_book", [](const DepthBook& book) { return to_bytes(book.top_of_book()); })
        .def("take_top_of_book", [](DepthBook& book) { return to_bytes(book.take_top_of_book()); });

    nb::class_<PublicTape>(m, "PublicTape")
        .def(nb::init<std::uint64_t, std::uint64_t, std::int64_t, std::uint8_t>(), nb::arg("sequence"), nb::arg("bars_after"),
             nb::arg("tick_lot_value"), nb::arg("phase"))
        .def_prop_ro("sequence", &PublicTape::sequence)
        .def_prop_ro("time_ns", &PublicTape::time_ns)
        .def_prop_ro("phase", [](const PublicTape& tape) { return unsigned{tape.phase()}; })
        .def_prop_ro("last_trade_id", &PublicTape::last_trade_id)
        .def("feed", &feed<PublicTape>, nb::arg("events"))
        .def("take_trades", [](PublicTape& tape) { return rows_of(tape.take_trades()); })
        .def("take_liquidations", [](PublicTape& tape) { return rows_of(tape.take_liquidations()); })
        .def("take_minutes", &take_minutes)
        .def("take_news", &take_news);
}

}  // namespace tidegate
