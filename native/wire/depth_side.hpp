// One side of a public book: lots shown per price.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <vector>

namespace tidegate {

// An event that the book, as it is, cannot have had.
struct ImpossibleEvent : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

using DepthLevels = std::map<std::int64_t, std::int64_t>;  // price in ticks, lots shown

inline std::int64_t quantity_at(const DepthLevels& levels, std::int64_t price) {
    const auto found = levels.find(price);
    return found == levels.end() ? 0 : found->second;
}

// Prices that may have changed, each once when sorted.
class ChangedPrices {
public:
    void note(std::int64_t price) {
        if (!prices_.empty() && prices_.back() == price) return;
        // Noted again and again while nobody asks, it stays as short as the book is wide.
        if (prices_.size() == prices_.capacity() && prices_.size() >= 4096) sort();
        prices_.push_back(price);
    }
    void note(const ChangedPrices& others) {
        for (const std::int64_t price : others.prices_) note(price);
    }
    // Ascending.
    const std::vector<std::int64_t>& sort() {
        std::sort(prices_.begin(), prices_.end());
        prices_.erase(std::unique(prices_.begin(), prices_.end()), prices_.end());
        return prices_;
    }
    bool empty() const { return prices_.empty(); }
    void clear() { prices_.clear(); }

private:
    std::vector<std::int64_t> prices_;
};

class DepthSide {
public:
    const DepthLevels& levels() const { return levels_; }
    ChangedPrices& changed() { return changed_; }

    void change(std::int64_t price, std::int64_t by) {
        if (by == 0) return;
        std::int64_t& quantity = levels_[price];
        if (by > 0 && quantity > std::numeric_limits<std::int64_t>::max() - by) throw ImpossibleEvent("a level's quantity overflows");
        quantity += by;
        if (quantity < 0) throw ImpossibleEvent("a level's quantity falls below zero");
        if (quantity == 0) levels_.erase(price);
        changed_.note(price);
    }
    void replace(DepthLevels&& levels) {
        for (const auto& [price, quantity] : levels_) changed_.note(price);
        levels_ = std::move(levels);
        for (const auto& [price, quantity] : levels_) changed_.note(price);
    }

private:
    DepthLevels levels_;
    ChangedPrices changed_;
};

}  // namespace tidegate
