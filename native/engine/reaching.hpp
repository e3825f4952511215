// What a FOK order could reach (ORD-7), found without touching anything.
#pragma once

#include <algorithm>

#include "machine.hpp"

namespace tidegate {

// Positions as they would be while the makers are visited, and how much has been found.
template <class Memory>
class Machine<Memory>::Reach {
public:
    Reach(Machine& machine, const Order& taker) : machine_(machine), taker_(taker), positions_matter_(machine.reduce_only_.count() != 0), events_(machine.events_.of_command()) {}
    ~Reach() {
        for (const std::uint32_t at : machine_.trial_touched_) machine_.trial_positions_[at] = 0;
        machine_.trial_touched_.clear();
    }
    Reach(const Reach&) = delete;
    Reach& operator=(const Reach&) = delete;

    std::int64_t found() const { return found_; }

    // Counts what a maker offers, in `steps` steps. False: no further.
    bool visit(const Order& maker, std::int64_t offered, std::int64_t steps, bool hidden) {
        if (found_ >= taker_.quantity) return false;
        const bool prevented = same_group(taker_, maker) && taker_.stp_mode != SelfTradePrevention::kNone;
        if (prevented && taker_.stp_mode != SelfTradePrevention::kExpireMaker) return false;
        if (prevented && hidden) return true;  // gone with what was shown
        std::int64_t counted = prevented ? 0 : std::min(offered, taker_.quantity - found_);
        if (!prevented && maker.reduce_only()) counted = std::min(counted, reducible(maker));
        if (!prevented && pulled(maker)) return true;
        if (counted == 0 && !prevented) return true;  // gone by then
        // In how many trades an iceberg is met depends on its neighbours: where trades are counted, it is not counted on.
        if (!prevented && maker.is(kOrderIceberg) && (watched(maker) || watched(taker_))) return false;
        steps_ += steps;
        events_ += steps * machine_.step_events(taker_, maker);
        if (steps_ > kFillsPerCommandMax || events_ > kMatchingEventsMax) return false;
        found_ += counted;
        if (prevented) return true;
        if (positions_matter_) move(maker, counted);
        const bool maker_trips = trips(maker, maker.price, counted);
        const bool taker_trips = trips(taker_, maker.price, counted);
        return !taker_trips && !(maker_trips && same_group_of_protection(maker));
    }

private:
    static std::uint32_t slot(const Order& order) { return 2 * order.account + order.is(kOrderShortLeg); }

    std::int64_t reducible(const Order& maker) const {
        const std::int64_t position = machine_.accounts_[maker.account].leg(maker) + machine_.trial_positions_[slot(maker)];
        return std::max<std::int64_t>(0, maker.side == Side::kSell ? position : -position);
    }

    void move(const Order& maker, std::int64_t quantity) {
        const std::int64_t signed_quantity = taker_.side == Side::kBuy ? quantity : -quantity;
        for (const auto& [at, change] : {std::pair{slot(taker_), signed_quantity}, std::pair{slot(maker), -signed_quantity}}) {
            machine_.trial_touched_.push_back(at);
            machine_.trial_positions_[at] += change;
        }
    }

    // ---- market-maker protection, counted along ----
    std::uint8_t group(const Order& order) const { return order.is(kOrderGrouped) ? machine_.terms_of(order).group : std::uint8_t{0}; }
    bool same_group_of_protection(const Order& maker) const { return maker.account == taker_.account && group(maker) == group(taker_); }

    // The group's counters as they would be by now; null without protection.
    GroupState* counters(const Order& order) {
        const std::uint8_t number = group(order);
        if (number == 0) return nullptr;
        const std::uint32_t account = machine_.accounts_[order.account].number;
        if (GroupState* known = groups_.find(account, number)) return known;
        const GroupState* real = machine_.groups_.find(account, number);
        return real == nullptr ? nullptr : &groups_.insert(*real);
    }
    bool watched(const Order& order) { return counters(order) != nullptr; }
    bool pulled(const Order& order) {
        const GroupState* state = counters(order);
        return state != nullptr && state->frozen != 0;
    }
    // Counts a fill; whether its group is pulled by it.
    bool trips(const Order& order, std::int64_t price, std::int64_t quantity) {
        GroupState* state = counters(order);
        if (state == nullptr || state->frozen != 0) return false;
        if (!count_in(*state, machine_.context_.time_ns, quantity, machine_.notional_of(price, quantity))) return false;
        state->frozen = 1;
        return true;
    }

    Machine& machine_;
    const Order& taker_;
    ProtectionGroups groups_;
    const bool positions_matter_;
    std::int64_t found_ = 0;
    std::int64_t steps_ = 0;
    std::int64_t events_;
};

// Whether match() would trade all of the order. In a level the shown parts come first, then the hidden ones.
template <class Memory>
bool Machine<Memory>::fillable(const Order& taker, std::uint32_t limit) {
    // Nothing adds to what the levels hold, and most that cannot be filled ask for more than that.
    return levels_.hold_within(taker.side, limit, taker.quantity) && reachable(taker, limit) >= taker.quantity;
}

// Lots that match() would trade, up to the order's quantity; the book crosses its limit.
template <class Memory>
std::int64_t Machine<Memory>::reachable(const Order& taker, std::uint32_t limit) {
    Reach reach(*this, taker);
    const bool buy = taker.side == Side::kBuy;
    const Side other = buy ? Side::kSell : Side::kBuy;
    for (std::uint32_t price = levels_.best(other); buy ? price <= limit : price >= limit; price = levels_.next_worse(other, price)) {
        bool icebergs = false;
        for (std::uint32_t at = levels_.first_at(other, price); at != kNothing; at = orders_[at].next) {
            const Order& maker = orders_[at];
            icebergs |= maker.is(kOrderIceberg);
            if (!reach.visit(maker, maker.is(kOrderIceberg) ? orders_.terms(at).shown : maker.leaves(), 1, false)) return reach.found();
        }
        if (!icebergs) continue;
        for (std::uint32_t at = levels_.first_at(other, price); at != kNothing; at = orders_[at].next) {
            const Order& maker = orders_[at];
            if (!maker.is(kOrderIceberg)) continue;
            const OrderTerms& terms = orders_.terms(at);
            const std::int64_t hidden = maker.leaves() - terms.shown;
            if (hidden == 0) continue;
            if (!reach.visit(maker, hidden, (hidden + terms.display - 1) / terms.display, true)) return reach.found();
        }
    }
    return reach.found();
}

}  // namespace tidegate
