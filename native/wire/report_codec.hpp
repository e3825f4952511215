// Events as the messages that clients read: Report, Order, Refusal. Everything here writes the body of a
// response's repeated field into memory of at least kReportBytesMost bytes and returns its end.
#pragma once

#include <cstdint>
#include <string_view>

#include "../records/records.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

inline constexpr std::size_t kReportBytesMost = 512;
static_assert(kReportBytesMost >= 31 * ProtobufWriter::kFieldBytesMost + 16 + 4);

// Whose eyes a trade is seen with. Neither side ever learns the other's account, ids or position.
enum class View : std::uint8_t { kOwn, kMaker };

// The number of a client's message, shown only to the session that sent it.
struct RequestTag {
    std::uint64_t request_id = 0;
    std::uint16_t item = 0;
};

inline bool is_query_answer(const Event& event) {
    return is_query_type(event.header.command_type);
}
inline bool is_trade(const Event& event) { return event.header.type == static_cast<std::uint8_t>(EventType::kTrade); }

// Of the symbol, not of an account.
inline bool is_venue_news(const Event& event) {
    return event.header.type == static_cast<std::uint8_t>(EventType::kPhaseChanged) ||
           event.header.type == static_cast<std::uint8_t>(EventType::kInstrumentDefined);
}

namespace detail {

// How long the gateway took tells something of whoever sent the command; an order that was merely met
// on the book is not the sender's.
inline bool met_on_book(const Event& event) {
    const auto type = static_cast<EventType>(event.header.type);
    return (event.header.flags & kOnBook) != 0 && (type == EventType::kExpired || type == EventType::kReduced);
}

inline std::uint8_t opposite(std::uint8_t side) {
    if (side == static_cast<std::uint8_t>(Side::kBuy)) return static_cast<std::uint8_t>(Side::kSell);
    return side == static_cast<std::uint8_t>(Side::kSell) ? static_cast<std::uint8_t>(Side::kBuy) : side;
}

inline void write_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    const bool trade = is_trade(event);
    // A trade's record holds what was traded, not the order's limit and total.
    const auto total = static_cast<std::int64_t>(static_cast<std::uint64_t>(event.filled) + static_cast<std::uint64_t>(event.leaves));
    out.varint<1>(header.type);
    out.string<2>(symbol);
    out.varint<3>(header.sequence);
    out.varint<4>(event.order_id);
    out.fixed64<5>(event.client_order_id);
    out.varint<6>(header.status);
    out.varint<7>(event.reason);
    out.int64<8>(trade ? 0 : event.price);
    out.int64<9>(trade ? total : event.quantity);
    out.int64<10>(event.filled);
    out.int64<11>(event.leaves);
    out.varint<12>(request.request_id);
    out.varint<13>(request.item);
    out.varint<14>(header.side);
    out.varint<15>(header.index);
    if (trade) {
        out.int64<16>(event.price);
        out.int64<17>(event.quantity);
        out.varint<18>(event.trade_id);
    }
    out.fixed64<20>(static_cast<std::uint64_t>(header.time_ns));
    out.varint<21>(met_on_book(event) ? 0 : event.gateway_delay_us);
    out.varint<22>(header.epoch);
    out.varint<23>((header.flags & kDuplicate) != 0);
    out.sint64<24>(event.position);
    out.varint<25>(header.order_type);
    out.varint<26>(header.time_in_force);
    out.varint<27>((header.flags & kEventReduceOnly) != 0);
    out.varint<28>(event.phase);
    out.varint<29>(header.account);
}

// The maker's record does not hold its time in force or flags; what rests is a LIMIT order.
inline void write_maker_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    const auto status = event.maker_leaves == 0 ? OrderStatus::kFilled : OrderStatus::kPartiallyFilled;
    const auto total =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(event.maker_filled) + static_cast<std::uint64_t>(event.maker_leaves));
    out.varint<1>(header.type);
    out.string<2>(symbol);
    out.varint<3>(header.sequence);
    out.varint<4>(event.maker_order_id);
    out.fixed64<5>(event.maker_client_order_id);
    out.varint<6>(static_cast<std::uint64_t>(status));
    out.int64<8>(event.price);
    out.int64<9>(total);
    out.int64<10>(event.maker_filled);
    out.int64<11>(event.maker_leaves);
    out.varint<12>(request.request_id);
    out.varint<13>(request.item);
    out.varint<14>(opposite(header.side));
    out.varint<15>(header.index);
    out.int64<16>(event.price);
    out.int64<17>(event.quantity);
    out.varint<18>(event.trade_id);
    out.varint<19>(1);
    out.fixed64<20>(static_cast<std::uint64_t>(header.time_ns));
    out.varint<22>(header.epoch);
    out.sint64<24>(event.maker_position);
    out.varint<25>(static_cast<std::uint64_t>(OrderType::kLimit));
    out.varint<29>(event.maker_account);
}

inline void write_order(ProtobufWriter& out, const Event& event, std::string_view symbol) {
    const RecordHeader& header = event.header;
    out.string<1>(symbol);
    out.varint<2>(event.order_id);
    out.fixed64<3>(event.client_order_id);
    out.varint<4>(header.side);
    out.varint<5>(header.order_type);
    out.varint<6>(header.time_in_force);
    out.varint<7>(header.status);
    out.varint<8>(event.reason);
    out.int64<9>(event.price);
    out.int64<10>(event.quantity);
    out.int64<11>(event.filled);
    out.int64<12>(event.leaves);
    out.varint<13>((header.flags & kEventReduceOnly) != 0);
    out.varint<14>(header.sequence);
}

}  // namespace detail

// Field 1 of a response: one report.
inline unsigned char* encode_report(unsigned char* at, const Event& event, View view, std::string_view symbol, RequestTag request) {
    ProtobufWriter out(at);
    out.message<1>([&](ProtobufWriter& body) {
        if (view == View::kMaker) detail::write_maker_report(body, event, symbol, request);
        else detail::write_report(body, event, symbol, request);
    });
    return out.at();
}

// Field 1 of GetOrderResponse and ListOpenOrdersResponse: one order.
inline unsigned char* encode_order(unsigned char* at, const Event& event, std::string_view symbol) {
    ProtobufWriter out(at);
    out.message<1>([&](ProtobufWriter& body) { detail::write_order(body, event, symbol); });
    return out.at();
}

// Field 2 of a response: one command that never reached the engine.
inline unsigned char* encode_refusal(unsigned char* at, RequestTag request, Reason reason, std::uint32_t retry_delay_ms,
                                     std::uint64_t client_order_id) {
    constexpr std::uint64_t kOutcomeNotApplied = 1;
    ProtobufWriter out(at);
    out.message<2>([&](ProtobufWriter& body) {
        body.varint<1>(request.request_id);
        body.varint<2>(request.item);
        body.varint<3>(static_cast<std::uint64_t>(reason));
        body.varint<4>(kOutcomeNotApplied);
        body.varint<5>(retry_delay_ms);
        body.fixed64<6>(client_order_id);
    });
    return out.at();
}

// Field 4 of a stream's response: when it was sent.
inline constexpr std::size_t kSentTimeBytes = 9;
inline unsigned char* encode_sent_time(unsigned char* at, std::int64_t sent_time_ns) {
    ProtobufWriter out(at);
    out.fixed64<4>(static_cast<std::uint64_t>(sent_time_ns));
    return out.at();
}

}  // namespace tidegate
