"""What a gateway raises.

GatewayError
└── RefusedError     a request ends with a status; carries what the client is told
"""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.v1 import types_pb2


class GatewayError(Exception):
    """Anything that a gateway raises."""


class RefusedError(GatewayError):
    """A request, or a stream, ends with a refusal (rule API-1)."""

    def __init__(
        self,
        reason: int,
        message: str = "",
        *,
        outcome: int = types_pb2.OUTCOME_NOT_APPLIED,
        details: Mapping[str, str] | None = None,
        retry_delay_ms: int = 0,
    ) -> None:
        """retry_delay_ms: when trying again will help, where that is known; 0: as for all refusals of the reason."""
        super().__init__(message)
        self.reason = reason
        self.outcome = outcome
        self.details = details or {}
        self.retry_delay_ms = retry_delay_ms


def fault() -> RefusedError:
    """What a client is told when the gateway itself has failed: no more than that."""
    return RefusedError(types_pb2.REASON_INTERNAL, "a fault of the venue", outcome=types_pb2.OUTCOME_UNKNOWN)
