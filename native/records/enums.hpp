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
    kReplace = 7,            // cancels one order and places another in one step (ORD-10)
    kQuote = 8,              // one two-sided quote (ORD-11)
    kSetProtection = 9,      // limits of a market-maker protection group (ORD-11)
    kResetProtection = 10,   // lets a frozen group quote again
    kSetPrices = 11,         // mark, index, predicted funding: from the venue
    kSetCountdown = 12,      // dead man's switch (ORD-12)
    kSetPositionMode = 13,   // one-way or hedge (ORD-13)
    kTick = 14,              // the engine's own: does what has become due (triggers, expiries, countdowns, uncrossing)
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
    kInstrumentDefined = 11,  // read as InstrumentDefined
    kQuoted = 12,       // a quote has been taken in: both sides as they are now; last event of its command
    kTriggered = 13,    // a trigger order's price was reached; what it does next follows
    kTrailingActivated = 14,  // a trailing stop has reached its activation price and follows from now on
    kPricesSet = 15,    // mark, index, funding as they are now
    kAuction = 16,      // `price`, `quantity`: what an auction would trade now, or (kFinal) is about to trade
    kProtection = 17,   // a group's limits were set or reset, or it has tripped: see `reason`
    kCountdownSet = 18, // `quantity` ms until `deadline`; 0: off
    kPositionModeSet = 19,
    kTickDone = 20,     // `quantity` things were done; `leaves` 1: more is due
    // Answers to queries: header.sequence is the last command applied, nothing is journaled.
    kOrderState = 32,   // one order as it is now; also the answer to a repeated client order id (kDuplicate)
    kOpenOrdersEnd = 33,  // `quantity` = rows sent; order_id = where to go on, 0 = that was all
    kDepthLevel = 34,   // side, price, `leaves` = total open lots, `quantity` = number of orders
    kDepthEnd = 35,     // `quantity` = levels sent; the levels before it are the book at header.sequence
    kNotFound = 36,     // QUERY_ORDER: no such order of this account
};

enum CommandFlag : std::uint8_t {
    kCommandReduceOnly = 1,
    kCommandClosePosition = 2,       // PLACE of a trigger order: the whole position at trigger time
    kCommandCancelOnDisconnect = 4,  // belongs to the session in `origin`
    kCommandLong = 8,                // hedge mode: which leg
    kCommandShort = 16,
    kCommandGoOn = 32,               // REPLACE: place even when there is nothing to cancel
    kCommandTargetByClient = 64,     // REPLACE: order_id holds the target's client order id
    kCommandLiquidation = 128,       // PLACE: sent by risk, never by a gateway
};

enum EventFlag : std::uint8_t {
    kEventReduceOnly = 1,  // of the order
    kOnBook = 2,           // see EventType; CANCELED, EXPIRED, REDUCED: the order was resting
    kDuplicate = 4,        // a repeated request: the original result again
    kIceberg = 8,          // of the order: `display` and `shown` say how much the book shows
    kFinal = 16,           // AUCTION: the result
    kLongLeg = 16,         // the same bit in events about an order: hedge mode's LONG leg
    kShortLeg = 32,        // of the order: hedge mode's SHORT leg
    kLiquidation = 64,     // of the order
    kLastOfCommand = 128,  // no more events for this command
};

enum class Side : std::uint8_t { kNone = 0, kBuy = 1, kSell = 2 };

// What is known of the maker in a TRADE.
enum MakerFlag : std::uint8_t {
    kMakerReduceOnly = 1,
    kMakerIceberg = 8,
    kMakerLongLeg = 16,
    kMakerShortLeg = 32,
    kMakerLiquidation = 64,
};

// ORD-1. kQuote: one side of a quote; never sent in a PLACE.
enum class OrderType : std::uint8_t {
    kNone = 0,
    kLimit = 1,
    kMarket = 2,
    kStop = 3,
    kStopMarket = 4,
    kTakeProfit = 5,
    kTakeProfitMarket = 6,
    kTrailingStop = 7,
    kQuote = 8,
};

enum class TimeInForce : std::uint8_t { kNone = 0, kGtc = 1, kIoc = 2, kFok = 3, kGtx = 4, kGtd = 5, kGtxSlide = 6 };

// Which price a trigger watches (ORD-1, ORD-9).
enum class TriggerBy : std::uint8_t { kNone = 0, kMark = 1, kLast = 2, kIndex = 3 };

// Legs of a position (ORD-13).
enum class PositionSide : std::uint8_t { kNone = 0, kLong = 1, kShort = 2 };
enum class PositionMode : std::uint8_t { kNone = 0, kOneWay = 1, kHedge = 2 };

// Which orders a CANCEL_ALL is about (ORD-12). kSession, kGateway, kEveryone: never asked for by a client.
enum class CancelScope : std::uint8_t {
    kAccount = 0,   // all of the account, triggers and quotes too
    kGroup = 1,     // those with `group`
    kQuotes = 2,    // quotes; with `group` != 0 those of that group
    kSession = 3,   // of the account, placed by the session in `order_id`, for cancel on disconnect
    kGateway = 4,   // of anybody, placed by any session of the gateway in `order_id`, for cancel on disconnect
    kEveryone = 5,  // of anybody: the operator's
};

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
    kUntriggered = 8,
    kTriggered = 9,
};

// MKT-1.
enum class Phase : std::uint8_t {
    kNone = 0,
    kHalt = 1,
    kCancelOnly = 2,
    kPostOnly = 3,
    kOpen = 4,
    kAuction = 5,
    kReduceOnly = 6,
    kSettlement = 7,
};

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
    kRateLimited = 22,         // LIM-2: the answer says which limit, its state and when to come again
    kOrderToTrade = 23,        // LIM-3
    kTooManyConnections = 24,  // LIM-2, per API key
    kDelisted = 25,            // the symbol was listed once
    kHistoryUnavailable = 26,  // the process that keeps history does not answer, or has not got that far
    kListingRefused = 27,      // the listing, change or delisting cannot be done; the message says why
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
    kPositionLimit = 123,       // the position would pass its limit
    kInvalidTrigger = 124,      // trigger price, reference, callback or activation missing or out of range
    kImmediateTrigger = 125,    // the current price satisfies the trigger already
    kTooManyTriggerOrders = 126,
    kInvalidExpiry = 127,       // GTD without a time ahead, or a time without GTD
    kInvalidDisplay = 128,      // iceberg: more than the quantity, too many slices, or not for this order
    kPriceBand = 129,           // LIM-1: further from the mark price than the band
    kNoReferencePrice = 130,    // a trailing stop without a price to follow
    kInvalidPositionSide = 131, // a leg in one-way mode, or none in hedge mode
    kPositionNotFlat = 132,
    kOrdersOpen = 133,          // not while there are open orders
    kInvalidGroup = 134,        // group not 0 to kGroupsMax
    kProtectionFrozen = 135,    // the group has tripped and was not reset
    kQuoteCrossed = 136,        // bid at or above ask
    kCancelFailed = 137,        // REPLACE: nothing to cancel, and not to go on without
    kNotAmendable = 138,        // quotes; a trailing stop's trigger; a close-position's quantity
    kInvalidScope = 139,
    kInvalidCountdown = 140,
    kInvalidPrice = 141,        // SET_PRICES
    kInvalidPositionMode = 142,
    kTooManyReduceOnly = 143,   // resting reduce-only orders of the account
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
    kReplaced = 211,
    kExpiry = 212,                  // GTD
    kCountdown = 213,
    kDisconnect = 214,
    kMarketMakerProtection = 215,
    kPriceBandReached = 216,        // what a market or triggered order could not trade within the band
    kSettlement = 217,
    kPhaseEnded = 218,              // a trigger that fired in a phase which forbids its order
};

}  // namespace tidegate
