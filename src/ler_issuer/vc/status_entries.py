"""What a credential says about where its status is to be found.

Three kinds are read: `BitstringStatusListEntry` (Bitstring Status List 1.0 §2.1), its forerunner `StatusList2021Entry`,
and `1EdTechRevocationList`, with which Open Badges 3.0 began. Of any other kind the status stays open, and nothing is
fetched for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from ler_issuer.vc.documents import as_list, members, types_of
from ler_issuer.vc.findings import Outcome
from ler_issuer.vc.values import malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.types import Json, JsonObject, Pointer, Url
    from ler_issuer.vc.material import Source
    from ler_issuer.vc.problems import Problem

MAX_ENTRIES: Final = 4
"""Status entries of one credential that are looked at; each may cost a fetch."""

MAX_STATUS_SIZE: Final = 8
"""Bits of one status that are read; its messages grow as two to that power."""

PURPOSES: Final = frozenset({"revocation", "suspension", "refresh", "message"})
"""Purposes that are understood."""

_INDEX = re.compile(r"0|[1-9]\d{0,39}", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,16}", re.ASCII)
_WEB = ("https://", "http://")


class Kind(Enum):
    """The kinds of status that are read."""

    BITSTRING = "BitstringStatusListEntry"
    LIST_2021 = "StatusList2021Entry"
    REVOCATIONS = "1EdTechRevocationList"


@dataclass(frozen=True, slots=True)
class Entry:
    """One well-formed entry and its place in the credential; `index` and `size` mean nothing to lists by id."""

    pointer: Pointer
    kind: Kind
    list_url: Url
    purpose: str = "revocation"
    index: int = 0
    size: int = 1
    messages: tuple[tuple[int, str], ...] = ()

    def same_place(self, other: Entry) -> bool:
        """Say whether another entry looks up the very same thing."""
        return (self.list_url, self.purpose, self.index) == (other.list_url, other.purpose, other.index)


class Answer(NamedTuple):
    """What an entry, or the list it names, comes to: an outcome with its code, and what it rests on."""

    outcome: Outcome
    code: str
    detail: str = ""
    source: Source | None = None


def entries_of(document: JsonObject) -> tuple[tuple[Pointer, Entry | Answer], ...]:
    """Read every `credentialStatus` of a credential, or say why one cannot be."""
    return tuple((pointer, _read(pointer, value)) for pointer, value in members(document, "credentialStatus"))


def entry_problems(document: JsonObject) -> Iterator[Problem]:
    """Yield what is wrong with entries of the kinds that are read: nobody could ever look such a status up."""
    for pointer, read in entries_of(document):
        if isinstance(read, Answer) and read.outcome is Outcome.FAIL:
            yield malformed(read.code, read.detail, pointer)


def _read(pointer: Pointer, value: Json) -> Entry | Answer:
    kinds = types_of(value)
    if not kinds:
        return Answer(Outcome.FAIL, "status_malformed", "it has no type")
    kind = next((kind for kind in Kind if kind.value in kinds), None)
    match kind:
        case None:
            return Answer(Outcome.INDETERMINATE, "status_type_unknown", kinds[0])
        case Kind.REVOCATIONS:
            return _named_list(pointer, value)
        case Kind.BITSTRING | Kind.LIST_2021:
            return _place(pointer, kind, value)


def _named_list(pointer: Pointer, value: JsonObject) -> Entry | Answer:
    url = value.get("id")
    if not (isinstance(url, str) and url.startswith(_WEB)):
        return Answer(Outcome.FAIL, "status_malformed", "its id is no address")
    return Entry(pointer, Kind.REVOCATIONS, url)


def _place(pointer: Pointer, kind: Kind, value: JsonObject) -> Entry | Answer:
    purpose, url = value.get("statusPurpose"), value.get("statusListCredential")
    if not isinstance(purpose, str) or not (isinstance(url, str) and url.startswith(_WEB)):
        return Answer(Outcome.FAIL, "status_malformed", "its purpose or its list is missing or has the wrong form")
    index, size, messages = _index(value.get("statusListIndex")), value.get("statusSize", 1), value.get("statusMessage")
    if index is None:
        return Answer(Outcome.FAIL, "index_malformed", str(value.get("statusListIndex")))
    if purpose not in PURPOSES:
        return Answer(Outcome.WARNING, "status_purpose_unknown", purpose)
    fault = _size_fault(size, as_list(messages))
    told = tuple(filter(None, map(_message, as_list(messages))))
    return Entry(pointer, kind, url, purpose, index, size, told) if fault is None else fault


def _size_fault(size: Json, messages: list[Json]) -> Answer | None:
    """Check that there is a message for every value, once there is one or a value has more than one bit (§2.1)."""
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        return Answer(Outcome.FAIL, "status_malformed", "its size is no number of bits")
    if size > MAX_STATUS_SIZE:
        return Answer(Outcome.INDETERMINATE, "status_size_unsupported", str(size))
    if (messages or size > 1) and len(messages) != 1 << size:
        return Answer(Outcome.FAIL, "status_malformed", f"it has {len(messages)} messages for {1 << size} values")
    return None


def _index(value: Json) -> int | None:
    """Read an index: a decimal string (W3C) or a number (as 1EdTech's examples have it), nothing looser."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return int(value) if _INDEX.fullmatch(str(value)) else None


def _message(value: Json) -> tuple[int, str] | None:
    status, message = (value.get("status"), value.get("message")) if isinstance(value, dict) else (None, None)
    if not isinstance(status, str) or not isinstance(message, str) or not _HEXADECIMAL.fullmatch(status):
        return None
    return int(status, 16), message
