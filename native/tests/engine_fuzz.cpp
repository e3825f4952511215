// Random commands, dumps, replays and damaged payloads through the engine's headers, meant to be built
// with -fsanitize=address,undefined:
//
//   g++ -std=c++20 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -I native native/tests/engine_fuzz.cpp -o build/engine_fuzz
//   build/engine_fuzz 200 1      (how many seeds, and the first; 100 commands x 50 batches each)
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "engine/shard.hpp"
#include "wire/payload.hpp"

namespace {

using namespace tidegate;
using Random = std::mt19937_64;

constexpr std::int64_t kBatchNs = 700'000;  // between two batches; countdowns and protection windows are a few of them

std::int64_t number(Random& random, std::int64_t usual) {
    static constexpr std::int64_t kOdd[] = {0, 1, -1, INT64_MAX, INT64_MIN, kPriceMax, kPriceMax + 1, kQuantityMax, kQuantityMax + 1};
    if (random() % 50 == 0) return kOdd[random() % std::size(kOdd)];
    return 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(usual));
}

// Of `kind`, whatever else is in it.
void fill_by_type(Random& random, Command& command) {
    const auto small = [&](std::uint64_t most) { return static_cast<std::int64_t>(random() % (most + 1)); };
    switch (static_cast<CommandType>(command.header.type)) {
        case CommandType::kQuote:
            command.client_order_id = random() % 4;
            command.header.time_in_force = random() % 2 == 0 ? 1 : 4;
            command.ask_price = number(random, 43);
            command.ask_quantity = random() % 6 == 0 ? 0 : number(random, 9);
            command.group = static_cast<std::uint16_t>(random() % 3);
            break;
        case CommandType::kSetPrices:
            command.quantity = small(45);
            break;
        case CommandType::kSetPhase:
            command.phase = static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 9 : 4);
            break;
        case CommandType::kSetProtection:
            command.group = static_cast<std::uint16_t>(random() % 4);
            command.price = small(5);
            command.quantity = small(3);
            command.quantity_limit = small(40);
            command.notional_limit = small(400);
            break;
        case CommandType::kResetProtection:
            command.group = static_cast<std::uint16_t>(random() % 4);
            break;
        case CommandType::kSetCountdown:
            command.quantity = small(2);
            break;
        case CommandType::kSetPositionMode:
            command.mode = static_cast<std::uint8_t>(random() % 4);
            break;
        case CommandType::kCancelAll:
            command.scope = static_cast<std::uint8_t>(random() % 7);
            command.group = static_cast<std::uint16_t>(random() % 3);
            break;
        default:
            break;
    }
}

// Of a PLACE or REPLACE: triggers, expiry, icebergs, legs, groups.
void fill_terms(Random& random, Command& command) {
    command.group = static_cast<std::uint16_t>(random() % 5 == 0 ? random() % 18 : 0);
    if (random() % 8 == 0) command.header.flags |= static_cast<std::uint8_t>(random());
    if (command.header.time_in_force == 5) command.expiry_ns = static_cast<std::int64_t>(random() % 60) * kBatchNs;
    if (random() % 5 == 0) command.display = number(random, 5);
    const auto type = static_cast<OrderType>(command.header.order_type);
    if (!is_trigger_type(type)) return;
    command.trigger_by = static_cast<std::uint8_t>(random() % 40 == 0 ? random() : 1 + random() % 3);
    command.trigger_price = number(random, 45);
    if (type == OrderType::kTrailingStop) command.callback_bps = static_cast<std::uint16_t>(1 + random() % 3000);
    if (type == OrderType::kTrailingStop && random() % 2 == 0) command.trigger_price = 0;
    if (is_market_type(type) && random() % 4 == 0) {
        command.header.flags |= kCommandClosePosition;
        command.quantity = 0;
    }
}

Command any_command(Random& random, std::uint64_t sequence) {
    static constexpr std::uint8_t kTypes[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 7, 7, 8, 8, 8, 9, 10, 11, 11, 11, 12, 13, 14, 14, 14, 32, 33, 34};
    Command command;
    command.header.type = random() % 200 == 0 ? static_cast<std::uint8_t>(random()) : kTypes[random() % std::size(kTypes)];
    command.header.account = static_cast<std::uint32_t>(1 + random() % 6);
    command.header.side = static_cast<std::uint8_t>(random() % 40 == 0 ? random() : 1 + random() % 2);
    command.header.order_type = static_cast<std::uint8_t>(random() % 40 == 0 ? random() : random() % 2 == 0 ? 1 : 1 + random() % 7);
    command.header.time_in_force = static_cast<std::uint8_t>(random() % 40 == 0 ? random() : random() % 2 == 0 ? 1 : 1 + random() % 6);
    command.header.flags = random() % 4 == 0 ? 1 : 0;
    command.origin = static_cast<std::uint32_t>(random() % 3) << 24;
    command.client_order_id = random() % 1000;
    command.order_id = random() % 3 == 0 ? 0 : sequence - std::min<std::uint64_t>(sequence, random() % 200);
    command.price = is_market_type(static_cast<OrderType>(command.header.order_type)) ? 0 : number(random, 40);
    command.quantity = number(random, 20);
    command.stp_group = static_cast<std::uint32_t>(random() % 3);
    command.stp_mode = static_cast<std::uint8_t>(random() % 7);
    command.gateway_time_ns = number(random, 1'000'000);
    const auto type = static_cast<CommandType>(command.header.type);
    if (type == CommandType::kPlace || type == CommandType::kReplace) fill_terms(random, command);
    else if (type == CommandType::kAmend) command.trigger_price = random() % 2 == 0 ? 0 : number(random, 45);
    else fill_by_type(random, command);
    return command;
}

std::vector<Command> opening() {
    std::vector<Command> commands(2);
    InstrumentRules rules;
    rules.header.type = static_cast<std::uint8_t>(CommandType::kDefineInstrument);
    rules.price_max = kPriceMax;
    rules.quantity_max = rules.market_quantity_max = kQuantityMax;
    rules.open_orders_max = 40;
    rules.trigger_orders_max = 20;
    rules.band_up_bps = rules.band_down_bps = 5'000;
    std::memcpy(static_cast<void*>(commands.data()), &rules, sizeof(rules));
    commands[1].header.type = static_cast<std::uint8_t>(CommandType::kSetPhase);
    commands[1].phase = static_cast<std::uint8_t>(Phase::kOpen);
    return commands;
}

void check(bool right, const char* what) {
    if (right) return;
    std::printf("failed: %s\n", what);
    std::abort();
}

void damage(Random& random, Shard& shard, const PayloadBuffer& payload) {
    std::vector<unsigned char> bytes(payload.data(), payload.data() + payload.size());
    for (std::uint64_t flips = 1 + random() % 4; flips != 0; --flips) bytes[random() % bytes.size()] ^= static_cast<unsigned char>(1 + random() % 255);
    // Half of the time with a CRC that fits, so that what is behind it is tried too.
    if (random() % 2 == 0) {
        const std::uint32_t crc = crc32c(bytes.data(), bytes.size() - 4);
        std::memcpy(bytes.data() + bytes.size() - 4, &crc, 4);
    }
    try {
        shard.replay(PayloadView(bytes.data(), bytes.size()), true);
    } catch (const DamagedPayload&) {
    } catch (const Mismatch&) {
    }
}

// A state with some bytes changed is refused, or is one that works.
void load_damaged(Random& random, const StateCodec::Bytes& state, const Limits& limits, const std::vector<Command>& commands) {
    StateCodec::Bytes bytes = state;
    for (std::uint64_t flips = 1 + random() % 2; flips != 0; --flips) bytes[random() % bytes.size()] ^= static_cast<unsigned char>(1u << random() % 8);
    Shard victim(1, limits);
    try {
        victim.load(bytes.data(), bytes.size());
    } catch (const NotAState&) {
        return;
    }
    check(victim.dump() == bytes, "a state that was taken is dumped as it was");
    victim.apply(commands, victim.machine().context().time_ns + kBatchNs, 1, [](auto) {});
}

void run(std::uint64_t seed) {
    Random random(seed);
    const Limits limits{64, 100, 5};
    Shard shard(1, limits);
    Shard twin(1, limits);
    shard.apply(opening(), 1, 1, [](auto) {});
    twin.load(shard.dump().data(), shard.dump().size());
    PayloadBuffer payload;
    for (std::int64_t batch = 2; batch < 52; ++batch) {
        std::vector<Command> commands;
        std::vector<Event> events;
        const std::uint64_t first = shard.machine().context().sequence + 1;
        for (int i = 0; i < 100; ++i) commands.push_back(any_command(random, first + static_cast<std::uint64_t>(i)));
        shard.apply(commands, batch * kBatchNs, 1, [&](std::span<const Event> some) { events.insert(events.end(), some.begin(), some.end()); });
        std::erase_if(commands, [](const Command& command) { return Shard::Symbol::is_query(command); });
        PayloadHead head;
        head.epoch = 1;
        head.first_sequence = first;
        head.time_ns = batch * kBatchNs;
        payload.pack(head, {}, commands, events);
        Shard victim(1, limits);
        const auto before = twin.dump();
        victim.load(before.data(), before.size());
        damage(random, victim, payload);
        load_damaged(random, before, limits, commands);
        check(twin.replay(PayloadView(payload.data(), payload.size()), true) == commands.size(), "replay of a batch");
        check(twin.dump() == shard.dump(), "state after replay");
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20;
    const std::uint64_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        std::fprintf(stderr, "\rseed %llu ", static_cast<unsigned long long>(seed));  // the last one, when it ends here
        run(seed);
    }
    std::printf("\n%llu seeds from %llu\n", static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(first));
}
