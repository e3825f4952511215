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
#include "wire_messages.hpp"

using namespace tidegate;

namespace {

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

bool clients_may_send(CommandType type) {
    switch (type) {
        case CommandType::kDefineInstrument:
        case CommandType::kTick:
        case CommandType::kQueryDepth: return false;
        default: return type >= CommandType::kPlace && type <= CommandType::kQueryOpenOrders;
    }
}

void check_taken(const Command& command, std::uint32_t account, bool owner) {
    require(record_crc(command) == command.header.crc, "a command in the ring has a wrong CRC");
    const auto type = static_cast<CommandType>(command.header.type);
    require(clients_may_send(type) && (type <= CommandType::kTick || type >= CommandType::kQueryOrder), "a command of no client's type");
    const bool venues = type == CommandType::kSetPhase || type == CommandType::kSetPrices;
    require(command.header.schema == kSchemaVersion && (command.header.flags & kCommandLiquidation) == 0, "a client's liquidation");
    require(owner || (command.header.flags & kCommandCancelOnDisconnect) == 0, "an order of a session that did not ask to own it");
    require(command.header.symbol >= kFirstSymbol && command.header.symbol < kFirstSymbol + kSymbols, "unknown symbol let in");
    require(command.header.account == (venues ? 0 : account), "a command for another account");
    require(command.header.command_type == 0 && command.header.sequence == 0 && command.header.time_ns == 0 &&
                command.header.epoch == 0 && command.header.index == 0 && command.header.status == 0,
            "a client has set what is the engine's");
    require(command.item < kItemsMax + kQuotesMax && command.origin != 0, "item or origin out of bounds");
    if (type == CommandType::kCancelAll)
        require(command.scope <= static_cast<std::uint8_t>(CancelScope::kQuotes) || command.scope == 255, "a scope that is the venue's");
    if (type == CommandType::kCancelAll) require(command.order_id == 0, "a cancel-all with an owner");
    if (type == CommandType::kQueryOpenOrders) require(command.quantity >= 1 && command.quantity <= 1000, "page size let in");
    if (type == CommandType::kReplace) require(command.order_id != 0, "a replacement of nothing");
}

// Every byte that goes to a client is a message: fields 1, 2, 4 and 5, with whole fields inside.
void check_output(ByteRange output) {
    ProtobufReader reader(output);
    while (reader.next()) {
        const std::uint32_t tag = reader.tag();
        require(tag == bytes_tag(1) || tag == bytes_tag(2) || tag == fixed64_tag(4) || tag == bytes_tag(5), "an unknown field in the output");
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
        router_.limits().set(7, {40, 300, 60, 25, 500, 50, 60});
        for (std::uint32_t i = 0; i < 7; ++i) sessions_.push_back(router_.open_session(terms_of(i))->id);
    }

    void submit(ByteRange message, Random& random, Counts& counts) {
        Session& session = pick(random);
        const auto result = router_.submit(session, message, static_cast<Envelope>(random.below(3)), clock(random));
        if (result.reason == Reason::kNone) ++counts.messages_taken;
        else ++counts.messages_refused;
        require(result.reason == Reason::kNone || result.accepted == 0, "a refused message had an effect");
        const std::uint64_t taken = drain(session);
        require(taken == result.accepted, "what went in is not what was said");
        counts.commands += taken;
    }

    void submit_one(ByteRange message, Random& random, Counts& counts) {
        static const CommandType kinds[] = {
            CommandType::kPlace,         CommandType::kAmend,           CommandType::kCancel,       CommandType::kCancelAll,
            CommandType::kReplace,       CommandType::kSetProtection,   CommandType::kResetProtection, CommandType::kSetCountdown,
            CommandType::kSetPositionMode, CommandType::kQueryOrder,    CommandType::kQueryOpenOrders, CommandType::kDefineInstrument,
            CommandType::kSetPrices,     CommandType::kTick};
        Session& session = pick(random);
        const CommandType kind = kinds[random.below(std::size(kinds))];
        const Reason reason = router_.submit_one(session, kind, message, clock(random));
        const std::uint64_t taken = drain(session);
        const bool everywhere = kind == CommandType::kCancelAll || kind == CommandType::kSetCountdown;
        require(reason == Reason::kNone ? taken == 1 || (everywhere && taken == kSymbols) : taken == 0,
                "what a unary request has put in is not what was said");
        counts.requests_taken += taken;
    }

    void follow(Random& random, Counts& counts) {
        const std::size_t shard = random.below(kSymbols);
        std::vector<Event> events(random.below(random.one_in(16) ? 400 : 12));
        for (Event& event : events) event = random_event(random, shard);
        if (!events.empty()) events.back().header.flags |= kLastOfCommand;
        if (random.one_in(64)) router_.cancel_orphans();
        writers_[shard].publish(events.data(), events.size());
        counts.events += events.size();
        if (random.one_in(4)) return;  // so that a reader is lapped now and then
        router_.poll(1 + random.below(600));
        require(drain(*router_.find(sessions_[0])) == 0, "the router has sent what nobody asked for");
        for (std::uint32_t index = 0; index < kSymbols; ++index)
            if (router_.lapped(index)) recover(index);
        for (const std::uint32_t id : router_.take_ready()) empty(id, counts, random);
    }

private:
    Session& pick(Random& random) { return *router_.find(sessions_[random.below(sessions_.size())]); }

    // Watchers of one account, callers, one over several accounts that sends nothing.
    static SessionTerms terms_of(std::uint32_t place) {
        SessionTerms terms;
        if (place == 6) {
            terms.watched = {1, 2, 3};
            return terms;
        }
        terms.account = 1 + place % kAccounts;
        if (place < kAccounts) terms.watched = {terms.account};
        terms.cancel_on_disconnect = place % 2 == 0;
        return terms;
    }
    std::int64_t clock(Random& random) {
        clock_ns_ += static_cast<std::int64_t>(random.below(100'000'000));
        return random.one_in(1000) ? static_cast<std::int64_t>(random.any()) : clock_ns_;
    }

    // What the router sends by itself, now or with the next message of a client.
    static bool is_routers(const Command& command) {
        return command.header.type == static_cast<std::uint8_t>(CommandType::kCancelAll) &&
               command.scope >= static_cast<std::uint8_t>(CancelScope::kSession) && command.scope <= static_cast<std::uint8_t>(CancelScope::kEveryone);
    }
    // Takes and checks what is in the rings; returns how much of it is the session's.
    std::uint64_t drain(const Session& session) {
        std::uint64_t taken = 0;
        for (CommandRing& consumer : consumers_) {
            while (const Command* command = consumer.peek()) {
                if (!is_routers(*command)) {
                    check_taken(*command, session.account, session.terms.cancel_on_disconnect);
                    ++taken;
                }
                consumer.take();
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
        if (!random.one_in(4)) event.header.type = static_cast<std::uint8_t>(1 + random.below(20));
        event.header.command_type = static_cast<std::uint8_t>(random.one_in(4) ? random.below(64) : 1 + random.below(14));
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
            unsigned char tail[Router::kTailBytesMost];
            const auto ends = static_cast<std::size_t>(router_.write_tail(session, clock(random), tail) - tail);
            router_.take(session, size, out.data());
            out.insert(out.end(), tail, tail + ends);
            check_output({out.data(), out.size()});
            counts.output_bytes += size;
        }
        router_.take(session, 0, nullptr);
        if (!session.overflowed && !random.one_in(64)) return;
        SessionTerms terms = session.terms;
        terms.limiter = random.one_in(2) && terms.account != 0 ? router_.limits().limiter(7) : nullptr;
        terms.ratio = nullptr;
        if (terms.cancel_on_disconnect) router_.disconnect(session);
        router_.close_session(session);
        require(router_.find(id) == nullptr, "a closed session is still found");
        std::replace(sessions_.begin(), sessions_.end(), id, router_.open_session(terms)->id);
    }

    Router router_;
    std::vector<std::unique_ptr<Memory>> commands_;
    std::vector<std::unique_ptr<Memory>> events_;
    std::vector<CommandRing> consumers_;
    std::vector<EventRing> writers_;
    std::vector<std::uint32_t> sessions_;
    std::uint64_t sequences_[kSymbols] = {};
    std::int64_t clock_ns_ = 1'700'000'000'000'000'000;
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
