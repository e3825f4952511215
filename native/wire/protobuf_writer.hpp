// The protobuf wire format, written into memory that the caller has made large enough. Fields that are 0
// are left out, as proto3 does; fields written in the order of their numbers give the same bytes as the
// protobuf library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidegate {

class ProtobufWriter {
public:
    static constexpr std::size_t kFieldBytesMost = 12;  // tag and varint, for field numbers below 2048

    explicit ProtobufWriter(unsigned char* at) : at_(at) {}
    unsigned char* at() const { return at_; }

    template <std::uint32_t Field>
    void varint(std::uint64_t value) {
        if (value == 0) return;
        tag<Field, 0>();
        raw_varint(value);
    }
    // int64 and enums: negative numbers take ten bytes.
    template <std::uint32_t Field>
    void int64(std::int64_t value) {
        varint<Field>(static_cast<std::uint64_t>(value));
    }
    template <std::uint32_t Field>
    void sint64(std::int64_t value) {
        varint<Field>(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
    }
    template <std::uint32_t Field>
    void fixed64(std::uint64_t value) {
        if (value == 0) return;
        tag<Field, 1>();
        std::memcpy(at_, &value, 8);
        at_ += 8;
    }
    template <std::uint32_t Field>
    void fixed32(std::uint32_t value) {
        if (value == 0) return;
        tag<Field, 5>();
        std::memcpy(at_, &value, 4);
        at_ += 4;
    }
    template <std::uint32_t Field>
    void string(std::string_view text) {
        if (text.empty()) return;
        bytes_head<Field>(text.size());
        std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    // Tag and length of an embedded message whose bytes the caller writes next.
    template <std::uint32_t Field>
    void bytes_head(std::size_t size) {
        tag<Field, 2>();
        raw_varint(size);
    }
    // An embedded message that is shorter than 16384 bytes: `write` fills it in, the length is put before
    // it afterwards.
    template <std::uint32_t Field, typename Write>
    void message(Write&& write) {
        tag<Field, 2>();
        unsigned char* const start = at_;
        at_ = start + 2;
        write(*this);
        const auto size = static_cast<std::size_t>(at_ - start) - 2;
        if (size < 0x80) {
            std::memmove(start + 1, start + 2, size);
            start[0] = static_cast<unsigned char>(size);
            --at_;
        } else {
            start[0] = static_cast<unsigned char>(size | 0x80);
            start[1] = static_cast<unsigned char>(size >> 7);
        }
    }

private:
    template <std::uint32_t Field, std::uint32_t Type>
    void tag() {
        constexpr std::uint32_t value = Field << 3 | Type;
        static_assert(value < 1u << 14);
        if constexpr (value < 0x80) {
            *at_++ = static_cast<unsigned char>(value);
        } else {
            *at_++ = static_cast<unsigned char>((value & 0x7F) | 0x80);
            *at_++ = static_cast<unsigned char>(value >> 7);
        }
    }
    void raw_varint(std::uint64_t value) {
        while (value >= 0x80) {
            *at_++ = static_cast<unsigned char>(value | 0x80);
            value >>= 7;
        }
        *at_++ = static_cast<unsigned char>(value);
    }

    unsigned char* at_;
};

}  // namespace tidegate
