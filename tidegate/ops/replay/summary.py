"""What a replay shows while it runs and at its end. Lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from tidegate.ops.replay.audit import Audit
from tidegate.ops.replay.lanes import Lanes
from tidegate.ops.replay.verifier import PublicBook
from tidegate_client import TradingSession

LINE_EVERY_S = 5.0
SHOWN_MAX = 5
console = Console(highlight=False)


class Progress:
    """A bar on a terminal, a line every few seconds elsewhere."""

    def __init__(self, title: str) -> None:
        self.seconds = 0.0
        self._title = title
        self._total = 0
        self._started_s = time.monotonic()
        self._said_s = 0.0
        self._bar: Bar | None = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Bar(
                *columns, TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"), console=console
            )
            self._task = self._bar.add_task(title, total=None, note="reading")
        else:
            console.print(title)

    def __enter__(self) -> Self:
        self._started_s = time.monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._started_s
        if self._bar is not None:
            self._bar.stop()

    def total(self, events: int) -> None:
        """How many there are."""
        self._total = events
        if self._bar is not None:
            self._bar.update(self._task, total=events)

    def update(self, done: int, note: str) -> None:
        """How far it is."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, note=note)
            return
        now = time.monotonic()
        if now - self._said_s >= LINE_EVERY_S or done == self._total:
            self._said_s = now
            console.print(f"{now - self._started_s:6.1f} s  {done}/{self._total}  {note}")


class Summary:
    """The table at the end."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._rows: list[tuple[str, str]] = []

    def row(self, name: str, text: str) -> None:
        """One line."""
        self._rows.append((name, text))

    def compared(self, name: str, public: PublicBook, recorded: int) -> None:
        """How many recorded states the public book has shown."""
        share = 100 * public.equal / public.sampled if public.sampled else 0.0
        self.row(
            name,
            f"{public.equal} of {public.sampled} sampled ({share:.3f} %), of {recorded} recorded; "
            f"{public.unobservable} lay between two public changes",
        )
        for kind, count in public.different.most_common(SHOWN_MAX):
            self.row("  different", f"{count} x {kind}")
        for example in public.examples:
            self.row("  for example", example)
        self.row(
            "public book",
            f"{public.updates} changes, {public.snapshots} snapshots, crossed {public.crossed} times",
        )
        self.row("checksums", f"{public.checksums_equal} of {public.checksums} equal")

    def traffic(self, lanes: Lanes, seconds: float) -> None:
        """Commands, their rate and latency."""
        self.row(
            "commands",
            f"{lanes.commands} in {lanes.messages} messages, {lanes.commands / max(seconds, 1e-9):,.0f} per second",
        )
        if lanes.messages:
            at = {share: lanes.latency_us.get_value_at_percentile(share) / 1000 for share in (50, 90, 99, 99.9)}
            shares = ", ".join(f"p{share:g} {value:.2f}" for share, value in at.items())
            self.row(
                "sent to last report, ms", f"{shares}, max {lanes.latency_us.get_max_value() / 1000:.2f} (per message)"
            )
        for reason, count in lanes.refused.most_common(SHOWN_MAX):
            self.row("  refused", f"{count} x {reason}")

    def sessions(self, sessions: Sequence[TradingSession], resyncs: int) -> None:
        """Accounts and what happened to their connections."""
        reconnects = sum(each.connects - 1 for each in sessions)
        self.row("sessions", f"{len(sessions)} accounts, {reconnects} reconnects, {resyncs} resyncs after a refusal")

    def audit(self, audit: Audit) -> None:
        """The check of the clients' own record."""
        verdict = "agree" if audit.passed else "DIFFER"
        self.row(
            "own record and venue",
            f"{verdict}: {audit.open_orders} open and {audit.ended_orders} ended orders; {len(audit.missing)} missing, "
            f"{len(audit.doubled)} doubled, {len(audit.unexpected)} unexpected, {len(audit.different)} different",
        )
        for each in [*audit.missing, *audit.doubled, *audit.unexpected][:SHOWN_MAX]:
            self.row("  order", str(each))
        for text in audit.different[:SHOWN_MAX]:
            self.row("  order", text)

    def show(self) -> None:
        """Print it."""
        table = Table(title=self._title, show_header=False, title_justify="left")
        for name, text in self._rows:
            table.add_row(name, text)
        if console.is_terminal:
            console.print(table)
            return
        console.print(self._title, soft_wrap=True)
        for name, text in self._rows:
            console.print(f"{name:<26}{text}", soft_wrap=True, markup=False)
