// Requests in protobuf wire format, straight into command records. A message is decoded whole before
// anything of it may take effect; what protobuf would take in, is read the same way here: any order of
// fields, the last one wins, a repeated submessage is merged, unknown fields are skipped.
#pragma once

#include <cstdint>
#include <vector>

#include "../records/records.hpp"
#include "protobuf_reader.hpp"
#include "request_fields.hpp"
#include "symbol_table.hpp"

namespace tidegate {

inline constexpr std::size_t kQuotesMax = 100;  // in one message

// A QUOTE of no quantity on either side takes the quote back.
inline bool only_withdraws(const Command& command) {
    return static_cast<CommandType>(command.header.type) == CommandType::kQuote && command.quantity == 0 && command.ask_quantity == 0;
}

// Cannot make a position larger.
inline bool reduces_only(const Command& command) {
    return (command.header.flags & (kCommandReduceOnly | kCommandClosePosition)) != 0;
}

// May use the room above a ring's high-water mark: it lowers risk.
inline bool needs_reserved_room(const Command& command) {
    switch (static_cast<CommandType>(command.header.type)) {
        case CommandType::kCancel:
        case CommandType::kCancelAll:
        case CommandType::kSetCountdown:
        case CommandType::kSetPrices:
        case CommandType::kDefineInstrument:
        case CommandType::kSetPhase: return true;
        case CommandType::kQuote: return only_withdraws(command);
        case CommandType::kPlace:
        case CommandType::kReplace: return reduces_only(command);
        default: return false;
    }
}

namespace detail {

// Fields can be told apart to the end.
inline bool is_whole(ByteRange message) {
    ProtobufReader reader(message);
    while (reader.next()) reader.skip();
    return reader.ok();
}

// StreamOpen and its positions. Names that are no UTF-8 are found by whoever reads them.
inline bool open_is_whole(ByteRange message) {
    ProtobufReader reader(message);
    while (reader.next()) {
        if (reader.tag() != bytes_tag(1)) reader.skip();
        else if (!is_whole(reader.bytes())) reader.fail();
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
            case bytes_tag(5): member(CommandType::kReplace, decode_replace); break;
            case bytes_tag(6): member(CommandType::kSetCountdown, decode_countdown); break;
            case bytes_tag(7): member(CommandType::kResetProtection, decode_protection<false>); break;
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

// A trailing stop begins at its activation price; the trigger price is what it makes of that itself.
inline Reason settle_trigger(DecodedCommand& command) {
    const bool trailing = command.record.header.order_type == static_cast<std::uint8_t>(OrderType::kTrailingStop);
    if ((trailing ? command.trigger_price : command.activation_price) != 0) return Reason::kInvalidField;
    command.record.trigger_price = trailing ? command.activation_price : command.trigger_price;
    return Reason::kNone;
}

inline Reason settle_replace(DecodedCommand& command) {
    if (command.record.order_id == 0) {
        if (command.target_client_order_id == 0) return Reason::kMissingField;
        command.record.order_id = command.target_client_order_id;
        command.record.header.flags |= kCommandTargetByClient;
    }
    return settle_trigger(command);
}

}  // namespace detail

// What the gateway itself refuses of a command that could be read, but for its symbol; kNone: the record is
// whole now.
inline Reason settle_command(DecodedCommand& command) {
    switch (command.type()) {
        case CommandType::kPlace: return detail::settle_trigger(command);
        case CommandType::kReplace: return detail::settle_replace(command);
        case CommandType::kCancel:
        case CommandType::kAmend:
        case CommandType::kQueryOrder:
            return command.record.order_id != 0 || command.record.client_order_id != 0 ? Reason::kNone : Reason::kMissingField;
        default: return Reason::kNone;
    }
}

// The same with the symbol, which comes first (INS-2). `index` becomes its place in the table.
inline Reason check_command(DecodedCommand& command, SymbolTable& symbols, std::uint32_t& index) {
    if (command.record.header.type == 0) return Reason::kMissingField;
    index = symbols.find(command.symbol);
    if (index == SymbolTable::kNone) return Reason::kUnknownSymbol;
    if (!symbols.listed(index)) return Reason::kDelisted;
    return settle_command(command);
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
        case CommandType::kReplace: good = detail::decode_replace(message, out); break;
        case CommandType::kSetProtection: good = detail::decode_protection<true>(message, out); break;
        case CommandType::kResetProtection: good = detail::decode_protection<false>(message, out); break;
        case CommandType::kSetCountdown: good = detail::decode_countdown(message, out); break;
        case CommandType::kSetPositionMode: good = detail::decode_position_mode(message, out); break;
        case CommandType::kQueryOpenOrders: return detail::decode_open_orders(message, out);
        default: break;
    }
    return good ? Reason::kNone : Reason::kMalformedMessage;
}

// Which message a batch of commands comes in.
enum class Envelope : std::uint8_t {
    kTrade,      // TradeRequest: commands, and a mass quote
    kBatch,      // SubmitBatchRequest: commands
    kMassQuote,  // MassQuoteRequest: quotes
};

// The commands of one message, kept decoded until the next one: room for it is made once.
class DecodedBatch {
public:
    explicit DecodedBatch(std::size_t items_max) : items_max_(items_max), commands_(items_max + kQuotesMax) {}

    // kMalformedMessage or kTooManyItems refuse the message as a whole. The stream's `open` (field 3) is not a
    // matter of commands: it has to be well formed, and is not read.
    Reason decode(ByteRange message, Envelope envelope) {
        request_id_ = 0;
        size_ = 0;
        quotes_ = 0;
        opens_ = false;
        header_ = DecodedCommand{};
        Reason reason = Reason::kNone;
        if (envelope == Envelope::kMassQuote) {
            reason = decode_quotes(message, true);
        } else {
            const bool trade = envelope == Envelope::kTrade;
            bool quoted = false;
            reason = decode_commands(message, trade, quoted);
            if (quoted && trade && reason == Reason::kNone) reason = decode_mass_quotes(message);
        }
        if (reason == Reason::kNone) apply_header();
        return reason;
    }

    std::uint64_t request_id() const { return request_id_; }
    // Whether it has an `open`.
    bool opens() const { return opens_; }
    std::size_t size() const { return size_; }
    DecodedCommand& operator[](std::size_t item) { return commands_[item]; }

private:
    Reason decode_commands(ByteRange message, bool trade, bool& quoted) {
        ProtobufReader reader(message);
        while (reader.next()) {
            switch (reader.tag()) {
                case varint_tag(1): request_id_ = reader.varint(); break;
                case bytes_tag(2): {
                    const ByteRange item = reader.bytes();
                    if (size_ == items_max_) return reader.ok() ? Reason::kTooManyItems : Reason::kMalformedMessage;
                    if (!detail::decode_item(item, commands_[size_++])) return Reason::kMalformedMessage;
                    break;
                }
                case bytes_tag(3): {
                    const ByteRange field = reader.bytes();
                    if (trade && !detail::open_is_whole(field)) return Reason::kMalformedMessage;
                    opens_ = trade;
                    break;
                }
                case bytes_tag(5): quoted = true; reader.skip(); break;
                default: reader.skip();
            }
        }
        return reader.ok() ? Reason::kNone : Reason::kMalformedMessage;
    }

    // Once more over a message that has been read whole: quotes come after all commands, wherever they stand.
    Reason decode_mass_quotes(ByteRange message) {
        ProtobufReader reader(message);
        while (reader.next()) {
            if (reader.tag() != bytes_tag(5)) {
                reader.skip();
                continue;
            }
            const Reason reason = decode_quotes(reader.bytes(), false);
            if (reason != Reason::kNone) return reason;
        }
        return Reason::kNone;
    }

    // MassQuoteRequest; merged into what there is.
    Reason decode_quotes(ByteRange message, bool alone) {
        ProtobufReader reader(message);
        while (reader.next()) {
            switch (reader.tag()) {
                case varint_tag(1): {
                    const std::uint64_t request_id = reader.varint();
                    if (alone) request_id_ = request_id;
                    break;
                }
                case bytes_tag(2): {
                    const ByteRange quote = reader.bytes();
                    if (quotes_ == kQuotesMax) return reader.ok() ? Reason::kTooManyItems : Reason::kMalformedMessage;
                    ++quotes_;
                    if (!detail::decode_quote(quote, commands_[size_++])) return Reason::kMalformedMessage;
                    break;
                }
                case varint_tag(3): header_.record.header.time_in_force = reader.enum8(); break;
                case varint_tag(4): header_.record.stp_mode = reader.enum8(); break;
                case varint_tag(5): header_.record.stp_group = reader.uint32(); break;
                case varint_tag(6): header_.record.group = detail::narrow16(reader.uint32()); break;
                default: reader.skip();
            }
        }
        return reader.ok() ? Reason::kNone : Reason::kMalformedMessage;
    }

    void apply_header() {
        const Command& header = header_.record;
        const bool unset = header.header.time_in_force == 0;
        for (std::size_t item = size_ - quotes_; item < size_; ++item) {
            Command& record = commands_[item].record;
            record.header.time_in_force = unset ? static_cast<std::uint8_t>(TimeInForce::kGtc) : header.header.time_in_force;
            record.stp_mode = header.stp_mode;
            record.stp_group = header.stp_group;
            record.group = header.group;
        }
    }

    std::size_t items_max_;
    std::vector<DecodedCommand> commands_;
    DecodedCommand header_;  // what a mass quote says once for all of its quotes
    std::uint64_t request_id_ = 0;
    std::size_t size_ = 0;
    std::size_t quotes_ = 0;  // the last ones
    bool opens_ = false;
};

}  // namespace tidegate
