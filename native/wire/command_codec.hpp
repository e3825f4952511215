// Requests in protobuf wire format, straight into command records. A message is decoded whole before
// anything of it may take effect; what protobuf would take in, is read the same way here: any order of
// fields, the last one wins, a repeated oneof member is merged, unknown fields are skipped.
#pragma once

#include <cstdint>
#include <vector>

#include "../records/records.hpp"
#include "protobuf_reader.hpp"
#include "symbol_table.hpp"

namespace tidegate {

// One request as a record, and what a record has no room for. `header.type` 0: no command was named.
struct DecodedCommand {
    Command record;
    ByteRange symbol;

    void become(CommandType type) {
        *this = DecodedCommand{};
        record.header.type = static_cast<std::uint8_t>(type);
    }
    CommandType type() const { return static_cast<CommandType>(record.header.type); }
};

// May use the room above a ring's high-water mark: it lowers risk.
inline bool needs_reserved_room(const Command& command) {
    switch (static_cast<CommandType>(command.header.type)) {
        case CommandType::kCancel:
        case CommandType::kCancelAll:
        case CommandType::kSetPhase: return true;
        case CommandType::kPlace: return (command.header.flags & kCommandReduceOnly) != 0;
        default: return false;
    }
}

namespace detail {

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
            case varint_tag(8): record.header.flags = reader.boolean() ? std::uint8_t{kCommandReduceOnly} : std::uint8_t{0}; break;
            case varint_tag(9): record.stp_mode = reader.enum8(); break;
            case varint_tag(10): record.stp_group = reader.uint32(); break;
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
        else reader.skip();
    }
    return reader.ok();
}

// CancelAllRequest.
inline bool decode_cancel_all(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case varint_tag(2): out.record.header.side = reader.enum8(); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// Command: the last member of the oneof stands; the same member again is merged into it.
inline bool decode_item(ByteRange message, DecodedCommand& out) {
    ProtobufReader reader(message);
    out = DecodedCommand{};
    const auto member = [&](CommandType type, auto decode) {
        const ByteRange body = reader.bytes();
        if (out.type() != type) out.become(type);
        if (!decode(body, out)) reader.fail();
    };
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): member(CommandType::kPlace, decode_place); break;
            case bytes_tag(2): member(CommandType::kAmend, decode_target<true>); break;
            case bytes_tag(3): member(CommandType::kCancel, decode_target<false>); break;
            case bytes_tag(4): member(CommandType::kCancelAll, decode_cancel_all); break;
            default: reader.skip();
        }
    }
    return reader.ok();
}

// A page token is the order id of the last row of the page before, in decimal; empty: from the start.
inline bool decode_page_token(ByteRange token, std::uint64_t& order_id) {
    if (token.size > 20) return false;
    order_id = 0;
    for (std::size_t i = 0; i < token.size; ++i) {
        if (token.data[i] < '0' || token.data[i] > '9') return false;
        const std::uint64_t digit = token.data[i] - std::uint64_t{'0'};
        if (order_id > (UINT64_MAX - digit) / 10) return false;
        order_id = order_id * 10 + digit;
    }
    return true;
}

// ListOpenOrdersRequest.
inline Reason decode_open_orders(ByteRange message, DecodedCommand& out) {
    constexpr std::int64_t kPageSizeDefault = 100;
    constexpr std::int64_t kPageSizeMax = 1000;
    ProtobufReader reader(message);
    ByteRange token;
    std::int64_t page_size = 0;
    while (reader.next()) {
        switch (reader.tag()) {
            case bytes_tag(1): out.symbol = reader.bytes(); break;
            case varint_tag(2): page_size = static_cast<std::int32_t>(reader.uint32()); break;
            case bytes_tag(3): token = reader.bytes(); break;
            default: reader.skip();
        }
    }
    if (!reader.ok()) return Reason::kMalformedMessage;
    if (page_size < 0 || page_size > kPageSizeMax || !decode_page_token(token, out.record.order_id)) return Reason::kInvalidField;
    out.record.quantity = page_size == 0 ? kPageSizeDefault : page_size;
    return Reason::kNone;
}

inline bool names_target(const Command& record) { return record.order_id != 0 || record.client_order_id != 0; }

}  // namespace detail

// What the gateway itself refuses of a command that could be read; kNone: it goes to the engine.
// `index` becomes the symbol's place in the table.
inline Reason check_command(const DecodedCommand& command, SymbolTable& symbols, std::uint32_t& index) {
    if (command.record.header.type == 0) return Reason::kMissingField;
    index = symbols.find(command.symbol);
    if (index == SymbolTable::kNone) return Reason::kUnknownSymbol;
    switch (command.type()) {
        case CommandType::kCancel:
        case CommandType::kAmend:
        case CommandType::kQueryOrder: return detail::names_target(command.record) ? Reason::kNone : Reason::kMissingField;
        default: return Reason::kNone;
    }
}

// One unary request. `type` says which message it is.
inline Reason decode_request(CommandType type, ByteRange message, DecodedCommand& out) {
    out.become(type);
    bool good = false;
    switch (type) {
        case CommandType::kPlace: good = detail::decode_place(message, out); break;
        case CommandType::kAmend: good = detail::decode_target<true>(message, out); break;
        case CommandType::kCancel:
        case CommandType::kQueryOrder: good = detail::decode_target<false>(message, out); break;
        case CommandType::kCancelAll: good = detail::decode_cancel_all(message, out); break;
        case CommandType::kQueryOpenOrders: return detail::decode_open_orders(message, out);
        default: break;
    }
    return good ? Reason::kNone : Reason::kMalformedMessage;
}

// A TradeRequest or a SubmitBatchRequest, kept decoded until the next one: room for it is made once.
class DecodedBatch {
public:
    explicit DecodedBatch(std::size_t items_max) : commands_(items_max) {}

    // kMalformedMessage or kTooManyItems refuse the message as a whole. The stream's `open` (field 3) is
    // not a matter of commands and is skipped.
    Reason decode(ByteRange message) {
        request_id_ = 0;
        size_ = 0;
        ProtobufReader reader(message);
        while (reader.next()) {
            switch (reader.tag()) {
                case varint_tag(1): request_id_ = reader.varint(); break;
                case bytes_tag(2): {
                    const ByteRange item = reader.bytes();
                    if (size_ == commands_.size()) return reader.ok() ? Reason::kTooManyItems : Reason::kMalformedMessage;
                    if (!detail::decode_item(item, commands_[size_++])) return Reason::kMalformedMessage;
                    break;
                }
                default: reader.skip();
            }
        }
        return reader.ok() ? Reason::kNone : Reason::kMalformedMessage;
    }

    std::uint64_t request_id() const { return request_id_; }
    std::size_t size() const { return size_; }
    DecodedCommand& operator[](std::size_t item) { return commands_[item]; }

private:
    std::vector<DecodedCommand> commands_;
    std::uint64_t request_id_ = 0;
    std::size_t size_ = 0;
};

}  // namespace tidegate
