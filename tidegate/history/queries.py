"""What the index answers, page by page. A page token is the place of the last row of the page before."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.history.errors import HistoryRefusedError
from tidegate.history.index import U64_MAX, HistoryIndex, order_age, order_id_of
from tidegate.history.indexer import SymbolIndexer
from tidegate.history.orders import order_after, reports_of
from tidegate.v1 import account_service_pb2, types_pb2

PAGE_DEFAULT = 100
PAGE_MAX = 1000


@dataclass(frozen=True)
class Queries:
    """One symbol's answers. All of them run in the indexer's thread, after it has caught up."""

    index: HistoryIndex
    indexer: SymbolIndexer
    scanned_max: int

    @property
    def _symbol(self) -> tuple[int, str]:
        return self.indexer.symbol, self.indexer.name

    def list_orders(
        self, account: int, request: account_service_pb2.ListOrdersRequest
    ) -> account_service_pb2.ListOrdersResponse:
        """Orders placed in [start, end), newest first. Raises HistoryRefusedError, HistoryBehindError."""
        size = page_size(request.page_size)
        below = page_place(request.page_token, 1)[0]
        if request.end_time_ns:
            below = min(below, order_age(self.indexer.sequence_at(request.end_time_ns - 1) + 1))
        first = order_age(self._first_after(request.start_time_ns))
        response = account_service_pb2.ListOrdersResponse()
        scanned = 0
        for age in self.index.ages_down(account, self.indexer.symbol, below):
            if age < first:
                break
            if len(response.orders) == size or scanned >= self.scanned_max:
                response.next_page_token = str(below)
                break
            packed = self.index.changes(account, self.indexer.symbol, age, self.scanned_max)
            response.orders.append(order_after(reports_of(packed, account, self._symbol, order_id_of(age))))
            scanned += len(packed)
            below = age
        return response

    def list_fills(
        self, account: int, request: account_service_pb2.ListFillsRequest
    ) -> account_service_pb2.ListFillsResponse:
        """Trades of the account in [start, end), newest first. Raises HistoryRefusedError, HistoryBehindError."""
        size = page_size(request.page_size)
        sequence, index, maker = page_place(request.page_token, 3)
        below = (sequence, index, maker)
        if request.end_time_ns:
            below = min(below, (self.indexer.sequence_at(request.end_time_ns - 1) + 1, 0, 0))
        first = self._first_after(request.start_time_ns)
        wanted = order_age(request.order_id)
        response = account_service_pb2.ListFillsResponse()
        for scanned, (place, age) in enumerate(self.index.fills_down(account, self.indexer.symbol, below)):
            if place[0] < first:
                break
            if len(response.fills) == size or scanned >= self.scanned_max:
                response.next_page_token = ".".join(map(str, below))
                break
            below = place
            if wanted in (0, age):
                response.fills.extend(self._fill(account, place, age))
        return response

    def order_at(
        self, account: int, request: account_service_pb2.GetOrderAtRequest
    ) -> account_service_pb2.GetOrderAtResponse:
        """One order as of a sequence or time. Raises HistoryRefusedError, HistoryBehindError."""
        as_of = self._as_of(request)
        ages = [order_age(request.order_id)] if request.order_id else self._ages(account, request.client_order_id)
        for age in reversed(ages):
            if order_id_of(age) & ~(1 << 62) > as_of:
                continue
            packed = self.index.changes(account, self.indexer.symbol, age, self.scanned_max, as_of)
            reports = reports_of(packed, account, self._symbol, order_id_of(age))
            if reports:
                order = order_after(reports)
                order.sequence = as_of
                return account_service_pb2.GetOrderAtResponse(order=order, reports=reports, sequence=as_of)
        raise HistoryRefusedError(types_pb2.REASON_UNKNOWN_ORDER, "no such order of this account at that point")

    def _as_of(self, request: account_service_pb2.GetOrderAtRequest) -> int:
        newest = self.indexer.sequence
        match request.WhichOneof("as_of"):
            case "sequence":
                if request.sequence > newest:
                    raise HistoryRefusedError(types_pb2.REASON_SEQUENCE_AHEAD, f"the newest sequence is {newest}")
                return request.sequence
            case "time_ns":
                return self.indexer.sequence_at(request.time_ns)
        return newest

    def _ages(self, account: int, client_order_id: int) -> list[int]:
        if not client_order_id:
            raise HistoryRefusedError(types_pb2.REASON_MISSING_FIELD, "order_id or client_order_id is required")
        return self.index.ages_of_client_id(account, self.indexer.symbol, client_order_id)

    def _first_after(self, time_ns: int) -> int:
        """The first sequence whose time is at or after this."""
        return self.indexer.sequence_at(time_ns - 1) + 1 if time_ns else 0

    def _fill(self, account: int, place: tuple[int, int, int], age: int) -> list[types_pb2.Report]:
        sequence, index, maker = place
        packed = self.index.change(account, self.indexer.symbol, age, sequence, index)
        if packed is None:
            return []
        found = reports_of([packed], account, self._symbol, order_id_of(age))
        return [report for report in found if report.maker == bool(maker)]


def page_size(wanted: int) -> int:
    """Rows in one answer. Raises HistoryRefusedError."""
    if not 0 <= wanted <= PAGE_MAX:
        raise HistoryRefusedError(types_pb2.REASON_INVALID_FIELD, f"page_size must be 0 to {PAGE_MAX}")
    return wanted or PAGE_DEFAULT


def page_place(token: str, numbers: int) -> tuple[int, ...]:
    """The numbers in a page token; above everything for an empty one. Raises HistoryRefusedError."""
    if not token:
        return (U64_MAX, *(0 for _ in range(numbers - 1)))
    parts = token.split(".")
    bounds = (U64_MAX, 0xFFFF, 0xFF)
    if len(parts) == numbers and all(part.isascii() and part.isdigit() and len(part) <= 20 for part in parts):
        place = tuple(int(part) for part in parts)
        if all(value <= bound for value, bound in zip(place, bounds, strict=False)):
            return place
    raise HistoryRefusedError(types_pb2.REASON_INVALID_FIELD, "page_token is none that was given out")
