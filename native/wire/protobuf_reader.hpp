// The protobuf wire format, read field by field from memory: no allocation, no copies, any bytes at all.
//
//   while (reader.next()) switch (reader.tag()) { case varint_tag(1): x = reader.varint(); break; ...
//                                                 default: reader.skip(); }
//   if (!reader.ok()) refuse
//
// A failure is sticky: everything after it reads as nothing and ok() is false. A known field with
// another wire type has another tag and is skipped like an unknown one, as protobuf does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidegate {

enum class WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kGroupEnd = 4, kFixed32 = 5 };

constexpr std::uint32_t varint_tag(std::uint32_t field) { return field << 3; }
constexpr std::uint32_t fixed64_tag(std::uint32_t field) { return field << 3 | 1; }
constexpr std::uint32_t bytes_tag(std::uint32_t field) { return field << 3 | 2; }

// A piece of the message; valid as long as the message is.
struct ByteRange {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
};

class ProtobufReader {
public:
    static constexpr int kGroupDepthMax = 64;  // unknown groups within groups; deeper is refused

    ProtobufReader(const unsigned char* data, std::size_t size) : at_(data), end_(data + size) {}
    explicit ProtobufReader(ByteRange range) : ProtobufReader(range.data, range.size) {}

    bool ok() const { return !failed_; }

    // Goes on to the next field; false at the end and after a failure.
    bool next() {
        if (!next_tag()) return false;
        return tag_ >> 3 != 0 || fail();
    }
    std::uint32_t tag() const { return tag_; }

    std::uint64_t varint() {
        if (at_ != end_ && *at_ < 0x80) return *at_++;
        return long_varint(10);
    }
    // Narrower fields take the low bits of the varint, as protobuf does.
    std::uint32_t uint32() { return static_cast<std::uint32_t>(varint()); }
    std::int64_t int64() { return static_cast<std::int64_t>(varint()); }
    bool boolean() { return varint() != 0; }
    // An enum in one byte. What does not fit becomes 255, which no enum here uses: it never wraps into a
    // valid value.
    std::uint8_t enum8() {
        const auto value = static_cast<std::int32_t>(static_cast<std::uint32_t>(varint()));
        return value < 0 || value > 255 ? std::uint8_t{255} : static_cast<std::uint8_t>(value);
    }
    std::uint64_t fixed64() {
        if (end_ - at_ < 8) {
            fail();
            return 0;
        }
        std::uint64_t value;
        std::memcpy(&value, at_, 8);
        at_ += 8;
        return value;
    }
    ByteRange bytes() {
        const std::uint64_t size = varint();
        if (size > static_cast<std::uint64_t>(end_ - at_)) {
            fail();
            return {};
        }
        const ByteRange range{at_, static_cast<std::size_t>(size)};
        at_ += size;
        return range;
    }

    void skip() { skip_value(0); }
    // What was inside a field has turned out not to be what it should be.
    bool fail() {
        failed_ = true;
        at_ = end_;
        return false;
    }

private:
    bool next_tag() {
        if (at_ == end_) return false;
        if (*at_ < 0x80) {
            tag_ = *at_++;
        } else {
            const std::uint64_t tag = long_varint(5);
            if (tag > 0xFFFFFFFFu) return fail();
            tag_ = static_cast<std::uint32_t>(tag);
        }
        return !failed_;
    }

    std::uint64_t long_varint(int bytes_max) {
        std::uint64_t value = 0;
        for (int i = 0; i < bytes_max && at_ != end_; ++i) {
            const std::uint64_t byte = *at_++;
            value |= (byte & 0x7F) << (7 * i);
            if (byte < 0x80) return value;
        }
        fail();
        return 0;
    }

    void skip_value(int depth) {
        switch (static_cast<WireType>(tag_ & 7)) {
            case WireType::kVarint: varint(); return;
            case WireType::kFixed64: advance(8); return;
            case WireType::kBytes: bytes(); return;
            case WireType::kFixed32: advance(4); return;
            case WireType::kGroup: skip_group(tag_ >> 3, depth + 1); return;
            case WireType::kGroupEnd: break;
        }
        fail();
    }

    void skip_group(std::uint32_t field, int depth) {
        if (depth > kGroupDepthMax) {
            fail();
            return;
        }
        while (next_tag()) {  // field number 0, too, as the library has it inside of what it does not know
            if (static_cast<WireType>(tag_ & 7) == WireType::kGroupEnd) {
                if (tag_ >> 3 != field) fail();
                return;
            }
            skip_value(depth);
        }
        fail();
    }

    void advance(std::ptrdiff_t count) {
        if (end_ - at_ < count) fail();
        else at_ += count;
    }

    const unsigned char* at_;
    const unsigned char* end_;
    std::uint32_t tag_ = 0;
    bool failed_ = false;
};

}  // namespace tidegate
