"""Every open stream of a gateway: opens them, looks after those that are not read, ends them when it drains."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import grpc.aio

from tidegate.gateway import resume
from tidegate.gateway.authentication import Authenticator, Principal
from tidegate.gateway.catch_up import JournalCatchUp
from tidegate.gateway.config import GatewayLimits
from tidegate.gateway.errors import RefusedError
from tidegate.gateway.limiters import Limiters
from tidegate.gateway.router_pump import RouterPump
from tidegate.gateway.shards import Shards
from tidegate.gateway.stream import Stream
from tidegate.gateway.turns import Turns
from tidegate.gateway.unary import parse
from tidegate.v1 import account_service_pb2, order_service_pb2, types_pb2
from tidegate.wire.accounts import KEY_ACCOUNTS_MAX

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[Any, Any]
    Opening = TypeVar(
        "Opening",
        order_service_pb2.TradeRequest,
        account_service_pb2.StreamEventsRequest,
        account_service_pb2.StreamDropCopyRequest,
    )

SWEEP_SECONDS = 0.1
KEYS_SECONDS = 1.0
"""How often the keys of open streams are looked at; what is known of a key may be CACHE_SECONDS old by then."""
KEY_CATCH_UPS_MAX = 2
"""Streams of one key that read what they have missed at one time. Each holds some MB, and the journals are read by one
after the other: a hundred that start at the beginning must not keep others from going on."""


class StreamRegistry:
    """Long sessions of the Router, one per stream."""

    def __init__(
        self,
        pump: RouterPump,
        catch_up: JournalCatchUp,
        *,
        shards: Shards,
        authenticator: Authenticator,
        limiters: Limiters,
        limits: GatewayLimits,
    ) -> None:
        self._pump = pump
        self._catch_up = catch_up
        self._shards = shards
        self._authenticator = authenticator
        self._limiters = limiters
        self._limits = limits
        self._draining = False
        self._streams: dict[Stream, Principal] = {}
        self._opening: list[Principal] = []
        self._catching_up: Turns[bytes] = Turns(KEY_CATCH_UPS_MAX)
        self._reading = 0  # streams that take no commands
        self._empty = asyncio.Event()
        self._empty.set()

    async def trade(self, caller: Principal, context: Context, first: bytes) -> None:
        """One Trade call, from its first message to its end. Raises RefusedError."""
        wanted = self._parse_opening(order_service_pb2.TradeRequest, first).open
        starts = await self._starts(caller, wanted)
        session = self._pump.router.open_session(
            caller.account_id,
            events=True,
            held=bool(starts),
            cancel_on_disconnect=wanted.cancel_on_disconnect,
            limiter=self._limiters.of(caller),
        )
        await self._run(caller, context, session, starts, first=first, cancels_when_lost=wanted.cancel_on_disconnect)

    async def events(self, caller: Principal, context: Context, message: bytes) -> None:
        """One StreamEvents call. Raises RefusedError."""
        wanted = self._parse_opening(account_service_pb2.StreamEventsRequest, message).open
        starts = await self._starts(caller, wanted)
        session = self._pump.router.open_session(caller.account_id, events=True, held=bool(starts))
        await self._run(caller, context, session, starts)

    async def drop_copy(self, caller: Principal, context: Context, message: bytes) -> None:
        """One StreamDropCopy call. Raises RefusedError: PERMISSION_DENIED for an account that is not the key's."""
        request = self._parse_opening(account_service_pb2.StreamDropCopyRequest, message)
        if len(request.account_ids) > KEY_ACCOUNTS_MAX:
            raise RefusedError(types_pb2.REASON_TOO_MANY_ITEMS, f"at most {KEY_ACCOUNTS_MAX} accounts")
        accounts = tuple(dict.fromkeys(request.account_ids)) or caller.accounts
        if not set(accounts) <= set(caller.accounts):
            raise RefusedError(types_pb2.REASON_PERMISSION_DENIED, "the key does not stand for all of these accounts")
        starts = await self._starts(caller, request.open)
        session = self._pump.router.open_drop_copy(accounts, held=bool(starts))
        await self._run(caller, context, session, starts, accounts=accounts)

    async def sweep(self) -> NoReturn:
        """Finds the streams whose output has passed its bound, or whose key is no longer worth anything, for as long
        as the gateway lives."""
        loop = asyncio.get_running_loop()
        keys_due = loop.time() + KEYS_SECONDS
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            for stream in self._streams:
                if self._pump.router.overflowed(stream.session):
                    stream.overflow()
            if loop.time() >= keys_due:
                keys_due = loop.time() + KEYS_SECONDS
                self._check_keys()

    def announce_symbol(self, symbol: str, *, added: bool) -> None:
        """Tells every stream of a symbol that the Router has taken in, or is about to let go."""
        sequence = dict(self._pump.router.positions()).get(symbol, 0)
        for stream in self._streams:
            stream.announce_symbol(symbol, sequence, added=added)

    async def announce_draining(self, seconds: float) -> None:
        """Tells every stream; returns when all have left, or after `seconds`. No stream opens any more."""
        self._draining = True
        for stream in self._streams:
            stream.announce_draining()
        await self._until_empty(seconds)

    async def end_all(self, seconds: float) -> None:
        """Ends what is still open once its commands are answered; returns then, or after `seconds`."""
        for stream in self._streams:
            stream.end(RefusedError(types_pb2.REASON_DRAINING))
        await self._until_empty(seconds)

    async def _until_empty(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)

    def _check_keys(self) -> None:
        for stream, caller in self._streams.items():
            try:
                now = self._authenticator.of_digest(caller.digest)
            except RefusedError as refusal:
                if refusal.reason == types_pb2.REASON_UNAUTHENTICATED:
                    stream.end(refusal)
            else:
                self._limiters.of(now)

    def _parse_opening(self, kind: type[Opening], message: bytes) -> Opening:
        # Millions of empty positions fit into one message: as objects they would hold up everybody else.
        if len(message) <= self._limits.opening_bytes_max:
            request = parse(kind, message)
            if len(request.open.resume_after) <= self._limits.opening_positions_max:
                _require_sense(request)
                return request
        raise RefusedError(types_pb2.REASON_TOO_MANY_ITEMS, "the message that opens the stream is too large")

    async def _starts(self, caller: Principal, wanted: order_service_pb2.StreamOpen) -> dict[str, int]:
        """Where the client wants to go on, when there is room for its stream."""
        if self._draining:
            raise RefusedError(types_pb2.REASON_DRAINING)
        self._require_room(caller)
        # It may take a while to know whether a position lies ahead: those who wait for that count too.
        self._opening.append(caller)
        try:
            starts = await resume.starting_points(self._pump, self._shards, wanted)
        finally:
            self._opening.remove(caller)
        self._require_room(caller)
        return starts

    def _require_room(self, caller: Principal) -> None:
        streams_max = self._limits.tier(caller.tier).streams_max
        open_now = (*self._streams.values(), *self._opening)
        if sum(other.digest == caller.digest for other in open_now) >= streams_max:
            message = f"the key has {streams_max} streams open already"
            raise RefusedError(types_pb2.REASON_TOO_MANY_CONNECTIONS, message, details={"limit": str(streams_max)})
        of_account = sum(caller.account_id in stream.accounts for stream in self._streams)
        if of_account >= self._limits.account_streams_max:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS, "the account has as many streams as it may")

    def _pause_s(self) -> float:
        """How long a stream without commands rests after a message."""
        return self._reading / self._limits.reader_messages_second_max

    async def _run(
        self,
        caller: Principal,
        context: Context,
        session: int,
        starts: dict[str, int],
        *,
        accounts: tuple[int, ...] = (),
        first: bytes | None = None,
        cancels_when_lost: bool = False,
    ) -> None:
        if session == 0:
            raise RefusedError(types_pb2.REASON_TOO_MANY_SESSIONS)
        resumed = resume.Resume(self._pump.router.positions(), accounts or caller.accounts, starts)
        stream = Stream(
            self._pump,
            self._catch_up,
            self._limits,
            context=context,
            session=session,
            resumed=resumed,
            first=first,
            cancels_when_lost=cancels_when_lost,
            pause_s=self._pause_s,
            catch_up_turn=lambda: self._catching_up.of(caller.digest),
        )
        self._streams[stream] = caller
        self._reading += first is None
        self._empty.clear()
        try:
            await stream.run()
        finally:
            self._pump.detach(session)
            del self._streams[stream]
            self._reading -= first is None
            if not self._streams:
                self._empty.set()


def _require_sense(request: Opening) -> None:
    """Whoever asks for two things at once, or for what the stream does not have, must not go on without."""
    symbols = [each.symbol for each in request.open.resume_after]
    if len(set(symbols)) < len(symbols):
        twice = next(symbol for symbol in symbols if symbols.count(symbol) > 1)
        raise RefusedError(types_pb2.REASON_INVALID_FIELD, f"{twice[:16]} is named twice")
    if request.open.cancel_on_disconnect and not isinstance(request, order_service_pb2.TradeRequest):
        raise RefusedError(types_pb2.REASON_INVALID_FIELD, "cancel_on_disconnect is for Trade streams")
