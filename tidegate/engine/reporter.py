"""What an engine tells of itself: figures in the stats area of its event ring, and upkeep at the same beat."""

from __future__ import annotations

import os
import time
from pathlib import Path

from hdrh.histogram import HdrHistogram

from tidegate.engine.core import Shard
from tidegate.engine.journal import Journal
from tidegate.engine.snapshot import list_snapshots
from tidegate.wire.stats import EngineState, EngineStats, StatsWriter

_REPORT_NS = 1_000_000_000
_SETTLE_MS = 100  # after the last batch of a burst its figures are shown this soon
_UPKEEP_NS = 2_000_000_000
_LATENCY_MAX_US = 60_000_000


class Latency:
    """Percentiles of one second, microseconds. Two digits are enough, and cheap to add up."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, _LATENCY_MAX_US, 2)
        self.p50_us = self.p99_us = self.max_us = 0

    def record(self, duration_ns: int) -> None:
        """One batch."""
        self._histogram.record_value(min(max(duration_ns // 1000, 1), _LATENCY_MAX_US))

    def roll(self) -> None:
        """Ends the second. One without batches leaves the figures as they were."""
        if self._histogram.get_total_count() == 0:
            return
        found = self._histogram.get_percentile_to_value_dict([50.0, 99.0])
        self.p50_us, self.p99_us = int(found[50.0]), int(found[99.0])
        self.max_us = int(self._histogram.get_max_value())
        self._histogram.reset()


class Reporter:
    """Collects figures per batch and writes them about once a second."""

    def __init__(
        self, writer: StatsWriter, shard: Shard, journal: Journal, snapshot_dir: Path, base: EngineStats
    ) -> None:
        """`base`: what does not change any more (recovery)."""
        self.state = EngineState.RUNNING
        self._writer = writer
        self._shard = shard
        self._journal = journal
        self._snapshot_dir = snapshot_dir
        self._stats = base
        self._commit = Latency()
        self._batch = Latency()
        self._commands = self._batches = 0
        self._commands_before = 0
        self._reported_ns = self._upkeep_ns = time.perf_counter_ns()
        self._dirty = False
        base.pid = os.getpid()

    def record(self, taken: int, commit_ns: int, batch_ns: int) -> None:
        """One batch; `commit_ns` 0: it held queries only."""
        self._commands += taken
        self._batches += 1
        self._dirty = True
        if commit_ns:
            self._commit.record(commit_ns)
        self._batch.record(batch_ns)

    def report_if_due(self) -> None:
        """For a busy loop: at most one clock read."""
        if time.perf_counter_ns() - self._reported_ns >= _REPORT_NS:
            self.report()

    def report_when_idle(self, idle_ms: int) -> int:
        """For an idle loop; returns how many milliseconds it may sleep."""
        age_ms = (time.perf_counter_ns() - self._reported_ns) // 1_000_000
        if age_ms >= idle_ms or (self._dirty and age_ms >= _SETTLE_MS):
            self.report()
            return idle_ms
        return max(_SETTLE_MS - age_ms, 1) if self._dirty else max(idle_ms - age_ms, 1)

    def report(self, message: str = "") -> None:
        """Shows the figures as they are now."""
        now = time.perf_counter_ns()
        stats, shard, journal = self._stats, self._shard, self._journal
        self._commit.roll()
        self._batch.roll()
        stats.state, stats.message, stats.phase = self.state, message, shard.phase
        stats.epoch, stats.sequence, stats.sequenced_time_ns = journal.epoch, journal.sequence, shard.time_ns
        stats.queue_depth, stats.queue_capacity = shard.queue_depth(), shard.queue_capacity()
        elapsed = max(now - self._reported_ns, 1)
        stats.commands_per_second = (self._commands - self._commands_before) * 1_000_000_000 // elapsed
        stats.commands, stats.batches = self._commands, self._batches
        stats.open_orders, stats.trade_id = shard.open_orders, shard.trade_id
        stats.trigger_orders, stats.open_interest = shard.waiting_orders, shard.open_interest
        stats.definition_sequence = shard.definition_sequence
        stats.best_bid, stats.best_ask = shard.best_bid, shard.best_ask
        stats.mark, stats.index = shard.mark_price, shard.index_price
        stats.commit_p50_us, stats.commit_p99_us, stats.commit_max_us = self._figures(self._commit)
        stats.batch_p50_us, stats.batch_p99_us, stats.batch_max_us = self._figures(self._batch)
        stats.journal_bytes, stats.journal_segment = journal.segment_bytes, journal.segment
        stats.updated_ns = time.time_ns()
        if now - self._upkeep_ns >= _UPKEEP_NS:
            self._upkeep_ns = now
            self._upkeep()
        self._writer.write(stats)
        self._reported_ns, self._commands_before, self._dirty = now, self._commands, False

    def _upkeep(self) -> None:
        self._journal.prepare()
        self._stats.dead_readers_cleared += self._journal.clear_dead_readers()
        self._stats.snapshot_sequence = next(iter(list_snapshots(self._snapshot_dir)), 0)

    @staticmethod
    def _figures(latency: Latency) -> tuple[int, int, int]:
        return latency.p50_us, latency.p99_us, latency.max_us
