// The fields of each request message, into one record. A field that a record holds in fewer bits takes the
// largest number there is when it does not fit, which the engine refuses: nothing wraps around.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../records/records.hpp"
#include "protobuf_reader.hpp"

namespace tidegate {

// One request as a record, and what a record has no room for. `header.type` 0: no command was named.
struct DecodedCommand {
    Command record;
    ByteRange symbol;
    // Both of a Trigger's prices; the order's type, which may come later, says which of them counts.
    std::int64_t trigger_price = 0;
    std::int64_t activation_price = 0;
    std::uint64_t target_client_order_id = 0;  // REPLACE

    void become(CommandType type) {
        *this = DecodedCommand{};
        record.header.type = static_cast<std::uint8_t>(type);
    }
    CommandType type() const { return static_cast<CommandType>(record.header.type); }
};

namespace detail {

inline std::uint16_t narrow16(std::uint32_t value) { return static_cast<std::uint16_t>(std::min(value, 0xFFFFu)); }

inline void set_flag(Command& record, std::uint8_t flag, bool value) {
    record.header.flags = static_cast<std::uint8_t>(value ? record.header.flags | flag : record.header.flags & ~flag);
}

// A leg that is none becomes both of them, which is refused in either mode.
inline void set_position_side(Command& record, std::uint8_t side) {
    const bool known = side <= static_cast<std::uint8_t>(PositionSide::kShort);
    set_flag(record, kCommandLong, side == static_cast<std::uint8_t>(PositionSide::kLong) || !known);
    set_flag(record, kCommandShort, side == static_cast<std::uint8_t>(PositionSide::kShort) || !known);
}

// Trigger, of a PlaceOrderRequest.
inline bool decode_trigger(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case varint_tag(1): out.trigger_price = reader.int64(); break;
            case varint_tag(2): out.record.trigger_by = reader.enum8(); break;
            case varint_tag(3): out.record.callback_bps = narrow16(reader.uint32()); break;
            case varint_tag(4): out.activation_price = reader.int64(); break;
            case varint_tag(5): set_flag(out.record, kCommandClosePosition, reader.boolean()); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// PlaceOrderRequest.
inline bool decode_place(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    Command& record = out.record;
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case fixed64_tag(2): record.client_order_id = reader.fixed64(); break;
            case varint_tag(3): record.header.side = reader.enum8(); break;
            case varint_tag(4): record.header.order_type = reader.enum8(); break;
            case varint_tag(5): record.header.time_in_force = reader.enum8(); break;
            case varint_tag(6): record.price = reader.int64(); break;
            case varint_tag(7): record.quantity = reader.int64(); break;
            case varint_tag(8): set_flag(record, kCommandReduceOnly, reader.boolean()); break;
            case varint_tag(9): record.stp_mode = reader.enum8(); break;
            case varint_tag(10): record.stp_group = reader.uint32(); break;
            case bytes_tag(11):
                if (!decode_trigger(reader.bytes(), out)) reader.fail();
                break;
            case fixed64_tag(12): record.expiry_ns = static_cast<std::int64_t>(reader.fixed64()); break;
            case varint_tag(13): record.display = reader.int64(); break;
            case varint_tag(14): set_position_side(record, reader.enum8()); break;
            case varint_tag(15): record.group = narrow16(reader.uint32()); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// ReplaceOrderRequest.
inline bool decode_replace(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case varint_tag(1): out.record.order_id = reader.varint(); break;
            case fixed64_tag(2): out.target_client_order_id = reader.fixed64(); break;
            case bytes_tag(3):
                if (!decode_place(reader.bytes(), out)) reader.fail();
                break;
            case varint_tag(4): set_flag(out.record, kCommandGoOn, reader.boolean()); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// AmendOrderRequest; CancelOrderRequest and GetOrderRequest are its first three fields.
template <bool WithChange>
inline bool decode_target(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        const std::uint32_t tag = reader.tag();
        if (tag == bytes_tag(1)) out.symbol = reader.bytes();
        else if (tag == varint_tag(2)) out.record.order_id = reader.varint();
        else if (tag == fixed64_tag(3)) out.record.client_order_id = reader.fixed64();
        else if (WithChange && tag == varint_tag(4)) out.record.price = reader.int64();
        else if (WithChange && tag == varint_tag(5)) out.record.quantity = reader.int64();
        else if (WithChange && tag == varint_tag(6)) out.record.trigger_price = reader.int64();
        else reader.skip();
    }
    return reader.ok();
}

// The scopes that are the venue's own cannot be asked for: the engine refuses the number that they become.
inline std::uint8_t client_scope(std::uint8_t scope) {
    return scope <= static_cast<std::uint8_t>(CancelScope::kQuotes) ? scope : std::uint8_t{255};
}

// CancelAllRequest.
inline bool decode_cancel_all(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case varint_tag(2): out.record.header.side = reader.enum8(); break;
            case varint_tag(3): out.record.scope = client_scope(reader.enum8()); break;
            case varint_tag(4): out.record.group = narrow16(reader.uint32()); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// SetProtectionRequest; ResetProtectionRequest is its first two fields.
template <bool WithLimits>
inline bool decode_protection(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        const std::uint32_t tag = reader.tag();
        if (tag == bytes_tag(1)) out.symbol = reader.bytes();
        else if (tag == varint_tag(2)) out.record.group = narrow16(reader.uint32());
        else if (WithLimits && tag == varint_tag(3)) out.record.quantity = reader.uint32();
        else if (WithLimits && tag == varint_tag(4)) out.record.price = reader.int64();
        else if (WithLimits && tag == varint_tag(5)) out.record.quantity_limit = reader.int64();
        else if (WithLimits && tag == varint_tag(6)) out.record.notional_limit = reader.int64();
        else reader.skip();
    }
    return reader.ok();
}

// SetCountdownRequest.
inline bool decode_countdown(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case varint_tag(2): out.record.quantity = reader.uint32(); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// SetPositionModeRequest.
inline bool decode_position_mode(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case varint_tag(2): out.record.mode = reader.enum8(); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// Quote, of a MassQuoteRequest.
inline bool decode_quote(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    out.become(CommandType::kQuote);
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case fixed64_tag(2): out.record.client_order_id = reader.fixed64(); break;
            case varint_tag(3): out.record.price = reader.int64(); break;
            case varint_tag(4): out.record.quantity = reader.int64(); break;
            case varint_tag(5): out.record.ask_price = reader.int64(); break;
            case varint_tag(6): out.record.ask_quantity = reader.int64(); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

}  // namespace detail

}  // namespace tidegate
