"""Verifying: gather what documents need, judge them, and keep nothing of them.

A record is judged with each credential that it bundles, a presentation with each that it presents, a badge with its
endorsements, and a stacked credential with the parts that were shown along with it. Many may be asked about at once;
each has an answer of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from ler_issuer.badges import (
    Expectation,
    bind,
    companion,
    judge,
    judge_presentation,
    presentation_missing,
    recipient_finding,
    recipient_unsaid,
    skills,
    with_members,
)
from ler_issuer.net.gather import MOST_NEEDS_TOGETHER
from ler_issuer.services import histories, judging, rechecking
from ler_issuer.services.gathering import Aid
from ler_issuer.services.judging import Case, Court
from ler_issuer.vc import STANDARD, Member, amended, issuer_id, proven_holder

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges import Binding, Exhibit
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json, JsonObject, Pointer, Url
    from ler_issuer.vc import Finding, Material, Policy, Report

__all__ = ["MOST_PARTS", "Aid", "Asked", "Question", "verify", "verify_all"]

MOST_PARTS = 200
"""Parts that may be shown along with a credential."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a caller wants documents judged.

    `policy` turns findings into a verdict; `as_of` asks about a past instant; `registries` chooses, by name, among
    those of this installation; `refresh` lets the issuer be asked for a newer copy; `challenge` and `domain` are what a
    presentation has to answer.
    """

    policy: Policy = STANDARD
    as_of: datetime | None = None
    registries: Sequence[str] | None = None
    refresh: bool = True
    challenge: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A document that somebody asks about: JSON, or the text of a JWT, or either as it was read already.

    `parts` are the credentials that a stacked one rests on, `expect` whom it should be about.
    """

    document: Json | Exhibit
    parts: Sequence[Json] = ()
    expect: Expectation | None = None


def verify(rt: Runtime, document: Json, aid: Aid | None = None, asked: Asked | None = None) -> Report:
    """Judge one document; a report comes out whatever comes in.

    Raises:
        Unacceptable: what was asked names a registry that is not there.
    """
    brought = Aid() if aid is None else aid
    return verify_all(rt, [Question(document, brought.parts)], brought, asked)[0]


def verify_all(
    rt: Runtime,
    questions: Sequence[Question],
    aid: Aid | None = None,
    asked: Asked | None = None,
    *,
    strangers: bool = False,
) -> list[Report]:
    """Judge documents, each by itself, in their order; what several of them need is gathered once.

    Raises nothing for a document's sake. What cannot be had becomes an open question in its report. Where they come
    from different callers (`strangers`), each may take as much as if it were alone.

    Raises:
        Unacceptable: what was asked names a registry that is not there.
    """
    brought, asked = Aid() if aid is None else aid, Asked() if asked is None else asked
    cases = [Case(one.document, one.parts, one.expect) for one in questions]
    court = judging.assemble(
        rt,
        cases,
        brought,
        as_of=asked.as_of,
        registries=asked.registries,
        refresh=asked.refresh,
        strangers=strangers,
    )
    return [_Judgement.of(case, court, asked).report() for case in cases]


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What one case comes to."""

    case: Case
    court: Court
    asked: Asked
    presented: Report | None
    """What the presentation itself comes to, when it is one: judged once, for all of its credentials rest on it."""

    @classmethod
    def of(cls, case: Case, court: Court, asked: Asked) -> Self:
        """Take a case up."""
        presented = _presented(case, court, asked) if case.is_presentation else None
        return cls(case, court, asked, presented)

    def report(self) -> Report:
        """Judge what came along, then the document itself."""
        places = (*(self.case.members or ()), *self.case.part_places)
        reports = {place: self._judged(place) for place in places}
        found = self._rechecked(reports)
        reports = {place: self._told(place, amended(one, found.get(place, ()))) for place, one in reports.items()}
        members = None if self.case.members is None else self._companions(self.case.members, reports)
        main = self._judged("", members) if self.presented is None else with_members(self.presented, members or ())
        main = self._told("", amended(main, found.get("", ())), members or ())
        return replace(main, parts=self._companions(self.case.part_places, reports)) if self.case.parts else main

    def _judged(self, place: Pointer, members: Sequence[Member] | None = None) -> Report:
        """Judge one of the documents, after its endorsements."""
        one, court = self.case.exhibits[place], self.court
        proved = self.case.proved[place]
        issuer = issuer_id(one.document) if proved.authentic else None  # what a forgery names is not its issuer
        endorsed = tuple(self._endorsement(place, at) for at in self.case.endorsed.get(place, ()))
        report = judge(
            one,
            court.material,
            rules=court.rt.rules,
            known=court.known(issuer),
            now=court.when,
            proved=proved,
            members=members,
            endorsed=endorsed,
            policy=self.asked.policy,
            at=court.now,
            unasked=court.unasked(issuer),
            refreshed=None if place else self.case.refreshed,
        )
        listings = court.listed(issuer)
        return replace(report, listings=listings) if listings else report

    def _endorsement(self, place: Pointer, at: Pointer) -> Member:
        document = self.case.exhibits[at].document
        return companion(at.removeprefix(place), document, self._judged(at))

    def _companions(self, places: Iterable[Pointer], reports: Mapping[Pointer, Report]) -> tuple[Member, ...]:
        return tuple(companion(place, self.case.exhibits[place].document, reports[place]) for place in places)

    def _rechecked(self, reports: Mapping[Pointer, Report]) -> dict[Pointer, tuple[Finding, ...]]:
        """Derive again what was derived, from the documents that came along alone."""
        if self.case.is_presentation:
            return {}
        return rechecking.recheck(
            {place: self.case.exhibits[place].document for place in ("", *reports)},
            reports,
            authentic={place for place in ("", *reports) if self.case.proved[place].authentic},
            rules=self._rules,
        )

    def _rules(self, urls: Iterable[Url]) -> Material:
        wanted = tuple(urls)
        self.court.gathered.ask(wanted, most=MOST_NEEDS_TOGETHER)
        return {url: self.court.material[url] for url in wanted}

    def _told(self, place: Pointer, report: Report, members: Sequence[Member] = ()) -> Report:
        """Add what the caller is told besides: whose it is, what was achieved, and what holds for the past."""
        document = self.case.exhibits[place].document
        binding = self._bound(place, report)
        report = amended(report, self._beside(place, report, binding))
        return replace(report, about=tuple(self._sections(place, document, report, members, binding)))

    def _beside(self, place: Pointer, report: Report, binding: Binding | None) -> Iterator[Finding]:
        """Say what the caller asked for besides: whose it is, and whether its holder answered."""
        if binding is not None:
            yield recipient_finding(binding)
        elif self.asked.policy.recipient == "required" and self._is_asked_about(place) and report.authentic:
            yield recipient_unsaid()
        unread = self.case.main.problem is not None
        if not (place or unread or self.case.is_presentation) and (self.asked.challenge or self.asked.domain):
            yield presentation_missing()

    def _is_asked_about(self, place: Pointer) -> bool:
        """Say whether whose it is matters here: of what was handed in, and of each credential that is presented."""
        return place not in self.case.part_places and bool(place) is self.case.is_presentation

    def _bound(self, place: Pointer, report: Report) -> Binding | None:
        """Compare whom a credential is about with whom the caller expects; parts may name their learner otherwise."""
        expect = self._expected()
        if expect is None or not self._is_asked_about(place) or not report.authentic:
            return None
        return bind(self.case.exhibits[place].document, expect, proven_did=self._proven_did())

    def _expected(self) -> Expectation | None:
        """Give whom the caller expects; whoever only sets a challenge expects the one who answers it."""
        asked = self.case.is_presentation and self.asked.challenge is not None
        return self.case.expect or (Expectation() if asked else None)

    def _proven_did(self) -> str | None:
        """Give the DID whose holder answered the caller's challenge; without a challenge it may be a recording."""
        if self.presented is None or self.asked.challenge is None:
            return None
        main = self.case.main
        return proven_holder(main.document, self.presented.checks, main.envelope)

    def _sections(
        self,
        place: Pointer,
        document: JsonObject,
        report: Report,
        members: Sequence[Member],
        binding: Binding | None,
    ) -> Iterator[tuple[str, JsonObject | list[JsonObject]]]:
        if self.asked.as_of is not None and not place:
            yield "as_of", histories.told(self.asked.as_of, report, ours=issuer_id(document) in self.court.ours)
        if binding is not None:
            yield "subject_binding", binding.to_json()
        elif self.case.expect is None and not place:
            yield "subject_binding", {"method": "none", "outcome": "not_asked", "matched_type": None}
        if not place and self.case.refreshed is not None and self.case.refreshed.code == "refreshed":
            yield "refreshed", {"credential": self.case.main.given}
        if report.authentic:
            gained = list(skills(document))
            inside = [
                {**one, "pointer": member.pointer}
                for member in members
                if member.verified
                for one in _list(dict(member.report.about).get("skills"))
            ]
            if gained or inside:
                yield "skills", [*gained, *inside]


def _presented(case: Case, court: Court, asked: Asked) -> Report:
    return judge_presentation(
        case.main.document,
        court.material,
        rules=court.rt.rules,
        now=court.when,
        at=court.now,
        envelope=case.main.envelope,
        policy=asked.policy,
        challenge=asked.challenge,
        domain=asked.domain,
    )


def _list(section: JsonObject | list[JsonObject] | None) -> list[JsonObject]:
    return section if isinstance(section, list) else []
