// Names of symbols and their numbers: a handful, looked up once per command.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protobuf_reader.hpp"

namespace tidegate {

class SymbolTable {
public:
    static constexpr std::size_t kNameBytesMax = 16;
    static constexpr std::uint32_t kNone = 0xFFFFFFFFu;

    // One that was delisted comes back to its place, with the number that it had.
    std::uint32_t add(std::uint16_t id, std::string_view name) {
        if (name.empty() || name.size() > kNameBytesMax) throw std::invalid_argument("a symbol has 1 to 16 bytes");
        const std::uint32_t known = find({as_bytes(name), name.size()});
        if (known != kNone && entries_[known].id == id && !entries_[known].listed) {
            entries_[known].listed = true;
            return known;
        }
        if (index_of(id) != kNone || known != kNone) throw std::invalid_argument("symbol added twice");
        entries_.push_back({words_of(as_bytes(name), name.size()), name.size(), id, std::string(name), true});
        return static_cast<std::uint32_t>(entries_.size() - 1);
    }

    // Place of the symbol, listed or not, in the order of add(); kNone for an unknown one. The last hit is tried first.
    std::uint32_t find(ByteRange name) {
        if (name.size > kNameBytesMax || entries_.empty()) return kNone;
        const Words words = words_of(name.data, name.size);
        if (entries_[last_].is(words, name.size)) return last_;
        for (std::uint32_t index = 0; index < entries_.size(); ++index)
            if (entries_[index].is(words, name.size)) return last_ = index;
        return kNone;
    }

    std::uint32_t index_of(std::uint16_t id) const {
        for (std::uint32_t index = 0; index < entries_.size(); ++index)
            if (entries_[index].id == id) return index;
        return kNone;
    }

    // Its place stays taken: nothing else ever gets its name or number.
    void delist(std::uint32_t index) { entries_[index].listed = false; }
    bool listed(std::uint32_t index) const { return entries_[index].listed; }

    std::size_t size() const { return entries_.size(); }
    std::uint16_t id(std::uint32_t index) const { return entries_[index].id; }
    std::string_view name(std::uint32_t index) const { return entries_[index].name; }

private:
    struct Words {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
    };
    struct Entry {
        Words words;
        std::size_t size;
        std::uint16_t id;
        std::string name;
        bool listed;
        bool is(const Words& other, std::size_t other_size) const {
            return words.low == other.low && words.high == other.high && size == other_size;
        }
    };

    static const unsigned char* as_bytes(std::string_view name) { return reinterpret_cast<const unsigned char*>(name.data()); }
    static Words words_of(const unsigned char* data, std::size_t size) {
        unsigned char padded[kNameBytesMax] = {};
        if (size != 0) std::memcpy(padded, data, size);
        Words words;
        std::memcpy(&words.low, padded, 8);
        std::memcpy(&words.high, padded + 8, 8);
        return words;
    }

    std::vector<Entry> entries_;
    std::uint32_t last_ = 0;
};

}  // namespace tidegate
