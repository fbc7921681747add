"""Federating: asking an OpenID Federation whether an issuer belongs to it.

What was answered is kept with the registry: a membership until its chain expires, asked anew after a day; that somebody
is no member for an hour. Kept or fetched, a chain is judged anew each time, with the keys that the anchor is pinned to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from ler_issuer.errors import Place, Unacceptable, Unavailable, Upstream
from ler_issuer.net import federation
from ler_issuer.net.federation import WELL_KNOWN, NoMember, Questions, Unanswered
from ler_issuer.store import registries
from ler_issuer.vc import (
    Anchor,
    Chain,
    EntityStatement,
    Problem,
    instant,
    judge_anchor,
    judge_chain,
    pinned_keys,
    stamp,
)

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.store.db import Db
    from ler_issuer.store.registries import Registry
    from ler_issuer.types import Did, Json, Url

ASKED_ANEW_AFTER = timedelta(days=1)
"""How old a membership may be before it is asked for again."""

NO_MEMBER_FOR = timedelta(hours=1)
"""How long it is believed that an issuer is no member."""

LONGEST_ID = 1000
"""Characters of an issuer's id that a federation is asked about."""

LEFT_ALONE_FOR = timedelta(minutes=10)
"""How long a federation that did not answer is not asked."""

MOST_KEPT = 500
MOST_KEPT_BYTES = 1024 * 1024
"""Answers that are kept of one federation; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Member:
    """An issuer that belongs to a federation, by the name that the federation gives it."""

    name: str
    url: Url | None
    at: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a federation answered about a DID: the statements that lead to the anchor, none for a stranger."""

    chain: tuple[str, ...]
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it need not be asked again."""
        return now < self.at + (ASKED_ANEW_AFTER if self.chain else NO_MEMBER_FOR)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a federation: the anchor's configuration, since when, and answers by DID."""

    anchor: str | None = None
    since: datetime | None = None
    answers: Mapping[Did, _Answer] = field(default_factory=dict)

    @classmethod
    def read(cls, body: bytes | None) -> Self:
        """Read what is kept; `write` wrote it."""
        if body is None:
            return cls()
        kept = json.loads(body)
        answers = {did: _Answer(tuple(one["chain"]), _at(one["at"])) for did, one in kept["answers"].items()}
        return cls(kept["anchor"], _at(kept["since"]), answers)

    def write(self) -> bytes:
        """Write what is kept, as much of it as is allowed, the newest first."""
        answers: dict[str, Json] = {}
        size = 0
        for did, one in sorted(self.answers.items(), key=lambda item: item[1].at, reverse=True)[:MOST_KEPT]:
            size += len(did) + sum(map(len, one.chain)) + 50
            if size > MOST_KEPT_BYTES:
                break
            answers[did] = {"at": stamp(one.at), "chain": list(one.chain)}
        since = None if self.since is None else stamp(self.since)
        return json.dumps({"anchor": self.anchor, "since": since, "answers": answers}).encode()


def _at(text: str) -> datetime:
    found = instant(text)
    assert found is not None  # noqa: S101 - we wrote it
    return found


def anchor_id(url: Url) -> Url:
    """Give the identifier of an anchor, of which the address of its configuration may be given instead.

    Raises:
        Unacceptable: it is not an https URL.
    """
    if not url.startswith("https://"):
        detail = "the anchor of a federation is named by an https URL"
        raise Unacceptable(detail, problems=[Place("/federation", "bad_registry", detail)])
    return url.removesuffix(WELL_KNOWN)


def greet(rt: Runtime, row: Registry) -> bytes:
    """Ask the anchor who it is; give what is to be kept of it.

    Raises:
        Unacceptable: there is no key to pin it to.
        Upstream: it cannot be asked, or it does not hold a pinned key.
    """
    if not pinned_keys(row.anchor_keys):
        detail = "the keys of the anchor are no JWK Set with a public key that is understood here"
        raise Unacceptable(detail, problems=[Place("/anchor_keys", "bad_registry", detail)])
    try:
        token, _ = _greeted(Questions(rt.fetch), row, _Kept(), rt.now())
    except Unanswered as why:
        raise Upstream(f"{row.location}: {why}") from None
    return _Kept(token, rt.now(), _Kept.read(row.body).answers).write()


def ask(rt: Runtime, row: Registry, wanted: Sequence[Did], *, offline: bool) -> dict[Did, Member | str]:
    """Say of each DID whether it is a member, or why that could not be found out; of strangers nothing."""
    wanted = [did for did in wanted if _is_askable(did)]
    if not wanted:
        return {}
    kept, now, anchor = _Kept.read(row.body), rt.now(), Anchor(row.location, row.anchor_keys)
    due = [did for did in wanted if not _is_settled(kept, anchor, did, now)]
    failures: dict[Did, str] = {}
    if due and (offline or _is_left_alone(row, now)):
        failures = dict.fromkeys(due, "working offline" if offline else "it did not answer when it was last asked")
    elif due:
        kept, failures = _asked(rt, row, kept, due)
    said: dict[Did, Member | str] = {}
    for did in wanted:
        answer = _said(kept, anchor, did, now, failures.get(did))
        if answer is not None:
            said[did] = answer
    return said


def _is_askable(did: str) -> bool:
    """Tell whether an id is one that a federation could know; documents call themselves all sorts of things."""
    return did.startswith(("did:", "https://")) and did.isprintable() and len(did) <= LONGEST_ID


def _is_settled(kept: _Kept, anchor: Anchor, did: Did, now: datetime) -> bool:
    """Tell whether what is kept about a DID answers, so that nobody needs to be asked."""
    answer = kept.answers.get(did)
    if answer is None or not answer.is_fresh(now):
        return False
    return not answer.chain or isinstance(judge_chain([*answer.chain, kept.anchor], anchor, now), Chain)


def _is_left_alone(row: Registry, now: datetime) -> bool:
    """Tell whether the federation did not answer a moment ago, so that it is not waited for again."""
    failed = row.tried_at is not None and row.tried_at != row.fetched_at
    return failed and row.tried_at is not None and now < row.tried_at + LEFT_ALONE_FOR


def _asked(rt: Runtime, row: Registry, kept: _Kept, dids: Sequence[Did]) -> tuple[_Kept, dict[Did, str]]:
    """Ask the federation, and keep what it answered; give that, and why some could not be found out."""
    questions, now = Questions(rt.fetch), rt.now()
    answers: dict[Did, _Answer] = {}
    failures: dict[Did, str] = {}
    down = False
    try:
        token, top = _greeted(questions, row, kept, now)
    except Unanswered as why:
        _note_failure(rt, row)
        return kept, dict.fromkeys(dids, str(why))
    for did in dids:
        try:
            if down:
                failures[did] = "it did not answer about another issuer"
            else:
                answers[did] = _Answer(federation.ask(questions, top, did), now)
        except NoMember:
            answers[did] = _Answer((), now)
        except Unanswered as why:
            failures[did], down = str(why), why.down
    news = _Kept(token, kept.since if token == kept.anchor else now, {**kept.answers, **answers})
    if answers or token != kept.anchor:
        _remember(rt, row, news)
    elif down:
        _note_failure(rt, row)
    return news, failures


def _greeted(questions: Questions, row: Registry, kept: _Kept, now: datetime) -> tuple[str, EntityStatement]:
    """Give the anchor's configuration, as it is kept if that is not old, else as it is fetched.

    Raises:
        Unanswered: it cannot be had, or it is not signed by a pinned key.
    """
    anchor = Anchor(row.location, row.anchor_keys)
    if kept.anchor is not None and kept.since is not None and now < kept.since + ASKED_ANEW_AFTER:
        judged = judge_anchor(kept.anchor, anchor, now)
        if isinstance(judged, EntityStatement):
            return kept.anchor, judged
    token = questions.configuration(row.location)
    judged = judge_anchor(token, anchor, now)
    if isinstance(judged, Problem):
        raise Unanswered(judged.detail)
    return token, judged


def _remember(rt: Runtime, row: Registry, news: _Kept) -> None:
    """Keep what was answered beside what others learned meanwhile; a database that cannot write now keeps nothing."""
    try:
        with rt.db.begin() as db:
            _merge(db, row, news, rt.now())
    except Unavailable:
        return


def _merge(db: Db, row: Registry, news: _Kept, at: datetime) -> None:
    standing = registries.get(db, row.id)
    if standing is not None:
        answers = {**_Kept.read(standing.body).answers, **news.answers}
        registries.keep(db, row.id, _Kept(news.anchor, news.since, answers).write(), at)


def _note_failure(rt: Runtime, row: Registry) -> None:
    """Note that the federation did not answer, so that the next verification does not wait for it too."""
    try:
        with rt.db.begin() as db:
            registries.try_now(db, row.id, rt.now(), unless_since=rt.now())
    except Unavailable:
        return


def _said(kept: _Kept, anchor: Anchor, did: Did, now: datetime, failure: str | None) -> Member | str | None:
    """Say what a kept answer is worth now; an old one serves when no newer is to be had, as long as its chain holds."""
    answer = kept.answers.get(did)
    if answer is None or (failure is not None and not answer.chain):
        return failure
    if not answer.chain:
        return None
    chain = judge_chain([*answer.chain, kept.anchor], anchor, now)
    if isinstance(chain, Problem):
        return failure or chain.detail
    return _member(chain, did, answer, stale=failure is not None)


def _member(chain: Chain, did: Did, answer: _Answer, *, stale: bool) -> Member | str:
    if chain.subject not in {did, federation.entity_of(did)}:
        return "the federation answered about somebody else"
    if chain.name is None:
        return "the federation gives it no name"
    return Member(chain.name, chain.homepage, answer.at, stale)
