"""The account directory: which API key stands for which accounts, what it may do, in which tier of limits, and
in which self-trade group.

It lies in the ledger's LMDB environment. The risk process alone writes it; gateways read it here, in
read transactions too short to make the file grow. A key itself is stored nowhere, only its SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import lmdb

API_KEYS_DB = b"api_keys"  # SHA-256 of the key (32 bytes) -> directory_entry()
TIERS_DB = b"tiers"  # account number (u32 big endian) -> name of its tier
SELF_TRADE_GROUPS_DB = b"self_trade_groups"  # account number (u32 big endian) -> its group (u32 big endian)
DATABASES_MAX = 16
MAP_BYTES = 1 << 30
READERS_MAX = 64
KEY_ID_BYTES = 8
KEY_ACCOUNTS_MAX = 64

_NUMBER = struct.Struct(">I")
_DIGEST_BYTES = 32


class DirectoryUnavailableError(Exception):
    """The ledger's environment is not there (yet), or cannot be read."""


class KeyKind(IntEnum):
    """What an API key may do; the numbers of tidegate.v1.ApiKeyKind. REVOKED: nothing, for ever."""

    REVOKED = 0
    TRADING = 1
    READ_ONLY = 2
    DROP_COPY = 3


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """Who a key stands for."""

    kind: KeyKind
    accounts: tuple[int, ...]
    """Account numbers, one unless the key is for a drop copy."""
    tier: str = ""
    """Of the first account; empty: the venue's default."""
    self_trade_group: int = 0
    """The group that the first account is in (rule ORD-6); 0: none but its own."""


def key_digest(api_key: str) -> bytes:
    """SHA-256 of an API key: what is stored and compared instead of the key."""
    return hashlib.sha256(api_key.encode()).digest()


def key_id(digest: bytes) -> str:
    """What an operator names a key by: the first 16 hex digits of its SHA-256."""
    return digest[:KEY_ID_BYTES].hex()


def directory_entry(kind: KeyKind, accounts: Sequence[int], digest: bytes) -> bytes:
    """The stored form of a key, which ends with its digest again.

    A trading key: its account number, u32 big endian, as it has been since the first version. Any other: 0
    instead of it, one byte for the kind, then the account numbers."""
    numbers = b"".join(map(_NUMBER.pack, accounts))
    head = b"" if kind == KeyKind.TRADING else _NUMBER.pack(0) + bytes([kind])
    return head + numbers + digest


def read_entry(entry: bytes) -> KeyEntry:
    """What directory_entry() has stored; without tier and group."""
    numbers = entry[:-_DIGEST_BYTES]
    kind = KeyKind.TRADING
    if numbers[: _NUMBER.size] == _NUMBER.pack(0):
        kind, numbers = KeyKind(numbers[_NUMBER.size]), numbers[_NUMBER.size + 1 :]
    return KeyEntry(kind, tuple(number for (number,) in _NUMBER.iter_unpack(numbers)))


class _Opened(NamedTuple):
    environment: lmdb.Environment
    keys: lmdb._Database
    tiers: lmdb._Database | None
    groups: lmdb._Database | None


class AccountDirectory:
    """Read-only view of the directory; one per process, because an environment must not be opened twice."""

    def __init__(self, ledger_dir: Path) -> None:
        """Opens lazily: the ledger may be made after the gateway has started."""
        self._path = ledger_dir
        self._opened: _Opened | None = None

    def lookup(self, digest: bytes) -> KeyEntry | None:
        """What the key of this SHA-256 stands for, None when it is worthless. Raises DirectoryUnavailableError."""
        try:
            opened = self._open()
            with opened.environment.begin() as transaction:
                stored = transaction.get(digest, db=opened.keys)
                # The tree has compared already; this comparison takes the same time wherever a difference is.
                if stored is None or not hmac.compare_digest(bytes(stored[-_DIGEST_BYTES:]), digest):
                    return None
                entry = read_entry(bytes(stored))
                if entry.kind == KeyKind.REVOKED or not entry.accounts:
                    return None
                account = _NUMBER.pack(entry.accounts[0])
                tier = transaction.get(account, b"", opened.tiers) if opened.tiers is not None else b""
                group = transaction.get(account, b"", opened.groups) if opened.groups is not None else b""
        except (lmdb.Error, OSError) as error:
            self.close()
            raise DirectoryUnavailableError(str(error)) from error
        return KeyEntry(entry.kind, entry.accounts, bytes(tier).decode(), int.from_bytes(bytes(group)))

    def close(self) -> None:
        """Lets go of the environment; the next lookup opens it again."""
        if self._opened is not None:
            self._opened.environment.close()
            self._opened = None

    def _open(self) -> _Opened:
        if self._opened is not None and None in (self._opened.tiers, self._opened.groups):
            self.close()  # a ledger of an earlier version, until the risk process has opened it
        if self._opened is None:
            environment = lmdb.open(
                str(self._path),
                readonly=True,
                create=False,
                max_dbs=DATABASES_MAX,
                map_size=MAP_BYTES,
                max_readers=READERS_MAX,
            )
            try:
                keys = environment.open_db(API_KEYS_DB, create=False)
                tiers, groups = (_open_if_there(environment, name) for name in (TIERS_DB, SELF_TRADE_GROUPS_DB))
                self._opened = _Opened(environment, keys, tiers, groups)
            except lmdb.Error:
                environment.close()
                raise
        return self._opened


def _open_if_there(environment: lmdb.Environment, name: bytes) -> lmdb._Database | None:
    try:
        return environment.open_db(name, create=False)
    except lmdb.NotFoundError:
        return None
