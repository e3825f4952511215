// The gateway's router for Python: sessions by number, messages as bytes.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/router.hpp"

namespace tidegate {

namespace {

using Positions = std::vector<std::pair<std::string_view, std::uint64_t>>;

// A restarted gateway must not take answers that were meant for the one before.
std::uint32_t generation_seed() {
    const auto now = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    const std::uint64_t mixed = (now ^ static_cast<std::uint64_t>(::getpid()) << 32) * 0x9E3779B97F4A7C15u;
    return static_cast<std::uint32_t>(mixed >> 40);
}

[[noreturn]] void throw_reason(Reason reason) {
    PyErr_SetObject(PyExc_ValueError, nb::int_(static_cast<unsigned>(reason)).ptr());
    throw nb::python_error();
}

class PythonRouter {
public:
    PythonRouter(std::uint32_t gateway, const RouterLimits& limits) : router_(gateway, limits, generation_seed()) {}

    void add_symbol(std::uint16_t id, std::string_view name, nb::object commands, nb::object events, std::size_t reader, int bell) {
        check_open();
        BufferView command_memory = ring_memory(commands);
        BufferView event_memory = ring_memory(events);
        const std::uint32_t index = router_.add_symbol(id, name, {command_memory.data(), command_memory.size()},
                                                       {event_memory.data(), event_memory.size()}, reader, bell);
        if (memory_.size() < 2 * (std::size_t{index} + 1)) memory_.resize(2 * (std::size_t{index} + 1));
        memory_[2 * index].emplace(std::move(command_memory));
        memory_[2 * index + 1].emplace(std::move(event_memory));
    }
    void start_after(std::string_view name, std::uint64_t sequence) { router_.start_after(symbol_index(name), sequence); }
    void remove_symbol(std::string_view name) {
        const std::uint32_t index = symbol_index(name);
        router_.remove_symbol(index);
        memory_[2 * index].reset();
        memory_[2 * index + 1].reset();
    }
    void limiter(std::uint64_t key, const LimitSpec& spec) { router_.limits().set(key, spec); }

    std::uint32_t open_session(std::uint32_t account, bool events, bool held, bool cancel_on_disconnect,
                               std::optional<std::uint64_t> limiter) {
        SessionTerms terms;
        terms.account = account;
        if (events) terms.watched = {account};
        terms.held = held;
        terms.cancel_on_disconnect = cancel_on_disconnect;
        if (limiter.has_value()) {
            terms.limiter = router_.limits().limiter(*limiter);
            if (terms.limiter == nullptr) throw std::invalid_argument("no limits were made for this key");
        }
        return open(std::move(terms));
    }
    std::uint32_t open_drop_copy(std::vector<std::uint32_t> accounts, bool held) {
        std::sort(accounts.begin(), accounts.end());
        accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
        if (accounts.empty()) throw std::invalid_argument("a drop copy is of at least one account");
        SessionTerms terms;
        terms.watched = std::move(accounts);
        terms.held = held;
        return open(std::move(terms));
    }
    void disconnect(std::uint32_t id) { router_.disconnect(session(id)); }
    void cancel_orphans() {
        check_open();
        router_.cancel_orphans();
    }
    void release(std::uint32_t id) { router_.release(session(id)); }
    void close_session(std::uint32_t id) { router_.close_session(session(id)); }

    // A session without events has no stream: its batches come by SubmitBatch.
    std::size_t submit(std::uint32_t id, nb::object message, std::int64_t now_ns) {
        Session& sender = session(id);
        return submit_batch(sender, message, sender.events ? Envelope::kTrade : Envelope::kBatch, now_ns);
    }
    std::size_t submit_quotes(std::uint32_t id, nb::object message, std::int64_t now_ns) {
        return submit_batch(session(id), message, Envelope::kMassQuote, now_ns);
    }
    unsigned submit_one(std::uint32_t id, std::uint8_t kind, nb::object message, std::int64_t now_ns) {
        const BufferView view(message, false);
        return static_cast<unsigned>(
            router_.submit_one(session(id), static_cast<CommandType>(kind), {view.data(), view.size()}, now_ns));
    }
    unsigned take_message(std::uint32_t id, std::int64_t now_ns) { return static_cast<unsigned>(router_.take_message(session(id), now_ns)); }
    std::uint32_t retry_delay_ms(std::uint32_t id) { return session(id).retry_delay_ms; }

    unsigned submit_phase(std::uint32_t id, std::string_view symbol, int phase, std::int64_t now_ns) {
        Command command = venue_command(CommandType::kSetPhase);
        command.phase = static_cast<std::uint8_t>(phase < 0 || phase > 255 ? 255 : phase);
        command.reason = static_cast<std::uint16_t>(Reason::kOperator);
        return static_cast<unsigned>(router_.submit_venue(session(id), symbol, command, now_ns));
    }
    unsigned submit_prices(std::uint32_t id, std::string_view symbol, std::int64_t mark, std::int64_t index, std::int64_t funding_rate,
                           std::int64_t next_funding_time_ns, std::int64_t source_time_ns, std::int64_t now_ns) {
        Command command = venue_command(CommandType::kSetPrices);
        command.price = mark;
        command.quantity = index;
        command.funding_rate = funding_rate;
        command.next_funding_time_ns = next_funding_time_ns;
        command.source_time_ns = source_time_ns == 0 ? now_ns : source_time_ns;
        return static_cast<unsigned>(router_.submit_venue(session(id), symbol, command, now_ns));
    }
    unsigned submit_definition(std::uint32_t id, std::string_view symbol, nb::object rules) {
        const BufferView view(rules, false);
        if (view.size() != sizeof(InstrumentRules)) throw std::invalid_argument("rules have 128 bytes");
        return static_cast<unsigned>(router_.submit_definition(session(id), symbol, view.record<InstrumentRules>(0)));
    }
    unsigned submit_cancel_everything(std::uint32_t id, std::string_view symbol, std::int64_t now_ns) {
        Command command = venue_command(CommandType::kCancelAll);
        command.scope = static_cast<std::uint8_t>(CancelScope::kEveryone);
        return static_cast<unsigned>(router_.submit_venue(session(id), symbol, command, now_ns));
    }

    std::vector<std::uint32_t> poll(std::uint64_t events_max) {
        check_open();
        const nb::gil_scoped_release unlocked;
        router_.poll(events_max);
        return router_.take_ready();
    }
    bool idle() {
        check_open();
        return router_.idle();
    }
    std::vector<std::uint32_t> feed(std::string_view symbol, nb::object events) {
        const BufferView view(events, false);
        std::vector<Event> records(view.count_of<Event>());
        if (!records.empty()) std::memcpy(records.data(), view.data(), view.size());
        const std::uint32_t index = symbol_index(symbol);
        const nb::gil_scoped_release unlocked;
        router_.feed(index, records.data(), records.size());
        return router_.take_ready();
    }
    bool rejoin(std::string_view symbol) { return router_.rejoin(symbol_index(symbol)); }

    nb::bytes take(std::uint32_t id, std::int64_t now_ns, std::size_t most_bytes) {
        Session& from = session(id);
        const std::size_t size = router_.next_size(from, most_bytes);
        // Only a stream's messages have these fields.
        unsigned char tail[Router::kTailBytesMost];
        const bool ends = size != 0 && from.events && now_ns != 0;
        const std::size_t extra = ends ? static_cast<std::size_t>(router_.write_tail(from, now_ns, tail) - tail) : 0;
        nb::bytes out = make_bytes(size + extra);
        auto* at = reinterpret_cast<unsigned char*>(bytes_data(out));
        router_.take(from, size, at);
        if (extra != 0) std::memcpy(at + size, tail, extra);
        return out;
    }
    nb::bytes limits(std::uint32_t id, std::int64_t now_ns) {
        unsigned char state[Limiter::kBytesMost];
        const unsigned char* const end = LimitBook::write(session(id), now_ns, state);
        return nb::bytes(state, static_cast<std::size_t>(end - state));
    }

    std::uint64_t outstanding(std::uint32_t id) { return session(id).outstanding; }
    bool overflowed(std::uint32_t id) { return session(id).overflowed; }
    std::tuple<unsigned, unsigned, std::uint64_t, std::uint64_t> answer(std::uint32_t id) {
        const Answer& answer = session(id).answer;
        return {answer.type, answer.reason, answer.sequence, answer.order_id};
    }

    Positions positions() {
        return each_symbol([&](std::uint32_t index) { return router_.routed(index); });
    }
    Positions positions_sent(std::uint32_t id) {
        const Session& of = session(id);
        return each_symbol([&](std::uint32_t index) { return of.sent(index); });
    }
    Positions lapped() {
        Positions out;
        for (std::uint32_t index = 0; index < router_.names().size(); ++index)
            if (router_.names().listed(index) && router_.lapped(index)) out.emplace_back(router_.names().name(index), router_.routed(index));
        return out;
    }
    void set_draining() { router_.set_draining(); }
    void close() {
        memory_.clear();
        open_ = false;
    }

private:
    static Command venue_command(CommandType type) {
        Command command;
        command.header.type = static_cast<std::uint8_t>(type);
        return command;
    }
    std::uint32_t open(SessionTerms terms) {
        check_open();
        const Session* opened = router_.open_session(std::move(terms));
        return opened == nullptr ? 0 : opened->id;
    }
    std::size_t submit_batch(Session& sender, nb::object message, Envelope envelope, std::int64_t now_ns) {
        constexpr std::size_t kLongMessage = 2048;  // below it, the lock costs more than it frees
        const BufferView view(message, false);
        Router::Submitted result{};
        if (view.size() < kLongMessage) {
            result = router_.submit(sender, {view.data(), view.size()}, envelope, now_ns);
        } else {
            const nb::gil_scoped_release unlocked;
            result = router_.submit(sender, {view.data(), view.size()}, envelope, now_ns);
        }
        if (result.reason != Reason::kNone) throw_reason(result.reason);
        return result.accepted;
    }
    void check_open() const {
        if (!open_) throw std::invalid_argument("this router has been closed");
    }
    Session& session(std::uint32_t id) {
        check_open();
        Session* found = router_.find(id);
        if (found == nullptr) throw std::runtime_error("no such session");
        return *found;
    }
    std::uint32_t symbol_index(std::string_view symbol) {
        check_open();
        const std::uint32_t index = router_.symbol_index(symbol);
        if (index == SymbolTable::kNone) throw std::runtime_error("no such symbol");
        return index;
    }
    template <typename Value>
    Positions each_symbol(Value&& value) {
        Positions out;
        for (std::uint32_t index = 0; index < router_.names().size(); ++index)
            if (router_.names().listed(index)) out.emplace_back(router_.names().name(index), value(index));
        return out;
    }

    std::vector<std::optional<BufferView>> memory_;  // of each symbol: commands, events
    Router router_;
    bool open_ = true;
};

void init_spec(LimitSpec* self, std::uint32_t orders_second, std::uint32_t orders_ten_seconds, std::uint32_t cancels_second,
               std::uint32_t messages_second, std::uint32_t percent, std::uint32_t minimum, std::uint32_t window_s,
               std::uint32_t self_trade_group) {
    new (self) LimitSpec{orders_second, orders_ten_seconds, cancels_second, messages_second, percent, minimum, window_s, self_trade_group};
}

void init_router(PythonRouter* self, std::uint32_t gateway_id, std::uint32_t sessions_max, std::uint32_t items_max,
                 std::uint64_t in_flight_max, std::size_t output_bytes_max, std::uint32_t retry_delay_ms) {
    new (self) PythonRouter(gateway_id, {sessions_max, items_max, in_flight_max, output_bytes_max, retry_delay_ms});
}

}  // namespace

void bind_router(nb::module_& m) {
    const LimitSpec spec;
    nb::class_<LimitSpec>(m, "LimitSpec")
        .def("__init__", &init_spec, nb::kw_only(), nb::arg("orders_second") = spec.orders_second,
             nb::arg("orders_ten_seconds") = spec.orders_ten_seconds, nb::arg("cancels_second") = spec.cancels_second,
             nb::arg("messages_second") = spec.messages_second, nb::arg("order_to_trade_percent") = spec.order_to_trade_percent,
             nb::arg("order_to_trade_minimum") = spec.order_to_trade_minimum,
             nb::arg("order_to_trade_window_s") = spec.order_to_trade_window_s, nb::arg("self_trade_group") = spec.self_trade_group);
    const RouterLimits limits;
    nb::class_<PythonRouter>(m, "Router")
        .def("__init__", &init_router, nb::arg("gateway_id"), nb::kw_only(), nb::arg("sessions_max") = limits.sessions_max,
             nb::arg("items_max") = limits.items_max, nb::arg("in_flight_max") = limits.in_flight_max,
             nb::arg("output_bytes_max") = limits.output_bytes_max, nb::arg("retry_delay_ms") = limits.retry_delay_ms)
        .def("add_symbol", &PythonRouter::add_symbol, nb::arg("symbol_id"), nb::arg("symbol"), nb::arg("command_ring"),
             nb::arg("event_ring"), nb::arg("reader"), nb::arg("bell"))
        .def("open_session", &PythonRouter::open_session, nb::arg("account"), nb::kw_only(), nb::arg("events"), nb::arg("held") = false,
             nb::arg("cancel_on_disconnect") = false, nb::arg("limiter") = nb::none())
        .def("open_drop_copy", &PythonRouter::open_drop_copy, nb::arg("accounts"), nb::kw_only(), nb::arg("held") = false)
        .def("disconnect", &PythonRouter::disconnect, nb::arg("session"))
        .def("cancel_orphans", &PythonRouter::cancel_orphans)
        .def("start_after", &PythonRouter::start_after, nb::arg("symbol"), nb::arg("sequence"))
        .def("remove_symbol", &PythonRouter::remove_symbol, nb::arg("symbol"))
        .def("limiter", &PythonRouter::limiter, nb::arg("key"), nb::arg("spec"))
        .def("limits", &PythonRouter::limits, nb::arg("session"), nb::arg("now_ns"))
        .def("retry_delay_ms", &PythonRouter::retry_delay_ms, nb::arg("session"))
        .def("positions", &PythonRouter::positions)
        .def("release", &PythonRouter::release, nb::arg("session"))
        .def("close_session", &PythonRouter::close_session, nb::arg("session"))
        .def("submit", &PythonRouter::submit, nb::arg("session"), nb::arg("message"), nb::arg("now_ns"))
        .def("submit_one", &PythonRouter::submit_one, nb::arg("session"), nb::arg("kind"), nb::arg("message"), nb::arg("now_ns"))
        .def("submit_phase", &PythonRouter::submit_phase, nb::arg("session"), nb::arg("symbol"), nb::arg("phase"), nb::arg("now_ns"))
        .def("take_message", &PythonRouter::take_message, nb::arg("session"), nb::arg("now_ns"))
        .def("submit_quotes", &PythonRouter::submit_quotes, nb::arg("session"), nb::arg("message"), nb::arg("now_ns"))
        .def("submit_prices", &PythonRouter::submit_prices, nb::arg("session"), nb::arg("symbol"), nb::kw_only(), nb::arg("mark"),
             nb::arg("index"), nb::arg("funding_rate") = 0, nb::arg("next_funding_time_ns") = 0, nb::arg("source_time_ns") = 0,
             nb::arg("now_ns"))
        .def("submit_definition", &PythonRouter::submit_definition, nb::arg("session"), nb::arg("symbol"), nb::arg("rules"))
        .def("submit_cancel_everything", &PythonRouter::submit_cancel_everything, nb::arg("session"), nb::arg("symbol"), nb::arg("now_ns"))
        .def("poll", &PythonRouter::poll, nb::arg("events_max"))
        .def("idle", &PythonRouter::idle)
        .def("lapped", &PythonRouter::lapped)
        .def("feed", &PythonRouter::feed, nb::arg("symbol"), nb::arg("events"))
        .def("rejoin", &PythonRouter::rejoin, nb::arg("symbol"))
        .def("take", &PythonRouter::take, nb::arg("session"), nb::arg("now_ns"), nb::arg("most_bytes") = std::size_t{1} << 20)
        .def("outstanding", &PythonRouter::outstanding, nb::arg("session"))
        .def("answer", &PythonRouter::answer, nb::arg("session"))
        .def("overflowed", &PythonRouter::overflowed, nb::arg("session"))
        .def("positions_sent", &PythonRouter::positions_sent, nb::arg("session"))
        .def("set_draining", &PythonRouter::set_draining)
        .def("close", &PythonRouter::close);
}

}  // namespace tidegate
