// The two records that cross every boundary in Tidegate: a command on its way into a symbol, and an
// event on its way out. Fixed size, little endian, no padding that is not named: the bytes in the
// ring, in a golden test and in a reader written in another language are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "enums.hpp"

namespace tidegate {

inline constexpr std::uint8_t kSchemaVersion = 1;

// Shared by both records, so that a reader can tell sequence, time and kind without knowing which.
struct RecordHeader {
    std::uint32_t crc = 0;        // CRC32C of every byte of the record after this field
    std::uint8_t type = 0;        // CommandType or EventType
    std::uint8_t schema = kSchemaVersion;
    std::uint8_t flags = 0;       // CommandFlag or EventFlag bits
    std::uint8_t command_type = 0;  // event: the CommandType that caused it; command: 0
    std::uint64_t sequence = 0;   // the command's place in its symbol's log, from 1; 0 = not sequenced
    std::int64_t time_ns = 0;     // sequenced time: Unix nanoseconds, never goes back within a symbol
    std::uint32_t epoch = 0;      // the writer's epoch
    std::uint32_t account = 0;    // whose command, whose event (a trade: the taker's); 0 = the venue
    std::uint16_t symbol = 0;     // instrument id
    std::uint16_t index = 0;      // event: its place among the events of one command; command: 0
    std::uint8_t side = 0;        // Side; a trade: the aggressor's
    std::uint8_t order_type = 0;  // OrderType
    std::uint8_t time_in_force = 0;  // TimeInForce
    std::uint8_t status = 0;      // event: OrderStatus after it; command: 0
};
static_assert(sizeof(RecordHeader) == 40);

struct Command {
    RecordHeader header;
    std::uint64_t request_id = 0;       // the client's number for the message it came in; echoed
    std::uint32_t origin = 0;           // gateway session to answer; 0 = nobody waits
    std::uint16_t item = 0;             // place of this command in its message
    std::uint16_t callback_bps = 0;     // PLACE of a trailing stop: distance it follows at, 1e-4 of the price
    std::int64_t gateway_time_ns = 0;   // when the gateway had read the message, Unix nanoseconds
    std::uint64_t client_order_id = 0;  // PLACE, REPLACE: required; QUOTE: quote id; CANCEL, AMEND, QUERY_ORDER: target when order_id is 0
    std::uint64_t order_id = 0;         // CANCEL, AMEND, REPLACE, QUERY_ORDER: target; QUERY_OPEN_ORDERS: start after; CANCEL_ALL: see CancelScope
    std::int64_t price = 0;             // ticks; AMEND: new price, 0 = keep; QUOTE: bid; SET_PRICES: mark; SET_PROTECTION: fills
    std::int64_t quantity = 0;          // lots; AMEND: new total quantity, 0 = keep; QUOTE: bid; queries: most rows wanted;
                                        // SET_PRICES: index, ticks; SET_PROTECTION: window, ms; SET_COUNTDOWN: ms
    // DEFINE_INSTRUMENT uses everything from request_id on: see InstrumentRules.
    union {
        std::int64_t trigger_price = 0;     // PLACE, REPLACE, AMEND (0 = keep): ticks; a trailing stop's activation price
        std::int64_t ask_price;             // QUOTE: ticks
        std::int64_t quantity_limit;        // SET_PROTECTION: lots, 0 = none
        std::int64_t funding_rate;          // SET_PRICES: predicted, 1e-8
    };
    union {
        std::int64_t expiry_ns = 0;         // PLACE, REPLACE: GTD, Unix nanoseconds
        std::int64_t ask_quantity;          // QUOTE: lots
        std::int64_t notional_limit;        // SET_PROTECTION: 1e-8 of the settlement asset, 0 = none
        std::int64_t next_funding_time_ns;  // SET_PRICES
    };
    union {
        std::int64_t display = 0;           // PLACE, REPLACE: iceberg, lots; 0 = all
        std::int64_t source_time_ns;        // SET_PRICES: when the mark price was made
    };
    std::uint32_t stp_group = 0;        // 0 = the account is its own group
    std::uint8_t stp_mode = 0;          // SelfTradePrevention
    union {
        std::uint8_t phase = 0;         // SET_PHASE: the Phase to enter
        std::uint8_t trigger_by;        // PLACE, REPLACE: TriggerBy
        std::uint8_t scope;             // CANCEL_ALL: CancelScope
        std::uint8_t mode;              // SET_POSITION_MODE: PositionMode
    };
    union {
        std::uint16_t reason = 0;       // SET_PHASE: why (Reason)
        std::uint16_t group;            // PLACE, REPLACE, QUOTE, CANCEL_ALL, SET_PROTECTION, RESET_PROTECTION: market-maker protection
    };
};
static_assert(sizeof(Command) == 128);
static_assert(offsetof(Command, request_id) == 40);
static_assert(offsetof(Command, origin) == 48);
static_assert(offsetof(Command, item) == 52);
static_assert(offsetof(Command, gateway_time_ns) == 56);
static_assert(offsetof(Command, client_order_id) == 64);
static_assert(offsetof(Command, order_id) == 72);
static_assert(offsetof(Command, price) == 80);
static_assert(offsetof(Command, quantity) == 88);
static_assert(offsetof(Command, trigger_price) == 96);
static_assert(offsetof(Command, expiry_ns) == 104);
static_assert(offsetof(Command, display) == 112);
static_assert(offsetof(Command, stp_group) == 120);
static_assert(std::is_trivially_copyable_v<Command>);

// DEFINE_INSTRUMENT: the same 128 bytes read another way (rule INS-2). Everything that the engine
// needs to know of an instrument; names and scales stay outside, with those who show them to people.
struct InstrumentRules {
    RecordHeader header;
    std::int64_t price_min = 1;          // ticks, at least 1
    std::int64_t price_max = 0;          // ticks, at most kPriceMax
    std::int64_t quantity_min = 1;       // lots
    std::int64_t quantity_max = 0;       // lots, at most kQuantityMax
    std::int64_t market_quantity_max = 0;  // lots
    std::int64_t notional_min = 0;       // 1e-8 of the settlement asset; reduce-only orders are exempt
    std::int64_t tick_lot_value = 1;     // 1e-8 of the settlement asset that one lot is worth at a price of one tick
    std::uint32_t open_orders_max = 0;   // per account, without trigger orders
    std::uint32_t trigger_orders_max = 0;  // per account: untriggered
    std::int64_t position_max = 0;       // lots, of one account's position either way; 0 = the record's own bound
    std::uint32_t band_up_bps = 0;       // LIM-1: how far above mark a price may be, 1e-4; 0 = no band
    std::uint32_t band_down_bps = 0;     // below mark, at most 9,999
    std::uint16_t tick_mantissa = 0;     // value of a tick in the quote currency = mantissa x 10^exponent
    std::uint16_t lot_mantissa = 0;      // size of a lot in the base currency
    std::int8_t tick_exponent = 0;
    std::int8_t lot_exponent = 0;
    std::uint16_t reserved = 0;
};
static_assert(sizeof(InstrumentRules) == 128);
static_assert(offsetof(InstrumentRules, tick_lot_value) == 88);
static_assert(offsetof(InstrumentRules, open_orders_max) == 96);
static_assert(offsetof(InstrumentRules, trigger_orders_max) == 100);
static_assert(offsetof(InstrumentRules, position_max) == 104);
static_assert(offsetof(InstrumentRules, band_up_bps) == 112);
static_assert(offsetof(InstrumentRules, tick_mantissa) == 120);
static_assert(offsetof(InstrumentRules, lot_exponent) == 125);

// The small print of a trigger order.
struct TriggerTerms {
    std::uint16_t callback_bps;   // a trailing stop's
    std::uint8_t trigger_by;      // TriggerBy
    std::uint8_t close_position;  // 1 = it is
};

// Words that mean one thing in a TRADE have another meaning in an event about one order, and another one in
// an event of the venue: docs/rules/orders.md and venue.md say which.
struct Event {
    RecordHeader header;
    std::uint64_t request_id = 0;       // of the command that caused it
    std::uint32_t origin = 0;           // of the command that caused it
    std::uint32_t gateway_delay_us = 0; // sequenced time less gateway time, microseconds, clamped to [0, 2^32-1]
    std::uint64_t client_order_id = 0;  // of the order it is about (a quote's: quote id); a trade: the taker's
    std::uint64_t order_id = 0;         // of the order it is about; a trade: the taker's
    std::int64_t price = 0;             // ticks: the order's limit; a trade: the price traded at; PRICES_SET: mark
    std::int64_t quantity = 0;          // lots: the order's total; a trade: the quantity traded; PRICES_SET: index, ticks
    std::int64_t filled = 0;            // lots, cumulative; a trade: the taker's
    std::int64_t leaves = 0;            // lots still open after the event; a trade: the taker's; AUCTION: bids less asks at `price`
    union {
        std::int64_t previous_price = 0;  // AMENDED: ticks before; ACCEPTED, AMENDED of GTX_SLIDE that slid: the price as sent
        std::int64_t maker_shown_before;  // TRADE with kMakerIceberg: lots that the book showed of it
        std::int64_t taker_shown_change;  // TRADE of an uncrossing with kIceberg: lots that the book shows more of it (docs/rules/venue.md)
        std::int64_t funding_rate;        // PRICES_SET: predicted, 1e-8
    };
    union {
        std::int64_t previous_leaves = 0;  // AMENDED, CANCELED, EXPIRED, REDUCED: lots open before
        std::int64_t maker_shown;          // TRADE with kMakerIceberg: lots that the book shows of it now
        std::int64_t maker_shown_change;   // TRADE of an uncrossing with kMakerIceberg: the same of the maker
        std::int64_t next_funding_time_ns; // PRICES_SET
        std::int64_t deadline_ns;          // COUNTDOWN_SET
    };
    union {
        std::uint64_t trade_id = 0;     // TRADE: gap-free per symbol, from 1
        std::int64_t trigger_price;     // of the order: ticks; a trailing stop's as it is now, 0 before activation
        std::int64_t source_time_ns;    // PRICES_SET
    };
    union {
        std::uint64_t maker_order_id = 0;
        std::int64_t display;           // of the order: iceberg, lots
    };
    union {
        std::uint64_t maker_client_order_id = 0;
        std::int64_t expiry_ns;         // of the order: GTD
    };
    union {
        std::int64_t maker_filled = 0;  // lots, cumulative
        std::int64_t shown;             // of the order, kIceberg: lots that the book shows after the event; 0 when it does not rest
    };
    union {
        std::int64_t maker_leaves = 0;  // lots
        std::int64_t activation_price;  // of the order: a trailing stop's, ticks
    };
    union {
        std::uint32_t maker_account = 0;
        TriggerTerms terms;             // of the order
    };
    std::uint16_t item = 0;             // of the command that caused it
    std::uint16_t reason = 0;           // Reason
    std::uint32_t stp_group = 0;
    std::uint8_t stp_mode = 0;
    union {
        std::uint8_t phase = 0;         // PHASE_CHANGED, AUCTION, DEPTH_END: the symbol's phase
        std::uint8_t maker_flags;       // TRADE: MakerFlag
        std::uint8_t mode;              // POSITION_MODE_SET: PositionMode
    };
    std::uint8_t maker_order_type = 0;  // TRADE: OrderType
    std::uint8_t group = 0;             // of the order; PROTECTION: the group it is about
    std::int64_t position = 0;          // TRADE: signed lots of header.account's leg after it
    union {
        std::int64_t maker_position = 0;  // TRADE: signed lots of maker_account's leg after it
        std::int64_t shown_before;        // of the order, kIceberg: lots that the book showed before the event
    };
};
static_assert(sizeof(Event) == 192);
static_assert(offsetof(Event, request_id) == 40);
static_assert(offsetof(Event, client_order_id) == 56);
static_assert(offsetof(Event, trade_id) == 120);
static_assert(offsetof(Event, maker_account) == 160);
static_assert(offsetof(Event, item) == 164);
static_assert(offsetof(Event, position) == 176);
static_assert(offsetof(Event, trigger_price) == 120);
static_assert(offsetof(Event, display) == 128);
static_assert(offsetof(Event, expiry_ns) == 136);
static_assert(offsetof(Event, shown) == 144);
static_assert(offsetof(Event, activation_price) == 152);
static_assert(offsetof(Event, terms) == 160);
static_assert(offsetof(Event, phase) == 173);
static_assert(offsetof(Event, group) == 175);
static_assert(offsetof(Event, maker_position) == 184);
static_assert(std::is_trivially_copyable_v<Event>);

// INSTRUMENT_DEFINED: the same 192 bytes; the rules that are in force from the command after it.
struct InstrumentDefined {
    RecordHeader header;
    std::uint64_t unused = 0;           // request_id, origin and gateway delay are 0: the command has no room for them
    std::uint64_t unused2 = 0;
    unsigned char rules[88] = {};       // InstrumentRules from price_min on
    unsigned char padding[48] = {};
};
static_assert(sizeof(InstrumentDefined) == sizeof(Event));
static_assert(offsetof(InstrumentDefined, rules) == 56);

// There is a bound on everything. Prices index a paged level table, quantities are summed
// in 64 bits over every order of a level, products are taken in 128 bits.
inline constexpr std::int64_t kPriceMax = (std::int64_t{1} << 31) - 1;     // ticks
inline constexpr std::int64_t kQuantityMax = std::int64_t{1} << 40;        // lots
inline constexpr std::uint32_t kOrdersMax = 1u << 22;                      // open orders in one symbol
inline constexpr std::uint32_t kOpenOrdersPerAccountMax = 10'000;
inline constexpr std::uint32_t kFillsPerCommandMax = 8'192;                // the rest of the taker expires: FILL_LIMIT
inline constexpr std::uint32_t kEventsPerCommandMax = 32'768;
inline constexpr std::uint32_t kTriggerOrdersPerAccountMax = 1'000;
inline constexpr std::uint32_t kReduceOnlyRestingMax = 256;                // of one account
inline constexpr std::int64_t kIcebergSlicesMax = 100;                     // quantity / display, rounded up
inline constexpr std::uint16_t kGroupsMax = 16;                            // market-maker protection groups of an account: 1 to 16
inline constexpr std::uint16_t kCallbackMaxBps = 5'000;
inline constexpr std::int64_t kCountdownMaxMs = 86'400'000;
// A quote's two orders come from one command: the ask's id has this bit too.
inline constexpr std::uint64_t kAskOfQuote = std::uint64_t{1} << 62;
// Orders in the order in which they came.
constexpr std::uint64_t order_age(std::uint64_t order_id) { return (order_id & ~kAskOfQuote) << 1 | ((order_id & kAskOfQuote) != 0); }

}  // namespace tidegate
