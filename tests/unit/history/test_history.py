"""The history index against replays of the journal that it was made from (API-4)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle.records import Command, CommandType, Event, EventType, unpack_events
from tests.unit.engine import kit
from tidegate.engine.recovery import make_shard
from tidegate.history.config import HistorySettings
from tidegate.history.errors import HistoryBehindError, HistoryRefusedError
from tidegate.history.follower import Follower, rest_s
from tidegate.history.index import HistoryIndex, order_age, order_id_of
from tidegate.history.indexer import SymbolIndexer
from tidegate.history.queries import Queries
from tidegate.v1 import account_service_pb2 as pb
from tidegate.v1 import types_pb2 as types
from tidegate.wire.damage_mark import DamageMark
from tidegate.wire.journal_reader import JournalReader
from tidegate.wire.native import inspect, unpack_commands
from tidegate.wire.native import unpack_events as journal_events

COMMANDS = 1500
ACCOUNTS = range(1, 9)

pytestmark = pytest.mark.rule("API-4")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venue's directory with a journal."""
    path = tmp_path_factory.mktemp("history")
    kit.write_journal(kit.settings(path), seed=3, count=COMMANDS, batch=40)
    return path


@pytest.fixture
def queries(data_dir: Path, tmp_path: Path) -> Iterator[Queries]:
    """The whole journal, indexed in small steps."""
    index = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    yield indexed(index, data_dir)
    index.close()


def indexed(index: HistoryIndex, data_dir: Path) -> Queries:
    journal = kit.settings(data_dir).topology.journal_dir(kit.SYMBOL)
    indexer = SymbolIndexer(index, kit.INSTRUMENT.instrument_id, kit.SYMBOL, journal, 4096)
    indexer.catch_up(60.0)
    return Queries(index, indexer, 100_000)


def journal(data_dir: Path) -> Iterator[tuple[int, bytes, bytes]]:
    """(time, commands, events) of each batch."""
    reader = JournalReader(kit.settings(data_dir).topology.journal_dir(kit.SYMBOL))
    while batches := reader.read():
        for batch in batches:
            yield inspect(batch.payload).time_ns, unpack_commands(batch.payload), journal_events(batch.payload)
    reader.close()


def replay_to(data_dir: Path, sequence: int, question: Command) -> Event:
    """The engine's own answer after so many commands."""
    shard = make_shard(kit.INSTRUMENT, kit.STATE)
    for time_ns, commands, _ in journal(data_dir):
        left = sequence - shard.sequence
        shard.apply(commands[: left * 128], time_ns, 1)
        if shard.sequence == sequence:
            break
    return unpack_events(shard.apply(question.pack(), 0, 1))[0]


def all_events(data_dir: Path) -> list[Event]:
    return [event for _, _, events in journal(data_dir) for event in unpack_events(events)]


def test_every_order_as_of_a_random_sequence_equals_a_replay_to_there(data_dir: Path, queries: Queries) -> None:
    chance = random.Random(1)
    placed = [event for event in all_events(data_dir) if event.type == EventType.ACCEPTED]
    for sequence in [chance.randrange(100, COMMANDS + 1) for _ in range(10)]:
        for born in chance.sample([each for each in placed if each.sequence <= sequence], 12):
            question = Command(CommandType.QUERY_ORDER, account=born.account, order_id=born.order_id)
            expected = replay_to(data_dir, sequence, question)
            request = pb.GetOrderAtRequest(symbol=kit.SYMBOL, order_id=born.order_id, sequence=sequence)
            answer = queries.order_at(born.account, request)
            order = answer.order
            got = (order.status, order.reason, order.price_ticks, order.quantity_lots)
            assert got == (expected.status, expected.reason, expected.price, expected.quantity)
            assert (order.filled_lots, order.leaves_lots) == (expected.filled, expected.leaves)
            assert (order.side, order.type, order.time_in_force) == (
                expected.side,
                expected.order_type,
                expected.time_in_force,
            )
            assert order.client_order_id == born.client_order_id
            assert answer.sequence == order.sequence == sequence
            assert [report.sequence for report in answer.reports] == sorted(
                report.sequence for report in answer.reports
            )


def test_an_order_with_more_events_than_are_read_is_still_told_as_it_is(data_dir: Path, queries: Queries) -> None:
    """The first event and the newest ones up to the sequence are read: an order that ended is never told as open."""
    short = Queries(queries.index, queries.indexer, 2)
    placed = [event for event in all_events(data_dir) if event.type == EventType.ACCEPTED]
    left_out = 0
    for sequence in (COMMANDS // 2, COMMANDS):
        for born in placed:
            if born.sequence > sequence:
                continue
            request = pb.GetOrderAtRequest(symbol=kit.SYMBOL, order_id=born.order_id, sequence=sequence)
            whole, part = (each.order_at(born.account, request) for each in (queries, short))
            assert len(part.reports) <= 2
            left_out += len(whole.reports) > len(part.reports)
            assert (part.reports[0], part.reports[-1]) == (whole.reports[0], whole.reports[-1])
            assert state(part.order) == state(whole.order)
    assert left_out > 20


def state(order: types.Order) -> tuple[int, ...]:
    return (order.status, order.reason, order.quantity_lots, order.filled_lots, order.leaves_lots, order.side)


def test_as_of_a_time_is_as_of_the_last_command_at_or_before_it(data_dir: Path, queries: Queries) -> None:
    batches = [(time_ns, unpack_events(events)) for time_ns, _, events in journal(data_dir)]
    for (time_ns, events), (later_ns, _) in itertools.pairwise(batches):
        assert queries.indexer.sequence_at(time_ns) == events[-1].sequence
        assert queries.indexer.sequence_at(later_ns - 1) == events[-1].sequence
    assert queries.indexer.sequence_at(batches[0][0] - 1) == 0
    assert queries.indexer.sequence_at(batches[-1][0] + 10**18) == COMMANDS


def test_fills_are_all_trades_of_the_account_newest_first_in_pages(data_dir: Path, queries: Queries) -> None:
    trades = [event for event in all_events(data_dir) if event.type == EventType.TRADE]
    assert len(trades) > 100
    for account in ACCOUNTS:
        expected = []
        for trade in reversed(trades):
            expected += [(trade.trade_id, True)] if trade.maker_account == account else []
            expected += [(trade.trade_id, False)] if trade.account == account else []
        got = []
        request = pb.ListFillsRequest(symbol=kit.SYMBOL, page_size=7)
        while True:
            page = queries.list_fills(account, request)
            assert len(page.fills) <= 7
            got += [(fill.trade_id, fill.maker) for fill in page.fills]
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        assert got == expected


def test_orders_are_listed_newest_first_as_they_are_now(data_dir: Path, queries: Queries) -> None:
    born = [event for event in all_events(data_dir) if event.type in (EventType.ACCEPTED, EventType.REJECTED)]
    for account in (1, 5):
        ids = [each.order_id for each in born if each.account == account and each.command_type == 1 and each.order_id]
        got: list[types.Order] = []
        request = pb.ListOrdersRequest(symbol=kit.SYMBOL, page_size=11)
        while not got or request.page_token:
            page = queries.list_orders(account, request)
            got += page.orders
            request.page_token = page.next_page_token
        assert [order.order_id for order in got] == ids[::-1]
        for order in got[::9]:
            question = Command(CommandType.QUERY_ORDER, account=account, order_id=order.order_id)
            assert order.status == replay_to(data_dir, COMMANDS, question).status


def test_times_narrow_lists_down(data_dir: Path, queries: Queries) -> None:
    times = sorted({event.time_ns for event in all_events(data_dir)})
    start, end = times[5], times[20]
    request = pb.ListOrdersRequest(symbol=kit.SYMBOL, page_size=1000, start_time_ns=start, end_time_ns=end)
    orders = queries.list_orders(2, request).orders
    assert orders
    assert all(start <= order.created_time_ns < end for order in orders)
    everything = queries.list_orders(2, pb.ListOrdersRequest(symbol=kit.SYMBOL, page_size=1000)).orders
    assert len(orders) == sum(start <= order.created_time_ns < end for order in everything)
    fills = queries.list_fills(
        2, pb.ListFillsRequest(symbol=kit.SYMBOL, page_size=1000, start_time_ns=start, end_time_ns=end)
    ).fills
    assert fills
    assert all(start <= fill.engine_time_ns < end for fill in fills)


def test_an_order_is_found_by_its_client_order_id_and_by_nobody_else(data_dir: Path, queries: Queries) -> None:
    born = next(event for event in all_events(data_dir) if event.type == EventType.ACCEPTED)
    request = pb.GetOrderAtRequest(symbol=kit.SYMBOL, client_order_id=born.client_order_id)
    assert queries.order_at(born.account, request).order.order_id == born.order_id
    for strange in (
        (born.account % 8 + 1, pb.GetOrderAtRequest(symbol=kit.SYMBOL, order_id=born.order_id)),
        (born.account, pb.GetOrderAtRequest(symbol=kit.SYMBOL, order_id=born.order_id, sequence=born.sequence - 1)),
    ):
        with pytest.raises(HistoryRefusedError) as refused:
            queries.order_at(*strange)
        assert refused.value.reason == types.REASON_UNKNOWN_ORDER
    with pytest.raises(HistoryRefusedError) as refused:
        queries.order_at(1, pb.GetOrderAtRequest(symbol=kit.SYMBOL, order_id=1, sequence=COMMANDS + 1))
    assert refused.value.reason == types.REASON_SEQUENCE_AHEAD


@pytest.mark.parametrize("token", ["x", "1.2", "-1", "1" * 21, "99999999999999999999", "1.2.3.4"])
def test_a_page_token_that_was_not_given_out_is_refused(queries: Queries, token: str) -> None:
    with pytest.raises(HistoryRefusedError) as refused:
        queries.list_orders(1, pb.ListOrdersRequest(symbol=kit.SYMBOL, page_token=token))
    assert refused.value.reason == types.REASON_INVALID_FIELD
    with pytest.raises(HistoryRefusedError):
        queries.list_fills(1, pb.ListFillsRequest(symbol=kit.SYMBOL, page_token=token + ".0.0.0"))


def test_indexing_goes_on_where_it_was_and_again_changes_nothing(data_dir: Path, tmp_path: Path) -> None:
    index = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    indexer = indexed(index, data_dir).indexer
    assert indexer.sequence == COMMANDS
    assert not indexer.step()
    index.close()
    again = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    assert again.progress(kit.INSTRUMENT.instrument_id)[0] == COMMANDS
    again.close()


def test_an_index_that_a_crash_of_the_machine_may_have_spoilt_is_made_anew(data_dir: Path, tmp_path: Path) -> None:
    index = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    indexed(index, data_dir)
    index._environment.sync(True)
    with index._environment.begin(write=True) as transaction:
        transaction.put(b"open", b"another boot", db=index._tables["progress"])
    index._environment.close()
    again = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    assert again.progress(kit.INSTRUMENT.instrument_id) == (0, b"")
    again.close()


def linked(data_dir: Path, tmp_path: Path) -> HistorySettings:
    """Of a venue with the same journal, and a history of its own."""
    settings = HistorySettings(data_dir=tmp_path, instruments=(kit.INSTRUMENT,))
    topology = settings.topology
    topology.journal_dir(kit.SYMBOL).parent.mkdir(parents=True)
    topology.journal_dir(kit.SYMBOL).symlink_to(kit.settings(data_dir).topology.journal_dir(kit.SYMBOL))
    return settings


async def test_a_damaged_index_is_noticed_and_made_anew_by_the_next_start(data_dir: Path, tmp_path: Path) -> None:
    """A question is answered by "not now", never by a fault; nothing is lost, all of it is in the journals."""
    settings = linked(data_dir, tmp_path)
    topology = settings.topology

    async def fills() -> list[int]:
        wanted = pb.ListFillsRequest(symbol=kit.SYMBOL, page_size=1000)
        answer = await follower.ask(kit.SYMBOL, lambda queries: queries.list_fills(1, wanted))
        return [each.trade_id for each in answer.fills]

    follower = Follower(settings, DamageMark(tmp_path / "mark"))
    before = await fills()
    assert before
    follower.close()
    file = topology.history_dir / "data.mdb"
    pages = [file.read_bytes()[start : start + 4096] for start in range(0, file.stat().st_size, 4096)]
    account = (1).to_bytes(4, "big") + kit.INSTRUMENT.instrument_id.to_bytes(2, "big")
    file.write_bytes(b"".join(bytes(4096) if page.count(account) > 3 else page for page in pages))
    follower = Follower(settings, DamageMark(tmp_path / "mark"))
    with pytest.raises(HistoryBehindError):
        await fills()
    assert follower.damaged.is_set()
    follower.close()
    follower = Follower(settings, DamageMark(tmp_path / "mark"))
    assert await fills() == before
    follower.close()


def test_a_journal_that_is_not_the_one_that_was_indexed_is_not_mixed_in(data_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    kit.write_journal(kit.settings(other), seed=4, count=2 * COMMANDS, batch=40)
    index = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    indexed(index, data_dir)
    with pytest.raises(HistoryBehindError):
        indexed(index, other)
    assert index.progress(kit.INSTRUMENT.instrument_id)[0] == COMMANDS
    index.close()


def test_order_ids_and_ages_are_one_to_one() -> None:
    ask = 1 << 62
    ids = [1, 2, 7, 7 | ask, 8, 8 | ask, (1 << 40) | ask]
    assert [order_id_of(order_age(each)) for each in ids] == ids
    ages = [order_age(each) for each in ids]
    assert ages == sorted(ages)


def test_the_index_takes_its_share_of_a_processor_and_no_more() -> None:
    """Half: as long a rest as the work was; a quarter: three times as long; all of it: none."""
    assert [rest_s(0.02, share) for share in (0.5, 0.25, 1.0)] == pytest.approx([0.02, 0.06, 0.0])


def test_a_step_tells_how_much_it_took(data_dir: Path, tmp_path: Path) -> None:
    """So that the follower knows whether it is behind: a whole piece, less at the end, then nothing."""
    index = HistoryIndex(tmp_path / "index", DamageMark(tmp_path / "mark"))
    directory = kit.settings(data_dir).topology.journal_dir(kit.SYMBOL)
    indexer = SymbolIndexer(index, kit.INSTRUMENT.instrument_id, kit.SYMBOL, directory, 4096)
    taken = list(iter(indexer.step, 0))
    assert len(taken) > 3
    assert all(size >= 4096 for size in taken[:-1])
    index.close()
