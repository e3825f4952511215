// The fields of Report and Order, out of an event's words. A word of an event has a meaning of its own in each
// kind of event: what is written here is read under the name that it has there.
#pragma once

#include <cstdint>
#include <string_view>

#include "../records/records.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

// The number of a client's message, shown only to the session that sent it.
struct RequestTag {
    std::uint64_t request_id = 0;
    std::uint16_t item = 0;
};

inline bool is_trade(const Event& event) { return event.header.type == static_cast<std::uint8_t>(EventType::kTrade); }

namespace detail {

inline bool has_flag(const Event& event, std::uint8_t flag) { return (event.header.flags & flag) != 0; }

// Tells of one order, in the words of an order.
inline bool is_order_event(const Event& event) {
    switch (static_cast<EventType>(event.header.type)) {
        case EventType::kAccepted:
        case EventType::kRejected:
        case EventType::kRested:
        case EventType::kCanceled:
        case EventType::kExpired:
        case EventType::kAmended:
        case EventType::kReduced:
        case EventType::kTriggered:
        case EventType::kTrailingActivated:
        case EventType::kOrderState: return true;
        default: return false;
    }
}

// How long the gateway took tells something of whoever sent the command. An order that was met on the book or
// pulled by protection may not be the sender's, and what the venue decides is nobody's.
inline bool shows_delay(const Event& event) {
    const auto type = static_cast<EventType>(event.header.type);
    if (has_flag(event, kOnBook) && (type == EventType::kExpired || type == EventType::kReduced)) return false;
    switch (static_cast<Reason>(event.reason)) {
        case Reason::kMarketMakerProtection:
        case Reason::kDisconnect:
        case Reason::kOperator: return false;
        default: break;
    }
    switch (static_cast<CommandType>(event.header.command_type)) {
        case CommandType::kSetPhase:
        case CommandType::kSetPrices:
        case CommandType::kDefineInstrument:
        case CommandType::kTick: return false;
        default: return true;
    }
}

// Not in an uncrossing, which a change of phase begins and ticks may end.
inline bool trades_at_makers_limit(const Event& event) {
    const auto cause = static_cast<CommandType>(event.header.command_type);
    return cause != CommandType::kSetPhase && cause != CommandType::kTick;
}

inline std::uint8_t opposite(std::uint8_t side) {
    if (side == static_cast<std::uint8_t>(Side::kBuy)) return static_cast<std::uint8_t>(Side::kSell);
    return side == static_cast<std::uint8_t>(Side::kSell) ? static_cast<std::uint8_t>(Side::kBuy) : side;
}

// Of an order's or a maker's flags. One that was refused for naming both legs has neither.
inline std::uint64_t position_side(std::uint8_t flags) {
    const bool long_leg = (flags & kLongLeg) != 0;
    const bool short_leg = (flags & kShortLeg) != 0;
    if (long_leg == short_leg) return static_cast<std::uint64_t>(PositionSide::kNone);
    return static_cast<std::uint64_t>(long_leg ? PositionSide::kLong : PositionSide::kShort);
}
static_assert(+kMakerLongLeg == +kLongLeg && +kMakerShortLeg == +kShortLeg);

inline std::int64_t sum(std::int64_t left, std::int64_t right) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) + static_cast<std::uint64_t>(right));
}

template <std::uint32_t Field>
inline void write_trigger(ProtobufWriter& out, const Event& event) {
    const TriggerTerms& terms = event.terms;
    if (event.trigger_price == 0 && event.activation_price == 0 && terms.trigger_by == 0 && terms.callback_bps == 0 &&
        terms.close_position == 0)
        return;
    out.message<Field>([&](ProtobufWriter& body) {
        body.int64<1>(event.trigger_price);
        body.varint<2>(terms.trigger_by);
        body.varint<3>(terms.callback_bps);
        body.int64<4>(event.activation_price);
        body.varint<5>(terms.close_position != 0);
    });
}

// Fields 1 to 3.
inline void write_head(ProtobufWriter& out, const Event& event, std::string_view symbol) {
    out.varint<1>(event.header.type);
    out.string<2>(symbol);
    out.varint<3>(event.header.sequence);
}

// Fields 20 to 23.
inline void write_times(ProtobufWriter& out, const Event& event) {
    out.fixed64<20>(static_cast<std::uint64_t>(event.header.time_ns));
    out.varint<21>(shows_delay(event) ? event.gateway_delay_us : 0);
    out.varint<22>(event.header.epoch);
    out.varint<23>(has_flag(event, kDuplicate));
}

inline void write_order_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    write_head(out, event, symbol);
    out.varint<4>(event.order_id);
    out.fixed64<5>(event.client_order_id);
    out.varint<6>(header.status);
    out.varint<7>(event.reason);
    out.int64<8>(event.price);
    out.int64<9>(event.quantity);
    out.int64<10>(event.filled);
    out.int64<11>(event.leaves);
    out.varint<12>(request.request_id);
    out.varint<13>(request.item);
    out.varint<14>(header.side);
    out.varint<15>(header.index);
    write_times(out, event);
    out.varint<25>(header.order_type);
    out.varint<26>(header.time_in_force);
    out.varint<27>(has_flag(event, kEventReduceOnly));
    out.varint<29>(header.account);
    write_trigger<30>(out, event);
    out.fixed64<31>(static_cast<std::uint64_t>(event.expiry_ns));
    out.int64<32>(event.display);
    out.varint<33>(position_side(event.header.flags));
    out.varint<34>(event.group);
    out.int64<35>(event.previous_price);
    out.int64<36>(event.previous_leaves);
    out.varint<41>(event.stp_mode);
    out.varint<42>(event.stp_group);
    out.varint<43>(has_flag(event, kLiquidation));
}

// A trade's record holds what was traded, not the order's limit and terms.
inline void write_taker_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    write_head(out, event, symbol);
    out.varint<4>(event.order_id);
    out.fixed64<5>(event.client_order_id);
    out.varint<6>(header.status);
    out.varint<7>(event.reason);
    out.int64<9>(sum(event.filled, event.leaves));
    out.int64<10>(event.filled);
    out.int64<11>(event.leaves);
    out.varint<12>(request.request_id);
    out.varint<13>(request.item);
    out.varint<14>(header.side);
    out.varint<15>(header.index);
    out.int64<16>(event.price);
    out.int64<17>(event.quantity);
    out.varint<18>(event.trade_id);
    write_times(out, event);
    out.sint64<24>(event.position);
    out.varint<25>(header.order_type);
    out.varint<26>(header.time_in_force);
    out.varint<27>(has_flag(event, kEventReduceOnly));
    out.varint<29>(header.account);
    out.varint<33>(position_side(event.header.flags));
    out.varint<34>(event.group);
    out.varint<41>(event.stp_mode);
    out.varint<42>(event.stp_group);
    out.varint<43>(has_flag(event, kLiquidation));
}

// The record does not hold the maker's time in force, and the group and self-trade prevention in it are the
// taker's.
inline void write_maker_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    const auto status = event.maker_leaves == 0 ? OrderStatus::kFilled : OrderStatus::kPartiallyFilled;
    write_head(out, event, symbol);
    out.varint<4>(event.maker_order_id);
    out.fixed64<5>(event.maker_client_order_id);
    out.varint<6>(static_cast<std::uint64_t>(status));
    if (trades_at_makers_limit(event)) out.int64<8>(event.price);
    out.int64<9>(sum(event.maker_filled, event.maker_leaves));
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
    out.varint<25>(event.maker_order_type);
    out.varint<27>((event.maker_flags & kMakerReduceOnly) != 0);
    out.varint<29>(event.maker_account);
    out.varint<33>(position_side(event.maker_flags));
    out.varint<43>((event.maker_flags & kMakerLiquidation) != 0);
}

// Fields 37 to 40: what an event that is about no single order has to say; `event.price` and the like are words
// of its own.
inline void write_setting(ProtobufWriter& out, const Event& event) {
    switch (static_cast<EventType>(event.header.type)) {
        case EventType::kQuoted:
            out.message<37>([&](ProtobufWriter& body) {
                body.varint<1>(event.order_id);
                body.int64<2>(event.price);
                body.int64<3>(event.leaves);
                body.varint<4>(event.maker_order_id);
                body.int64<5>(event.previous_price);
                body.int64<6>(event.maker_leaves);
            });
            return;
        case EventType::kProtection:
            out.message<38>([&](ProtobufWriter& body) {
                body.varint<1>(static_cast<std::uint32_t>(event.quantity));
                body.int64<2>(event.price);
                body.int64<3>(event.filled);
                body.int64<4>(event.leaves);
                body.int64<5>(event.previous_price);
            });
            return;
        case EventType::kPositionModeSet: out.varint<39>(event.mode); return;
        case EventType::kCountdownSet: out.varint<40>(static_cast<std::uint32_t>(event.quantity)); return;
        default: return;
    }
}

inline void write_other_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    const RecordHeader& header = event.header;
    const auto type = static_cast<EventType>(header.type);
    const bool defined = type == EventType::kInstrumentDefined;  // its other words are rules
    const bool quoted = type == EventType::kQuoted;
    const bool canceled = type == EventType::kCancelAllDone;
    write_head(out, event, symbol);
    if (quoted) out.fixed64<5>(event.client_order_id);
    if (!defined) out.varint<7>(event.reason);
    if (canceled) out.int64<9>(event.quantity);
    out.varint<12>(request.request_id);
    out.varint<13>(request.item);
    out.varint<14>(header.side);
    out.varint<15>(header.index);
    write_times(out, event);
    out.varint<25>(header.order_type);
    if (type == EventType::kPhaseChanged) out.varint<28>(event.phase);
    out.varint<29>(header.account);
    if (type == EventType::kCountdownSet) out.fixed64<31>(static_cast<std::uint64_t>(event.deadline_ns));
    if (!defined) out.varint<34>(event.group);
    write_setting(out, event);
    if (canceled) out.varint<44>(event.leaves != 0);
}

inline void write_report(ProtobufWriter& out, const Event& event, std::string_view symbol, RequestTag request) {
    if (is_trade(event)) write_taker_report(out, event, symbol, request);
    else if (is_order_event(event)) write_order_report(out, event, symbol, request);
    else write_other_report(out, event, symbol, request);
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
    out.varint<13>(has_flag(event, kEventReduceOnly));
    out.varint<14>(header.sequence);
    out.varint<15>(event.stp_mode);
    out.varint<16>(event.stp_group);
    write_trigger<17>(out, event);
    out.fixed64<18>(static_cast<std::uint64_t>(event.expiry_ns));
    out.int64<19>(event.display);
    out.varint<20>(position_side(event.header.flags));
    out.varint<21>(event.group);
}

}  // namespace detail

}  // namespace tidegate
