"""What the venue lists, for every process: one JSON file that the supervisor alone writes (rule INS-3).

The file names every symbol that was ever listed, with its definition as first listed: journals hold integers,
and its number, tick, lot and asset give them their meaning. (Later definitions are in the symbol's journal.)
Entries are never taken out; a symbol that is off the venue has the state "delisted".

To list or delist while the venue runs, a process leaves a request in a directory and waits for its answer:

    ID.request  ->  {"id", "action": "list" | "delist", "symbol", "instrument", "choose_number", "initial_phase"}
    ID.answer   <-  {"ok", "message", "instrument"}; the request is gone by then
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tidegate.wire.durable import replace_durably
from tidegate.wire.instruments import Instrument

REQUEST_SUFFIX = ".request"
ANSWER_SUFFIX = ".answer"

_STRICT = ConfigDict(frozen=True, extra="forbid")


class ListedInstrument(BaseModel):
    """One symbol that is listed, or was."""

    model_config = _STRICT

    instrument: Instrument
    state: Literal["listed", "delisted"] = "listed"

    @property
    def symbol(self) -> str:
        """Its symbol."""
        return self.instrument.symbol

    @property
    def is_listed(self) -> bool:
        """Whether it has an engine and takes orders now."""
        return self.state == "listed"


class ListingRequest(BaseModel):
    """What a process asks of the supervisor."""

    model_config = _STRICT

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    action: Literal["list", "delist"]
    symbol: str
    instrument: Instrument | None = None
    """Of a "list"."""
    choose_number: bool = False
    """Of a "list": instrument_id means nothing; the symbol's own if it was listed before, else the next free one."""
    initial_phase: str = "HALT"
    """Of a "list": a name of wire.enums.Phase, for a journal that is new."""


class ListingAnswer(BaseModel):
    """What has become of a request."""

    model_config = _STRICT

    ok: bool
    message: str = ""
    """Why not, for people."""
    instrument: Instrument | None = None
    """As listed."""


class ListingError(Exception):
    """The file holds something else than a listing; the message names it."""


_ENTRIES = TypeAdapter(tuple[ListedInstrument, ...])


def read_listing(path: Path) -> tuple[ListedInstrument, ...]:
    """Every symbol ever listed, by number; none when there is no file. Raises ListingError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    try:
        return _ENTRIES.validate_json(content)
    except ValidationError as error:
        raise ListingError(f"{path} is no listing: {error.errors()[0]['msg']}") from error


def write_listing(path: Path, entries: Iterable[ListedInstrument]) -> None:
    """Replaces the file: readers see the old one or the new one, and so does whoever comes after a power cut."""
    ordered = sorted(entries, key=lambda each: each.instrument.instrument_id)
    replace_durably(path, json.dumps(_ENTRIES.dump_python(tuple(ordered), mode="json"), indent=1))


class ListingWatcher:
    """Tells when the listing has changed, for the cost of one stat()."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> tuple[ListedInstrument, ...] | None:
        """The whole listing when it is not the one returned before (so at first, if there is one), else None.

        Raises ListingError.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if mark == self._seen:
            return None
        entries = read_listing(self._path)
        self._seen = mark
        return entries


def new_request_id() -> str:
    """For a ListingRequest."""
    return secrets.token_hex(8)


def leave_request(directory: Path, request: ListingRequest) -> None:
    """Puts a request where the supervisor looks."""
    directory.mkdir(parents=True, exist_ok=True)
    replace_durably(directory / f"{request.id}{REQUEST_SUFFIX}", request.model_dump_json())


def take_answer(directory: Path, request_id: str) -> ListingAnswer | None:
    """The answer, once; None while there is none."""
    path = directory / f"{request_id}{ANSWER_SUFFIX}"
    try:
        answer = ListingAnswer.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    path.unlink()
    return answer


def take_request(directory: Path) -> ListingRequest | None:
    """For the supervisor: the oldest request, still there until it is answered; one that is none is answered so."""
    for path in sorted(directory.glob(f"*{REQUEST_SUFFIX}"), key=lambda each: each.stat().st_mtime_ns):
        try:
            request = ListingRequest.model_validate_json(path.read_bytes())
            if request.id == path.name.removesuffix(REQUEST_SUFFIX):
                return request
            fault = "its id is not its name"
        except ValidationError as error:
            fault = str(error.errors()[0]["msg"])
        _answer(directory, path, ListingAnswer(ok=False, message=f"no listing request: {fault}"))
    return None


def leave_answer(directory: Path, request_id: str, answer: ListingAnswer) -> None:
    """For the supervisor: answers a request, which is gone afterwards."""
    _answer(directory, directory / f"{request_id}{REQUEST_SUFFIX}", answer)


def _answer(directory: Path, request: Path, answer: ListingAnswer) -> None:
    name = request.name.removesuffix(REQUEST_SUFFIX) + ANSWER_SUFFIX
    replace_durably(directory / name, answer.model_dump_json())
    request.unlink(missing_ok=True)
