// The checksum by which a reader finds out that its book is not the venue's: CRC32 (IEEE 802.3, as in zlib)
// of the best 25 levels of each side, written "price:quantity" in ticks and lots, bid and ask by turns,
// separated by ":"; a side that has ended is left out.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "depth_side.hpp"

namespace tidegate {

inline constexpr int kChecksumLevels = 25;

namespace detail {

constexpr std::array<std::uint32_t, 256> make_crc32_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0u);
        table[byte] = value;
    }
    return table;
}

inline constexpr auto kCrc32Table = make_crc32_table();

class ChecksumText {
public:
    void level(std::int64_t price, std::int64_t quantity) {
        if (at_ != text_) *at_++ = ':';
        at_ = std::to_chars(at_, text_ + sizeof text_, price).ptr;
        *at_++ = ':';
        at_ = std::to_chars(at_, text_ + sizeof text_, quantity).ptr;
    }
    std::uint32_t crc32() const {
        std::uint32_t crc = 0xFFFFFFFFu;
        for (const char* each = text_; each != at_; ++each)
            crc = (crc >> 8) ^ kCrc32Table[(crc ^ static_cast<unsigned char>(*each)) & 0xFFu];
        return ~crc;
    }

private:
    static constexpr std::size_t kNumberMost = 20;
    char text_[std::size_t{2} * kChecksumLevels * (2 * kNumberMost + 2)];
    char* at_ = text_;
};

}  // namespace detail

inline std::uint32_t depth_checksum(const DepthLevels& bids, const DepthLevels& asks) {
    detail::ChecksumText text;
    auto bid = bids.rbegin();
    auto ask = asks.begin();
    for (int rank = 0; rank < kChecksumLevels; ++rank) {
        if (bid != bids.rend()) {
            text.level(bid->first, bid->second);
            ++bid;
        }
        if (ask != asks.end()) {
            text.level(ask->first, ask->second);
            ++ask;
        }
    }
    return text.crc32();
}

}  // namespace tidegate
