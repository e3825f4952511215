"""Rule LED-1: two sides always, exactly once per deposit id, and sums that are right to the last unit."""

from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tidegate.risk.errors import LedgerInconsistentError, LedgerRefusedError
from tidegate.risk.ledger import AMOUNT_MAX, Ledger
from tidegate.v1 import types_pb2
from tidegate.wire.accounts import AccountDirectory, DirectoryUnavailableError, KeyEntry, KeyKind, key_digest


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger", ["USDT", "USDC"], clock_ns=lambda: 7)
    yield opened
    opened.close()


def refusal(ledger: Ledger, *arguments: object) -> int:
    """Reason for which a deposit is refused."""
    with pytest.raises(LedgerRefusedError) as caught:
        ledger.deposit(*arguments)  # type: ignore[arg-type]
    return caught.value.reason


def test_deposit_books_both_sides(ledger: Ledger) -> None:
    """A deposit debits the world outside and credits the wallet, in one entry."""
    account, _ = ledger.create_account("alice")
    booked = ledger.deposit(account.account_id, "USDT", 500, "d1")
    assert (booked.entry_id, booked.balance, booked.duplicate) == (1, 500, False)
    [entry] = ledger.entries()
    assert (entry.movement.debit, entry.movement.credit) == ("external:USDT", f"wallet:{account.account_id}:USDT")
    assert (entry.movement.amount, entry.movement.reference, entry.time_ns) == (500, "d1", 7)
    assert ledger.balances(account.account_id) == {"USDT": 500}
    assert ledger.check() == {"USDT": 500}


def test_deposit_is_booked_once(ledger: Ledger) -> None:
    """The same deposit id gives the original result, also after others; with another body it is refused."""
    one = ledger.create_account("alice")[0].account_id
    two = ledger.create_account("bob")[0].account_id
    first = ledger.deposit(one, "USDT", 500, "d1")
    ledger.deposit(one, "USDT", 1, "d2")
    again = ledger.deposit(one, "USDT", 500, "d1")
    assert (again.entry_id, again.balance, again.duplicate) == (first.entry_id, 500, True)
    for other in ((two, "USDT", 500), (one, "USDC", 500), (one, "USDT", 501)):
        assert refusal(ledger, *other, "d1") == types_pb2.REASON_DUPLICATE_DEPOSIT_ID
    assert ledger.check() == {"USDT": 501}


def test_refusals_change_nothing(ledger: Ledger) -> None:
    """Every refusal, with its reason; afterwards the books are as before."""
    account = ledger.create_account("alice")[0].account_id
    ledger.deposit(account, "USDT", AMOUNT_MAX, "d1")
    table = [
        ((account, "DOGE", 1, "x"), types_pb2.REASON_UNKNOWN_ASSET),
        ((account, "USDT", 0, "x"), types_pb2.REASON_INVALID_AMOUNT),
        ((account, "USDT", -1, "x"), types_pb2.REASON_INVALID_AMOUNT),
        ((account, "USDT", AMOUNT_MAX + 1, "x"), types_pb2.REASON_INVALID_AMOUNT),
        ((account, "USDT", 1, "x"), types_pb2.REASON_INVALID_AMOUNT),  # the wallet would overflow
        ((99, "USDC", 1, "x"), types_pb2.REASON_UNKNOWN_ACCOUNT),
        ((0, "USDC", 1, "x"), types_pb2.REASON_UNKNOWN_ACCOUNT),
        ((2**32, "USDC", 1, "x"), types_pb2.REASON_UNKNOWN_ACCOUNT),
        ((account, "USDC", 1, ""), types_pb2.REASON_MISSING_FIELD),
        ((account, "USDC", 1, "x" * 65), types_pb2.REASON_INVALID_FIELD),
        ((account, "USDC", 1, "a\nb"), types_pb2.REASON_INVALID_FIELD),
    ]
    assert [refusal(ledger, *arguments) for arguments, _ in table] == [reason for _, reason in table]
    other = ledger.create_account("bob")[0].account_id
    # The second wallet has room, but the world outside would not fit.
    assert refusal(ledger, other, "USDT", 1, "x") == types_pb2.REASON_INVALID_AMOUNT
    assert ledger.check() == {"USDT": AMOUNT_MAX}
    assert len(list(ledger.entries())) == 1


def test_accounts_have_names_and_numbers(ledger: Ledger) -> None:
    """Numbers count from 1, names are unique, pages follow the numbers."""
    created = [ledger.create_account(f"account {number}")[0] for number in range(1, 6)]
    assert [account.account_id for account in created] == [1, 2, 3, 4, 5]
    assert ledger.list_accounts(0, 2) == created[:2]
    assert ledger.list_accounts(2, 100) == created[2:]
    assert ledger.list_accounts(5, 100) == []
    for name, reason in (
        ("account 1", types_pb2.REASON_ACCOUNT_EXISTS),
        ("", types_pb2.REASON_MISSING_FIELD),
        ("x" * 65, types_pb2.REASON_INVALID_FIELD),
    ):
        with pytest.raises(LedgerRefusedError) as caught:
            ledger.create_account(name)
        assert caught.value.reason == reason


def test_ensured_accounts_stay(tmp_path: Path) -> None:
    """The configured accounts are made once; a key can never be moved to another account."""
    ledger = Ledger(tmp_path, ["USDT"])
    wanted = [("maker", "key of the maker"), ("taker", "key of the taker")]
    assert ledger.ensure_accounts(wanted) == ledger.ensure_accounts(wanted)
    with pytest.raises(LedgerRefusedError):
        ledger.ensure_accounts([("new", "key of a newcomer"), ("taker", "key of the maker")])
    assert len(ledger.list_accounts(0, 10)) == 2, "a refusal takes the whole list back"
    ledger.close()
    reopened = Ledger(tmp_path, ["USDT"])
    assert [account.name for account in reopened.ensure_accounts(wanted)] == ["maker", "taker"]
    reopened.close()


def test_directory_knows_keys_and_not_their_text(tmp_path: Path) -> None:
    """Gateways find an account by key; the key itself is nowhere in the files."""
    directory = AccountDirectory(tmp_path / "ledger")
    with pytest.raises(DirectoryUnavailableError):
        directory.lookup(key_digest("anything"))
    ledger = Ledger(tmp_path / "ledger", ["USDT"])
    account, api_key = ledger.create_account("alice")
    ledger.ensure_accounts([("alice", "a second key of alice")])
    ledger.close()
    entry = KeyEntry(KeyKind.TRADING, (account.account_id,))
    assert directory.lookup(key_digest(api_key)) == entry
    assert directory.lookup(key_digest("a second key of alice")) == entry
    assert directory.lookup(key_digest(api_key[:-1])) is None
    assert directory.lookup(key_digest("")) is None
    directory.close()
    assert api_key.encode() not in (tmp_path / "ledger" / "data.mdb").read_bytes()


@pytest.mark.parametrize("target", ["balance", "entry"])
def test_check_sees_one_unit(tmp_path: Path, target: str) -> None:
    """One unit more in a balance, or an entry less, and the check names it."""
    ledger = Ledger(tmp_path, ["USDT"])
    account = ledger.create_account("alice")[0].account_id
    ledger.deposit(account, "USDT", 500, "d1")
    ledger.deposit(account, "USDT", 500, "d2")
    ledger.close()
    with lmdb.open(str(tmp_path), max_dbs=8) as environment:
        name = b"balances" if target == "balance" else b"entries"
        with environment.begin(write=True, db=environment.open_db(name)) as transaction:
            if target == "balance":
                transaction.put(f"wallet:{account}:USDT".encode(), (1001).to_bytes(8, "big"))
            else:
                transaction.delete((1).to_bytes(8, "big"))
    damaged = Ledger(tmp_path, ["USDT"])
    with pytest.raises(LedgerInconsistentError, match="wallet:1:USDT" if target == "balance" else "entry 1"):
        damaged.check()
    damaged.close()


deposits = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["USDT", "USDC", "DOGE"]),
        st.one_of(st.integers(-2, 1000), st.integers(AMOUNT_MAX - 3, AMOUNT_MAX + 1)),
        st.sampled_from(["a", "b", "c", "d", "e", "f", "g"]),
    ),
    max_size=12,
)


@given(deposits)
@examples(60)
def test_sums_hold_whatever_is_asked(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[int, str, int, str]]
) -> None:
    """Any sequence of deposits, good or bad: Σ wallets = what was accepted, exactly, and stored = recomputed."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger"), ["USDT", "USDC"])
    for name in ("one", "two", "three"):
        ledger.create_account(name)
    accepted: dict[str, int] = {}
    try:
        for account, asset, amount, deposit_id in wanted:
            try:
                booked = ledger.deposit(account, asset, amount, deposit_id)
            except LedgerRefusedError:
                continue
            if not booked.duplicate:
                accepted[asset] = accepted.get(asset, 0) + amount
        assert ledger.check() == accepted
    finally:
        ledger.close()
