"""Answering whoever asks about credentials, in whatever form these come: the whole way from a request to a report."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ler_issuer.badges import LANGUAGES, BadExpectation, BadPolicy, expectation, policy_of, unavailable
from ler_issuer.errors import Malformed, Place, Unacceptable
from ler_issuer.net.fetch import Elsewhere, NobodyAsked
from ler_issuer.services import attesting, receiving, verifying
from ler_issuer.services.receiving import Received, Unread
from ler_issuer.services.verifying import Aid, Asked, Question
from ler_issuer.vc import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges import Expectation
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import Report, Words

MOST_ADDRESSES: Final = 100
"""Credentials of one batch that are fetched from addresses."""

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Manner:
    """How a caller wants to have credentials judged and told, as it was written in the request."""

    policy: Json = "standard"
    as_of: datetime | None = None
    registries: Sequence[str] | None = None
    refresh: bool = True
    language: str = "en"
    challenge: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One credential, as it was sent: `file` holds its bytes, or `given` what stands in the request."""

    given: Json = None
    file: bytes | None = None
    parts: Sequence[Json] = ()
    expect: Expectation | None = None


def expected(value: Json) -> Expectation | None:
    """Read whom a caller expects.

    Raises:
        Malformed: it cannot be read; the pointer begins with `/expect`.
    """
    if value is None:
        return None
    try:
        return expectation(value)
    except BadExpectation as error:
        place = Place(f"/expect{error.pointer}", "bad_expectation", error.detail)
        raise Malformed("it cannot be read who is expected", problems=[place]) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one credential came to: the report, and what was received."""

    report: Report
    received: Received | Unread
    words: Words

    def to_json(self, rt: Runtime, *, signed: bool = False) -> JsonObject:
        """Give it as a caller gets it; `signed` adds the report as a signed statement."""
        body = self.report.to_json(self.words)
        about = self.received.to_json()
        body["input"] = about
        body["notice"] = self.words.summaries["notice"]
        if signed:
            body["signed_report"] = attesting.attest(rt, self.report, about)
        return body


def answer(
    rt: Runtime, wanted: Sequence[Wanted], manner: Manner, aid: Aid | None = None, *, strangers: bool = False
) -> list[Answer]:
    """Judge credentials, each by itself, and give the answers in their order; `strangers`: as for `verify_all`.

    Raises:
        Unacceptable: there is no such policy, registry or language, or the instant asked about lies in the future.
    """
    asked, words = _asked(rt, manner), _words(manner.language)
    received = _received(rt, wanted)
    questions = [
        Question(one.exhibit, sent.parts, sent.expect)
        for one, sent in zip(received, wanted, strict=True)
        if isinstance(one, Received)
    ]
    judged = iter(verifying.verify_all(rt, questions, aid, asked, strangers=strangers))
    return [
        Answer(next(judged), one, words)
        if isinstance(one, Received)
        else Answer(replace(one.report, policy=asked.policy), one, words)
        for one in received
    ]


def answer_here(rt: Runtime, wanted: Sequence[Wanted], manner: Manner) -> list[Answer | None]:
    """Judge credentials of different callers, asking no other host; None for those for which one would have to be.

    Raises:
        Unacceptable: as `answer`.
    """
    try:
        return [*answer(replace(rt, fetch=NobodyAsked()), wanted, manner, strangers=True)]
    except Elsewhere:
        return [None] if len(wanted) == 1 else [found for one in wanted for found in answer_here(rt, [one], manner)]


def _asked(rt: Runtime, manner: Manner) -> Asked:
    try:
        policy = policy_of(manner.policy, rt.policies)
    except BadPolicy as error:
        place = Place(f"/policy{error.pointer}", "bad_policy", error.detail)
        raise Unacceptable("the policy cannot be followed", problems=[place]) from None
    if manner.as_of is not None and manner.as_of > rt.now():
        place = Place("/as_of", "in_future", f"it is {stamp(rt.now())} now")
        raise Unacceptable("nobody can say what will be", problems=[place])
    return Asked(policy, manner.as_of, manner.registries, manner.refresh, manner.challenge, manner.domain)


def _words(language: str) -> Words:
    if language not in LANGUAGES:
        place = Place("/language", "unknown_language", f"there are {', '.join(LANGUAGES)}")
        raise Unacceptable("reports are not written in that language", problems=[place])
    return LANGUAGES[language]


def _received(rt: Runtime, wanted: Sequence[Wanted]) -> list[Received | Unread]:
    """Take what was sent; addresses are asked several at once, and no more than `MOST_ADDRESSES`."""
    addresses = {number for number, one in enumerate(wanted) if receiving.is_address(one.given)}
    if len(addresses) <= 1:
        return [_taken(rt, one) for one in wanted]
    asked = list(dict.fromkeys(wanted[number].given.strip() for number in sorted(addresses)))[:MOST_ADDRESSES]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="receive") as pool:
        fetched = dict(zip(asked, pool.map(partial(receiving.receive, rt), asked), strict=True))
    return [
        _taken(rt, one) if number not in addresses else fetched.get(one.given.strip()) or _too_many(rt)
        for number, one in enumerate(wanted)
    ]


def _taken(rt: Runtime, one: Wanted) -> Received | Unread:
    return receiving.receive(rt, one.given) if one.file is None else receiving.read(rt, one.file)


def _too_many(rt: Runtime) -> Unread:
    detail = f"at most {MOST_ADDRESSES} addresses are asked at once"
    return Unread(unavailable("input_unavailable", detail, at=rt.now()))
