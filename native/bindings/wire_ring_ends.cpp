// The ends of rings that Python programs and tests hold: one class per end.
#include <vector>

#include "buffer.hpp"
#include "wire.hpp"
#include "wire/bell.hpp"
#include "wire/command_ring.hpp"
#include "wire/event_ring.hpp"

namespace tidegate {

namespace {

// What all ends share: the memory is held until close(), and using a closed end is an error.
template <typename Ring>
class RingEnd {
public:
    explicit RingEnd(nb::handle memory) : memory_(ring_memory(memory)), ring_(memory_.data(), memory_.size()) {}
    void close() {
        memory_.release();
        open_ = false;
    }

protected:
    Ring& ring() {
        if (!open_) throw std::invalid_argument("this end of the ring has been closed");
        return ring_;
    }

private:
    BufferView memory_;
    Ring ring_;
    bool open_ = true;
};

class CommandProducer : public RingEnd<CommandRing> {
public:
    CommandProducer(nb::object memory, int bell) : RingEnd(memory), bell_(bell) {}

    std::size_t push(nb::object commands, bool reserved) {
        const BufferView view(commands, false);
        const std::size_t count = view.count_of<Command>();
        CommandRing& to = ring();
        const nb::gil_scoped_release unlocked;
        std::size_t pushed = 0;
        while (pushed < count && to.stage(view.record<Command>(pushed), reserved)) ++pushed;
        if (pushed != 0 && to.publish()) ring_bell(bell_);
        return pushed;
    }
    std::uint64_t depth() { return ring().depth(); }

private:
    int bell_;
};

class CommandConsumer : public RingEnd<CommandRing> {
public:
    explicit CommandConsumer(nb::object memory) : RingEnd(memory) {}

    nb::bytes take(std::size_t most) {
        CommandRing& from = ring();
        std::vector<Command> taken;
        while (taken.size() < most) {
            const Command* command = from.peek();
            if (command == nullptr) break;
            if (record_crc(*command) != command->header.crc) throw std::invalid_argument("damaged command in the ring");
            taken.push_back(*command);
            from.take();
        }
        return nb::bytes(reinterpret_cast<const char*>(taken.data()), taken.size() * sizeof(Command));
    }
    std::uint64_t position() { return ring().taken(); }
    void release(std::uint64_t position) { ring().release(position); }
    bool set_sleeping(bool sleeps) {
        ring().set_sleeping(sleeps);
        return !ring().has_more();
    }
    std::uint64_t generation() { return ring().generation(); }
};

class EventReader : public RingEnd<EventRing> {
public:
    EventReader(nb::object memory, std::size_t reader) : RingEnd(memory), reader_(reader) {
        if (reader >= EventRing::kReadersMax) throw std::invalid_argument("no such reader slot");
        ring().seek_tail(cursor_, sequence_);
    }

    nb::bytes read(std::size_t most) {
        EventRing& from = ring();
        if (lapped_) return nb::bytes("", 0);
        std::vector<Event> events;
        EventRing::ReadResult result{};
        {
            const nb::gil_scoped_release unlocked;
            events.resize(std::min<std::uint64_t>(most, from.tail() - cursor_));
            result = from.read(cursor_, events.data(), events.size());
        }
        if (result.status == EventRing::Read::kDamaged) throw std::invalid_argument("damaged event in the ring");
        lapped_ = result.status == EventRing::Read::kLapped;
        const std::size_t count = keep_whole_commands(events, result.count);
        return nb::bytes(reinterpret_cast<const char*>(events.data()), count * sizeof(Event));
    }
    bool seek_after(std::uint64_t sequence) {
        if (!ring().seek_after(sequence, cursor_)) return false;
        sequence_ = sequence;
        lapped_ = false;
        return true;
    }
    bool set_sleeping(bool sleeps) {
        ring().set_sleeping(reader_, sleeps);
        return !ring().has_more(cursor_);
    }
    std::uint64_t sequence() const { return sequence_; }
    bool lapped() const { return lapped_; }

private:
    // Gives back the beginning of a command whose end was not read, unless there is nothing else.
    std::size_t keep_whole_commands(const std::vector<Event>& events, std::size_t count) {
        std::size_t whole = count;
        while (whole != 0 && (events[whole - 1].header.flags & kLastOfCommand) == 0) --whole;
        if (whole == 0) return count;
        cursor_ -= count - whole;
        sequence_ = events[whole - 1].header.sequence;
        return whole;
    }

    std::size_t reader_;
    std::uint64_t cursor_ = 0;
    std::uint64_t sequence_ = 0;
    bool lapped_ = false;
};

class EventWriter : public RingEnd<EventRing> {
public:
    EventWriter(nb::object memory, std::vector<int> bells) : RingEnd(memory), bells_(std::move(bells)) {}

    void publish(nb::object events) {
        const BufferView view(events, false);
        std::vector<Event> records(view.count_of<Event>());
        std::memcpy(records.data(), view.data(), view.size());
        const std::uint32_t wake = ring().publish(records.data(), records.size());
        for (std::size_t reader = 0; reader < bells_.size(); ++reader)
            if ((wake >> reader & 1) != 0) ring_bell(bells_[reader]);
    }
    std::uint64_t newest_sequence() { return ring().newest_sequence(); }

private:
    std::vector<int> bells_;
};

std::vector<int> bell_list(nb::sequence bells) {
    std::vector<int> out;
    for (nb::handle bell : bells) out.push_back(nb::cast<int>(bell));
    if (out.size() > EventRing::kReadersMax) throw std::invalid_argument("more bells than reader slots");
    return out;
}

}  // namespace

void bind_ring_ends(nb::module_& m) {
    nb::class_<CommandProducer>(m, "CommandProducer")
        .def(nb::init<nb::object, int>(), nb::arg("ring"), nb::arg("bell") = -1)
        .def("push", &CommandProducer::push, nb::arg("commands"), nb::arg("reserved") = true)
        .def_prop_ro("depth", &CommandProducer::depth)
        .def("close", &CommandProducer::close);
    nb::class_<CommandConsumer>(m, "CommandConsumer")
        .def(nb::init<nb::object>(), nb::arg("ring"))
        .def("take", &CommandConsumer::take, nb::arg("most"))
        .def_prop_ro("position", &CommandConsumer::position)
        .def_prop_ro("generation", &CommandConsumer::generation)
        .def("release", &CommandConsumer::release, nb::arg("position"))
        .def("set_sleeping", &CommandConsumer::set_sleeping, nb::arg("sleeps"))
        .def("close", &CommandConsumer::close);
    nb::class_<EventReader>(m, "EventReader")
        .def(nb::init<nb::object, std::size_t>(), nb::arg("ring"), nb::arg("reader"))
        .def("read", &EventReader::read, nb::arg("most"))
        .def("seek_after", &EventReader::seek_after, nb::arg("sequence"))
        .def("set_sleeping", &EventReader::set_sleeping, nb::arg("sleeps"))
        .def_prop_ro("sequence", &EventReader::sequence)
        .def_prop_ro("lapped", &EventReader::lapped)
        .def("close", &EventReader::close);
    nb::class_<EventWriter>(m, "EventWriter")
        .def("__init__",
             [](EventWriter* self, nb::object ring, nb::sequence bells) {
                 new (self) EventWriter(ring, bell_list(bells));
             },
             nb::arg("ring"), nb::arg("reader_bells") = nb::tuple())
        .def("publish", &EventWriter::publish, nb::arg("events"))
        .def_prop_ro("newest_sequence", &EventWriter::newest_sequence)
        .def("close", &EventWriter::close);
}

}  // namespace tidegate
