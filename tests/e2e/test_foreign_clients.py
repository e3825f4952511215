"""Clients that know the contract and nothing else of ours: by reflection, and a stub in another language (API-5)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.venues.configuration import OPERATOR_KEY
from tests.venues.supervised import SupervisedVenue, default_venue

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = ROOT / "tests" / "foreign"
SYMBOL = "BTCUSDT"

pytestmark = [pytest.mark.rule("API-1"), pytest.mark.rule("API-5")]


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedVenue]:
    with default_venue(tmp_path_factory.mktemp("foreign")) as running:
        yield running


class Reflected:
    """Any unary method of any service, with message types that the server itself has described."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.insecure_channel(address)
        self.database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.database)

    def call(self, service: str, method: str, request: dict[str, Any], api_key: str) -> dict[str, Any]:
        found = self.pool.FindServiceByName(service).methods_by_name[method]
        message = ParseDict(request, GetMessageClass(found.input_type)())
        answer = self.channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=lambda each: each.SerializeToString(),
            response_deserializer=GetMessageClass(found.output_type).FromString,
        )(message, metadata=(("x-api-key", api_key),), timeout=10)
        return MessageToDict(answer)


@pytest.fixture(scope="module")
def reflected(venue: SupervisedVenue) -> Reflected:
    return Reflected(venue.address)


def account_key(reflected: Reflected, name: str) -> str:
    answer = reflected.call("tidegate.v1.OperationsService", "CreateAccount", {"name": name}, OPERATOR_KEY)
    return str(answer["apiKey"])


def lowest_price(reflected: Reflected) -> int:
    states = reflected.call("tidegate.v1.OperationsService", "ListInstrumentStates", {}, OPERATOR_KEY)
    instrument = next(each["instrument"] for each in states["instruments"] if each["instrument"]["symbol"] == SYMBOL)
    notional = int(instrument.get("notionalMin", 0))
    return max(int(instrument["priceMinTicks"]), -(-notional // int(instrument["tickLotValue"])))


def test_reflection_lists_the_public_services(reflected: Reflected) -> None:
    services = set(reflected.database.get_services())
    assert {"tidegate.v1.OrderService", "tidegate.v1.AccountService", "tidegate.v1.OperationsService"} <= services
    assert "grpc.health.v1.Health" in services
    assert not services & {"tidegate.v1.LedgerService", "tidegate.v1.HistoryService"}


def test_an_order_is_placed_and_canceled_through_reflection_alone(reflected: Reflected) -> None:
    key = account_key(reflected, "by reflection")
    target = {"symbol": SYMBOL, "clientOrderId": "77"}
    order = {"side": "SIDE_BUY", "type": "ORDER_TYPE_LIMIT", "timeInForce": "TIME_IN_FORCE_GTC", "quantityLots": "1"}
    price = {"priceTicks": str(lowest_price(reflected))}
    placed = reflected.call("tidegate.v1.OrderService", "PlaceOrder", {**target, **order, **price}, key)
    assert [report["kind"] for report in placed["reports"]] == ["REPORT_KIND_ACCEPTED"]
    canceled = reflected.call("tidegate.v1.OrderService", "CancelOrder", target, key)
    assert [report["kind"] for report in canceled["reports"]] == ["REPORT_KIND_CANCELED"]
    assert canceled["reports"][0]["orderId"] == placed["reports"][0]["orderId"]


def test_a_stub_in_another_language_places_and_cancels_an_order(venue: SupervisedVenue, reflected: Reflected) -> None:
    """JavaScript made by protoc-gen-es from the proto, on Node.js."""
    node = node_client()
    key = account_key(reflected, "by javascript")
    command = [node, "client.mjs", venue.address, key, SYMBOL, str(lowest_price(reflected))]
    done = subprocess.run(command, cwd=FOREIGN, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kinds"] == ["ACCEPTED", "CANCELED"]
    assert told["leaves"] == 1
    assert told["refusal"] == "[failed_precondition] order closed"


def node_client() -> str:
    """Path of node, with the stub generated; skips where there is no Node.js or no package registry."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node.js on this machine: `make foreign` installs one")
    if not (FOREIGN / "node_modules" / ".package-lock.json").exists():
        install = [npm, "ci", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=20000"]
        done = subprocess.run(install, cwd=FOREIGN, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            pytest.skip(f"the npm registry does not answer: {done.stderr[-200:]}")
    out = FOREIGN / "gen"
    out.mkdir(exist_ok=True)
    plugin = FOREIGN / "node_modules" / ".bin" / "protoc-gen-es"
    protos = sorted(str(path) for path in (ROOT / "proto" / "tidegate" / "v1").glob("*.proto"))
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"--plugin=protoc-gen-es={plugin}"]
    subprocess.run(
        [*protoc, f"--es_out={out}", "--es_opt=target=js,import_extension=js", *protos], check=True, env=os.environ
    )
    return node
