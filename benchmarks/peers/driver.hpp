// Shared by the native peer drivers: reads the flow that benchmarks/flow.py wrote, runs it through a
// book, prints one line of JSON. An adapter gives a peer's own calls the common names.
//
//   driver FLOW WARM           timed: trades are counted and nothing else is done with them
//   driver FLOW WARM verify    not for timing: also a hash over every trade, to compare with other books
#pragma once

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include <time.h>

namespace flow {

enum Kind : std::uint8_t { kLimit = 1, kMarket = 2, kCancel = 3, kReduce = 4, kReprice = 5 };
inline constexpr std::uint8_t kBuy = 1;

struct Operation {
    std::uint8_t kind;
    std::uint8_t side;
    std::uint16_t left;       // REDUCE, REPRICE: what is open afterwards
    std::uint32_t quantity;  // LIMIT, MARKET: all of it; REDUCE: what is taken off; REPRICE: what is open
    std::uint64_t price;
    std::uint64_t order_id;
    std::uint32_t account;
    std::uint32_t total;
};
static_assert(sizeof(Operation) == 32);

struct Trades {
    std::uint64_t count = 0;
    std::uint64_t volume = 0;
    std::uint64_t hash = 0xcbf29ce484222325;

    void add(std::uint64_t quantity) {
        ++count;
        volume += quantity;
    }
    void mix(std::uint64_t taker, std::uint64_t maker, std::uint64_t price, std::uint64_t quantity) {
        for (const std::uint64_t word : {taker, maker, price, quantity}) hash = (hash ^ word) * 0x100000001b3;
    }
};

inline std::vector<Operation> load(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", path);
        std::exit(2);
    }
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<Operation> operations(bytes.size() / sizeof(Operation));
    std::memcpy(operations.data(), bytes.data(), operations.size() * sizeof(Operation));
    return operations;
}

// Book: limit, market, cancel, reduce, reprice (each with an Operation), trades(), open_orders(), open_quantity().
template <class Book>
void apply(Book& book, const Operation* from, const Operation* to) {
    for (; from != to; ++from) {
        switch (from->kind) {
            case kLimit: book.limit(*from); break;
            case kMarket: book.market(*from); break;
            case kCancel: book.cancel(*from); break;
            case kReduce: book.reduce(*from); break;
            case kReprice: book.reprice(*from); break;
            default: std::abort();
        }
    }
}

// Of this thread: on a machine that others use too, time spent waiting for a processor is not the book's.
inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <template <bool> class Book, bool kVerify>
int run(const std::vector<Operation>& operations, std::size_t warm) {
    Book<kVerify> book(operations.size() + 16);
    const Operation* first = operations.data();
    apply(book, first, first + warm);
    const double start = cpu_seconds();
    apply(book, first + warm, first + operations.size());
    const double took = cpu_seconds() - start;
    const Trades& trades = book.trades();
    std::printf("{\"seconds\": %.9f, \"operations\": %zu, \"trades\": %" PRIu64 ", \"volume\": %" PRIu64
                ", \"hash\": \"%016" PRIx64 "\", \"open_orders\": %" PRIu64 ", \"open_quantity\": %" PRIu64 "}\n",
                took, operations.size() - warm, trades.count, trades.volume, kVerify ? trades.hash : 0,
                static_cast<std::uint64_t>(book.open_orders()), static_cast<std::uint64_t>(book.open_quantity()));
    return 0;
}

template <template <bool> class Book>
int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s FLOW WARM [verify]\n", argv[0]);
        return 2;
    }
    const auto operations = load(argv[1]);
    const auto warm = static_cast<std::size_t>(std::strtoull(argv[2], nullptr, 10));
    return argc > 3 ? run<Book, true>(operations, warm) : run<Book, false>(operations, warm);
}

}  // namespace flow
