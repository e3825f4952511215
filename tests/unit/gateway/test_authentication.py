"""The one place that checks API keys."""

import hashlib
from typing import Any

import pytest

from tidegate.gateway.authentication import CACHE_ENTRIES_MAX, CACHE_SECONDS, Authenticator
from tidegate.gateway.errors import RefusedError
from tidegate.v1 import types_pb2 as types
from tidegate.wire.accounts import DirectoryUnavailableError

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
        self.accounts = {"key of alice": 1}
        self.asked = 0
        self.away = False

    def lookup(self, api_key: str) -> int | None:
        self.asked += 1
        if self.away:
            raise DirectoryUnavailableError("away")
        return self.accounts.get(api_key)


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


def reason(authenticator: Authenticator, context: Any) -> int:
    with pytest.raises(RefusedError) as caught:
        authenticator.account(context)
    return caught.value.reason


def test_keys_stand_for_accounts_and_roles() -> None:
    """A trader's key: its account. The operator's: no account, but the role. Else: nothing."""
    authenticator, _, _ = made()
    assert authenticator.account(caller("key of alice")) == 1
    assert reason(authenticator, caller(OPERATOR)) == types.REASON_PERMISSION_DENIED
    authenticator.require_operator(caller(OPERATOR))
    with pytest.raises(RefusedError) as caught:
        authenticator.require_operator(caller("key of alice"))
    assert caught.value.reason == types.REASON_PERMISSION_DENIED
    nobody: list[Any] = [Caller(), Caller(("authorization", "key of alice")), Caller(("x-api-key", b"key of alice"))]
    for context in [*nobody, caller(""), caller("key of bob"), caller("x" * 257)]:
        assert reason(authenticator, context) == types.REASON_UNAUTHENTICATED


def test_a_key_is_looked_up_again_after_a_while() -> None:
    """Known keys are not asked for at every call, and a revoked one ends within seconds."""
    authenticator, directory, clock = made()
    for _ in range(10):
        authenticator.account(caller("key of alice"))
    assert directory.asked == 1
    directory.accounts.clear()
    clock.now = CACHE_SECONDS
    assert reason(authenticator, caller("key of alice")) == types.REASON_UNAUTHENTICATED


def test_without_the_directory_known_keys_go_on_for_a_while() -> None:
    """The ledger away: UNAVAILABLE for unknown keys, never a way in; operators still come in."""
    authenticator, directory, _ = made()
    authenticator.account(caller("key of alice"))
    directory.away = True
    assert authenticator.account(caller("key of alice")) == 1
    assert reason(authenticator, caller("another")) == types.REASON_LEDGER_UNAVAILABLE
    authenticator.require_operator(caller(OPERATOR))


def test_guessing_fills_no_memory() -> None:
    """Wrong keys leave nothing; many right ones stay bounded."""
    authenticator, directory, _ = made()
    for number in range(100):
        reason(authenticator, caller(f"guess {number}"))
    assert not authenticator._cache
    directory.accounts = {f"key {number}": number + 1 for number in range(CACHE_ENTRIES_MAX + 10)}
    for api_key in directory.accounts:
        authenticator.account(caller(api_key))
    assert len(authenticator._cache) <= CACHE_ENTRIES_MAX
