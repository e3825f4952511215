"""Who is calling, and what they may: the one place that checks API keys.

A key comes in metadata "x-api-key". It stands for one account, or a drop copy's for several (the directory
knows which), or it is an operator's (the configuration knows its SHA-256). There is no anonymous access to
an account.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

import grpc.aio

from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2
from tidegate.wire.accounts import DirectoryUnavailableError, KeyEntry, KeyKind, key_digest

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]

API_KEY_METADATA = "x-api-key"
API_KEY_CHARACTERS_MAX = 256
CACHE_SECONDS = 5.0
CACHE_ENTRIES_MAX = 10_000


class Directory(Protocol):
    """What this module needs of the account directory."""

    def lookup(self, digest: bytes) -> KeyEntry | None:
        """What the key of this SHA-256 stands for."""
        ...


class Role(Enum):
    """What a call needs of its key; the text is for those who lack it."""

    TRADE = "this needs a key that may trade for its account"
    READ = "this needs a key that may read its account"
    COPY = "this needs a drop-copy key"
    OPERATE = "this needs an operator's key"


_OPERATOR = None
ROLES: dict[KeyKind | None, frozenset[Role]] = {
    KeyKind.TRADING: frozenset({Role.TRADE, Role.READ}),
    KeyKind.READ_ONLY: frozenset({Role.READ}),
    KeyKind.DROP_COPY: frozenset({Role.COPY}),
    _OPERATOR: frozenset({Role.OPERATE}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a key stands for."""

    digest: bytes
    """SHA-256 of the key: what is counted by."""
    kind: KeyKind | None
    """None: an operator's."""
    accounts: tuple[int, ...] = ()
    tier: str = ""
    self_trade_group: int = 0

    @property
    def account_id(self) -> int:
        """The one account of a key that trades or reads; 0 for an operator."""
        return self.accounts[0] if self.accounts else 0


class Authenticator:
    """Maps the caller's API key to who it stands for."""

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

    def admit(self, context: Context, role: Role) -> Principal:
        """The caller, who has the role. Raises RefusedError: UNAUTHENTICATED, PERMISSION_DENIED, LEDGER_UNAVAILABLE."""
        principal = self.of_digest(self._digest(context))
        if role not in ROLES[principal.kind]:
            raise RefusedError(types_pb2.REASON_PERMISSION_DENIED, role.value)
        return principal

    def of_digest(self, digest: bytes) -> Principal:
        """Who the key of this SHA-256 stands for, now. Raises RefusedError: UNAUTHENTICATED, LEDGER_UNAVAILABLE."""
        now = self._clock()
        cached = self._cache.get(digest)
        if cached is not None and now < cached[1]:
            return cached[0]
        principal = self._look_up(digest)
        if len(self._cache) >= CACHE_ENTRIES_MAX:
            self._cache.clear()
        self._cache[digest] = (principal, now + CACHE_SECONDS)
        return principal

    @staticmethod
    def _digest(context: Context) -> bytes:
        for name, value in context.invocation_metadata() or ():
            if name == API_KEY_METADATA:
                if isinstance(value, str) and 0 < len(value) <= API_KEY_CHARACTERS_MAX:
                    return key_digest(value)
                break
        raise _unauthenticated()

    def _look_up(self, digest: bytes) -> Principal:
        # Every operator's digest is compared, in constant time, whether one has matched or not.
        if sum(hmac.compare_digest(digest, known) for known in self._operators):
            return Principal(digest, _OPERATOR)
        try:
            entry = self._directory.lookup(digest)
        except DirectoryUnavailableError as error:
            message = "API keys cannot be checked at the moment"
            raise RefusedError(types_pb2.REASON_LEDGER_UNAVAILABLE, message) from error
        if entry is None:
            self._cache.pop(digest, None)
            raise _unauthenticated()
        return Principal(digest, entry.kind, entry.accounts, entry.tier, entry.self_trade_group)


def _unauthenticated() -> RefusedError:
    return RefusedError(types_pb2.REASON_UNAUTHENTICATED, "no valid API key in metadata x-api-key")
