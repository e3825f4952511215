// What the history index keeps of a journal's events: rows for three tables, sorted by nobody. Keys are big
// endian, so that bytes sort as numbers do; `age` is order_age(order id), so that orders sort as they came.
//
//   changes  account u32, symbol u16, age u64, sequence u64, index u16  -> the event, packed against zeros
//   clients  account u32, symbol u16, client order id u64, age u64      -> nothing
//   fills    account u32, symbol u16, sequence u64, index u16, maker u8 -> age u64
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../records/records.hpp"
#include "payload.hpp"
#include "report_codec.hpp"

namespace tidegate {

struct HistoryRows {
    using Row = std::pair<std::string, std::string>;
    std::vector<Row> changes;
    std::vector<Row> clients;
    std::vector<Row> fills;
};

namespace detail {

class Key {
public:
    template <typename T>
    Key& add(T value) {
        for (std::size_t byte = sizeof(T); byte-- != 0;) bytes_.push_back(static_cast<char>(value >> (8 * byte) & 0xFF));
        return *this;
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

inline Key account_key(std::uint32_t account, const Event& event) {
    Key key;
    key.add(account).add(event.header.symbol);
    return key;
}

// Tells of one order of an account, and changed it or brought it. A refused cancel or amend does neither.
inline bool is_change(const Event& event) {
    switch (static_cast<EventType>(event.header.type)) {
        case EventType::kAccepted:
        case EventType::kTrade:
        case EventType::kRested:
        case EventType::kCanceled:
        case EventType::kExpired:
        case EventType::kAmended:
        case EventType::kReduced:
        case EventType::kTriggered:
        case EventType::kTrailingActivated: return event.order_id != 0;
        case EventType::kRejected: {
            const auto command = static_cast<CommandType>(event.header.command_type);
            return event.order_id != 0 && (command == CommandType::kPlace || command == CommandType::kReplace);
        }
        default: return false;
    }
}

inline bool brings_client_id(const Event& event) {
    const auto type = static_cast<EventType>(event.header.type);
    return (type == EventType::kAccepted || type == EventType::kRejected) &&
           event.header.order_type != static_cast<std::uint8_t>(OrderType::kQuote);
}

inline std::string pack_event(const Event& event) {
    unsigned char packed[Packing<Event>::kBytesMost];
    const unsigned char* end = pack_record(event, kZeroed<Event>, packed);
    return {reinterpret_cast<const char*>(packed), static_cast<std::size_t>(end - packed)};
}

inline void add_change(HistoryRows& rows, std::uint32_t account, std::uint64_t order_id, const Event& event, const std::string& packed) {
    Key key = account_key(account, event);
    key.add(order_age(order_id)).add(event.header.sequence).add(event.header.index);
    rows.changes.emplace_back(key.take(), packed);
}

inline void add_fill(HistoryRows& rows, std::uint32_t account, std::uint64_t order_id, const Event& event, bool maker) {
    Key key = account_key(account, event);
    key.add(event.header.sequence).add(event.header.index).add(static_cast<std::uint8_t>(maker));
    rows.fills.emplace_back(key.take(), Key().add(order_age(order_id)).take());
}

}  // namespace detail

// Adds what one event leaves behind.
inline void add_history(HistoryRows& rows, const Event& event) {
    if (!detail::is_change(event)) return;
    const std::string packed = detail::pack_event(event);
    detail::add_change(rows, event.header.account, event.order_id, event, packed);
    if (is_trade(event)) {
        const bool one_order = event.maker_order_id == event.order_id;
        if (!one_order) detail::add_change(rows, event.maker_account, event.maker_order_id, event, packed);
        detail::add_fill(rows, event.header.account, event.order_id, event, false);
        detail::add_fill(rows, event.maker_account, event.maker_order_id, event, true);
    } else if (detail::brings_client_id(event)) {
        detail::Key key = detail::account_key(event.header.account, event);
        key.add(event.client_order_id).add(order_age(event.order_id));
        rows.clients.emplace_back(key.take(), std::string());
    }
}

// The event of a row; throws DamagedPayload. Any bytes may be given.
inline Event unpack_history(std::string_view packed) {
    Event event = detail::kZeroed<Event>;
    const auto* begin = reinterpret_cast<const unsigned char*>(packed.data());
    const unsigned char* end = begin + packed.size();
    if (detail::unpack_record(begin, end, event) != end) throw DamagedPayload("a row of history is longer than its event");
    event.header.crc = record_crc(event);
    return event;
}

}  // namespace tidegate
