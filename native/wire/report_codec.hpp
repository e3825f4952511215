// Events as the messages that clients read: Report, Order, Refusal. Everything here writes the body of a
// response's repeated field into memory of at least kReportBytesMost bytes and returns its end.
#pragma once

#include <cstdint>
#include <string_view>

#include "../records/records.hpp"
#include "protobuf_writer.hpp"
#include "report_fields.hpp"

namespace tidegate {

// A report has at most so many fields, those of the messages in it too.
inline constexpr std::size_t kReportFieldsMost = 44 + 6;
inline constexpr std::size_t kReportBytesMost = 640;
static_assert(kReportBytesMost >= kReportFieldsMost * ProtobufWriter::kFieldBytesMost + 16 + 8);

// Whose eyes a trade is seen with. Neither side ever learns the other's account, ids or position.
enum class View : std::uint8_t { kOwn, kMaker };

inline bool is_query_answer(const Event& event) {
    return is_query_type(event.header.command_type);
}

// Of the symbol, not of an account.
inline bool is_venue_news(const Event& event) {
    return event.header.type == static_cast<std::uint8_t>(EventType::kPhaseChanged) ||
           event.header.type == static_cast<std::uint8_t>(EventType::kInstrumentDefined);
}

// Market data and the engine's own housekeeping; no report.
inline bool is_unreported(const Event& event) {
    switch (static_cast<EventType>(event.header.type)) {
        case EventType::kPricesSet:
        case EventType::kAuction:
        case EventType::kTickDone: return true;
        default: return false;
    }
}

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
