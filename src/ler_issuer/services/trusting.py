"""Trusting: who an issuer is, by the registries that this installation or its caller goes by.

A whole batch is looked up at once, each registry is asked at most once for it, and what it said is kept: a list for a
day, after which the old copy is used when no newer one is to be had, and said to be old. Nobody's issuer is named to a
registry of whole lists; a federation is asked by DID, since it knows no other way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from ler_issuer.errors import Place, Unacceptable, Unavailable
from ler_issuer.net import registries as lists
from ler_issuer.net.gather import gather
from ler_issuer.net.registries import BadRegistry
from ler_issuer.services import federating
from ler_issuer.store import registries
from ler_issuer.vc import Found, Hole, stamp

if TYPE_CHECKING:
    from ler_issuer.net.registries import RegistryEntry
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.registries import Registry
    from ler_issuer.types import Did, JsonObject, Url

FRESH_FOR = timedelta(days=1)
"""How old the copy of a list may be before it is fetched again."""

ASKED_AGAIN_AFTER = timedelta(minutes=10)
"""How long a registry that did not answer is left alone."""

BROUGHT = "brought along"
"""What a list is called that the caller brought and that has no name of its own."""

NOT_ASKED = "working offline"
"""Why a registry was not asked of which there is no copy."""

_MOST_LISTS = 16
"""Lists that one call fetches anew."""

Kind: TypeAlias = Literal["brought", "file", "dcc", "oidf"]
"""What lists an issuer: what the caller brought, a file here, a list that is fetched, an OpenID Federation."""


@dataclass(frozen=True, slots=True)
class Listed:
    """That a registry lists an issuer, under which name. `stale`: by a copy that should have been renewed by now."""

    registry: str
    name: str
    url: Url | None
    kind: Kind
    checked_at: datetime
    stale: bool = False

    def to_json(self) -> JsonObject:
        """Give it as a report tells it."""
        told: JsonObject = {"registry": self.registry, "name": self.name, "url": self.url, "kind": self.kind}
        return told | {"checked_at": stamp(self.checked_at), "stale": self.stale}


@dataclass(frozen=True, slots=True)
class Unchecked:
    """That a registry could not be asked about an issuer, and why."""

    registry: str
    why: str

    def to_json(self) -> JsonObject:
        """Give it as a report tells it."""
        return {"registry": self.registry, "why": self.why}


@dataclass(frozen=True, slots=True)
class Listings:
    """What the registries say of one issuer, the first one first: where it is listed, and who could not be asked."""

    listed: tuple[Listed, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


_Answer: TypeAlias = Mapping[str, Listed | Unchecked]
"""What one registry says, by DID; of those that it does not list, nothing."""


def look_up(
    rt: Runtime,
    dids: Iterable[Did],
    *,
    rows: Sequence[Registry] | None = None,
    names: Sequence[str] | None = None,
    extra: Mapping[Did, RegistryEntry] | None = None,
    offline: bool = False,
) -> dict[Did, Listings]:
    """Say of each DID where it is listed: in what the caller brought (`extra`), then here, then in each registry.

    `rows` are the registries of this installation, if they are at hand.
    `names` chooses among the registries of this installation; without, all are asked. `offline` fetches nothing.

    Raises:
        Unacceptable: no registry has one of the names; the pointer is `/registries/<place among the names>`.
    """
    wanted = tuple(dict.fromkeys(dids))
    if rows is None:
        with rt.db.read() as db:
            rows = registries.everyone(db)
    if names is not None:
        _refuse_unknown(names, {row.name for row in rows} | {entry.registry for entry in rt.registry.values()})
    chosen = [row for row in rows if names is None or row.name in names]
    here = {did: one for did, one in _of(rt.registry, wanted).items() if names is None or one.registry in names}
    answers = [
        _said(_of(extra or {}, wanted), "brought", rt.now()),
        _said(here, "file", rt.now()),
        *_answers(rt, chosen, wanted, offline=offline),
    ]
    return {did: _together(did, answers) for did in wanted}


def _refuse_unknown(names: Sequence[str], known: set[str]) -> None:
    unknown = [(place, name) for place, name in enumerate(names) if name not in known]
    if unknown:
        problems = [
            Place(f"/registries/{place}", "unknown_registry", f"no registry here is named {name!r}")
            for place, name in unknown
        ]
        raise Unacceptable("; ".join(one.detail for one in problems), problems=problems)


def _together(did: Did, answers: Sequence[_Answer]) -> Listings:
    said = [answer[did] for answer in answers if did in answer]
    return Listings(
        tuple(one for one in said if isinstance(one, Listed)),
        tuple(one for one in said if isinstance(one, Unchecked)),
    )


def _of(roll: Mapping[Did, RegistryEntry], wanted: Sequence[Did]) -> dict[Did, RegistryEntry]:
    return {did: roll[did] for did in wanted if did in roll}


def _said(entries: Mapping[Did, RegistryEntry], kind: Kind, at: datetime, *, stale: bool = False) -> _Answer:
    return {
        did: Listed(entry.registry or BROUGHT, entry.name, entry.url, kind, at, stale) for did, entry in entries.items()
    }


def _answers(rt: Runtime, rows: Sequence[Registry], wanted: Sequence[Did], *, offline: bool) -> Iterator[_Answer]:
    """Ask the registries, in their order."""
    held, failures = (list(rows), {}) if offline else _renewed(rt, rows)
    for row in held:
        if row.kind == "oidf":
            yield _by_federation(rt, row, wanted, offline=offline)
        elif row.body is None or row.fetched_at is None:
            why = failures.get(row.id, NOT_ASKED if offline else "it did not answer when it was last asked")
            yield {did: Unchecked(row.name, why) for did in wanted}
        else:
            stale = row.kind == "dcc" and row.fetched_at <= rt.now() - FRESH_FOR
            yield _said(_of(_entries(row.body, row.name), wanted), row.kind, row.fetched_at, stale=stale)


def _by_federation(rt: Runtime, row: Registry, wanted: Sequence[Did], *, offline: bool) -> _Answer:
    answers = federating.ask(rt, row, wanted, offline=offline)
    said: dict[Did, Listed | Unchecked] = {}
    for did, answer in answers.items():
        if isinstance(answer, federating.Member):
            said[did] = Listed(row.name, answer.name, answer.url, "oidf", answer.at, answer.stale)
        elif isinstance(answer, str):
            said[did] = Unchecked(row.name, answer)
    return said


@lru_cache(maxsize=32)
def _entries(body: bytes, registry: str) -> Mapping[Did, RegistryEntry]:
    """Read a list that is kept: the same bytes come again with every credential."""
    return lists.read(lists.parse(body, registry), registry, registry=registry)


def _renewed(rt: Runtime, rows: Sequence[Registry]) -> tuple[list[Registry], dict[str, str]]:
    """Fetch the lists whose copies are old, each by one process at a time; give all rows, and why some failed, by id.

    A database that cannot be written to now stops no verification: then the old copies are used.
    """
    due = [row for row in rows if row.kind == "dcc" and _is_due(row, rt.now())]
    try:
        mine = _claim(rt, due) if due else []
        return refresh(rt, rows, mine) if mine else (list(rows), {})
    except Unavailable as failure:
        return list(rows), {row.id: failure.detail for row in due}


def _is_due(row: Registry, now: datetime) -> bool:
    old = row.fetched_at is None or row.fetched_at <= now - FRESH_FOR
    return old and (row.tried_at is None or row.tried_at <= now - ASKED_AGAIN_AFTER)


def _claim(rt: Runtime, rows: Sequence[Registry]) -> list[Registry]:
    """Note that these are asked now; give those that nobody else is asking."""
    now = rt.now()
    with rt.db.begin() as db:
        return [row for row in rows if registries.try_now(db, row.id, now, unless_since=now - ASKED_AGAIN_AFTER)]


def refresh(rt: Runtime, rows: Sequence[Registry], which: Sequence[Registry]) -> tuple[list[Registry], dict[str, str]]:
    """Fetch some of the lists now and keep what came; give all rows as they are then, and why some failed, by id."""
    scheme = "http" if rt.development else "https"
    answers = gather([row.location for row in which], rt.fetch, now=rt.now(), scheme=scheme, most=_MOST_LISTS)
    now, bodies, failures = rt.now(), dict[str, bytes](), dict[str, str]()
    for row in which:
        try:
            bodies[row.id] = _body(answers[row.location], row)
        except BadRegistry as error:
            failures[row.id] = str(error)
    keep(rt, bodies, now)
    return [replace(row, body=bodies[row.id], fetched_at=now) if row.id in bodies else row for row in rows], failures


def _body(answer: Found | Hole, row: Registry) -> bytes:
    if isinstance(answer, Hole):
        raise BadRegistry(answer.detail)
    lists.read(answer.document, row.location, registry=row.name)
    return json.dumps(answer.document, ensure_ascii=False).encode()


def keep(rt: Runtime, bodies: Mapping[str, bytes], at: datetime) -> None:
    """Keep what registries answered, by id; those that were removed meanwhile stay so."""
    with rt.db.begin() as db:
        for registry_id, body in bodies.items():
            registries.keep(db, registry_id, body, at)
