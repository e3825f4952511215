// limit-order-book: compiled against the headers of its source distribution, which is faster than its
// Python binding. It reports no trades: what it did is compared by the orders and lots left in the book.
// A cancel of an unknown order throws, so it is asked first, as its own Python binding does.
// Amends: REDUCE is reduce(); a new price is a cancel and a new order (it has no replace).
#include <cstdint>

#include "driver.hpp"
#include "limit_order_book.hpp"

template <bool kVerify>
class LimitOrderBookPeer {
public:
    explicit LimitOrderBookPeer(std::size_t) {}
    void limit(const flow::Operation& op) { book_.limit(side(op), op.order_id, op.quantity, op.price); }
    void market(const flow::Operation& op) { book_.market(side(op), op.order_id, op.quantity); }
    void cancel(const flow::Operation& op) {
        if (book_.has(op.order_id)) book_.cancel(op.order_id);
    }
    void reduce(const flow::Operation& op) {
        if (book_.has(op.order_id)) book_.reduce(op.order_id, op.quantity);
    }
    void reprice(const flow::Operation& op) {
        if (!book_.has(op.order_id)) return;
        book_.cancel(op.order_id);
        limit(op);
    }
    const flow::Trades& trades() const { return trades_; }
    std::uint64_t open_orders() const { return book_.count(); }
    std::uint64_t open_quantity() const { return book_.volume(); }

private:
    static LOB::Side side(const flow::Operation& op) {
        return op.side == flow::kBuy ? LOB::Side::Buy : LOB::Side::Sell;
    }
    LOB::LimitOrderBook book_;
    flow::Trades trades_;
};

int main(int argc, char** argv) { return flow::main<LimitOrderBookPeer>(argc, argv); }
