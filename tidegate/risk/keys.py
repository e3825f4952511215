"""API keys, tiers of limits, self-trade groups: who an account lets in, and what it may ask for (LIM-2, LIM-3, ORD-6).

They lie in the ledger's environment, in the layout of tidegate.wire.accounts, which gateways read.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Sequence

import lmdb

from tidegate.risk.errors import LedgerRefusedError
from tidegate.v1 import types_pb2
from tidegate.wire import accounts
from tidegate.wire.accounts import KeyKind

API_KEY_BYTES = 32
TIER_CHARACTERS_MAX = 32

_NUMBER = struct.Struct(">I")


class Keys:
    """The directory as its one writer sees it. Every change is a part of the caller's transaction."""

    def __init__(self, environment: lmdb.Environment) -> None:
        self._keys = environment.open_db(accounts.API_KEYS_DB)
        self._tiers = environment.open_db(accounts.TIERS_DB)
        self._groups = environment.open_db(accounts.SELF_TRADE_GROUPS_DB)

    def create(
        self, transaction: lmdb.Transaction[bytes], account_ids: Sequence[int], kind: KeyKind
    ) -> tuple[str, str]:
        """A new key for accounts that exist, and its id. Raises LedgerRefusedError: MISSING_FIELD, INVALID_FIELD."""
        wanted = tuple(dict.fromkeys(account_ids))
        if not wanted:
            raise LedgerRefusedError(types_pb2.REASON_MISSING_FIELD, "account_ids is missing")
        most = accounts.KEY_ACCOUNTS_MAX if kind == KeyKind.DROP_COPY else 1
        if len(wanted) > most:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, f"such a key stands for at most {most} account(s)")
        api_key = secrets.token_urlsafe(API_KEY_BYTES)
        digest = accounts.key_digest(api_key)
        transaction.put(digest, accounts.directory_entry(kind, wanted, digest), db=self._keys, overwrite=False)
        return api_key, accounts.key_id(digest)

    def ensure(self, transaction: lmdb.Transaction[bytes], account_id: int, api_key: str) -> None:
        """Makes a known key trade for an account. One that was revoked stays worthless.

        Raises LedgerRefusedError (ACCOUNT_EXISTS) when it stands for another account, or is of another kind."""
        digest = accounts.key_digest(api_key)
        wanted = accounts.directory_entry(KeyKind.TRADING, (account_id,), digest)
        stored = transaction.get(digest, default=wanted, db=self._keys)
        if accounts.read_entry(bytes(stored)).kind == KeyKind.REVOKED:
            return
        if stored != wanted:
            message = f"the API key of account {account_id} stands for another account"
            raise LedgerRefusedError(types_pb2.REASON_ACCOUNT_EXISTS, message)
        transaction.put(digest, wanted, db=self._keys)

    def revoke(self, transaction: lmdb.Transaction[bytes], key_id: str) -> None:
        """Makes a key worthless for good; again is the same. Raises LedgerRefusedError: INVALID_FIELD."""
        found = self._named(transaction, key_id)
        if found is None:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, "there is no such key")
        transaction.put(found, accounts.directory_entry(KeyKind.REVOKED, (), found), db=self._keys)

    def set_tier(self, transaction: lmdb.Transaction[bytes], account_id: int, tier: str) -> None:
        """Puts an account, which exists, into a tier; empty: the default. Raises LedgerRefusedError: INVALID_FIELD."""
        if not tier:
            transaction.delete(_NUMBER.pack(account_id), db=self._tiers)
            return
        if len(tier) > TIER_CHARACTERS_MAX or not tier.isprintable():
            message = f"tier must be at most {TIER_CHARACTERS_MAX} printable characters"
            raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, message)
        transaction.put(_NUMBER.pack(account_id), tier.encode(), db=self._tiers)

    def set_self_trade_group(self, transaction: lmdb.Transaction[bytes], account_id: int, group: int) -> None:
        """Puts an account, which exists, into a group; 0: out of any."""
        if group == 0:
            transaction.delete(_NUMBER.pack(account_id), db=self._groups)
        else:
            transaction.put(_NUMBER.pack(account_id), _NUMBER.pack(group), db=self._groups)

    def _named(self, transaction: lmdb.Transaction[bytes], key_id: str) -> bytes | None:
        try:
            prefix = bytes.fromhex(key_id)
        except ValueError:
            prefix = b""
        if len(prefix) != accounts.KEY_ID_BYTES:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, "key_id must be 16 hex digits")
        cursor = transaction.cursor(db=self._keys)
        if cursor.set_range(prefix) and bytes(cursor.key()).startswith(prefix):
            return bytes(cursor.key())
        return None
