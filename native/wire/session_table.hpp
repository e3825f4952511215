// The sessions of one gateway: found by id once per event, by account once per event.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "session.hpp"

namespace tidegate {

// Session id = gateway (8 bits), slot (12 bits), generation (12 bits, never 0). It travels as a command's
// origin and comes back with the command's events; the generation sees to it that an answer meant for a
// session that is gone, or for a gateway that was restarted, is nobody's.
class SessionTable {
public:
    static constexpr std::uint32_t kGatewaysMax = 1u << 6;
    static constexpr std::uint32_t kSlotsMax = 1u << 12;
    static constexpr std::uint32_t kGenerationMask = (1u << 12) - 1;

    SessionTable(std::uint32_t gateway, std::uint32_t sessions_max, std::uint32_t seed) : gateway_(gateway) {
        if (gateway >= kGatewaysMax) throw std::invalid_argument("gateway id must be below 64");
        if (sessions_max == 0 || sessions_max > kSlotsMax) throw std::invalid_argument("sessions_max must be 1 to 4096");
        slots_.resize(sessions_max);
        generations_.assign(sessions_max, seed & kGenerationMask);
        for (std::uint32_t slot = 0; slot < sessions_max; ++slot) free_.push_back(slot);
    }

    // nullptr when every slot is taken.
    Session* open(SessionTerms terms, std::vector<std::uint64_t> positions) {
        if (free_.empty()) return nullptr;
        const std::uint32_t slot = free_.front();
        free_.pop_front();
        std::uint32_t& generation = generations_[slot];
        generation = (generation + 1) & kGenerationMask;
        if (generation == 0) generation = 1;
        Session& session = slots_[slot];
        session.open(gateway_ << 24 | slot << 12 | generation, std::move(terms), std::move(positions));
        for (const std::uint32_t account : session.terms.watched) followers_[account].push_back(slot);
        if (session.events) all_followers_.push_back(slot);
        return &session;
    }

    void close(Session& session) {
        const auto slot = static_cast<std::uint32_t>(&session - slots_.data());
        for (const std::uint32_t account : session.terms.watched) {
            const auto found = followers_.find(account);
            std::erase(found->second, slot);
            if (found->second.empty()) followers_.erase(found);
        }
        if (session.events) std::erase(all_followers_, slot);
        session.close();
        free_.push_back(slot);
    }

    // nullptr for an id that is not, or no longer, a session of this gateway.
    Session* find(std::uint32_t id) {
        const std::uint32_t slot = id >> 12 & (kSlotsMax - 1);
        if (id == 0 || slot >= slots_.size() || slots_[slot].id != id) return nullptr;
        return &slots_[slot];
    }

    std::uint32_t gateway() const { return gateway_; }
    // A number that this gateway has given, to whatever session.
    bool is_own(std::uint32_t id) const { return id >> 24 == gateway_; }

    template <typename Visit>
    void each_open(Visit&& visit) {
        for (Session& session : slots_)
            if (session.id != 0) visit(session);
    }
    template <typename Visit>
    void each_follower(std::uint32_t account, Visit&& visit) {
        const auto found = followers_.find(account);
        if (found == followers_.end()) return;
        for (const std::uint32_t slot : found->second) visit(slots_[slot]);
    }
    template <typename Visit>
    void each_follower(Visit&& visit) {
        for (const std::uint32_t slot : all_followers_) visit(slots_[slot]);
    }

private:
    std::uint32_t gateway_;
    std::vector<Session> slots_;
    std::vector<std::uint32_t> generations_;
    std::deque<std::uint32_t> free_;  // the longest unused is taken next, so that ids come back late
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> followers_;
    std::vector<std::uint32_t> all_followers_;
};

}  // namespace tidegate
