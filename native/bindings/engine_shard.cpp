// One symbol: state, apply and replay. Rings and the journal's side are in engine_live.cpp.
#include <algorithm>
#include <tuple>
#include <vector>

#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "engine.hpp"
#include "engine_shard.hpp"

namespace tidegate {

namespace {

// Commands as records, aligned whatever the buffer is.
std::vector<Command> commands_of(nb::handle object) {
    const BufferView view(object, false);
    std::vector<Command> commands(view.count_of<Command>());
    if (!commands.empty()) std::memcpy(static_cast<void*>(commands.data()), view.data(), view.size());
    return commands;
}

void construct(BoundShard* shard, std::uint16_t symbol_id, std::uint32_t orders_max, std::uint32_t retained_max, std::uint32_t accounts_max) {
    if (orders_max == 0 || orders_max > kOrdersMax) throw std::invalid_argument("orders_max must be 1 to 2^22");
    if (retained_max > 1u << 28) throw std::invalid_argument("retained_max must be at most 2^28");
    if (accounts_max == 0 || accounts_max > 1u << 24) throw std::invalid_argument("accounts_max must be 1 to 2^24");
    new (shard) BoundShard(symbol_id, {orders_max, retained_max, accounts_max});
}

nb::bytes apply(BoundShard& shard, nb::object commands, std::int64_t time_ns, std::uint32_t epoch) {
    const std::vector<Command> records = commands_of(commands);
    std::vector<Event> out;
    {
        const nb::gil_scoped_release unlocked;
        shard.apply(records, time_ns, epoch, [&](std::span<const Event> events) { out.insert(out.end(), events.begin(), events.end()); });
    }
    return nb::bytes(out.data(), out.size() * sizeof(Event));
}

nb::bytes dump(const BoundShard& shard) {
    StateCodec::Bytes state;
    {
        const nb::gil_scoped_release unlocked;
        state = shard.dump();
    }
    return nb::bytes(state.data(), state.size());
}

void load(BoundShard& shard, nb::object state) {
    const BufferView view(state, false);
    const nb::gil_scoped_release unlocked;
    shard.load(view.data(), view.size());
}

std::size_t replay(BoundShard& shard, nb::object payload, bool verify) {
    const BufferView view(payload, false);
    const nb::gil_scoped_release unlocked;
    return shard.replay(PayloadView(view.data(), view.size()), verify);
}

// (account, one-way or LONG leg, SHORT leg) of every account that holds something, by account.
std::vector<std::tuple<std::uint32_t, std::int64_t, std::int64_t>> positions(const BoundShard& shard) {
    std::vector<std::tuple<std::uint32_t, std::int64_t, std::int64_t>> held;
    shard.machine().for_each_account([&](const Account& account) {
        if (account.position != 0 || account.short_position != 0) held.emplace_back(account.number, account.position, account.short_position);
    });
    std::sort(held.begin(), held.end());
    return held;
}

// Lots of all long positions together.
std::int64_t open_interest(const BoundShard& shard) {
    std::int64_t lots = 0;
    shard.machine().for_each_account([&](const Account& account) { lots += std::max<std::int64_t>(account.position, 0); });
    return lots;
}

std::uint64_t waiting_orders(const BoundShard& shard) {
    std::uint64_t waiting = 0;
    shard.machine().for_each_account([&](const Account& account) { waiting += account.waiting; });
    return waiting;
}

}  // namespace

void bind_shard(nb::module_& m) {
    ShardClass shard_class(m, "Shard");
    shard_class.def("__init__", &construct, nb::arg("symbol_id"), nb::kw_only(), nb::arg("orders_max") = 1u << 17,
             nb::arg("retained_max") = 1u << 18, nb::arg("accounts_max") = 1u << 14)
        .def_prop_ro("sequence", [](const BoundShard& shard) { return shard.machine().context().sequence; })
        .def_prop_ro("time_ns", [](const BoundShard& shard) { return shard.machine().context().time_ns; })
        .def_prop_ro("phase", [](const BoundShard& shard) { return static_cast<unsigned>(shard.machine().phase()); })
        .def_prop_ro("open_orders", [](const BoundShard& shard) { return shard.machine().open_orders(); })
        .def_prop_ro("best_bid", [](const BoundShard& shard) { return shard.machine().best_bid(); })
        .def_prop_ro("best_ask", [](const BoundShard& shard) { return shard.machine().best_ask(); })
        .def_prop_ro("trade_id", [](const BoundShard& shard) { return shard.machine().trade_id(); })
        .def_prop_ro("defined", [](const BoundShard& shard) { return shard.machine().defined(); })
        .def_prop_ro("definition_sequence", [](const BoundShard& shard) { return shard.machine().definition_sequence(); })
        .def_prop_ro("mark_price", [](const BoundShard& shard) { return shard.machine().prices().mark; })
        .def_prop_ro("index_price", [](const BoundShard& shard) { return shard.machine().prices().index; })
        .def_prop_ro("last_price", [](const BoundShard& shard) { return shard.machine().prices().last; })
        .def_prop_ro("waiting_orders", &waiting_orders)
        .def_prop_ro("open_interest", &open_interest)
        .def_prop_ro("next_due_ns", [](const BoundShard& shard) { return shard.machine().next_due_ns(); })
        .def("due", [](const BoundShard& shard, std::int64_t time_ns) { return shard.due(time_ns); }, nb::arg("time_ns"))
        .def("position", [](const BoundShard& shard, std::uint32_t account, bool short_leg) { return shard.machine().position(account, short_leg); },
             nb::arg("account"), nb::arg("short_leg") = false)
        .def("positions", &positions)
        .def("dump", &dump)
        .def("load", &load, nb::arg("state"))
        .def("apply", &apply, nb::arg("commands"), nb::arg("time_ns"), nb::arg("epoch"))
        .def("replay", &replay, nb::arg("payload"), nb::arg("verify") = true);
    bind_shard_live(shard_class);
}

}  // namespace tidegate
