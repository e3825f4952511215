"""What goes wrong in market data.

MarketdataError
├── RefusedError          a request that cannot be served; carries the gRPC status to answer with
└── SlowReaderError       a reader of trades fell too far behind
"""

from __future__ import annotations

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from tidegate.v1 import types_pb2

DOMAIN = "tidegate"


class MarketdataError(Exception):
    """Anything that this package raises."""


class RefusedError(MarketdataError):
    """A request that cannot be served: status code, machine-readable reason, and a sentence for people."""

    def __init__(self, code: grpc.StatusCode, reason: types_pb2.Reason, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.metadata = metadata

    def status(self) -> grpc.Status:
        """The refusal as a gRPC status with google.rpc.ErrorInfo."""
        name = types_pb2.Reason.Name(self.reason).removeprefix("REASON_")
        info = ErrorInfo(reason=name, domain=DOMAIN, metadata={"outcome": "NOT_APPLIED", **self.metadata})
        packed = Any()
        packed.Pack(info)
        number, _ = self.code.value
        return rpc_status.to_status(Status(code=number, message=str(self), details=[packed]))


class SlowReaderError(MarketdataError):
    """The reader did not take its trades in time; `trade_id` is the last one that was handed out."""

    def __init__(self, trade_id: int) -> None:
        super().__init__(f"read too slowly: resume after trade {trade_id}")
        self.trade_id = trade_id
