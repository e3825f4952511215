// CRC32C (Castagnoli), as in iSCSI and ext4. The processor's instruction where there is one, a table
// otherwise; both give the same value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace tidegate {

namespace detail {

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t value = byte;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
        table[byte] = value;
    }
    return table;
}

inline constexpr auto kCrc32cTable = make_crc32c_table();

inline std::uint32_t crc32c_table(std::uint32_t crc, const unsigned char* bytes, std::size_t size) {
    while (size-- != 0) crc = (crc >> 8) ^ kCrc32cTable[(crc ^ *bytes++) & 0xFFu];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) inline std::uint32_t crc32c_hardware(std::uint32_t crc, const unsigned char* bytes,
                                                                       std::size_t size) {
    std::uint64_t wide = crc;
    for (; size >= 8; bytes += 8, size -= 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = static_cast<std::uint32_t>(wide);
    for (; size != 0; ++bytes, --size) crc = _mm_crc32_u8(crc, *bytes);
    return crc;
}
inline bool crc32c_has_hardware() {
    static const bool has = __builtin_cpu_supports("sse4.2");
    return has;
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
inline std::uint32_t crc32c_hardware(std::uint32_t crc, const unsigned char* bytes, std::size_t size) {
    for (; size >= 8; bytes += 8, size -= 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes, 8);
        crc = __crc32cd(crc, word);
    }
    for (; size != 0; ++bytes, --size) crc = __crc32cb(crc, *bytes);
    return crc;
}
inline bool crc32c_has_hardware() { return true; }
#else
inline std::uint32_t crc32c_hardware(std::uint32_t crc, const unsigned char* bytes, std::size_t size) {
    return crc32c_table(crc, bytes, size);
}
inline bool crc32c_has_hardware() { return false; }
#endif

}  // namespace detail

inline std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t seed = 0) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    const std::uint32_t start = ~seed;
    return ~(detail::crc32c_has_hardware() ? detail::crc32c_hardware(start, bytes, size)
                                           : detail::crc32c_table(start, bytes, size));
}

// Of a record: everything after its own crc field, which is its first.
template <typename Record>
inline std::uint32_t record_crc(const Record& record) {
    return crc32c(reinterpret_cast<const unsigned char*>(&record) + sizeof(std::uint32_t),
                  sizeof(Record) - sizeof(std::uint32_t));
}

}  // namespace tidegate
