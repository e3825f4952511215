"""matching-engine, a book in pure Python: its engine's process() in a loop, with commands made beforehand.

Run by an interpreter that has the package (Python 3.12 or later): FLOW WARM [verify]. Prints one line of
JSON, as the native drivers do. It has no amend: both kinds are a cancel and a new order, so an order whose
quantity shrinks loses its place, and its trades are not quite the same ones.
"""

import json
import struct
import sys
import time
from pathlib import Path

from matching_engine.domain import (  # type: ignore[import-not-found,unused-ignore]
    CancelOrder,
    NewOrder,
    OrderType,
    SelfTradePrevention,
    SequencedCommand,
    Side,
    TimeInForce,
)
from matching_engine.engine import MatchingEngine  # type: ignore[import-not-found,unused-ignore]
from matching_engine.events import Trade  # type: ignore[import-not-found,unused-ignore]

OPERATION = struct.Struct("<BBHIQQII")
LIMIT, MARKET, CANCEL, REDUCE, REPRICE = 1, 2, 3, 4, 5


def commands(records: bytes) -> list[list[SequencedCommand]]:
    """Per operation, the commands that stand for it."""
    out: list[list[SequencedCommand]] = []
    sequence = 0
    for kind, side, left, quantity, price, order_id, account, _total in OPERATION.iter_unpack(records):
        which = Side.BUY if side == 1 else Side.SELL
        group = []
        if kind in (CANCEL, REDUCE, REPRICE):
            group.append(CancelOrder(order_id, account))
        if kind == REDUCE:
            quantity = left  # noqa: PLW2901 - the new order asks for what the old one had open
        if kind == MARKET:
            group.append(
                NewOrder(
                    order_id,
                    account,
                    which,
                    0,
                    quantity,
                    OrderType.MARKET,
                    TimeInForce.IOC,
                    stp=SelfTradePrevention.NONE,
                )
            )
        elif kind != CANCEL:
            group.append(NewOrder(order_id, account, which, price, quantity, stp=SelfTradePrevention.NONE))
        wrapped = []
        for command in group:
            sequence += 1
            wrapped.append(SequencedCommand(sequence, 0, command))
        out.append(wrapped)
    return out


def main(path: str, warm: int) -> None:
    """Runs the flow and prints the figures."""
    every = commands(Path(path).read_bytes())
    engine = MatchingEngine()
    process = engine.process
    trades = volume = 0
    for group in every[:warm]:
        for command in group:
            process(command)
    start = time.thread_time()
    for group in every[warm:]:
        for command in group:
            for event in process(command):
                if type(event) is Trade:
                    trades += 1
                    volume += event.qty
    seconds = time.thread_time() - start
    left = list(engine.book.entries())
    print(
        json.dumps(
            {
                "seconds": seconds,
                "operations": len(every) - warm,
                "trades": trades,
                "volume": volume,
                "hash": "0" * 16,
                "open_orders": len(left),
                "open_quantity": sum(entry.qty for entry in left),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
