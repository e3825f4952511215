"""`tidegate verify`: what is on disk is what was written, and gives the same state again."""

from __future__ import annotations

from collections.abc import Callable

import lmdb
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from tidegate.engine.verify import SymbolReport, verify
from tidegate.ops.config import VenueConfig
from tidegate.ops.directory import require_nobody_lives
from tidegate.ops.errors import ConfigError
from tidegate.ops.listing import VenueListing
from tidegate.risk.errors import LedgerInconsistentError
from tidegate.risk.ledger import Ledger
from tidegate.wire.instruments import AMOUNT_UNIT


def run(config: VenueConfig, say: Callable[[str], None]) -> bool:
    """Checks journals, snapshots and ledger; says what was found, a line each. True: all is as it should be.

    Raises ConfigError when there is nothing to check, VenueRunningError when it is being written: what is half read
    by then looks like damage.
    """
    if not config.topology.data_dir.is_dir():
        raise ConfigError(f"{config.topology.data_dir}: there is no such directory")
    require_nobody_lives(config.topology)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    ) as progress:
        everything = ever_listed(config)
        tasks = {each.symbol: progress.add_task(each.symbol, total=None) for each in everything.instruments}
        report = verify(
            everything.snapshotter_settings(),
            on_progress=lambda symbol, done, total: progress.update(tasks[symbol], completed=done, total=total),
        )
    for symbol in report.symbols:
        for line in symbol_lines(symbol):
            say(line)
    ledger_ok, line = check_ledger(config)
    say(line)
    return report.ok and ledger_ok


def ever_listed(config: VenueConfig) -> VenueConfig:
    """The configuration with every symbol that has a journal here, delisted ones too. Raises ConfigError."""
    listing = VenueListing(config.topology.instruments_file)
    known = {each.symbol: each for each in config.instruments}
    known |= {each.symbol: each.instrument for each in listing.entries}
    return config.listing(tuple(known.values()))


def symbol_lines(report: SymbolReport) -> list[str]:
    """One symbol: the journal, each snapshot, and the first fault."""
    rate = (report.commands + report.events) / report.seconds if report.seconds > 0 else 0.0
    verdict = "ok" if report.ok else "FAULT"
    lines = [
        f"{report.symbol} {verdict}: sequence {report.last_sequence}, {report.commands} commands, "
        f"{report.events} events in {report.batches} batches and {report.segments} segments, epoch {report.epoch}, "
        f"{report.seconds:.2f} s ({rate:,.0f} records/s)",
        f"  state {report.state_hash or 'unknown'}",
        f"  chain {report.chain_hash}",
    ]
    for snapshot in report.snapshots:
        what = f"FAULT: {snapshot.fault}" if snapshot.fault else f"ok, state {snapshot.state_hash}"
        lines.append(f"  snapshot {snapshot.sequence}: {what}")
    if report.fault is not None:
        lines.append(f"  FAULT at sequence {report.fault.sequence}: {report.fault.what}")
    return lines


def check_ledger(config: VenueConfig) -> tuple[bool, str]:
    """The ledger's own check (rule LED-1), and what to say of it."""
    topology = config.topology
    if not topology.ledger_dir.is_dir():
        return True, "ledger: none yet"
    settings = config.risk_settings()
    try:
        ledger = Ledger(topology.ledger_dir, settings.known_assets, read_only=True)
    except lmdb.Error as error:
        return False, f"ledger FAULT: it does not open: {error}"
    try:
        held = ledger.check()
    except (LedgerInconsistentError, ValueError, lmdb.Error) as error:
        return False, f"ledger FAULT: {error}"
    finally:
        ledger.close()
    amounts = ", ".join(f"{amount * AMOUNT_UNIT:f} {asset}" for asset, amount in sorted(held.items()))
    return True, f"ledger ok: wallets hold {amounts or 'nothing'}"
