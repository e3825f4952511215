// A fixed array of zeros that takes memory only where it is touched. Everything in the core that must be
// bounded but is mostly empty (level tables, indices, arenas) lives in one of these.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace tidegate {

// Tables that are read all over gain from large pages, once they are big enough to fill some; those that
// are mostly empty would only take more memory.
enum class Use { kSparse, kAllOver };

template <typename T>
class ZeroedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
    explicit ZeroedArray(std::size_t size, Use use = Use::kSparse) : size_(size == 0 ? 1 : size) {
        void* memory = mmap(nullptr, size_ * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        items_ = static_cast<T*>(memory);
        // Advice only: without large pages everything works the same.
        if (use == Use::kAllOver && size_ * sizeof(T) >= kWorthLargePages) madvise(memory, size_ * sizeof(T), MADV_HUGEPAGE);
    }
    ZeroedArray(const ZeroedArray&) = delete;
    ZeroedArray& operator=(const ZeroedArray&) = delete;
    ~ZeroedArray() { munmap(items_, size_ * sizeof(T)); }

    T& operator[](std::size_t at) { return items_[at]; }
    const T& operator[](std::size_t at) const { return items_[at]; }
    T* data() { return items_; }
    const T* data() const { return items_; }
    std::size_t size() const { return size_; }

private:
    static constexpr std::size_t kWorthLargePages = std::size_t{4} << 20;

    T* items_;
    std::size_t size_;
};

}  // namespace tidegate
