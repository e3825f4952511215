"""`tidegate up`: one venue in the foreground, from start to a clean end."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from tidegate.ops.calls import Venue
from tidegate.ops.config import VenueConfig
from tidegate.ops.errors import StartError
from tidegate.ops.logs import configure, open_log
from tidegate.ops.processes import ProcessSpec
from tidegate.ops.supervisor import Supervisor

HEALTH_INTERVAL_S = 0.1
SYMBOL_HEALTH_PREFIX = "tidegate.symbol."  # health service of one symbol, at gateways and market data alike


def say(line: str) -> None:
    """One line for the operator on standard output.

    Whoever read it may have gone (a pipe, a closed terminal): that is no reason not to drain.
    """
    try:
        print(line, flush=True)
    except OSError:
        # Also for what is still in the buffer, on which Python would fail once more at its exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class StopSignals:
    """SIGTERM, SIGINT and a closed terminal as a count, and a descriptor that becomes readable with the first."""

    def __init__(self) -> None:
        self.count = 0
        self.fd, self._write_fd = os.pipe()
        os.set_blocking(self._write_fd, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup: it is to go on
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 1:
            os.write(self._write_fd, b"!")


def run(
    config: VenueConfig,
    say: Callable[[str], None],
    *,
    extra: Sequence[ProcessSpec] = (),
    on_ready: Callable[[], None] = lambda: None,
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Starts, waits until the venue serves, calls `on_ready`, and keeps it up until a signal; then `on_stop`, drain.

    `say` tells the operator one line and must not raise. Raises OpsError when the venue cannot start; then nothing
    is left of it.
    """
    signals = StopSignals()
    supervisor = Supervisor(config, extra, hurry=lambda: signals.count > 1, tell=say)
    with open_log(config.topology.data_dir / "log" / "supervisor.log") as log_file:
        configure(log_file)
        supervise(supervisor, signals, say, on_ready=on_ready, on_stop=on_stop)


def supervise(
    supervisor: Supervisor,
    signals: StopSignals,
    say: Callable[[str], None],
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], None],
) -> None:
    """From start to the end of the drain."""
    supervisor.start()
    try:
        wait_until_ready(supervisor, signals)
        if not signals.count:
            on_ready()
        while not signals.count:
            supervisor.tick(wake=signals.fd)
    finally:
        on_stop()
        say("draining")
        supervisor.stop()
    say("stopped")


def wait_until_ready(supervisor: Supervisor, signals: StopSignals) -> None:
    """Returns when API keys can be checked and every symbol is served whose engine can run, or a signal has come.

    Raises StartError.
    """
    config = supervisor.config
    deadline = time.monotonic() + config.supervisor.ready_s
    waiting = [(config.address, each.symbol) for each in config.instruments]
    waiting += [(config.marketdata_address, each.symbol) for each in config.instruments]
    ledger = config.topology.ledger_socket
    with Venue(config.address, "") as gateway, Venue(config.marketdata_address, "") as marketdata:
        venues = {config.address: gateway, config.marketdata_address: marketdata}
        while not signals.count:
            supervisor.tick(HEALTH_INTERVAL_S, signals.fd)
            failed = supervisor.failed_symbols()
            waiting = [
                (address, symbol)
                for address, symbol in waiting
                if symbol not in failed and not venues[address].serves(SYMBOL_HEALTH_PREFIX + symbol, 0.5)
            ]
            late = [f"{symbol} at {address}" for address, symbol in waiting]
            late += [] if listens(ledger) else [f"the ledger at {ledger}"]
            if not late:
                return
            if time.monotonic() > deadline:
                raise StartError(f"not serving after {config.supervisor.ready_s:g} s: {', '.join(late)}")


def listens(path: Path) -> bool:
    """Whether somebody accepts connections on a Unix socket: its file alone may be of one who was killed."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
