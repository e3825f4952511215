// One gateway session: who it is for, what is still to be answered, and what waits to be sent.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "limiter.hpp"
#include "report_codec.hpp"
#include "symbol_table.hpp"

namespace tidegate {

// Bytes that come in at the end and go out at the front. Grows to its bound, keeps what it has grown to.
class OutputBuffer {
public:
    std::size_t size() const { return end_ - begin_; }
    const unsigned char* data() const { return bytes_.get() + begin_; }

    // Room for `most` more bytes; keep() says how many were written.
    unsigned char* room(std::size_t most) {
        if (capacity_ - end_ < most) make_room(most);
        return bytes_.get() + end_;
    }
    void keep(const unsigned char* end) { end_ = static_cast<std::size_t>(end - bytes_.get()); }
    void drop_front(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    void cut_to(std::size_t size) { end_ = begin_ + size; }
    void clear() { begin_ = end_ = 0; }
    // A buffer that one burst has made large is not kept for ever.
    void shrink(std::size_t capacity_max) {
        if (size() == 0 && capacity_ > capacity_max) {
            bytes_.reset();
            capacity_ = begin_ = end_ = 0;
        }
    }

private:
    static constexpr std::size_t kFirst = 4096;

    void make_room(std::size_t most) {
        const std::size_t used = size();
        const bool enough = begin_ >= capacity_ / 2 && capacity_ - used >= most;
        std::size_t wanted = capacity_ == 0 ? kFirst : capacity_;
        while (!enough && wanted - used < most) wanted *= 2;
        if (!enough && wanted == capacity_) wanted *= 2;
        if (wanted == capacity_) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, used);
        } else {
            auto grown = std::make_unique_for_overwrite<unsigned char[]>(wanted);
            if (used != 0) std::memcpy(grown.get(), bytes_.get() + begin_, used);
            bytes_ = std::move(grown);
            capacity_ = wanted;
        }
        begin_ = 0;
        end_ = used;
    }

    std::unique_ptr<unsigned char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

// What became of a command: its own verdict, not what it did to others.
struct Answer {
    std::uint8_t type = 0;  // EventType
    std::uint16_t reason = 0;
    std::uint64_t sequence = 0;
    std::uint64_t order_id = 0;
};

// What a session is opened for.
struct SessionTerms {
    std::uint32_t account = 0;               // 0: it sends nothing
    std::vector<std::uint32_t> watched;      // accounts whose events it gets, each once
    bool held = false;
    bool cancel_on_disconnect = false;
    Limiter* limiter = nullptr;
    OrderToTrade* ratio = nullptr;           // of the account
};

class Session {
public:
    static constexpr std::size_t kKeptBytes = 64 << 10;  // capacity that a closed session leaves to the next

    std::uint32_t id = 0;  // 0: the slot is free
    std::uint32_t account = 0;
    bool events = false;   // gets all events of the accounts that it watches
    bool held = false;
    bool tells_limits = false;  // has output that answers a message of its own
    bool listed = false;   // is in the router's list of sessions with output
    bool touched = false;  // has output of the command that is being routed
    bool overflowed = false;
    bool spoken = false;  // has sent a message
    std::uint64_t outstanding = 0;  // changed by expect() and answered() alone
    std::uint32_t retry_delay_ms = 0;  // with the last refusal
    Answer answer;
    SessionTerms terms;

    void open(std::uint32_t new_id, SessionTerms new_terms, std::vector<std::uint64_t> positions) {
        id = new_id;
        terms = std::move(new_terms);
        account = terms.account;
        events = !terms.watched.empty();
        held = terms.held;
        sent_ = std::move(positions);
    }
    void expect() {
        ++outstanding;
        if (terms.limiter != nullptr) terms.limiter->add_unanswered(1);
    }
    void answered() {
        --outstanding;
        if (terms.limiter != nullptr) terms.limiter->take_unanswered(1);
    }
    void close() {
        if (terms.limiter != nullptr) terms.limiter->take_unanswered(outstanding);
        id = 0;
        listed = touched = overflowed = tells_limits = spoken = false;
        outstanding = 0;
        retry_delay_ms = 0;
        placed_.clear();
        answer = Answer{};
        marks_.clear();
        output_.clear();
        output_.shrink(kKeptBytes);
        whole_ = 0;
    }

    // A symbol that was added while the session is open begins where it was found.
    // In one that comes back it goes on from what it was told before.
    void add_symbol(std::uint32_t symbol, std::uint64_t sequence) { note_sent(symbol, std::max(sent(symbol), sequence)); }

    // Which symbols hold orders that belong to this session.
    void note_placed(std::uint32_t symbol) {
        if (symbol >= placed_.size()) placed_.resize(symbol + 1, false);
        placed_[symbol] = true;
    }
    bool has_placed(std::uint32_t symbol) const { return symbol < placed_.size() && placed_[symbol]; }

    bool has_output() const { return whole_ != 0; }

    // Appends what `write(at) -> end` writes, at most kReportBytesMost bytes. False when it was dropped,
    // because the bound was passed now or before.
    template <typename Write>
    bool append(std::size_t bytes_max, Write&& write) {
        if (overflowed) return false;
        if (output_.size() + kReportBytesMost > bytes_max) {
            overflowed = true;
            output_.cut_to(whole_);
            return false;
        }
        output_.keep(write(output_.room(kReportBytesMost)));
        return true;
    }

    // Everything appended so far may be handed out. `sequence` 0: it moves no position.
    void end_command(std::uint32_t symbol, std::uint64_t sequence) {
        const std::size_t added = output_.size() - whole_;
        if (added == 0) return;
        whole_ = output_.size();
        // Neighbours that go out together anyway share a mark.
        if (!marks_.empty() && marks_.back().bytes + added <= kMarkBytes &&
            (sequence == 0 || marks_.back().sequence == 0 || marks_.back().symbol == symbol)) {
            marks_.back().bytes += added;
            if (sequence != 0) marks_.back().symbol = symbol, marks_.back().sequence = sequence;
            return;
        }
        marks_.push_back({added, sequence, symbol});
    }

    // How many bytes go out next: whole commands, `most` at most unless the first alone is larger.
    std::size_t next_size(std::size_t most) const {
        std::size_t size = 0;
        for (const Mark& mark : marks_) {
            if (size != 0 && size + mark.bytes > most) break;
            size += mark.bytes;
        }
        return size;
    }
    // Hands out what next_size() has counted.
    void take(std::size_t size, unsigned char* out) {
        std::memcpy(out, output_.data(), size);
        output_.drop_front(size);
        whole_ -= size;
        while (size != 0) {
            const Mark& mark = marks_.front();
            size -= mark.bytes;
            if (mark.sequence != 0) note_sent(mark.symbol, mark.sequence);
            marks_.pop_front();
        }
    }

    // Last sequence handed out per symbol, at first where the session started.
    std::uint64_t sent(std::uint32_t symbol) const { return symbol < sent_.size() ? sent_[symbol] : 0; }

private:
    static constexpr std::size_t kMarkBytes = 2048;
    struct Mark {
        std::size_t bytes;
        std::uint64_t sequence;
        std::uint32_t symbol;
    };

    void note_sent(std::uint32_t symbol, std::uint64_t sequence) {
        if (symbol >= sent_.size()) sent_.resize(symbol + 1, 0);
        sent_[symbol] = sequence;
    }

    OutputBuffer output_;
    std::size_t whole_ = 0;  // bytes of the output that are whole commands
    std::deque<Mark> marks_;
    std::vector<std::uint64_t> sent_;
    std::vector<bool> placed_;
};

}  // namespace tidegate
