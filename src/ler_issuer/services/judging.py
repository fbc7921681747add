"""Judging what came together: each document by itself, what they need gathered once for all of them.

In rounds, so that nobody is asked for the sake of a forgery: keys; then, for what proved authentic, newer copies,
status lists and the keys of these; then the registries. A crowd of credentials by one issuer costs one look at its keys
and lists, and the issuer does not learn whose credentials were looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from ler_issuer.badges import (
    MOST_ENDORSEMENTS,
    MOST_MEMBERS,
    Exhibit,
    bundled,
    endorsements,
    exhibit,
    exhibit_needs,
    is_newer,
    is_same,
    judge_proof,
    refresh_finding,
    refresh_need,
)
from ler_issuer.net.gather import MOST_NEEDS, MOST_NEEDS_TOGETHER, PATIENCE_SECONDS
from ler_issuer.services import gathering, trusting
from ler_issuer.vc import (
    Found,
    Hole,
    Known,
    Listing,
    Outcome,
    check_validity,
    is_presentation,
    issuer_id,
    presented,
    stamp,
    status_needs,
)

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges import Expectation, Proved
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.gathering import Aid, Gathering
    from ler_issuer.services.trusting import Listings
    from ler_issuer.types import Did, Json, Pointer
    from ler_issuer.vc import Finding, Material

MOST_NEEDS_OF_MANY = 2_000
"""How many documents one call fetches for a batch."""

PATIENCE_WITH_MANY = 30.0
"""After so many seconds no further fetch begins for a batch."""


@dataclass(slots=True)
class Case:
    """One document that somebody asks about, and everything that came with it, by the place where it stood.

    The document asked about stands at "", its members and endorsements where they stand in it, parts under `/parts`.
    """

    given: Json | Exhibit
    parts: Sequence[Json] = ()
    expect: Expectation | None = None
    exhibits: dict[Pointer, Exhibit] = field(default_factory=dict)
    proved: dict[Pointer, Proved] = field(default_factory=dict)
    refreshed: Finding | None = None
    members: tuple[Pointer, ...] | None = ()
    endorsed: dict[Pointer, tuple[Pointer, ...]] = field(default_factory=dict)

    @property
    def main(self) -> Exhibit:
        """The document asked about."""
        return self.exhibits[""]

    @property
    def is_presentation(self) -> bool:
        """Whether credentials are presented, and not one handed over."""
        return is_presentation(self.main.document)

    @property
    def part_places(self) -> tuple[Pointer, ...]:
        """Where the parts stand that were shown along."""
        return tuple(f"/parts/{number}" for number in range(len(self.parts)))

    def unfold(self) -> None:
        """Lay out what stands inside the document asked about, and what was shown along with it.

        Of more members than are judged, none is: `members` is None then.
        """
        document = self.main.document
        inside = presented(document) if self.is_presentation else bundled(document)
        self.members = tuple(place for place, _ in inside) if len(inside) <= MOST_MEMBERS else None
        shown = zip(self.part_places, self.parts, strict=True)
        for place, given in (*(inside if self.members is not None else ()), *shown):
            self.exhibits[place] = exhibit(given)
        for place, one in tuple(self.exhibits.items()):
            those = endorsements(one.document, one.found)[:MOST_ENDORSEMENTS]
            self.endorsed[place] = tuple(place + at for at, _ in those)
            self.exhibits.update({place + at: exhibit(given) for at, given in those})

    def unproven(self) -> dict[Pointer, Exhibit]:
        """Give the documents whose proofs were not judged yet, the one asked about first."""
        return {place: one for place, one in self.exhibits.items() if place not in self.proved}

    def proven(self) -> Iterable[Exhibit]:
        """Give the documents that their issuers signed as they are."""
        return (self.exhibits[place] for place, proof in self.proved.items() if proof.authentic)


@dataclass(frozen=True, slots=True)
class Court:
    """What judging rests on besides the documents: what was gathered, who is known, and the time that is judged for."""

    rt: Runtime
    gathered: Gathering
    now: datetime
    when: datetime
    ours: frozenset[Did]
    listings: Mapping[Did, Listings]

    @property
    def material(self) -> Material:
        """What was gathered."""
        return self.gathered.material

    def known(self, issuer: Did | None) -> Known:
        """Say from where an issuer is known."""
        if issuer in self.ours:
            return Known.HERE
        return Known.REGISTRY if issuer is not None and self._of(issuer).listed else Known.NO

    def listed(self, issuer: Did | None) -> tuple[Listing, ...]:
        """Give the registries that list an issuer, and under which name."""
        found = () if issuer is None else self._of(issuer).listed
        return tuple(Listing(one.registry, one.name, one.url, one.checked_at, one.stale) for one in found)

    def unasked(self, issuer: Did | None) -> tuple[str, ...]:
        """Give the registries that could not be asked about an issuer."""
        return () if issuer is None else tuple(one.registry for one in self._of(issuer).unchecked)

    def _of(self, issuer: Did) -> Listings:
        return self.listings.get(issuer, trusting.Listings())


def assemble(
    rt: Runtime,
    cases: Sequence[Case],
    aid: Aid,
    *,
    as_of: datetime | None = None,
    registries: Sequence[str] | None = None,
    refresh: bool = True,
    strangers: bool = False,
) -> Court:
    """Read, prove and unfold every case, and gather what judging them takes.

    `strangers`: they came from different callers, and each may take as much as if it were alone.

    Raises:
        Unacceptable: no registry has one of the names in `registries`.
    """
    now = rt.now()
    when = now if as_of is None else as_of
    gathered = gathering.Gathering(rt, aid, now=now, as_of=as_of)
    rounds = _Rounds(rt, gathered, now, when, many=len(cases) > 1 and not strangers)
    for case in cases:
        case.exhibits[""] = case.given if isinstance(case.given, Exhibit) else exhibit(case.given)
    rounds.prove(cases)
    if refresh and as_of is None and not aid.offline:
        rounds.renew(cases)
    for case in cases:
        case.unfold()
    rounds.prove(cases)
    rounds.look_at_status(cases)
    named = {issuer_id(one.document) for case in cases for one in case.proven()}
    dids = frozenset(did for did in named if did is not None)
    rows = rounds.gathered.registries()
    listings = trusting.look_up(rt, dids, rows=rows, names=registries, extra=aid.registry, offline=aid.offline)
    return Court(rt, rounds.gathered, now, when, rounds.gathered.ours(dids), listings)


@dataclass(frozen=True, slots=True)
class _Rounds:
    """The rounds of gathering, one after the other."""

    rt: Runtime
    gathered: Gathering
    now: datetime
    when: datetime
    many: bool

    def prove(self, cases: Sequence[Case]) -> None:
        """Judge the proofs that were not judged yet."""
        unproven = [case.unproven().values() for case in cases]
        needs = [list(chain.from_iterable(map(exhibit_needs, those))) for those in unproven]
        lists = (url for those in unproven for one in those for url in status_needs(one.document))
        self._ask(self._in_turn(needs), cases, ahead=lists)
        for case in cases:
            for place, one in case.unproven().items():
                if place or not case.is_presentation:  # whose proof is made for another purpose, and judged apart
                    case.proved[place] = self._proved(one)

    def _proved(self, one: Exhibit) -> Proved:
        """Judge the proofs of a document; for a past instant it may have been signed since: a form of it, for one."""
        proved = judge_proof(one, self.gathered.material, rules=self.rt.rules, now=self.when)
        now = stamp(self.now)
        left = tuple(found for found in proved.findings if found.code != "created_in_future" or found.detail > now)
        return replace(proved, findings=left)

    def renew(self, cases: Sequence[Case]) -> None:
        """Take the newer copy of a credential whose proof held, where its issuer offers one; once."""
        offers = {
            number: url
            for number, case in enumerate(cases)
            if "" in case.proved and case.proved[""].authentic and (url := refresh_need(case.main.document)) is not None
        }
        self._ask(offers.values(), cases)
        offered = {number: self._offered(url) for number, url in offers.items()}
        self._ask(chain.from_iterable(exhibit_needs(one) for one in offered.values() if one is not None), cases)
        for number, one in offered.items():
            self._weigh(cases[number], one, self.gathered.material[offers[number]])

    def _offered(self, url: str) -> Exhibit | None:
        found = self.gathered.material[url]
        return exhibit(found.document) if isinstance(found, Found) else None

    def _weigh(self, case: Case, one: Exhibit | None, gathered: Found | Hole) -> None:
        if one is None:
            detail = gathered.detail if isinstance(gathered, Hole) else ""
            case.refreshed = refresh_finding("refresh_unavailable", gathered, detail)
            return
        proved = self._proved(one)
        answers = (
            (not proved.authentic, "refresh_not_authentic"),
            (not is_same(one, case.main.document), "refresh_foreign"),
            (not is_newer(one, case.main.document), "refresh_none_newer"),
            (not self._is_in_date(one), "refresh_not_valid"),
            (True, "refreshed"),
        )
        code = next(code for holds, code in answers if holds)
        case.refreshed = refresh_finding(code, gathered)
        if code == "refreshed":
            case.exhibits[""], case.proved[""] = one, proved

    def _is_in_date(self, one: Exhibit) -> bool:
        return all(found.outcome is Outcome.PASS for found in check_validity(one.document, self.when))

    def look_at_status(self, cases: Sequence[Case]) -> None:
        """Gather the status lists of what proved authentic, and the keys that these need; remember the newest."""
        urls = [[url for one in case.proven() for url in status_needs(one.document)] for case in cases]
        self.gathered.look_at_lists(self._in_turn(urls), most=self._most(cases), patience=self._patience)

    def _ask(self, needs: Iterable[str], cases: Sequence[Case], ahead: Iterable[str] = ()) -> None:
        self.gathered.ask(needs, ahead=ahead, most=self._most(cases), patience=self._patience)

    def _most(self, cases: Sequence[Case]) -> int:
        if self.many:
            return MOST_NEEDS_OF_MANY
        alone = len(cases[0].exhibits) == 1 if cases else True
        return MOST_NEEDS if alone else MOST_NEEDS_TOGETHER

    @property
    def _patience(self) -> float:
        return PATIENCE_WITH_MANY if self.many else PATIENCE_SECONDS

    def _in_turn(self, needs: Sequence[Sequence[str]]) -> Iterator[str]:
        """Give what cases need, one of each in turn, and of none among many more than its share: no case starves."""
        share = MOST_NEEDS_TOGETHER if self.many else max(map(len, needs), default=0)
        for place in range(share):
            yield from (those[place] for those in needs if place < len(those))
