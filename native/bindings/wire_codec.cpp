// The codec by itself: for tests, and for catching up from the journal.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/command_codec.hpp"
#include "wire/report_codec.hpp"

namespace tidegate {

namespace {

using Symbols = std::vector<std::pair<std::uint16_t, std::string_view>>;

SymbolTable table_of(const Symbols& symbols) {
    SymbolTable table;
    for (const auto& [id, name] : symbols) table.add(id, name);
    return table;
}

[[noreturn]] void throw_refusal(Reason reason, int item) {
    const nb::tuple arguments = nb::make_tuple(static_cast<unsigned>(reason), item);
    PyErr_SetObject(PyExc_ValueError, arguments.ptr());
    throw nb::python_error();
}

void resolve(DecodedCommand& command, SymbolTable& table, int item) {
    std::uint32_t index = 0;
    const Reason reason = check_command(command, table, index);
    if (reason != Reason::kNone) throw_refusal(reason, item);
    command.record.header.symbol = table.id(index);
}

nb::bytes decode_batch(nb::object message, const Symbols& symbols, Envelope envelope) {
    constexpr std::size_t kItemsMax = 65000;
    const BufferView view(message, false);
    SymbolTable table = table_of(symbols);
    DecodedBatch batch(std::min(kItemsMax, view.size() / 2 + 1));
    const Reason reason = batch.decode({view.data(), view.size()}, envelope);
    if (reason != Reason::kNone) throw_refusal(reason, -1);
    nb::bytes out = make_bytes(batch.size() * sizeof(Command));
    for (std::size_t item = 0; item < batch.size(); ++item) {
        resolve(batch[item], table, static_cast<int>(item));
        batch[item].record.request_id = batch.request_id();
        batch[item].record.item = static_cast<std::uint16_t>(item);
        std::memcpy(bytes_data(out) + item * sizeof(Command), &batch[item].record, sizeof(Command));
    }
    return out;
}

nb::bytes decode_commands(nb::object message, const Symbols& symbols) { return decode_batch(message, symbols, Envelope::kTrade); }
nb::bytes decode_quotes(nb::object message, const Symbols& symbols) { return decode_batch(message, symbols, Envelope::kMassQuote); }

nb::bytes decode_unary(std::uint8_t kind, nb::object message, const Symbols& symbols) {
    const BufferView view(message, false);
    SymbolTable table = table_of(symbols);
    DecodedCommand command;
    const Reason reason = decode_request(static_cast<CommandType>(kind), {view.data(), view.size()}, command);
    if (reason != Reason::kNone) throw_refusal(reason, -1);
    resolve(command, table, -1);
    return nb::bytes(&command.record, sizeof(Command));
}

using Accounts = std::vector<std::uint32_t>;

// One account, or a sequence of them.
Accounts account_list(nb::object accounts) {
    if (PyLong_Check(accounts.ptr())) return {nb::cast<std::uint32_t>(accounts)};
    return nb::cast<Accounts>(accounts);
}

// What a stream over `accounts` shows of one event.
void append_views(std::vector<unsigned char>& out, const Event& event, const Accounts& accounts, std::string_view symbol) {
    if (is_unreported(event)) return;
    const auto watched = [&](std::uint32_t account) { return std::find(accounts.begin(), accounts.end(), account) != accounts.end(); };
    const auto put = [&](View view) {
        unsigned char report[kReportBytesMost];
        out.insert(out.end(), report, encode_report(report, event, view, symbol, RequestTag{}));
    };
    if (watched(event.header.account) || is_venue_news(event)) put(View::kOwn);
    if (is_trade(event) && watched(event.maker_account)) put(View::kMaker);
}

nb::bytes encode_reports(nb::object events, nb::object accounts, const Symbols& symbols, std::int64_t sent_time_ns) {
    const BufferView view(events, false);
    const std::size_t count = view.count_of<Event>();
    const Accounts watched = account_list(accounts);
    const SymbolTable table = table_of(symbols);
    std::vector<unsigned char> out;
    {
        const nb::gil_scoped_release unlocked;
        for (std::size_t i = 0; i < count; ++i) {
            const auto event = view.record<Event>(i);
            const std::uint32_t index = table.index_of(event.header.symbol);
            if (index != SymbolTable::kNone && !is_query_answer(event)) append_views(out, event, watched, table.name(index));
        }
        if (!out.empty() && sent_time_ns != 0) {
            unsigned char sent[kSentTimeBytes];
            out.insert(out.end(), sent, encode_sent_time(sent, sent_time_ns));
        }
    }
    return nb::bytes(out.data(), out.size());
}

}  // namespace

void bind_codec(nb::module_& m) {
    m.def("decode_commands", &decode_commands, nb::arg("message"), nb::arg("symbols"));
    m.def("decode_quotes", &decode_quotes, nb::arg("message"), nb::arg("symbols"));
    m.def("decode_request", &decode_unary, nb::arg("kind"), nb::arg("message"), nb::arg("symbols"));
    m.def("encode_reports", &encode_reports, nb::arg("events"), nb::arg("accounts"), nb::arg("symbols"), nb::arg("sent_time_ns"));
}

}  // namespace tidegate
