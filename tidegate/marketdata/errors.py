"""What goes wrong in market data.

MarketdataError
├── RefusedError          a request that cannot be served; carries the gRPC status to answer with
│   └── CandlesDamagedError   what is on disk is damaged: the process has to end
└── SlowReaderError       a reader of history fell too far behind
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
    """The reader did not take history in time; `position` is the last trade id, or sequence, handed out."""

    def __init__(self, position: int) -> None:
        super().__init__(f"read too slowly: resume after {position}")
        self.position = position


class CandlesDamagedError(RefusedError):
    """What is on disk is not as it was written; who asks is told to come again, when it has been made anew."""

    def __init__(self, symbol: str) -> None:
        message = f"{symbol}: candles are being made anew"
        super().__init__(grpc.StatusCode.UNAVAILABLE, types_pb2.REASON_SYMBOL_UNAVAILABLE, message)


def invalid_field(message: str) -> RefusedError:
    """A field's value is outside of what it may be."""
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, types_pb2.REASON_INVALID_FIELD, message)


def malformed(message: str) -> RefusedError:
    """The request is none."""
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, types_pb2.REASON_MALFORMED_MESSAGE, message)


def too_many(reason: types_pb2.Reason, most: int, of: str) -> RefusedError:
    """As many calls or streams are under way as may be."""
    message = f"no more than {most} calls {of}"
    return RefusedError(grpc.StatusCode.RESOURCE_EXHAUSTED, reason, message, limit=str(most))


def unknown_symbol(symbol: str) -> RefusedError:
    """Nobody has ever listed it."""
    return RefusedError(grpc.StatusCode.NOT_FOUND, types_pb2.REASON_UNKNOWN_SYMBOL, f"unknown symbol {symbol[:32]!r}")


def delisted(symbol: str) -> RefusedError:
    """It has no market any more."""
    return RefusedError(grpc.StatusCode.NOT_FOUND, types_pb2.REASON_DELISTED, f"{symbol} was delisted")


def unavailable(symbol: str, what: str = "book") -> RefusedError:
    """Its book, or its history, is not known for now."""
    message = f"{symbol}: the {what} is not known yet"
    return RefusedError(grpc.StatusCode.UNAVAILABLE, types_pb2.REASON_SYMBOL_UNAVAILABLE, message)
