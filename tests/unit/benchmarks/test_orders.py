"""The gRPC benchmark's own honesty: what counts as answered, and what its final check refuses."""

import pytest

from benchmarks import orders
from benchmarks.stream_client import Answers
from tidegate.v1 import order_service_pb2, types_pb2

SYMBOL = "BENCHUSDT"


def answers_to(sent: orders.Requests) -> list[types_pb2.Report]:
    """One report per command, as a venue gives them."""
    reports = []
    for message in sent.messages:
        request = order_service_pb2.TradeRequest.FromString(message)
        for item, command in enumerate(request.commands):
            placed = command.WhichOneof("command") == "place"
            kind = types_pb2.REPORT_KIND_ACCEPTED if placed else types_pb2.REPORT_KIND_CANCELED
            sequence = len(reports) + 7
            reports.append(
                types_pb2.Report(kind=kind, symbol=SYMBOL, sequence=sequence, request_id=request.request_id, item=item)
            )
    return reports


def in_responses(reports: list[types_pb2.Report], each: int) -> list[bytes]:
    """So many reports to a response, however that cuts messages."""
    return [
        order_service_pb2.TradeResponse(reports=reports[start : start + each]).SerializeToString()
        for start in range(0, len(reports), each)
    ]


def test_requests_cancel_what_the_message_before_has_placed() -> None:
    """Half cancels and half places from the second message on, every client order id new."""
    sent = orders.requests(SYMBOL, 10, 4, 1_000)
    decoded = [order_service_pb2.TradeRequest.FromString(message) for message in sent.messages]
    assert [message.request_id for message in decoded] == [1, 2, 3, 4]
    placed: set[int] = set()
    canceled: set[int] = set()
    for message in decoded:
        assert len(message.commands) == 10
        for command in message.commands:
            if command.WhichOneof("command") == "cancel":
                assert command.cancel.client_order_id in placed - canceled
                canceled.add(command.cancel.client_order_id)
            else:
                assert command.place.client_order_id not in placed
                placed.add(command.place.client_order_id)
    assert len(placed) - len(canceled) == 10


@pytest.mark.parametrize("each", [1, 7, 10, 25, 1_000])
def test_messages_count_as_answered_once_their_last_report_is_there(each: int) -> None:
    """However reports are cut into responses, and never before the last one."""
    sent = orders.requests(SYMBOL, 10, 20, 1)
    answers = Answers(20, 10)
    seen = 0
    for response in in_responses(answers_to(sent), each):
        answers.count(response)
        seen += len(order_service_pb2.TradeResponse.FromString(response).reports)
        assert answers.answered == seen // 10
    assert orders.check(sent, in_responses(answers_to(sent), each), SYMBOL) == 200


def test_the_check_refuses_what_is_not_complete() -> None:
    """A missing, a repeated or an unexpected report, and a gap in the sequences."""
    sent = orders.requests(SYMBOL, 10, 3, 1)
    good = answers_to(sent)
    with pytest.raises(AssertionError, match="without an answer"):
        orders.check(sent, in_responses(good[:-1], 10), SYMBOL)
    with pytest.raises(AssertionError, match="sequence"):
        orders.check(sent, in_responses(good[:4] + good[5:], 10), SYMBOL)
    twice = types_pb2.Report()
    twice.CopyFrom(good[-1])
    twice.sequence += 1
    with pytest.raises(AssertionError, match="twice"):
        orders.check(sent, in_responses([*good, twice], 10), SYMBOL)
    good[3].kind = types_pb2.REPORT_KIND_REJECTED
    with pytest.raises(AssertionError):
        orders.check(sent, in_responses(good, 10), SYMBOL)
