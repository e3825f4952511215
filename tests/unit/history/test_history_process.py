"""The history process over an index that ends it: LMDB asserts, or reads what is not there."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from tests.unit.engine import kit
from tests.unit.history.test_history import linked
from tests.unit.wire.damage import PAGE, damage
from tests.venues.waiting import wait_until
from tidegate.history.config import HistorySettings
from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import history_service_pb2 as history
from tidegate.v1 import history_service_pb2_grpc as history_grpc

pytestmark = pytest.mark.rule("API-4")

ACCOUNT = 1
ENTRY = """
import sys
from tidegate.history.config import HistorySettings
from tidegate.history.main import main
main(HistorySettings.model_validate_json(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue's directory with a journal that makes an index of several levels."""
    path = tmp_path_factory.mktemp("history")
    kit.write_journal(kit.settings(path), seed=5, count=1500, batch=40)
    return path


def start(settings: HistorySettings) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", ENTRY, settings.model_dump_json()], stderr=subprocess.DEVNULL)


def orders(settings: HistorySettings) -> list[int]:
    """The account's orders; none while nobody answers."""
    request = history.HistoryServiceListOrdersRequest(
        account_id=ACCOUNT, request=pb.ListOrdersRequest(symbol=kit.SYMBOL, page_size=1000)
    )
    with grpc.insecure_channel(f"unix:{settings.topology.history_socket}") as channel:
        stub = history_grpc.HistoryServiceStub(channel)  # type: ignore[no-untyped-call]
        with contextlib.suppress(grpc.RpcError):
            return [each.order_id for each in stub.ListOrders(request, timeout=5).response.orders]
    return []


def served(settings: HistorySettings) -> list[int]:
    """What a process tells that is ended afterwards as the supervisor ends it."""
    process = start(settings)
    try:
        wait_until(lambda: bool(orders(settings)), 30)
        return orders(settings)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.parametrize("how", ["cut", "branch"])
def test_an_index_that_ends_the_process_is_made_anew_by_the_next(data_dir: Path, tmp_path: Path, how: str) -> None:
    """By a signal, not by an error that could be caught: one start is lost, and no operator is needed."""
    settings = linked(data_dir, tmp_path)
    before = served(settings)
    damage(settings.topology.history_dir / "data.mdb", how)
    first = start(settings)
    try:
        wait_until(lambda: not orders(settings) and first.poll() is not None, 60)
    finally:
        first.kill()
        first.wait(30)
    assert first.returncode in {-signal.SIGBUS, -signal.SIGABRT, -signal.SIGSEGV}
    assert served(settings) == before


def test_an_index_is_kept_when_its_process_is_killed(data_dir: Path, tmp_path: Path) -> None:
    """SIGKILL says nothing about the index: making it anew may take long."""
    settings = linked(data_dir, tmp_path)
    served(settings)
    process = start(settings)
    wait_until(lambda: bool(orders(settings)), 30)
    process.kill()
    process.wait(30)
    file = settings.topology.history_dir / "data.mdb"
    before = file.stat().st_ino
    served(settings)
    assert file.stat().st_ino == before
    assert file.stat().st_size > PAGE
