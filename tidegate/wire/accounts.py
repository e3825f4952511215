"""The account directory: which API key stands for which account.

It lies in the ledger's LMDB environment. The risk process alone writes it; gateways read it here, in
read transactions too short to make the file grow. A key itself is stored nowhere, only its SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from pathlib import Path

import lmdb

API_KEYS_DB = b"api_keys"  # SHA-256 of the key (32 bytes) -> account number (u32 big endian) + the same SHA-256
DATABASES_MAX = 8
MAP_BYTES = 1 << 30
READERS_MAX = 64

_NUMBER = struct.Struct(">I")


class DirectoryUnavailableError(Exception):
    """The ledger's environment is not there (yet), or cannot be read."""


def key_digest(api_key: str) -> bytes:
    """SHA-256 of an API key: what is stored and compared instead of the key."""
    return hashlib.sha256(api_key.encode()).digest()


def directory_entry(account_id: int, digest: bytes) -> bytes:
    """The stored form of one key's account."""
    return _NUMBER.pack(account_id) + digest


class AccountDirectory:
    """Read-only view of the directory; one per process, because an environment must not be opened twice."""

    def __init__(self, ledger_dir: Path) -> None:
        """Opens lazily: the ledger may be made after the gateway has started."""
        self._path = ledger_dir
        self._opened: tuple[lmdb.Environment, lmdb._Database] | None = None

    def lookup(self, api_key: str) -> int | None:
        """Account that the key stands for, None when there is none. Raises DirectoryUnavailableError."""
        digest = key_digest(api_key)
        try:
            environment, keys = self._open()
            with environment.begin(db=keys) as transaction:
                entry = transaction.get(digest)
        except (lmdb.Error, OSError) as error:
            self.close()
            raise DirectoryUnavailableError(str(error)) from error
        # The tree has compared already; this comparison takes the same time wherever a difference is.
        if entry is None or not hmac.compare_digest(bytes(entry[_NUMBER.size :]), digest):
            return None
        account: int = _NUMBER.unpack_from(entry)[0]
        return account

    def close(self) -> None:
        """Lets go of the environment; the next lookup opens it again."""
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def _open(self) -> tuple[lmdb.Environment, lmdb._Database]:
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
                self._opened = (environment, environment.open_db(API_KEYS_DB, create=False))
            except lmdb.Error:
                environment.close()
                raise
        return self._opened
