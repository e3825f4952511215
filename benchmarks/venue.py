"""A whole venue with one symbol and no limits worth naming, for benchmarks that go through gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from tests.venues.ports import free_ports
from tests.venues.supervised import SupervisedVenue
from tests.venues.supervised import running as running_on
from tidegate.v1 import operations_service_pb2, operations_service_pb2_grpc

SYMBOL = "BENCHUSDT"
API_KEY = "bench-account-key-0"
METADATA = (("x-api-key", API_KEY),)
OPERATOR_KEY = "bench-operator-key"
OPERATOR = (("x-api-key", OPERATOR_KEY),)
UNLIMITED = """\
orders_second = 1000000000
orders_ten_seconds = 1000000000
cancels_second = 1000000000
messages_second = 1000000000
"""
CONFIG = """\
[venue]
data_dir = "{data_dir}"
port = {port}
marketdata_port = {marketdata_port}
operator_key = "{operator_key}"

[[accounts]]
name = "bench"
api_key = "{api_key}"

[gateway.tiers.default]
{unlimited}
[gateway.tiers.market-maker]
{unlimited}
[[instruments]]
symbol = "{symbol}"
instrument_id = 1
tick_size = "{tick_size}"
lot_size = "{lot_size}"
open_orders_max = 10000
"""


@contextmanager
def running(
    directory: Path, *, symbol: str = SYMBOL, tick_size: str = "0.01", lot_size: str = "0.01"
) -> Iterator[SupervisedVenue]:
    """A venue on `directory` that serves its symbol; it is drained afterwards."""
    port, marketdata_port = free_ports(2)
    config = directory / "venue.toml"
    config.write_text(
        CONFIG.format(
            data_dir=directory / "venue",
            port=port,
            marketdata_port=marketdata_port,
            api_key=API_KEY,
            operator_key=OPERATOR_KEY,
            unlimited=UNLIMITED,
            symbol=symbol,
            tick_size=tick_size,
            lot_size=lot_size,
        )
    )
    with running_on(config) as venue:
        yield venue


def shard(venue: SupervisedVenue) -> operations_service_pb2.ShardStatus:
    """The engine's own figures, of the last second in which it had work."""
    with grpc.insecure_channel(venue.address) as channel:
        stub = operations_service_pb2_grpc.OperationsServiceStub(channel)  # type: ignore[no-untyped-call]
        request = operations_service_pb2.GetStatusRequest()
        status: operations_service_pb2.GetStatusResponse = stub.GetStatus(request, metadata=OPERATOR)
    return status.shards[0]
