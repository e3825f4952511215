// Messages for the wire's fuzzing: valid ones at any value, mutated ones, random bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "wire/protobuf_reader.hpp"

namespace tidegate {

using Bytes = std::vector<unsigned char>;

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t any() { return engine_(); }
    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    // Small numbers, boundaries and everything else.
    std::uint64_t number() {
        switch (below(4)) {
            case 0: return below(8);
            case 1: return below(1 << 20);
            case 2: return std::uint64_t{1} << below(64);
            default: return any();
        }
    }
    void fill(void* memory, std::size_t size) {
        auto* bytes = static_cast<unsigned char*>(memory);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(any());
    }

private:
    std::mt19937_64 engine_;
};

// ---- making messages --------------------------------------------------------------------------------

inline void put_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<unsigned char>(value | 0x80));
    out.push_back(static_cast<unsigned char>(value));
}
inline void put_bytes(Bytes& out, std::uint32_t field, const Bytes& value) {
    put_varint(out, bytes_tag(field));
    put_varint(out, value.size());
    out.insert(out.end(), value.begin(), value.end());
}

inline Bytes random_symbol(Random& random) {
    static const std::string names[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "", "DOGE", "BTCUSDTBTCUSDTBTCUSDT"};
    const std::string& name = names[random.below(random.one_in(8) ? 6 : 3)];
    return Bytes(name.begin(), name.end());
}

// A field of any kind, known to the messages or not.
inline void put_field(Bytes& out, Random& random, std::uint32_t field) {
    switch (random.below(8)) {
        case 0: put_varint(out, fixed64_tag(field)), out.resize(out.size() + 8, static_cast<unsigned char>(random.any())); return;
        case 1: put_varint(out, field << 3 | 5), out.resize(out.size() + 4, 7); return;
        case 2: put_bytes(out, field, random_symbol(random)); return;
        case 3: put_varint(out, field << 3 | 3), put_varint(out, random.one_in(4) ? 0 : field << 3 | 4); return;
        default: put_varint(out, varint_tag(field)), put_varint(out, random.number()); return;
    }
}

inline Bytes random_request(Random& random, int depth = 0) {
    Bytes out;
    if (!random.one_in(16)) put_bytes(out, 1, random_symbol(random));
    for (std::uint64_t fields = random.below(10); fields != 0; --fields)
        put_field(out, random, static_cast<std::uint32_t>(2 + random.below(random.one_in(16) ? 1000 : 15)));
    // A Trigger (11), a replacement's order (3), or the quotes (2) of a mass quote.
    static const std::uint32_t nested[] = {2, 3, 11};
    if (depth == 0 && random.one_in(2)) put_bytes(out, nested[random.below(3)], random_request(random, 1));
    put_varint(out, fixed64_tag(static_cast<std::uint32_t>(2 + random.below(2))));
    out.resize(out.size() + 8, static_cast<unsigned char>(1 + random.below(9)));
    return out;
}

inline Bytes random_batch(Random& random) {
    Bytes out;
    if (random.one_in(2)) put_varint(out, varint_tag(1)), put_varint(out, random.number());
    for (std::uint64_t items = random.below(random.one_in(32) ? 80 : 6); items != 0; --items) {
        Bytes item;
        for (std::uint64_t members = random.one_in(16) ? random.below(4) : 1; members != 0; --members)
            put_bytes(item, static_cast<std::uint32_t>(1 + random.below(random.one_in(16) ? 9 : 7)), random_request(random));
        put_bytes(out, 2, item);
    }
    for (std::uint64_t quotes = random.one_in(3) ? random.below(random.one_in(16) ? 130 : 4) : 0; quotes != 0; --quotes) {
        Bytes quoted;
        put_bytes(quoted, 2, random_request(random, 1));
        put_bytes(out, random.one_in(8) ? 2 : 5, quoted);
    }
    if (random.one_in(8)) put_field(out, random, static_cast<std::uint32_t>(1 + random.below(40)));
    return out;
}

inline void mutate(Bytes& bytes, Random& random, const Bytes& other) {
    for (std::uint64_t times = random.below(4); times != 0 && !bytes.empty(); --times) {
        const std::size_t at = random.below(bytes.size());
        switch (random.below(6)) {
            case 0: bytes[at] = static_cast<unsigned char>(bytes[at] ^ 1u << random.below(8)); break;
            case 1: bytes[at] = static_cast<unsigned char>(random.any()); break;
            case 2: bytes.resize(at); break;
            case 3: bytes[at] = static_cast<unsigned char>(random.one_in(2) ? 0xFF : 0x80); break;  // lengths that lie
            case 4: bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), other.begin(), other.begin() + static_cast<std::ptrdiff_t>(random.below(other.size() + 1))); break;
            default: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + random.below(std::min<std::size_t>(9, bytes.size() - at)))); break;
        }
    }
}

inline Bytes random_input(Random& random, const Bytes& last, bool batch) {
    Bytes bytes;
    if (random.one_in(16)) {
        bytes.resize(random.below(64));
        random.fill(bytes.data(), bytes.size());
        return bytes;
    }
    bytes = batch ? random_batch(random) : random_request(random);
    if (!random.one_in(4)) mutate(bytes, random, last);
    return bytes;
}

}  // namespace tidegate
