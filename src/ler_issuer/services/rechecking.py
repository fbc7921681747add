"""Rechecking: every derivation that documents tell, checked by the documents that came along with them.

A stack may rest on stacks, in a record or among the parts that were shown: each is checked after those below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ler_issuer.badges import bundled, derivation_of
from ler_issuer.services.rederiving import Shown, Stack, absent, malformed, not_checked, rederive, stray
from ler_issuer.vc import amended, id_of, look_up

if TYPE_CHECKING:
    from ler_issuer.types import Json, Pointer, Url
    from ler_issuer.vc import Finding, Material, Report

MOST_DERIVATIONS = 20
"""Derivations that are checked again at once: a hostile rule can make each take all the work that a rule may take."""


def recheck(
    documents: Mapping[Pointer, Json],
    reports: Mapping[Pointer, Report],
    *,
    authentic: Collection[Pointer],
    rules: Callable[[Iterable[Url]], Material],
) -> dict[Pointer, tuple[Finding, ...]]:
    """Check the derivations of all documents that proved authentic; give what was found by the place of each document.

    The document at "" is the one that was asked about, and `reports` are those on the others: some of them stand inside
    it, and the rest were shown as parts. `rules` gathers rules by their URLs.
    """
    return _Recheck(documents, reports, authentic).check(rules)


class _Recheck:
    """Who rests on whom, and what was found so far."""

    def __init__(
        self, documents: Mapping[Pointer, Json], reports: Mapping[Pointer, Report], authentic: Collection[Pointer]
    ) -> None:
        inside = {place for place, _ in bundled(documents[""])}
        self._documents = documents
        self._reports = dict(reports)
        self._record = documents[""] if inside and "" in authentic else None
        self._shown = [place for place in reports if place not in inside]
        self._places: defaultdict[str, list[Pointer]] = defaultdict(list)
        for place in reports:
            self._places[id_of(documents[place]) or ""].append(place)
        self._findings: dict[Pointer, tuple[Finding, ...]] = {}
        self._stacks: dict[Pointer, Stack] = {}
        for place in documents:
            if place in authentic:
                self._read(place)
            elif not place and self._shown:
                self._findings[place] = not_checked("proof_not_held")

    def _read(self, place: Pointer) -> None:
        """Read what a document says it was derived from."""
        one, expected = self._documents[place], bool(self._shown) and not place
        try:
            derivation = derivation_of(one)
        except ValueError as error:
            self._findings[place] = malformed(str(error), expected=expected)
            return
        if derivation is not None:
            self._stacks[place] = Stack(one, derivation, expected, self._record if place else None)
        elif expected and self._record is None:
            self._findings[place] = absent()

    def check(self, rules: Callable[[Iterable[Url]], Material]) -> dict[Pointer, tuple[Finding, ...]]:
        """Check one derivation after the other, each with the reports on its parts as they then are."""
        if not self._stacks and not self._shown:  # as it is with most
            return self._findings
        told = [place for place, stack in self._stacks.items() if stack.is_shown(self._places)]
        texts = rules(self._stacks[place].derivation.rule for place in told[:MOST_DERIVATIONS])
        for place in self._in_order():
            stack = self._stacks[place]
            if place in told[MOST_DERIVATIONS:]:
                found = not_checked("too_many_derivations", f"{len(told)} of {MOST_DERIVATIONS}")
            else:
                found = rederive(stack, self._beside(stack), look_up(texts, stack.derivation.rule))
            self._findings[place] = found
            if place:
                self._reports[place] = amended(self._reports[place], found)
        self._findings[""] = (*self._findings.get("", ()), *map(stray, self._strays()))
        return self._findings

    def _in_order(self) -> list[Pointer]:
        """Order stacks so that each comes after those that it rests on; a circle, which nobody can sign, is cut."""
        ordered: dict[Pointer, None] = {}
        entered: set[Pointer] = set()
        pending = list(self._stacks)
        while pending:
            place = pending[-1]
            before = [one for one in self._below(place) if one not in entered] if place not in ordered else []
            entered.add(place)
            pending.extend(before)
            if not before:
                ordered[pending.pop()] = None
        return list(ordered)

    def _below(self, place: Pointer) -> Iterator[Pointer]:
        """Give the places of the stacks that a stack names as parts."""
        named = (part.id for part in self._stacks[place].derivation.parts)
        return (one for part in named for one in self._places.get(part, ()) if one in self._stacks)

    def _beside(self, stack: Stack) -> dict[str, list[Shown]]:
        return {
            part.id: [Shown(self._documents[place], self._reports[place]) for place in self._places[part.id]]
            for part in stack.derivation.parts
            if part.id in self._places
        }

    def _strays(self) -> Iterator[Pointer]:
        """Find what was shown as a part, and is none: neither of what was asked about nor of any of its parts."""
        if self._record is None and "" not in self._stacks:
            return
        reached: set[Pointer] = {place for place in self._reports if place not in self._shown}
        pending = ["", *reached]
        while pending:
            stack = self._stacks.get(pending.pop())
            for part in () if stack is None else stack.derivation.parts:
                found = [one for one in self._places.get(part.id, ()) if one not in reached]
                reached.update(found)
                pending.extend(found)
        yield from (place for place in self._shown if place not in reached)
