"""One number, one meaning: records (C++), public contract (proto), and the oracle's own restatement."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from tests.oracle import records
from tidegate.v1 import types_pb2

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


@pytest.mark.parametrize("name", header_enum_names())
def test_oracle_equals_the_records(name: str) -> None:
    """The oracle's enums carry the header's numbers; of Reason it knows those that the engine gives."""
    own: type[IntEnum] = getattr(records, name)
    mine = {member.name: int(member) for member in own}
    theirs = header_enum(name)
    if name == "Reason":
        theirs = {key: number for key, number in theirs.items() if key in mine}
    assert mine == theirs


def test_numbers_are_used_once() -> None:
    """No two members of an enum share a number."""
    for name in header_enum_names():
        members = header_enum(name)
        assert len(set(members.values())) == len(members), name


def test_bounds_equal_the_records() -> None:
    """The oracle's bounds are the header's."""

    def constant(name: str) -> str:
        found = re.search(rf"constexpr std::\w+ {name} = (.*?);", RECORDS)
        assert found is not None, name
        return re.sub(r"std::int64_t\{1\}", "1", found[1]).replace("'", "").replace("u", "")

    assert eval(constant("kPriceMax")) == records.PRICE_MAX
    assert eval(constant("kQuantityMax")) == records.QUANTITY_MAX
    assert eval(constant("kOpenOrdersPerAccountMax")) == records.OPEN_ORDERS_PER_ACCOUNT_MAX
    assert eval(constant("kFillsPerCommandMax")) == records.FILLS_PER_COMMAND_MAX


def test_a_wrong_number_is_seen() -> None:
    """The comparison can fail: a member moved by one is not the same enum."""
    moved = {key: number + (key == "SELL") for key, number in header_enum("Side").items()}
    assert moved != {key.removeprefix("SIDE_"): number for key, number in types_pb2.Side.items()}
