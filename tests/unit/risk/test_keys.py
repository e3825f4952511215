"""API keys of every kind, and tiers: as the ledger writes them and gateways read them."""

from pathlib import Path

import lmdb
import pytest

from tidegate.risk.errors import LedgerRefusedError
from tidegate.risk.ledger import Ledger
from tidegate.v1 import operations_service_pb2, types_pb2
from tidegate.wire.accounts import (
    DATABASES_MAX,
    MAP_BYTES,
    AccountDirectory,
    KeyEntry,
    KeyKind,
    directory_entry,
    key_digest,
    key_id,
    read_entry,
)

ACCOUNTS = ["alice", "bob", "carol"]


def made(path: Path) -> Ledger:
    """A ledger with accounts 1, 2 and 3."""
    ledger = Ledger(path, ["USDT"])
    ledger.ensure_accounts([(name, f"the key of {name}") for name in ACCOUNTS])
    return ledger


def seen(path: Path, *api_keys: str) -> list[KeyEntry | None]:
    """What a gateway finds for keys, once the ledger is closed."""
    directory = AccountDirectory(path)
    found = [directory.lookup(key_digest(api_key)) for api_key in api_keys]
    directory.close()
    return found


def refusal(ledger: Ledger, accounts: list[int], kind: KeyKind) -> int:
    with pytest.raises(LedgerRefusedError) as caught:
        ledger.create_key(accounts, kind)
    return caught.value.reason


def test_kinds_are_those_of_the_contract() -> None:
    """The numbers on disk are the proto's."""
    kinds = operations_service_pb2.ApiKeyKind
    for kind in (KeyKind.TRADING, KeyKind.READ_ONLY, KeyKind.DROP_COPY):
        assert kinds.Name(kind) == f"API_KEY_KIND_{kind.name}"


@pytest.mark.parametrize("kind", [KeyKind.TRADING, KeyKind.READ_ONLY, KeyKind.DROP_COPY])
def test_entries_come_back_as_they_were(kind: KeyKind) -> None:
    """Each kind, one account or several."""
    for accounts in ((1,), (2**32 - 1,), (7, 1, 3)):
        assert read_entry(directory_entry(kind, accounts, key_digest("x"))) == KeyEntry(kind, accounts)


def test_keys_of_every_kind(tmp_path: Path) -> None:
    """Two trade, one reads, one copies two accounts; each has an id of its own."""
    ledger = made(tmp_path)
    trading, trading_id = ledger.create_key([1], KeyKind.TRADING)
    reading, _ = ledger.create_key([2], KeyKind.READ_ONLY)
    copying, _ = ledger.create_key([3, 1, 3], KeyKind.DROP_COPY)
    ledger.close()
    assert trading_id == key_id(key_digest(trading)) == key_digest(trading).hex()[:16]
    assert seen(tmp_path, trading, reading, copying) == [
        KeyEntry(KeyKind.TRADING, (1,)),
        KeyEntry(KeyKind.READ_ONLY, (2,)),
        KeyEntry(KeyKind.DROP_COPY, (3, 1)),
    ]


def test_keys_are_refused(tmp_path: Path) -> None:
    """No account, too many, one that is not there."""
    ledger = made(tmp_path)
    assert refusal(ledger, [], KeyKind.TRADING) == types_pb2.REASON_MISSING_FIELD
    assert refusal(ledger, [1, 2], KeyKind.TRADING) == types_pb2.REASON_INVALID_FIELD
    assert refusal(ledger, [1, 2], KeyKind.READ_ONLY) == types_pb2.REASON_INVALID_FIELD
    assert refusal(ledger, [1, 4], KeyKind.DROP_COPY) == types_pb2.REASON_UNKNOWN_ACCOUNT
    assert refusal(ledger, [0], KeyKind.DROP_COPY) == types_pb2.REASON_UNKNOWN_ACCOUNT
    ledger.ensure_accounts([(f"account {number}", f"key number {number}") for number in range(4, 66)])
    assert refusal(ledger, list(range(1, 66)), KeyKind.DROP_COPY) == types_pb2.REASON_INVALID_FIELD
    assert ledger.create_key(list(range(1, 65)), KeyKind.DROP_COPY)
    ledger.close()


def test_a_revoked_key_stays_worthless(tmp_path: Path) -> None:
    """One that was issued, and one of the configuration, which is ensured again at every start."""
    ledger = made(tmp_path)
    issued, issued_id = ledger.create_key([1], KeyKind.TRADING)
    ledger.revoke_key(issued_id)
    ledger.revoke_key(issued_id)
    ledger.revoke_key(key_id(key_digest("the key of bob")))
    ledger.ensure_accounts([("bob", "the key of bob"), ("alice", issued)])
    for wrong in ("", "0123", "no hex digits...", "00" * 8, "zz" * 8, issued_id + "00"):
        with pytest.raises(LedgerRefusedError) as caught:
            ledger.revoke_key(wrong)
        assert caught.value.reason == types_pb2.REASON_INVALID_FIELD
    ledger.close()
    assert seen(tmp_path, issued, "the key of bob") == [None, None]
    assert seen(tmp_path, "the key of alice") == [KeyEntry(KeyKind.TRADING, (1,))]


def test_tiers(tmp_path: Path) -> None:
    """Of a new account, set, and taken back; a key for several accounts has the first one's."""
    ledger = made(tmp_path)
    maker, maker_key = ledger.create_account("maker", "maker")
    copying, _ = ledger.create_key([2, 1], KeyKind.DROP_COPY)
    ledger.set_tier(1, "retail")
    ledger.set_tier(2, "large")
    ledger.set_tier(1, "")
    for account_id, tier, reason in (
        (9, "maker", types_pb2.REASON_UNKNOWN_ACCOUNT),
        (1, "x" * 33, types_pb2.REASON_INVALID_FIELD),
        (1, "\n", types_pb2.REASON_INVALID_FIELD),
    ):
        with pytest.raises(LedgerRefusedError) as caught:
            ledger.set_tier(account_id, tier)
        assert caught.value.reason == reason
    ledger.close()
    assert seen(tmp_path, maker_key, "the key of alice", "the key of bob", copying) == [
        KeyEntry(KeyKind.TRADING, (maker.account_id,), "maker"),
        KeyEntry(KeyKind.TRADING, (1,)),
        KeyEntry(KeyKind.TRADING, (2,), "large"),
        KeyEntry(KeyKind.DROP_COPY, (2, 1), "large"),
    ]


def test_self_trade_groups(tmp_path: Path) -> None:
    """Set, another one, and taken back; of an account that exists."""
    ledger = made(tmp_path)
    for account_id, group in ((1, 7), (2, 2**32 - 1), (1, 8), (2, 0)):
        ledger.set_self_trade_group(account_id, group)
    with pytest.raises(LedgerRefusedError) as caught:
        ledger.set_self_trade_group(9, 7)
    assert caught.value.reason == types_pb2.REASON_UNKNOWN_ACCOUNT
    ledger.close()
    assert seen(tmp_path, "the key of alice", "the key of bob") == [
        KeyEntry(KeyKind.TRADING, (1,), self_trade_group=8),
        KeyEntry(KeyKind.TRADING, (2,)),
    ]


def test_a_ledger_of_the_first_version_still_opens(tmp_path: Path) -> None:
    """Accounts with keys, and neither kinds nor tiers: a gateway reads it before and after the ledger has opened it."""
    digest = key_digest("an old key of dave")
    environment = lmdb.open(str(tmp_path), max_dbs=DATABASES_MAX, map_size=MAP_BYTES)
    names = (b"accounts", b"names", b"api_keys", b"entries", b"balances", b"deposits")
    accounts, by_name, keys, *_ = [environment.open_db(name) for name in names]
    with environment.begin(write=True) as transaction:
        transaction.put(b"\0\0\0\1", b"dave", db=accounts)
        transaction.put(b"dave", b"\0\0\0\1", db=by_name)
        transaction.put(digest, b"\0\0\0\1" + digest, db=keys)
    environment.close()
    assert seen(tmp_path, "an old key of dave") == [KeyEntry(KeyKind.TRADING, (1,))]
    ledger = Ledger(tmp_path, ["USDT"], read_only=True)
    assert ledger.check() == {}
    ledger.close()
    ledger = Ledger(tmp_path, ["USDT"])
    ledger.set_tier(1, "maker")
    ledger.close()
    assert seen(tmp_path, "an old key of dave") == [KeyEntry(KeyKind.TRADING, (1,), "maker")]


def test_a_configured_account_begins_in_its_tier_and_keeps_the_one_it_was_put_into(tmp_path: Path) -> None:
    """The configuration says the tier of a new account only."""
    for put, expected in (("", "market-maker"), ("retail", "retail")):
        ledger = made(tmp_path)
        (dora,) = ledger.ensure_accounts([("dora", "the key of dora")], {"dora": "market-maker"})
        if put:
            ledger.set_tier(dora.account_id, put)
            ledger.ensure_accounts([("dora", "the key of dora")], {"dora": "market-maker"})
        ledger.close()
        assert seen(tmp_path, "the key of dora") == [KeyEntry(KeyKind.TRADING, (dora.account_id,), expected)]
