// The vocabulary of records. Numbers are on disk and on the wire: never reuse one, only add.
// Public enums (Side, OrderType, TimeInForce, SelfTradePrevention, OrderStatus, Phase, Reason) carry
// the same numbers in proto/tidegate/v1/types.proto; tests/unit/wire/test_enums.py holds that.
#pragma once

#include <cstdint>

namespace tidegate {

enum class CommandType : std::uint8_t {
    kPlace = 1,
    kCancel = 2,
    kAmend = 3,
    kCancelAll = 4,          // every open order of header.account; header.side narrows it when not 0
    kSetPhase = 5,
    kDefineInstrument = 6,   // read as InstrumentRules
    // Queries are answered from durable state at their place in the stream; they are not numbered,
    // not journaled and change nothing.
    kQueryOrder = 32,
    kQueryOpenOrders = 33,
    kQueryDepth = 34,
};

// Queries are answered, but are no part of the log. (A type that nobody knows is: it is refused in its place.)
inline bool is_query_type(std::uint8_t command_type) {
    return command_type >= static_cast<std::uint8_t>(CommandType::kQueryOrder) &&
           command_type <= static_cast<std::uint8_t>(CommandType::kQueryDepth);
}

enum class EventType : std::uint8_t {
    kAccepted = 1,      // kOnBook set: rests with `leaves` at `price`; else it is about to match
    kRejected = 2,      // nothing changed; `command_type` tells what was refused, `reason` why
    kTrade = 3,         // one per maker touched
    kRested = 4,        // what is left of an order that has matched (or lost its place by an amend) now rests
    kCanceled = 5,
    kExpired = 6,
    kAmended = 7,       // kOnBook set: stayed on the book at `price`; else it left it and is about to match
    kReduced = 8,       // reduce-only clamp or STP decrement: `previous_leaves` became `leaves`
    kCancelAllDone = 9, // `quantity` orders were canceled; last event of its command
    kPhaseChanged = 10,
    kInstrumentDefined = 11,
    // Answers to queries: header.sequence is the last command applied, nothing is journaled.
    kOrderState = 32,   // one order as it is now; also the answer to a repeated client order id (kDuplicate)
    kOpenOrdersEnd = 33,  // `quantity` = rows sent; order_id = where to go on, 0 = that was all
    kDepthLevel = 34,   // side, price, `leaves` = total open lots, `quantity` = number of orders
    kDepthEnd = 35,     // `quantity` = levels sent; the levels before it are the book at header.sequence
    kNotFound = 36,     // QUERY_ORDER: no such order of this account
};

enum CommandFlag : std::uint8_t {
    kCommandReduceOnly = 1,
};

enum EventFlag : std::uint8_t {
    kEventReduceOnly = 1,  // of the order
    kOnBook = 2,           // see EventType; CANCELED, EXPIRED, REDUCED: the order was resting
    kDuplicate = 4,        // a repeated request: the original result again
    kLastOfCommand = 128,  // no more events for this command
};

enum class Side : std::uint8_t { kNone = 0, kBuy = 1, kSell = 2 };

enum class OrderType : std::uint8_t { kNone = 0, kLimit = 1, kMarket = 2 };

enum class TimeInForce : std::uint8_t { kNone = 0, kGtc = 1, kIoc = 2, kFok = 3, kGtx = 4 };

// ORD-6. kDefault is EXPIRE_TAKER.
enum class SelfTradePrevention : std::uint8_t {
    kDefault = 0,
    kNone = 1,
    kExpireTaker = 2,
    kExpireMaker = 3,
    kExpireBoth = 4,
    kDecrement = 5,
};

// ORD-4. PENDING_NEW lives in clients only.
enum class OrderStatus : std::uint8_t {
    kNone = 0,
    kPendingNew = 1,
    kNew = 2,
    kPartiallyFilled = 3,
    kFilled = 4,
    kCanceled = 5,
    kExpired = 6,
    kRejected = 7,
};

enum class Phase : std::uint8_t { kNone = 0, kHalt = 1, kCancelOnly = 2, kPostOnly = 3, kOpen = 4 };

// Refusals are data. 1-99: the gateway's, nothing reached the engine. 100-199: the engine's, sequenced.
// 200-255: why an accepted order changed.
enum class Reason : std::uint16_t {
    kNone = 0,
    // gateway
    kMalformedMessage = 1,
    kUnknownSymbol = 2,
    kUnauthenticated = 3,
    kPermissionDenied = 4,
    kVenueBusy = 5,            // the symbol's command ring is past its high-water mark
    kTooManyItems = 6,         // more commands in one message than the limit
    kMissingField = 7,
    kDraining = 8,
    kSymbolUnavailable = 9,    // no engine has answered in time: outcome UNKNOWN
    kTooManySessions = 10,
    kSlowReader = 11,
    kSequenceNotRetained = 12, // resume from before what is kept
    kUnknownAccount = 13,
    kInternal = 14,
    kSequenceAhead = 15,       // resume from after the newest sequence
    kAccountExists = 16,       // an account of this name is there already
    kUnknownAsset = 17,
    kInvalidAmount = 18,       // not above 0, or a balance would not fit
    kDuplicateDepositId = 19,  // the deposit id is known with another body
    kInvalidField = 20,        // a field's value is outside of what it may be
    kLedgerUnavailable = 21,   // the process that keeps accounts and balances does not answer
    // engine, in the order in which they are checked (INS-2)
    kPhaseForbids = 100,
    kAccountTableFull = 101,
    kInvalidSide = 102,
    kInvalidOrderType = 103,
    kInvalidTimeInForce = 104,
    kInvalidCombination = 105, // e.g. MARKET with GTC or GTX, MARKET with a price
    kInvalidStpMode = 106,
    kPriceOutOfRange = 107,
    kQuantityOutOfRange = 108,
    kMarketQuantityOutOfRange = 109,
    kNotionalTooSmall = 110,
    kTooManyOpenOrders = 111,
    kReduceOnlyRejected = 112,  // no position to reduce
    kPostOnlyWouldCross = 113,
    kDuplicateClientOrderId = 114,  // the id is known with another body
    kBookFull = 115,            // the arena of this symbol is full
    kUnknownOrder = 116,        // no such order of this account (never tells whether another's)
    kOrderClosed = 117,         // known, but no longer open
    kNothingToAmend = 118,
    kInvalidClientOrderId = 119,  // zero
    kInvalidPhase = 120,
    kInvalidInstrument = 121,
    kNotionalOverflow = 122,
    kPositionLimit = 123,       // the position would not fit the bound
    // why an order changed
    kUserRequest = 200,
    kIocRemainder = 201,
    kFokNotFillable = 202,
    kSelfTrade = 203,
    kReduceOnly = 204,
    kAmendBelowFilled = 205,
    kMassCancel = 206,
    kMarketRemainder = 207,
    kFillLimit = 208,
    kOperator = 209,
    kGenesis = 210,
};

}  // namespace tidegate
