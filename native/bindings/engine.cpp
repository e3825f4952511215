#include "engine.hpp"

#include "engine/shard.hpp"

namespace nb = nanobind;

namespace {

// MismatchError carries where replay differed: (sequence, index, what).
void bind_exceptions(nb::module_& m) {
    static PyObject* mismatch_type = nullptr;
    nb::exception<tidegate::BrokenInvariant>(m, "BrokenInvariantError");
    const nb::object type = nb::steal(PyErr_NewException("tidegate.engine._engine.MismatchError", nullptr, nullptr));
    m.attr("MismatchError") = type;
    mismatch_type = type.ptr();
    nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
        try {
            std::rethrow_exception(pointer);
        } catch (const tidegate::Mismatch& mismatch) {
            const nb::tuple arguments = nb::make_tuple(mismatch.sequence, mismatch.index, mismatch.what());
            PyErr_SetObject(mismatch_type, arguments.ptr());
        } catch (const tidegate::NotAState& error) {
            PyErr_SetString(PyExc_ValueError, error.what());
        } catch (const tidegate::DamagedPayload& error) {
            PyErr_SetString(PyExc_ValueError, error.what());
        }
    });
}

}  // namespace

NB_MODULE(_engine, m) {
    m.doc() = "The engine's native core; documented in _engine.pyi.";
    m.attr("EVENT_RING_CAPACITY_MIN") = 2 * tidegate::kEventsPerCommandMax;
    bind_exceptions(m);
    tidegate::bind_shard(m);
    tidegate::bind_book(m);
}
