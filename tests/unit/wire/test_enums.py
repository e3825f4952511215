"""One number, one meaning: records (C++), public contract (proto), and the oracle's own restatement."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from tests.oracle import records
from tidegate.v1 import order_service_pb2, types_pb2
from tidegate.wire import instruments
from tidegate.wire import records as wire_records
from tidegate_client import enums as client_enums

ROOT = Path(__file__).parents[3]
ENUMS = (ROOT / "native/records/enums.hpp").read_text()
RECORDS = (ROOT / "native/records/records.hpp").read_text()


def header_enum(name: str) -> dict[str, int]:
    """`kSomeName = 3` of one enum of enums.hpp as {"SOME_NAME": 3}."""
    found = re.search(rf"^enum (?:class )?{name} : std::uint\d+_t \{{(.*?)\}};", ENUMS, re.MULTILINE | re.DOTALL)
    assert found is not None, f"enums.hpp has no {name}"
    body = re.sub(r"//.*", "", found[1])
    members = re.findall(r"\bk(\w+)\s*=\s*(\d+)", body)
    assert len(members) == body.count("="), f"{name}: a member without an explicit number"
    return {screaming(member): int(number) for member, number in members}


def screaming(camel: str) -> str:
    """`GatewayTimeNs` -> `GATEWAY_TIME_NS`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", camel).upper()


def header_enum_names() -> list[str]:
    return re.findall(r"^enum (?:class )?(\w+)", ENUMS, re.MULTILINE)


# Proto enum, its prefix, enum of the header, how the proto calls its zero.
PUBLIC: list[tuple[EnumTypeWrapper, str, str, str]] = [
    (types_pb2.Side, "SIDE", "Side", "NONE"),
    (types_pb2.OrderType, "ORDER_TYPE", "OrderType", "NONE"),
    (types_pb2.TimeInForce, "TIME_IN_FORCE", "TimeInForce", "NONE"),
    (types_pb2.SelfTradePrevention, "SELF_TRADE_PREVENTION", "SelfTradePrevention", "DEFAULT"),
    (types_pb2.OrderStatus, "ORDER_STATUS", "OrderStatus", "NONE"),
    (types_pb2.Phase, "PHASE", "Phase", "NONE"),
    (types_pb2.Reason, "REASON", "Reason", "NONE"),
    (types_pb2.TriggerBy, "TRIGGER_BY", "TriggerBy", "NONE"),
    (types_pb2.PositionSide, "POSITION_SIDE", "PositionSide", "NONE"),
    (types_pb2.PositionMode, "POSITION_MODE", "PositionMode", "NONE"),
]


@pytest.mark.parametrize(("proto", "prefix", "name", "zero"), PUBLIC, ids=[row[1] for row in PUBLIC])
def test_public_enum_equals_the_records(proto: EnumTypeWrapper, prefix: str, name: str, zero: str) -> None:
    """Every number of a public enum is in the header under the same name, and the other way round."""
    public = {key.removeprefix(f"{prefix}_"): number for key, number in proto.items()}
    assert public.pop("UNSPECIFIED") == 0
    assert public | {zero: 0} == header_enum(name)


def test_report_kinds_are_event_types() -> None:
    """A report's kind is the number of the event that it shows."""
    events = header_enum("EventType")
    kinds = {key.removeprefix("REPORT_KIND_"): number for key, number in types_pb2.ReportKind.items()}
    assert kinds.pop("UNSPECIFIED") == 0
    assert kinds.items() <= events.items()


def test_clients_may_ask_for_their_own_scopes_only() -> None:
    """The public cancel scopes are the records'; those of sessions, gateways and everyone are the venue's."""
    public = {key.removeprefix("CANCEL_SCOPE_"): number for key, number in order_service_pb2.CancelScope.items()}
    assert public.pop("UNSPECIFIED") == 0
    own = header_enum("CancelScope")
    assert public | {"ACCOUNT": 0} == {key: number for key, number in own.items() if number <= own["QUOTES"]}


CLIENT = [
    *((proto, prefix, name) for proto, prefix, name, _ in PUBLIC),
    (types_pb2.ReportKind, "REPORT_KIND", "ReportKind"),
    (types_pb2.Outcome, "OUTCOME", "Outcome"),
    (order_service_pb2.CancelScope, "CANCEL_SCOPE", "CancelScope"),
]


@pytest.mark.parametrize(("proto", "prefix", "name"), CLIENT, ids=[row[1] for row in CLIENT])
def test_client_equals_the_public_enum(proto: EnumTypeWrapper, prefix: str, name: str) -> None:
    """The Python client has every member of the contract, under its name and number."""
    own: type[IntEnum] = getattr(client_enums, name)
    public = {key.removeprefix(f"{prefix}_"): number for key, number in proto.items()}
    assert {member.name: int(member) for member in own} == public


def members_of(own: type[IntEnum]) -> dict[str, int]:
    """All of them, those too that share a number with another."""
    return {name: int(member) for name, member in own.__members__.items()}


@pytest.mark.parametrize("name", header_enum_names())
def test_python_records_equal_the_records(name: str) -> None:
    """tidegate.wire.records has every member of every enum of the header."""
    assert members_of(getattr(wire_records, name)) == header_enum(name)


@pytest.mark.parametrize("name", header_enum_names())
def test_oracle_equals_the_records(name: str) -> None:
    """The oracle's enums carry the header's numbers; of Reason it knows those that the engine gives."""
    mine = members_of(getattr(records, name))
    theirs = header_enum(name)
    if name == "Reason":
        theirs = {key: number for key, number in theirs.items() if key in mine}
    assert mine == theirs


def test_numbers_are_used_once() -> None:
    """No two members of an enum share a number, but for the bit that AUCTION has a meaning of its own for."""
    for name in header_enum_names():
        members = header_enum(name)
        if name == "EventFlag":
            assert members.pop("FINAL") == members["LONG_LEG"]
        assert len(set(members.values())) == len(members), name


def constant(name: str) -> int:
    """A bound of records.hpp."""
    found = re.search(rf"constexpr std::\w+ {name} = (.*?);", RECORDS)
    assert found is not None, name
    value = re.sub(r"std::u?int64_t\{1\}", "1", found[1]).replace("'", "").replace("1u", "1")
    return int(eval(value))


ORACLE_BOUNDS = {
    "kPriceMax": "PRICE_MAX",
    "kQuantityMax": "QUANTITY_MAX",
    "kOrdersMax": "ORDERS_MAX",
    "kOpenOrdersPerAccountMax": "OPEN_ORDERS_PER_ACCOUNT_MAX",
    "kFillsPerCommandMax": "FILLS_PER_COMMAND_MAX",
    "kEventsPerCommandMax": "EVENTS_PER_COMMAND_MAX",
    "kTriggerOrdersPerAccountMax": "TRIGGER_ORDERS_PER_ACCOUNT_MAX",
    "kReduceOnlyRestingMax": "REDUCE_ONLY_RESTING_MAX",
    "kIcebergSlicesMax": "ICEBERG_SLICES_MAX",
    "kGroupsMax": "GROUPS_MAX",
    "kCallbackMaxBps": "CALLBACK_MAX_BPS",
    "kCountdownMaxMs": "COUNTDOWN_MAX_MS",
    "kAskOfQuote": "ASK_OF_QUOTE",
}
INSTRUMENT_BOUNDS = {
    "kPriceMax": "PRICE_MAX_TICKS",
    "kQuantityMax": "QUANTITY_MAX_LOTS",
    "kOpenOrdersPerAccountMax": "OPEN_ORDERS_MAX",
    "kTriggerOrdersPerAccountMax": "TRIGGER_ORDERS_MAX",
}


def test_bounds_equal_the_records() -> None:
    """The oracle's bounds are the header's, and so are those of an instrument's definition."""
    assert {name: getattr(records, own) for name, own in ORACLE_BOUNDS.items()} == {
        name: constant(name) for name in ORACLE_BOUNDS
    }
    assert {name: getattr(instruments, own) for name, own in INSTRUMENT_BOUNDS.items()} == {
        name: constant(name) for name in INSTRUMENT_BOUNDS
    }


def test_a_wrong_number_is_seen() -> None:
    """The comparison can fail: a member moved by one is not the same enum."""
    moved = {key: number + (key == "SELL") for key, number in header_enum("Side").items()}
    assert moved != {key.removeprefix("SIDE_"): number for key, number in types_pb2.Side.items()}
