// What the readers of one pace hold of a book: the book as of the last delta that they were told. A change is
// told when somebody asks, so that whatever happens in between is put together, and a level that is again what
// it was is not told at all.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "depth_checksum.hpp"
#include "depth_side.hpp"
#include "protobuf_writer.hpp"

namespace tidegate {

// Where a book is; every message about it says so.
struct DepthMark {
    std::uint64_t sequence = 0;
    std::int64_t time_ns = 0;
    std::uint8_t phase = 0;
};

namespace detail {

inline constexpr std::size_t kLevelBytes = 2 + 2 * ProtobufWriter::kFieldBytesMost;

template <std::uint32_t Field>
void write_level(ProtobufWriter& out, std::int64_t price, std::int64_t quantity) {
    out.message<Field>([&](ProtobufWriter& level) {
        level.int64<1>(price);
        level.int64<2>(quantity);
    });
}

inline std::size_t depth_head_bytes(std::string_view symbol) { return symbol.size() + 10 * ProtobufWriter::kFieldBytesMost; }

}  // namespace detail

// DepthSnapshot of the best `most` levels per side.
inline std::vector<unsigned char> encode_snapshot(std::string_view symbol, const DepthMark& mark, const DepthLevels& bid_levels,
                                                  const DepthLevels& ask_levels, std::size_t most, bool conflated) {
    const std::size_t bids = std::min(most, bid_levels.size());
    const std::size_t asks = std::min(most, ask_levels.size());
    std::vector<unsigned char> bytes(detail::depth_head_bytes(symbol) + (bids + asks) * detail::kLevelBytes);
    ProtobufWriter out(bytes.data());
    out.string<1>(symbol);
    out.varint<2>(mark.sequence);
    out.fixed64<3>(static_cast<std::uint64_t>(mark.time_ns));
    auto bid = bid_levels.rbegin();
    for (std::size_t i = 0; i < bids; ++i, ++bid) detail::write_level<4>(out, bid->first, bid->second);
    auto ask = ask_levels.begin();
    for (std::size_t i = 0; i < asks; ++i, ++ask) detail::write_level<5>(out, ask->first, ask->second);
    out.varint<6>(mark.phase);
    out.fixed32<7>(depth_checksum(bid_levels, ask_levels));
    out.varint<9>(conflated);
    bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
    return bytes;
}

class DepthView {
public:

    void start(const DepthMark& mark, const DepthLevels& bids, const DepthLevels& asks) {
        bids_ = bids;
        asks_ = asks;
        told_ = mark;
        follows_ = true;
        clear();
    }
    void stop() { *this = DepthView(); }

    void note(const ChangedPrices& bids, const ChangedPrices& asks) {
        if (!follows_) return;
        changed_bids_.note(bids);
        changed_asks_.note(asks);
    }

    std::vector<unsigned char> snapshot(std::string_view symbol, std::size_t most, bool conflated) const {
        return encode_snapshot(symbol, told_, bids_, asks_, most, conflated);
    }

    // DepthDelta from what was told to `mark`; empty when nothing is different.
    std::vector<unsigned char> take_delta(std::string_view symbol, const DepthMark& mark, const DepthLevels& bids, const DepthLevels& asks) {
        if (!follows_) return {};
        const auto& bid_prices = changed_bids_.sort();
        const auto& ask_prices = changed_asks_.sort();
        std::vector<unsigned char> bytes(detail::depth_head_bytes(symbol) + (bid_prices.size() + ask_prices.size()) * detail::kLevelBytes);
        ProtobufWriter out(bytes.data());
        out.string<1>(symbol);
        out.varint<2>(told_.sequence + 1);
        out.varint<3>(mark.sequence);
        out.varint<4>(told_.sequence);
        out.fixed64<5>(static_cast<std::uint64_t>(mark.time_ns));
        bool different = told_.phase != mark.phase;
        for (auto price = bid_prices.rbegin(); price != bid_prices.rend(); ++price)
            different |= tell<6>(out, *price, bids, bids_);
        for (const std::int64_t price : ask_prices) different |= tell<7>(out, price, asks, asks_);
        clear();
        if (!different) return {};
        out.varint<8>(mark.phase);
        out.fixed32<9>(depth_checksum(bids_, asks_));
        bytes.resize(static_cast<std::size_t>(out.at() - bytes.data()));
        told_ = mark;
        return bytes;
    }

private:
    template <std::uint32_t Field>
    static bool tell(ProtobufWriter& out, std::int64_t price, const DepthLevels& now, DepthLevels& told) {
        const std::int64_t quantity = quantity_at(now, price);
        const auto known = told.lower_bound(price);
        const bool held = known != told.end() && known->first == price;
        if (quantity == (held ? known->second : 0)) return false;
        if (quantity == 0) told.erase(known);
        else if (held) known->second = quantity;
        else told.emplace_hint(known, price, quantity);
        detail::write_level<Field>(out, price, quantity);
        return true;
    }
    void clear() {
        changed_bids_.clear();
        changed_asks_.clear();
    }

    DepthLevels bids_;
    DepthLevels asks_;
    ChangedPrices changed_bids_;
    ChangedPrices changed_asks_;
    DepthMark told_;
    bool follows_ = false;
};

}  // namespace tidegate
