// liquibook: compiled against the headers that its wheel installs, with an order class as small as the
// book allows and raw pointers, which is faster than its Python binding.
// Amends are replace(). It puts an order whose quantity shrinks at the back of its level, so after the
// first of these its trades are no longer the same ones, though as many within a fraction of a percent.
#include <book/order_book.h>

#include "driver.hpp"

namespace lb = liquibook::book;

struct Order {
    std::uint64_t order_id = 0;
    lb::Price limit = 0;
    lb::Quantity quantity = 0;
    bool buy = false;

    bool is_buy() const { return buy; }
    bool is_limit() const { return limit != 0; }
    lb::Price price() const { return limit; }
    lb::Price stop_price() const { return 0; }
    lb::Quantity order_qty() const { return quantity; }
    bool all_or_none() const { return false; }
    bool immediate_or_cancel() const { return false; }
};

template <bool kVerify>
class Liquibook : private lb::OrderBook<Order*> {
public:
    explicit Liquibook(std::size_t orders) : orders_(orders) {}
    void limit(const flow::Operation& op) { add(enter(op), lb::oc_no_conditions); }
    void market(const flow::Operation& op) { add(enter(op), lb::oc_immediate_or_cancel); }
    void cancel(const flow::Operation& op) { lb::OrderBook<Order*>::cancel(&orders_[op.order_id]); }
    void reduce(const flow::Operation& op) {
        Order* order = &orders_[op.order_id];
        replace(order, -static_cast<std::int64_t>(op.quantity), lb::PRICE_UNCHANGED);
    }
    void reprice(const flow::Operation& op) {
        Order* order = &orders_[op.order_id];
        replace(order, lb::SIZE_UNCHANGED, op.price);
        order->limit = op.price;
    }
    const flow::Trades& trades() const { return trades_; }
    std::uint64_t open_orders() const { return bids().size() + asks().size(); }
    std::uint64_t open_quantity() const {
        std::uint64_t sum = 0;
        for (const auto* side : {&bids(), &asks()})
            for (const auto& entry : *side) sum += entry.second.open_qty();
        return sum;
    }

private:
    Order* enter(const flow::Operation& op) {
        Order* order = &orders_[op.order_id];
        *order = {op.order_id, op.price, op.quantity, op.side == flow::kBuy};
        return order;
    }
    void on_fill(Order* const& taker, Order* const& maker, lb::Quantity quantity, lb::Price price, bool, bool) override {
        trades_.add(quantity);
        if constexpr (kVerify) trades_.mix(taker->order_id, maker->order_id, price, quantity);
    }

    std::vector<Order> orders_;
    flow::Trades trades_;
};

int main(int argc, char** argv) { return flow::main<Liquibook>(argc, argv); }
