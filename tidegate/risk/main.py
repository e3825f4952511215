"""The risk process: serves the ledger to the gateways of this venue."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import grpc.aio
import structlog

from tidegate.risk.config import RiskSettings
from tidegate.risk.ledger import Ledger
from tidegate.risk.ledger_service import LedgerServicer
from tidegate.v1 import ledger_service_pb2_grpc

STOP_GRACE_SECONDS = 1.0
READER_CHECK_SECONDS = 2.0

log = structlog.get_logger(__name__)


def main(settings: RiskSettings) -> None:
    """Runs until SIGTERM. Raises LedgerInconsistentError at start."""
    asyncio.run(serve(settings))


async def serve(settings: RiskSettings) -> None:
    """Checks the books, makes the configured accounts, then serves until a signal comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    topology = settings.topology
    ledger = Ledger(topology.ledger_dir, settings.known_assets)
    try:
        sums = ledger.check()
        seeds = settings.accounts
        ledger.ensure_accounts(((seed.name, seed.api_key) for seed in seeds), {each.name: each.tier for each in seeds})
        topology.run_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            topology.ledger_socket.unlink()  # a killed predecessor's
        server = grpc.aio.server()
        # grpc-stubs and protoc's output have no types for this function.
        ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server(LedgerServicer(ledger), server)  # type: ignore[no-untyped-call]
        server.add_insecure_port(f"unix:{topology.ledger_socket}")
        await server.start()
        log.info("serving", socket=str(topology.ledger_socket), wallets=sums)
        while not stop.is_set():
            ledger.clear_dead_readers()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), READER_CHECK_SECONDS)
        await server.stop(STOP_GRACE_SECONDS)
    finally:
        ledger.close()
