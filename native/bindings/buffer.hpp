// Python buffers as plain memory, for the time that a native object or call needs them.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace tidegate {

namespace nb = nanobind;

// Any contiguous Python buffer. Holding one keeps its memory where it is.
class BufferView {
public:
    BufferView(nb::handle object, bool writable) {
        const int flags = writable ? PyBUF_WRITABLE : PyBUF_SIMPLE;
        if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw nb::python_error();
    }
    BufferView(BufferView&& other) noexcept : view_(std::exchange(other.view_, Py_buffer{})) {}
    BufferView(const BufferView&) = delete;
    BufferView& operator=(const BufferView&) = delete;
    BufferView& operator=(BufferView&&) = delete;
    ~BufferView() { release(); }

    void release() { PyBuffer_Release(&view_); }  // harmless when done before
    unsigned char* data() const { return static_cast<unsigned char*>(view_.buf); }
    std::size_t size() const { return static_cast<std::size_t>(view_.len); }

    // As records of one kind; refuses a length that is not a whole number of them.
    template <typename Record>
    std::size_t count_of() const {
        if (size() % sizeof(Record) != 0) throw std::invalid_argument("not a whole number of records");
        return size() / sizeof(Record);
    }
    template <typename Record>
    Record record(std::size_t index) const {
        Record out;
        std::memcpy(&out, data() + index * sizeof(Record), sizeof(Record));
        return out;
    }

private:
    Py_buffer view_{};
};


// Memory of a ring: rings hold atomics and must lie on cache lines, as shared memory and mmap do.
inline BufferView ring_memory(nb::handle object) {
    BufferView view(object, true);
    if (reinterpret_cast<std::uintptr_t>(view.data()) % 64 != 0)
        throw std::invalid_argument("ring memory must be 64-byte aligned (shared memory, mmap)");
    return view;
}

// Bytes to be filled in by the caller.
inline nb::bytes make_bytes(std::size_t size) {
    PyObject* object = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(size));
    if (object == nullptr) throw nb::python_error();
    return nb::steal<nb::bytes>(object);
}
inline char* bytes_data(const nb::bytes& bytes) { return PyBytes_AS_STRING(bytes.ptr()); }

}  // namespace tidegate
