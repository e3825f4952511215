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
    std::uint16_t reserved = 0;
    std::int64_t gateway_time_ns = 0;   // when the gateway had read the message, Unix nanoseconds
    std::uint64_t client_order_id = 0;  // PLACE: required; CANCEL, AMEND, QUERY_ORDER: target when order_id is 0
    std::uint64_t order_id = 0;         // CANCEL, AMEND, QUERY_ORDER: target; QUERY_OPEN_ORDERS: start after
    std::int64_t price = 0;             // ticks; AMEND: new price, 0 = keep
    std::int64_t quantity = 0;          // lots; AMEND: new total quantity, 0 = keep; queries: most rows wanted
    // DEFINE_INSTRUMENT uses the six words from here and `price`, `quantity`: see InstrumentRules.
    std::int64_t argument[3] = {0, 0, 0};
    std::uint32_t stp_group = 0;        // 0 = the account is its own group
    std::uint8_t stp_mode = 0;          // SelfTradePrevention
    std::uint8_t phase = 0;             // SET_PHASE: the Phase to enter
    std::uint16_t reason = 0;           // venue's commands: why (Reason)
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
static_assert(offsetof(Command, argument) == 96);
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
    std::uint32_t open_orders_max = 0;   // per account
    std::uint32_t reserved[7] = {0, 0, 0, 0, 0, 0, 0};
};
static_assert(sizeof(InstrumentRules) == 128);
static_assert(offsetof(InstrumentRules, tick_lot_value) == 88);
static_assert(offsetof(InstrumentRules, open_orders_max) == 96);

struct Event {
    RecordHeader header;
    std::uint64_t request_id = 0;       // of the command that caused it
    std::uint32_t origin = 0;           // of the command that caused it
    std::uint32_t gateway_delay_us = 0; // sequenced time less gateway time, microseconds, clamped to [0, 2^32-1]
    std::uint64_t client_order_id = 0;  // of the order it is about; a trade: the taker's
    std::uint64_t order_id = 0;         // of the order it is about; a trade: the taker's
    std::int64_t price = 0;             // ticks: the order's limit; a trade: the price traded at
    std::int64_t quantity = 0;          // lots: the order's total; a trade: the quantity traded
    std::int64_t filled = 0;            // lots, cumulative; a trade: the taker's
    std::int64_t leaves = 0;            // lots still open after the event; a trade: the taker's
    std::int64_t previous_price = 0;    // AMENDED: ticks before
    std::int64_t previous_leaves = 0;   // AMENDED, CANCELED, EXPIRED, REDUCED: lots open before
    std::uint64_t trade_id = 0;         // TRADE: gap-free per symbol, from 1
    std::uint64_t maker_order_id = 0;
    std::uint64_t maker_client_order_id = 0;
    std::int64_t maker_filled = 0;      // lots, cumulative
    std::int64_t maker_leaves = 0;      // lots
    std::uint32_t maker_account = 0;
    std::uint16_t item = 0;             // of the command that caused it
    std::uint16_t reason = 0;           // Reason
    std::uint32_t stp_group = 0;
    std::uint8_t stp_mode = 0;
    std::uint8_t phase = 0;             // PHASE_CHANGED: the phase entered
    std::uint16_t reserved = 0;
    std::int64_t position = 0;          // TRADE: signed lots of header.account after it
    std::int64_t maker_position = 0;    // TRADE: signed lots of maker_account after it
};
static_assert(sizeof(Event) == 192);
static_assert(offsetof(Event, request_id) == 40);
static_assert(offsetof(Event, client_order_id) == 56);
static_assert(offsetof(Event, trade_id) == 120);
static_assert(offsetof(Event, maker_account) == 160);
static_assert(offsetof(Event, item) == 164);
static_assert(offsetof(Event, position) == 176);
static_assert(std::is_trivially_copyable_v<Event>);

// Bounds (design.md: a bound on everything). Prices index a paged level table, quantities are summed
// in 64 bits over every order of a level, products are taken in 128 bits.
inline constexpr std::int64_t kPriceMax = (std::int64_t{1} << 31) - 1;     // ticks
inline constexpr std::int64_t kQuantityMax = std::int64_t{1} << 40;        // lots
inline constexpr std::uint32_t kOrdersMax = 1u << 22;                      // open orders in one symbol
inline constexpr std::uint32_t kOpenOrdersPerAccountMax = 10'000;
inline constexpr std::uint32_t kFillsPerCommandMax = 8'192;                // the rest of the taker expires: FILL_LIMIT
inline constexpr std::uint32_t kEventsPerCommandMax = 32'768;

}  // namespace tidegate
