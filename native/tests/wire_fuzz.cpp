// Feeds the wire with everything that a client, or a damaged disk, could: valid messages and payloads,
// mutated; random bytes; random events. Whatever comes in must be taken or refused, within bounds.
//
//   g++ -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -I native
//       native/tests/wire_fuzz.cpp -o build/wire_fuzz
//   build/wire_fuzz [inputs, default 1000000] [seed, default random]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "wire/depth_book.hpp"
#include "wire/payload.hpp"
#include "wire/public_tape.hpp"
#include "wire/router.hpp"

using namespace tidegate;

namespace {

using Bytes = std::vector<unsigned char>;

struct Counts {
    std::uint64_t inputs = 0;
    std::uint64_t messages_taken = 0;
    std::uint64_t messages_refused = 0;
    std::uint64_t commands = 0;
    std::uint64_t requests_taken = 0;
    std::uint64_t payloads_taken = 0;
    std::uint64_t payloads_refused = 0;
    std::uint64_t events = 0;
    std::uint64_t output_bytes = 0;
    std::uint64_t books_refused = 0;
};

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

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

void put_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<unsigned char>(value | 0x80));
    out.push_back(static_cast<unsigned char>(value));
}
void put_bytes(Bytes& out, std::uint32_t field, const Bytes& value) {
    put_varint(out, bytes_tag(field));
    put_varint(out, value.size());
    out.insert(out.end(), value.begin(), value.end());
}

Bytes random_symbol(Random& random) {
    static const std::string names[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "", "DOGE", "BTCUSDTBTCUSDTBTCUSDT"};
    const std::string& name = names[random.below(random.one_in(8) ? 6 : 3)];
    return Bytes(name.begin(), name.end());
}

// A field of any kind, known to the messages or not.
void put_field(Bytes& out, Random& random, std::uint32_t field) {
    switch (random.below(8)) {
        case 0: put_varint(out, fixed64_tag(field)), out.resize(out.size() + 8, static_cast<unsigned char>(random.any())); return;
        case 1: put_varint(out, field << 3 | 5), out.resize(out.size() + 4, 7); return;
        case 2: put_bytes(out, field, random_symbol(random)); return;
        case 3: put_varint(out, field << 3 | 3), put_varint(out, random.one_in(4) ? 0 : field << 3 | 4); return;
        default: put_varint(out, varint_tag(field)), put_varint(out, random.number()); return;
    }
}

Bytes random_request(Random& random) {
    Bytes out;
    if (!random.one_in(16)) put_bytes(out, 1, random_symbol(random));
    for (std::uint64_t fields = random.below(10); fields != 0; --fields)
        put_field(out, random, static_cast<std::uint32_t>(2 + random.below(random.one_in(16) ? 1000 : 10)));
    put_varint(out, fixed64_tag(static_cast<std::uint32_t>(2 + random.below(2))));
    out.resize(out.size() + 8, static_cast<unsigned char>(1 + random.below(9)));
    return out;
}

Bytes random_batch(Random& random) {
    Bytes out;
    if (random.one_in(2)) put_varint(out, varint_tag(1)), put_varint(out, random.number());
    for (std::uint64_t items = random.below(random.one_in(32) ? 80 : 6); items != 0; --items) {
        Bytes item;
        for (std::uint64_t members = random.one_in(16) ? random.below(4) : 1; members != 0; --members)
            put_bytes(item, static_cast<std::uint32_t>(1 + random.below(random.one_in(16) ? 6 : 4)), random_request(random));
        put_bytes(out, 2, item);
    }
    if (random.one_in(8)) put_field(out, random, static_cast<std::uint32_t>(1 + random.below(40)));
    return out;
}

void mutate(Bytes& bytes, Random& random, const Bytes& other) {
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

// A copy whose end is the end of its allocation, so that the sanitizer sees every byte read past it.
struct Exact {
    explicit Exact(const Bytes& bytes) : size(bytes.size()), data(new unsigned char[bytes.size()]) {
        if (size != 0) std::memcpy(data.get(), bytes.data(), size);
    }
    ByteRange range() const { return {data.get(), size}; }
    std::size_t size;
    std::unique_ptr<unsigned char[]> data;
};

// ---- what has to hold -------------------------------------------------------------------------------

constexpr std::uint16_t kFirstSymbol = 3;
constexpr std::uint16_t kSymbols = 3;
constexpr std::uint32_t kItemsMax = 64;
constexpr std::uint32_t kAccounts = 4;

void check_taken(const Command& command, std::uint32_t account) {
    require(record_crc(command) == command.header.crc, "a command in the ring has a wrong CRC");
    const auto type = static_cast<CommandType>(command.header.type);
    require((type >= CommandType::kPlace && type <= CommandType::kSetPhase) || type == CommandType::kQueryOrder ||
                type == CommandType::kQueryOpenOrders, "a command of no client's type");
    require(command.header.schema == kSchemaVersion && command.header.flags <= kCommandReduceOnly, "flags out of bounds");
    require(command.header.symbol >= kFirstSymbol && command.header.symbol < kFirstSymbol + kSymbols, "unknown symbol let in");
    require(command.header.account == (type == CommandType::kSetPhase ? 0 : account), "a command for another account");
    require(command.header.command_type == 0 && command.header.sequence == 0 && command.header.time_ns == 0 &&
                command.header.epoch == 0 && command.header.index == 0 && command.header.status == 0 && command.reserved == 0,
            "a client has set what is the engine's");
    require(command.item < kItemsMax && command.origin != 0, "item or origin out of bounds");
    require(command.argument[0] == 0 && command.argument[1] == 0 && command.argument[2] == 0, "arguments set");
    if (type == CommandType::kQueryOpenOrders) require(command.quantity >= 1 && command.quantity <= 1000, "page size let in");
}

// Every byte that goes to a client is a message: fields 1, 2 and 4, with whole fields inside.
void check_output(ByteRange output) {
    ProtobufReader reader(output);
    while (reader.next()) {
        const std::uint32_t tag = reader.tag();
        require(tag == bytes_tag(1) || tag == bytes_tag(2) || tag == fixed64_tag(4), "an unknown field in the output");
        if (tag == fixed64_tag(4)) {
            reader.fixed64();
            continue;
        }
        ProtobufReader body(reader.bytes());
        while (body.next()) body.skip();
        require(body.ok(), "a report that is not a message");
    }
    require(reader.ok(), "output that is not a message");
}

// ---- the rings and the router -----------------------------------------------------------------------

struct Memory {
    explicit Memory(std::size_t size) : bytes((size + 63) / 64 * 64), data(std::aligned_alloc(64, bytes)) { std::memset(data, 0, bytes); }
    ~Memory() { std::free(data); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    std::size_t bytes;
    void* data;
};

class Venue {
public:
    static constexpr std::uint64_t kCommands = 256;
    static constexpr std::uint64_t kEvents = 1024;

    Venue() : router_(5, {16, kItemsMax, 4096, 1 << 14, 50}, 77) {
        static const char* names[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT"};
        for (std::uint16_t i = 0; i < kSymbols; ++i) {
            commands_.push_back(std::make_unique<Memory>(CommandRing::bytes_needed(kCommands)));
            events_.push_back(std::make_unique<Memory>(EventRing::bytes_needed(kEvents)));
            CommandRing::create(commands_.back()->data, kCommands, kCommands / 2, 9);
            EventRing::create(events_.back()->data, kEvents, 9);
            consumers_.emplace_back(commands_.back()->data, commands_.back()->bytes);
            writers_.emplace_back(events_.back()->data, events_.back()->bytes);
            router_.add_symbol(static_cast<std::uint16_t>(kFirstSymbol + i), names[i], {commands_.back()->data, commands_.back()->bytes},
                               {events_.back()->data, events_.back()->bytes}, 0, -1);
        }
        for (std::uint32_t i = 0; i < 6; ++i) sessions_.push_back(router_.open_session(1 + i % kAccounts, i < kAccounts, false)->id);
    }

    void submit(ByteRange message, Random& random, Counts& counts) {
        Session& session = pick(random);
        const auto result = router_.submit(session, message, 1);
        if (result.reason == Reason::kNone) ++counts.messages_taken;
        else ++counts.messages_refused;
        require(result.reason == Reason::kNone || result.accepted == 0, "a refused message had an effect");
        const std::uint64_t taken = drain(session.account);
        require(taken == result.accepted, "what went in is not what was said");
        counts.commands += taken;
    }

    void submit_one(ByteRange message, Random& random, Counts& counts) {
        static const CommandType kinds[] = {CommandType::kPlace, CommandType::kAmend, CommandType::kCancel, CommandType::kCancelAll,
                                            CommandType::kQueryOrder, CommandType::kQueryOpenOrders, CommandType::kDefineInstrument};
        Session& session = pick(random);
        const Reason reason = router_.submit_one(session, kinds[random.below(7)], message, 1);
        const std::uint64_t taken = drain(session.account);
        require(taken == (reason == Reason::kNone ? 1u : 0u), "a unary request went in although it was refused");
        counts.requests_taken += taken;
    }

    void follow(Random& random, Counts& counts) {
        const std::size_t shard = random.below(kSymbols);
        std::vector<Event> events(random.below(random.one_in(16) ? 400 : 12));
        for (Event& event : events) event = random_event(random, shard);
        if (!events.empty()) events.back().header.flags |= kLastOfCommand;
        writers_[shard].publish(events.data(), events.size());
        counts.events += events.size();
        if (random.one_in(4)) return;  // so that a reader is lapped now and then
        router_.poll(1 + random.below(600));
        for (std::uint32_t index = 0; index < kSymbols; ++index)
            if (router_.lapped(index)) recover(index);
        for (const std::uint32_t id : router_.take_ready()) empty(id, counts, random);
    }

private:
    Session& pick(Random& random) { return *router_.find(sessions_[random.below(sessions_.size())]); }

    std::uint64_t drain(std::uint32_t account) {
        std::uint64_t taken = 0;
        for (CommandRing& consumer : consumers_) {
            while (const Command* command = consumer.peek()) {
                check_taken(*command, account);
                consumer.take();
                ++taken;
            }
            consumer.release(consumer.taken());
        }
        return taken;
    }

    Event random_event(Random& random, std::size_t shard) {
        Event event;
        random.fill(&event, sizeof(event));
        std::uint64_t& sequence = sequences_[shard];
        if (random.one_in(2)) ++sequence;
        event.header.sequence = random.one_in(200) ? random.any() : sequence;
        if (!random.one_in(4)) event.header.type = static_cast<std::uint8_t>(1 + random.below(11));
        event.header.command_type = static_cast<std::uint8_t>(random.one_in(4) ? random.below(64) : 1 + random.below(5));
        event.header.account = static_cast<std::uint32_t>(random.below(kAccounts + 2));
        event.maker_account = static_cast<std::uint32_t>(random.below(kAccounts + 2));
        if (random.one_in(2)) event.origin = sessions_[random.below(sessions_.size())];
        if (sequence == event.header.sequence && random.one_in(2)) event.header.flags |= kLastOfCommand;
        return event;
    }

    // What a gateway does from the journal, here with a made-up event.
    void recover(std::uint32_t index) {
        Event event;
        event.header.sequence = router_.routed(index) + 1;
        event.header.flags = kLastOfCommand;
        event.header.type = static_cast<std::uint8_t>(EventType::kAccepted);
        event.header.account = 1;
        router_.feed(index, &event, 1);
        if (router_.rejoin(index)) return;
        sequences_[index] = router_.routed(index) + 1;  // the log goes on from here
        const std::vector<Event> old(kEvents / 2, event);
        writers_[index].publish(old.data(), old.size());
        event.header.sequence = sequences_[index];
        writers_[index].publish(&event, 1);
        require(router_.rejoin(index), "rejoining failed although the ring goes on where the feed ended");
    }

    void empty(std::uint32_t id, Counts& counts, Random& random) {
        Session& session = *router_.find(id);
        while (const std::size_t size = router_.next_size(session, 1 + random.below(4096))) {
            Bytes out(size);
            router_.take(session, size, out.data());
            check_output({out.data(), out.size()});
            counts.output_bytes += size;
        }
        router_.take(session, 0, nullptr);
        if (!session.overflowed && !random.one_in(64)) return;
        const std::uint32_t account = session.account;
        const bool events = session.events;
        router_.close_session(session);
        require(router_.find(id) == nullptr, "a closed session is still found");
        std::replace(sessions_.begin(), sessions_.end(), id, router_.open_session(account, events, false)->id);
    }

    Router router_;
    std::vector<std::unique_ptr<Memory>> commands_;
    std::vector<std::unique_ptr<Memory>> events_;
    std::vector<CommandRing> consumers_;
    std::vector<EventRing> writers_;
    std::vector<std::uint32_t> sessions_;
    std::uint64_t sequences_[kSymbols] = {};
};

// ---- payloads, books, reports -----------------------------------------------------------------------

void fuzz_payload(Random& random, Counts& counts) {
    std::vector<Command> commands(random.below(6));
    std::vector<Event> events(random.below(12));
    std::vector<RingCursor> rings(random.below(3));
    for (Command& command : commands) random.fill(&command, random.below(sizeof(command) + 1));
    for (Event& event : events) random.fill(&event, random.below(sizeof(event) + 1)), event.header.command_type &= 31;
    PayloadBuffer buffer;
    buffer.pack(PayloadHead{}, rings, commands, events);
    Bytes bytes(buffer.data(), buffer.data() + buffer.size());
    if (random.one_in(8)) bytes.resize(random.below(200)), random.fill(bytes.data(), bytes.size());
    const Bytes before = bytes;
    mutate(bytes, random, before);
    // With the right CRC, so that the layers below it see the damage.
    if (bytes.size() >= 4 && !random.one_in(4)) {
        const std::uint32_t crc = crc32c(bytes.data(), bytes.size() - 4);
        std::memcpy(bytes.data() + bytes.size() - 4, &crc, 4);
    }
    const Exact input(bytes);
    try {
        PayloadView view(input.data.get(), input.size);
        view.rings();
        std::vector<Command> unpacked_commands;
        std::vector<Event> unpacked_events;
        view.unpack(unpacked_commands, unpacked_events);
        for (const Event& event : unpacked_events) require(record_crc(event) == event.header.crc, "unpacked without a CRC");
        if (bytes == before) require(unpacked_commands.size() == view.head().n_commands, "a good payload came back short");
        ++counts.payloads_taken;
    } catch (const DamagedPayload&) {
        require(bytes != before || bytes.size() < 200, "a good payload was refused");
        ++counts.payloads_refused;
    }
}

void fuzz_book(Random& random, DepthBook& book, Counts& counts) {
    std::vector<Event> events(1 + random.below(8));
    for (Event& event : events) {
        random.fill(&event, sizeof(event));
        if (random.one_in(4)) continue;
        event.header.type = static_cast<std::uint8_t>(1 + random.below(10));
        event.header.command_type = 1;
        event.header.sequence = book.sequence() + 1;
        event.header.side = static_cast<std::uint8_t>(1 + random.below(2));
        event.price = static_cast<std::int64_t>(random.below(20));
        event.leaves = static_cast<std::int64_t>(random.below(100));
        event.previous_leaves = event.leaves + static_cast<std::int64_t>(random.below(3));
    }
    try {
        book.feed(events.data(), events.size());
    } catch (const ImpossibleEvent&) {
        ++counts.books_refused;
    }
    if (!book.ready()) {
        Event end;
        end.header.type = static_cast<std::uint8_t>(EventType::kDepthEnd);
        end.header.command_type = static_cast<std::uint8_t>(CommandType::kQueryDepth);
        end.origin = 7;
        book.expect_snapshot(7);
        book.feed(&end, 1);
    }
    const std::size_t view = random.below(3);
    if (random.one_in(50)) book.follow(view);
    for (const auto& message : {book.snapshot(random.below(30)), book.take_delta(view), book.view_snapshot(view, 9, true), book.take_top_of_book()}) {
        ProtobufReader reader(message.data(), message.size());
        while (reader.next()) reader.skip();
        require(reader.ok(), "market data that is not a message");
    }
    PublicTape tape(events[0].header.sequence - 1, 0, 1, 0);
    try {
        tape.feed(events.data(), events.size());
    } catch (const ImpossibleEvent&) {
        ++counts.books_refused;
    }
    for (const TradeEntries& trades : tape.take_trades()) {
        ProtobufReader reader(trades.bytes.data(), trades.bytes.size());
        while (reader.next()) reader.skip();
        require(reader.ok(), "trades that are not messages");
    }
    tape.take_minutes();
}

void fuzz_report(Random& random) {
    Event event;
    random.fill(&event, sizeof(event));
    if (random.one_in(2)) event.header.type = static_cast<std::uint8_t>(EventType::kTrade);
    const auto room = std::make_unique<unsigned char[]>(kReportBytesMost);
    const RequestTag request{random.any(), static_cast<std::uint16_t>(random.any())};
    for (const View view : {View::kOwn, View::kMaker})
        check_output({room.get(), static_cast<std::size_t>(encode_report(room.get(), event, view, "SIXTEENBYTESNAME", request) - room.get())});
    check_output({room.get(), static_cast<std::size_t>(encode_order(room.get(), event, "SIXTEENBYTESNAME") - room.get())});
    const unsigned char* end = encode_refusal(room.get(), request, static_cast<Reason>(random.any()), ~0u, random.any());
    check_output({room.get(), static_cast<std::size_t>(end - room.get())});
}

Bytes random_input(Random& random, const Bytes& last, bool batch) {
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

}  // namespace

int main(int count, char** arguments) {
    const std::uint64_t inputs = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
    const std::uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : std::random_device{}();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    Random random(seed);
    Venue venue;
    DepthBook book("BTCUSDT");
    Counts counts;
    Bytes last;
    for (; counts.inputs < inputs; ++counts.inputs) {
        switch (random.below(8)) {
            case 0: fuzz_payload(random, counts); break;
            case 1: fuzz_report(random); break;
            case 2: fuzz_book(random, book, counts); break;
            case 3: venue.follow(random, counts); break;
            case 4: venue.submit_one(Exact(random_input(random, last, false)).range(), random, counts); break;
            default: {
                Bytes bytes = random_input(random, last, true);
                venue.submit(Exact(bytes).range(), random, counts);
                last = std::move(bytes);
                if (last.size() > 4096) last.clear();
            }
        }
    }
    std::printf("inputs %llu: messages taken %llu, refused %llu; commands %llu; unary taken %llu; payloads taken %llu, refused %llu; "
                "events %llu; output bytes %llu; books refused %llu\n",
                static_cast<unsigned long long>(counts.inputs), static_cast<unsigned long long>(counts.messages_taken),
                static_cast<unsigned long long>(counts.messages_refused), static_cast<unsigned long long>(counts.commands),
                static_cast<unsigned long long>(counts.requests_taken), static_cast<unsigned long long>(counts.payloads_taken),
                static_cast<unsigned long long>(counts.payloads_refused), static_cast<unsigned long long>(counts.events),
                static_cast<unsigned long long>(counts.output_bytes), static_cast<unsigned long long>(counts.books_refused));
    return 0;
}
