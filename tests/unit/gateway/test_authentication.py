"""The one place that checks API keys."""

import hashlib
from typing import Any

import pytest

from tidegate.gateway.authentication import CACHE_ENTRIES_MAX, CACHE_SECONDS, Authenticator, Role
from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2 as types
from tidegate.wire.accounts import DirectoryUnavailableError, KeyEntry, KeyKind, key_digest

OPERATOR = "the operator's key"


class Caller:
    """The part of a call's context that is looked at."""

    def __init__(self, *metadata: tuple[str, Any]) -> None:
        self.metadata = metadata

    def invocation_metadata(self) -> tuple[tuple[str, Any], ...]:
        return self.metadata


class Directory:
    """Accounts by key; counts questions; can be away."""

    def __init__(self) -> None:
        self.entries = {key_digest("key of alice"): KeyEntry(KeyKind.TRADING, (1,))}
        self.asked = 0
        self.away = False

    def lookup(self, digest: bytes) -> KeyEntry | None:
        self.asked += 1
        if self.away:
            raise DirectoryUnavailableError("away")
        return self.entries.get(digest)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Authenticator, Directory, Clock]:
    directory, clock = Directory(), Clock()
    digest = hashlib.sha256(OPERATOR.encode()).hexdigest()
    return Authenticator(directory, [digest], clock=clock), directory, clock


def caller(api_key: str) -> Any:
    return Caller(("user-agent", "x"), ("x-api-key", api_key))


def reason(authenticator: Authenticator, context: Any, role: Role = Role.TRADE) -> int:
    with pytest.raises(RefusedError) as caught:
        authenticator.admit(context, role)
    return caught.value.reason


def test_keys_stand_for_accounts_and_roles() -> None:
    """A trader's key: its account. The operator's: no account, but the role. Else: nothing."""
    authenticator, _, _ = made()
    assert authenticator.admit(caller("key of alice"), Role.TRADE).account_id == 1
    assert reason(authenticator, caller(OPERATOR)) == types.REASON_PERMISSION_DENIED
    assert authenticator.admit(caller(OPERATOR), Role.OPERATE).account_id == 0
    assert reason(authenticator, caller("key of alice"), Role.OPERATE) == types.REASON_PERMISSION_DENIED
    nobody: list[Any] = [Caller(), Caller(("authorization", "key of alice")), Caller(("x-api-key", b"key of alice"))]
    for context in [*nobody, caller(""), caller("key of bob"), caller("x" * 257)]:
        assert reason(authenticator, context) == types.REASON_UNAUTHENTICATED


def test_each_kind_of_key_may_what_it_is_for() -> None:
    """Kinds x roles: trading keys trade and read, read-only keys read, drop-copy keys copy, and nobody more."""
    authenticator, directory, _ = made()
    allowed = {
        KeyKind.TRADING: {Role.TRADE, Role.READ},
        KeyKind.READ_ONLY: {Role.READ},
        KeyKind.DROP_COPY: {Role.COPY},
    }
    for kind, roles in allowed.items():
        name = f"key that is {kind.name}"
        directory.entries[key_digest(name)] = KeyEntry(kind, (4, 5), "maker")
        for role in Role:
            if role in roles:
                principal = authenticator.admit(caller(name), role)
                assert (principal.kind, principal.accounts, principal.tier) == (kind, (4, 5), "maker")
            else:
                assert reason(authenticator, caller(name), role) == types.REASON_PERMISSION_DENIED


def test_a_key_is_looked_up_again_after_a_while() -> None:
    """Known keys are not asked for at every call, and a revoked one ends within seconds."""
    authenticator, directory, clock = made()
    for _ in range(10):
        authenticator.admit(caller("key of alice"), Role.TRADE)
    assert directory.asked == 1
    directory.entries.clear()
    clock.now = CACHE_SECONDS
    assert reason(authenticator, caller("key of alice")) == types.REASON_UNAUTHENTICATED


def test_without_the_directory_known_keys_go_on_for_a_while() -> None:
    """The ledger away: UNAVAILABLE for unknown keys, never a way in; operators still come in."""
    authenticator, directory, _ = made()
    authenticator.admit(caller("key of alice"), Role.TRADE)
    directory.away = True
    assert authenticator.admit(caller("key of alice"), Role.READ).account_id == 1
    assert reason(authenticator, caller("another")) == types.REASON_LEDGER_UNAVAILABLE
    authenticator.admit(caller(OPERATOR), Role.OPERATE)


def test_guessing_fills_no_memory() -> None:
    """Wrong keys leave nothing; many right ones stay bounded."""
    authenticator, directory, _ = made()
    for number in range(100):
        reason(authenticator, caller(f"guess {number}"))
    assert not authenticator._cache
    names = [f"key {number}" for number in range(CACHE_ENTRIES_MAX + 10)]
    directory.entries = {key_digest(name): KeyEntry(KeyKind.TRADING, (1,)) for name in names}
    for name in names:
        authenticator.admit(caller(name), Role.TRADE)
    assert len(authenticator._cache) <= CACHE_ENTRIES_MAX
