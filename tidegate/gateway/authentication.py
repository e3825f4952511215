"""Who is calling: the one place that checks API keys.

A key comes in metadata "x-api-key". It stands for one account (the directory knows which), or it is an
operator's (the configuration knows its SHA-256). There is no anonymous access to an account.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import grpc.aio

from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2
from tidegate.wire.accounts import DirectoryUnavailableError, key_digest

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

API_KEY_METADATA = "x-api-key"
API_KEY_CHARACTERS_MAX = 256
CACHE_SECONDS = 5.0
CACHE_ENTRIES_MAX = 10_000


class Directory(Protocol):
    """What this module needs of the account directory."""

    def lookup(self, api_key: str) -> int | None:
        """Account of a key."""
        ...


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a key stands for. account_id: 0 for an operator."""

    account_id: int
    operator: bool


class Authenticator:
    """Maps the caller's API key to an account or to the operator's role."""

    def __init__(
        self,
        directory: Directory,
        operator_key_sha256: Iterable[str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._operators = tuple(bytes.fromhex(digest) for digest in operator_key_sha256)
        self._clock = clock
        # Valid keys only, by digest: guessing cannot fill it, and a dump of memory shows no key.
        self._cache: dict[bytes, tuple[Principal, float]] = {}

    def account(self, context: Context) -> int:
        """Account of the caller. Raises RefusedError: UNAUTHENTICATED, PERMISSION_DENIED (an operator)."""
        principal = self.principal(context)
        if principal.operator:
            raise RefusedError(types_pb2.REASON_PERMISSION_DENIED, "an operator's key stands for no account")
        return principal.account_id

    def require_operator(self, context: Context) -> None:
        """Raises RefusedError: UNAUTHENTICATED, PERMISSION_DENIED."""
        if not self.principal(context).operator:
            raise RefusedError(types_pb2.REASON_PERMISSION_DENIED, "this needs an operator's key")

    def principal(self, context: Context) -> Principal:
        """The caller. Raises RefusedError: UNAUTHENTICATED, LEDGER_UNAVAILABLE."""
        for name, value in context.invocation_metadata() or ():
            if name == API_KEY_METADATA:
                if isinstance(value, str) and 0 < len(value) <= API_KEY_CHARACTERS_MAX:
                    return self._of_key(value)
                break
        raise RefusedError(types_pb2.REASON_UNAUTHENTICATED, "no valid API key in metadata x-api-key")

    def _of_key(self, api_key: str) -> Principal:
        digest = key_digest(api_key)
        now = self._clock()
        cached = self._cache.get(digest)
        if cached is not None and now < cached[1]:
            return cached[0]
        principal = self._look_up(api_key, digest)
        if len(self._cache) >= CACHE_ENTRIES_MAX:
            self._cache.clear()
        self._cache[digest] = (principal, now + CACHE_SECONDS)
        return principal

    def _look_up(self, api_key: str, digest: bytes) -> Principal:
        # Every operator's digest is compared, in constant time, whether one has matched or not.
        if sum(hmac.compare_digest(digest, known) for known in self._operators):
            return Principal(account_id=0, operator=True)
        try:
            account_id = self._directory.lookup(api_key)
        except DirectoryUnavailableError as error:
            message = "API keys cannot be checked at the moment"
            raise RefusedError(types_pb2.REASON_LEDGER_UNAVAILABLE, message) from error
        if account_id is None:
            self._cache.pop(digest, None)
            raise RefusedError(types_pb2.REASON_UNAUTHENTICATED, "no valid API key in metadata x-api-key")
        return Principal(account_id, operator=False)
