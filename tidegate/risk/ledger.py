"""The double-entry ledger (rule LED-1): append-only entries, balances kept in the same transaction.

Every entry moves an amount from one ledger account (debit) to another (credit). A balance is credits
less debits, 1e-8 of the asset, int64. Ledger accounts are named "wallet:<account number>:<asset>" for
what the venue owes an account, and "external:<asset>" for the world outside, whose balance is minus
the sum of all the rest. A commit returns when it is on disk.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import lmdb

from tidegate.risk.errors import LedgerInconsistentError, LedgerRefusedError
from tidegate.risk.keys import Keys
from tidegate.v1 import types_pb2
from tidegate.wire import accounts
from tidegate.wire.accounts import KeyKind

AMOUNT_MAX = 2**63 - 1
NAME_CHARACTERS_MAX = 64

_NUMBER = struct.Struct(">I")
_ENTRY_ID = struct.Struct(">Q")
_AMOUNT = struct.Struct(">q")


@dataclass(frozen=True)
class Movement:
    """An amount on its way from one ledger account to another. amount: 1e-8 of the asset, above 0."""

    kind: str
    debit: str
    credit: str
    asset: str
    amount: int
    reference: str


@dataclass(frozen=True)
class Entry:
    """A movement as booked. entry_id: from 1, without a gap; time_ns: Unix nanoseconds."""

    entry_id: int
    time_ns: int
    movement: Movement


@dataclass(frozen=True)
class Account:
    """Who trades here."""

    account_id: int
    name: str


@dataclass(frozen=True)
class Deposited:
    """Outcome of a deposit. balance: of the wallet after it, 1e-8 of the asset."""

    entry_id: int
    balance: int
    duplicate: bool


def wallet(account_id: int, asset: str) -> str:
    """Ledger account of what the venue owes an account in an asset."""
    return f"wallet:{account_id}:{asset}"


def external(asset: str) -> str:
    """Ledger account of the world outside."""
    return f"external:{asset}"


class Ledger:
    """Accounts, entries and balances in one LMDB environment. One writer: the risk process."""

    def __init__(
        self,
        path: Path,
        assets: Iterable[str],
        *,
        read_only: bool = False,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._assets = frozenset(assets)
        self._clock_ns = clock_ns
        if not read_only:
            path.mkdir(parents=True, exist_ok=True)
        self._environment = lmdb.open(
            str(path),
            readonly=read_only,
            create=not read_only,
            max_dbs=accounts.DATABASES_MAX,
            map_size=accounts.MAP_BYTES,
            max_readers=accounts.READERS_MAX,
            mode=0o600,
        )
        names = (b"accounts", b"names", b"entries", b"balances", b"deposits")
        databases = [self._environment.open_db(name, create=not read_only) for name in names]
        self._accounts, self._names, self._entries, self._balances, self._deposits = databases
        if not read_only:
            self._directory = Keys(self._environment)

    def close(self) -> None:
        """Lets go of the environment."""
        self._environment.close()

    def clear_dead_readers(self) -> int:
        """Frees what gateways that were killed held of the file; returns how many there were."""
        return self._environment.reader_check()

    # ---- accounts ----

    def create_account(self, name: str, tier: str = "") -> tuple[Account, str]:
        """Opens an account in a tier (empty: the default); returns it with its API key, which is shown this once.

        Raises LedgerRefusedError: MISSING_FIELD, INVALID_FIELD (name, tier), ACCOUNT_EXISTS."""
        with self._environment.begin(write=True) as transaction:
            account = self._add_account(transaction, name, tier)
            return account, self._key(transaction, [account.account_id], KeyKind.TRADING)[0]

    def ensure_accounts(
        self, wanted: Iterable[tuple[str, str]], tiers: Mapping[str, str] | None = None
    ) -> list[Account]:
        """Makes every (name, API key) exist and valid; those that are there already stay as they are. `tiers`: of
        new accounts, by name.

        Raises LedgerRefusedError (ACCOUNT_EXISTS) when a key stands for another account; then nothing changes."""
        ensured = []
        with self._environment.begin(write=True) as transaction:
            for name, api_key in wanted:
                number = transaction.get(name.encode(), db=self._names)
                if number is None:
                    account = self._add_account(transaction, name, (tiers or {}).get(name, ""))
                else:
                    account = Account(int(_NUMBER.unpack(number)[0]), name)
                self._directory.ensure(transaction, account.account_id, api_key)
                ensured.append(account)
        return ensured

    def create_key(self, account_ids: Sequence[int], kind: KeyKind) -> tuple[str, str]:
        """Another API key, and the id to name it by: for one account, or for a drop copy of up to 64.

        Raises LedgerRefusedError: MISSING_FIELD, INVALID_FIELD, UNKNOWN_ACCOUNT."""
        with self._environment.begin(write=True) as transaction:
            return self._key(transaction, account_ids, kind)

    def revoke_key(self, key_id: str) -> None:
        """Makes a key worthless for good, one of the configuration too. Raises LedgerRefusedError: INVALID_FIELD."""
        with self._environment.begin(write=True) as transaction:
            self._directory.revoke(transaction, key_id)

    def set_tier(self, account_id: int, tier: str) -> None:
        """Puts an account into a tier; empty: the default.

        Raises LedgerRefusedError: UNKNOWN_ACCOUNT, INVALID_FIELD."""
        with self._environment.begin(write=True) as transaction:
            self._require_account(transaction, account_id)
            self._directory.set_tier(transaction, account_id, tier)

    def set_self_trade_group(self, account_id: int, group: int) -> None:
        """Puts an account into a self-trade group (rule ORD-6); 0: out of any.

        Raises LedgerRefusedError: UNKNOWN_ACCOUNT."""
        with self._environment.begin(write=True) as transaction:
            self._require_account(transaction, account_id)
            self._directory.set_self_trade_group(transaction, account_id, group)

    def list_accounts(self, after_id: int, most: int) -> list[Account]:
        """Accounts with a number above after_id, by number, at most `most`."""
        found: list[Account] = []
        with self._environment.begin(db=self._accounts) as transaction:
            cursor = transaction.cursor()
            if not cursor.set_range(_NUMBER.pack(min(after_id + 1, 2**32 - 1))):
                return found
            for number, name in cursor:
                if len(found) == most:
                    break
                found.append(Account(_NUMBER.unpack(number)[0], bytes(name).decode()))
        return found

    # ---- money ----

    def deposit(self, account_id: int, asset: str, amount: int, deposit_id: str) -> Deposited:
        """Books a deposit, once per deposit id: the same again gives the original result.

        Raises LedgerRefusedError: MISSING_FIELD or INVALID_FIELD (deposit id), UNKNOWN_ASSET, INVALID_AMOUNT
        (not above 0, or a balance would not fit in int64), UNKNOWN_ACCOUNT, DUPLICATE_DEPOSIT_ID."""
        _check_text("deposit_id", deposit_id)
        if asset not in self._assets:
            raise LedgerRefusedError(types_pb2.REASON_UNKNOWN_ASSET, f"the venue keeps no asset {asset[:16]!r}")
        if not 0 < amount <= AMOUNT_MAX:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_AMOUNT, "a deposit must be more than 0")
        with self._environment.begin(write=True) as transaction:
            self._require_account(transaction, account_id)
            body = {"account_id": account_id, "asset": asset, "amount": amount}
            known = transaction.get(deposit_id.encode(), db=self._deposits)
            if known is not None:
                return _repeated(json.loads(known), body)
            movement = Movement("deposit", external(asset), wallet(account_id, asset), asset, amount, deposit_id)
            entry = self._append(transaction, movement)
            balance = self._balance(transaction, movement.credit)
            record = {"body": body, "entry_id": entry.entry_id, "balance": balance}
            transaction.put(deposit_id.encode(), _encode(record), db=self._deposits)
        return Deposited(entry.entry_id, balance, duplicate=False)

    def balances(self, account_id: int) -> dict[str, int]:
        """Balance per asset, by name. Raises LedgerRefusedError: UNKNOWN_ACCOUNT."""
        prefix = f"wallet:{account_id}:".encode()
        found: dict[str, int] = {}
        with self._environment.begin() as transaction:
            self._require_account(transaction, account_id)
            cursor = transaction.cursor(db=self._balances)
            if cursor.set_range(prefix):
                for name, amount in cursor:
                    if not bytes(name).startswith(prefix):
                        break
                    found[bytes(name)[len(prefix) :].decode()] = _AMOUNT.unpack(amount)[0]
        return found

    # ---- the books ----

    def entries(self) -> Iterator[Entry]:
        """Every entry, by number."""
        with self._environment.begin(db=self._entries) as transaction:
            for _, value in transaction.cursor():
                record = json.loads(value)
                yield Entry(record.pop("entry_id"), record.pop("time_ns"), Movement(**record))

    def check(self) -> dict[str, int]:
        """Rule LED-1, recomputed from the entries: returns Σ wallets per asset, 1e-8 of the asset.

        Raises LedgerInconsistentError, naming the ledger account and the amounts, when numbers of entries have
        a gap, a stored balance is not what the entries give, or Σ wallets ≠ deposits - withdrawals."""
        computed: dict[str, int] = {}
        flows: dict[str, int] = {}
        for expected, entry in enumerate(self.entries(), start=1):
            movement = entry.movement
            if entry.entry_id != expected or movement.amount <= 0:
                raise LedgerInconsistentError(f"entry {expected} is missing or not valid (found {entry})")
            for side, change in ((movement.debit, -movement.amount), (movement.credit, movement.amount)):
                computed[side] = computed.get(side, 0) + change
                if side == external(movement.asset):
                    flows[movement.asset] = flows.get(movement.asset, 0) - change
        with self._environment.begin(db=self._balances) as transaction:
            stored = {bytes(name).decode(): _AMOUNT.unpack(amount)[0] for name, amount in transaction.cursor()}
        for name in sorted(computed.keys() | stored.keys()):
            if computed.get(name, 0) != stored.get(name, 0):
                raise LedgerInconsistentError(
                    f"{name}: stored {stored.get(name, 0)}, its entries give {computed.get(name, 0)}"
                )
        wallets = dict.fromkeys(flows, 0)
        for name, amount in computed.items():
            kind, _, rest = name.partition(":")
            if kind != "external":
                asset = rest.rpartition(":")[2]
                wallets[asset] = wallets.get(asset, 0) + amount
        if wallets != flows:
            raise LedgerInconsistentError(f"wallets hold {wallets}, deposits less withdrawals are {flows}")
        return wallets

    def _add_account(self, transaction: lmdb.Transaction[bytes], name: str, tier: str) -> Account:
        _check_text("name", name)
        if transaction.get(name.encode(), db=self._names) is not None:
            raise LedgerRefusedError(types_pb2.REASON_ACCOUNT_EXISTS, f"there is an account named {name!r} already")
        cursor = transaction.cursor(db=self._accounts)
        account_id = (_NUMBER.unpack(cursor.key())[0] if cursor.last() else 0) + 1
        transaction.put(_NUMBER.pack(account_id), name.encode(), db=self._accounts)
        transaction.put(name.encode(), _NUMBER.pack(account_id), db=self._names)
        self._directory.set_tier(transaction, account_id, tier)
        return Account(account_id, name)

    def _key(self, transaction: lmdb.Transaction[bytes], account_ids: Sequence[int], kind: KeyKind) -> tuple[str, str]:
        for account_id in account_ids:
            self._require_account(transaction, account_id)
        return self._directory.create(transaction, account_ids, kind)

    def _require_account(self, transaction: lmdb.Transaction[bytes], account_id: int) -> None:
        if not 0 < account_id < 2**32 or transaction.get(_NUMBER.pack(account_id), db=self._accounts) is None:
            raise LedgerRefusedError(types_pb2.REASON_UNKNOWN_ACCOUNT, f"there is no account {account_id}")

    def _append(self, transaction: lmdb.Transaction[bytes], movement: Movement) -> Entry:
        assert movement.amount > 0, "an entry moves something"
        assert movement.debit != movement.credit, "an entry has two sides"
        after_debit = self._balance(transaction, movement.debit) - movement.amount
        after_credit = self._balance(transaction, movement.credit) + movement.amount
        if after_debit < -AMOUNT_MAX or after_credit > AMOUNT_MAX:
            raise LedgerRefusedError(types_pb2.REASON_INVALID_AMOUNT, f"a balance in {movement.asset} would not fit")
        cursor = transaction.cursor(db=self._entries)
        entry_id = (_ENTRY_ID.unpack(cursor.key())[0] if cursor.last() else 0) + 1
        entry = Entry(entry_id, self._clock_ns(), movement)
        record = {"entry_id": entry.entry_id, "time_ns": entry.time_ns, **asdict(movement)}
        transaction.put(_ENTRY_ID.pack(entry_id), _encode(record), db=self._entries, append=True)
        transaction.put(movement.debit.encode(), _AMOUNT.pack(after_debit), db=self._balances)
        transaction.put(movement.credit.encode(), _AMOUNT.pack(after_credit), db=self._balances)
        return entry

    def _balance(self, transaction: lmdb.Transaction[bytes], name: str) -> int:
        stored = transaction.get(name.encode(), db=self._balances)
        return 0 if stored is None else int(_AMOUNT.unpack(stored)[0])


def _repeated(known: dict[str, object], body: dict[str, object]) -> Deposited:
    if known["body"] != body:
        raise LedgerRefusedError(types_pb2.REASON_DUPLICATE_DEPOSIT_ID, "the deposit id is known with another body")
    return Deposited(int(str(known["entry_id"])), int(str(known["balance"])), duplicate=True)


def _check_text(field: str, text: str) -> None:
    if not text:
        raise LedgerRefusedError(types_pb2.REASON_MISSING_FIELD, f"{field} is missing")
    if len(text) > NAME_CHARACTERS_MAX or not text.isprintable():
        raise LedgerRefusedError(types_pb2.REASON_INVALID_FIELD, f"{field} must be 1 to 64 printable characters")


def _encode(record: dict[str, object]) -> bytes:
    return json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
