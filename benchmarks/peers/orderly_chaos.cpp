// orderly-chaos through its C interface: linked with the shared library that its wheel installs. The
// package brings no header, so the calls used here are declared here.
// Amends: REDUCE is oc_book_reduce; a new price is a cancel and a new order (it has no replace).
#include "driver.hpp"

extern "C" {
struct oc_book;
struct oc_trade {
    std::uint64_t taker_id, maker_id, price;
    std::uint32_t quantity, maker_remaining;
    std::int32_t taker_side;
};
oc_book* oc_book_new(void);
void oc_book_free(oc_book*);
std::int32_t oc_book_set_trade_callback(oc_book*, void (*)(const oc_trade*, void*), void*);
std::int32_t oc_book_limit(oc_book*, std::int32_t, std::uint64_t, std::uint32_t, std::uint64_t, std::uint32_t*);
std::int32_t oc_book_market(oc_book*, std::int32_t, std::uint64_t, std::uint32_t, std::uint32_t*);
std::int32_t oc_book_cancel(oc_book*, std::uint64_t);
std::int32_t oc_book_reduce(oc_book*, std::uint64_t, std::uint32_t);
std::uint64_t oc_book_count(const oc_book*);
std::uint64_t oc_book_volume(const oc_book*);
}

template <bool kVerify>
class OrderlyChaos {
public:
    explicit OrderlyChaos(std::size_t) : book_(oc_book_new()) {
        oc_book_set_trade_callback(
            book_,
            [](const oc_trade* trade, void* trades) {
                static_cast<flow::Trades*>(trades)->add(trade->quantity);
                if constexpr (kVerify)
                    static_cast<flow::Trades*>(trades)->mix(trade->taker_id, trade->maker_id, trade->price,
                                                            trade->quantity);
            },
            &trades_);
    }
    OrderlyChaos(const OrderlyChaos&) = delete;
    OrderlyChaos& operator=(const OrderlyChaos&) = delete;
    ~OrderlyChaos() { oc_book_free(book_); }

    void limit(const flow::Operation& op) {
        oc_book_limit(book_, op.side == flow::kBuy, op.order_id, op.quantity, op.price, nullptr);
    }
    void market(const flow::Operation& op) {
        oc_book_market(book_, op.side == flow::kBuy, op.order_id, op.quantity, nullptr);
    }
    void cancel(const flow::Operation& op) { oc_book_cancel(book_, op.order_id); }
    void reduce(const flow::Operation& op) { oc_book_reduce(book_, op.order_id, op.quantity); }
    void reprice(const flow::Operation& op) {
        if (oc_book_cancel(book_, op.order_id) == 0) limit(op);
    }
    const flow::Trades& trades() const { return trades_; }
    std::uint64_t open_orders() const { return oc_book_count(book_); }
    std::uint64_t open_quantity() const { return oc_book_volume(book_); }

private:
    oc_book* book_;
    flow::Trades trades_;
};

int main(int argc, char** argv) { return flow::main<OrderlyChaos>(argc, argv); }
