"""Verifying: gather what a document needs, judge it, and keep nothing of it.

Before a proof is judged only the key material that it names is looked up; status lists only after it held. A record is
judged with each credential that it bundles, and a stacked credential with the parts that were shown along with it; what
they need is gathered once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Self

from ler_issuer.badges import MOST_MEMBERS, bundled, companion, judge, judge_proof
from ler_issuer.net.gather import MOST_NEEDS, MOST_NEEDS_TOGETHER
from ler_issuer.services import gathering, rechecking
from ler_issuer.services.gathering import Aid
from ler_issuer.vc import amended, issuer_id, key_needs, status_needs, unfit

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.badges import Proved, Rulebook
    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Did, Json, Pointer
    from ler_issuer.vc import Known, Material, Member, Report

__all__ = ["MOST_PARTS", "Aid", "verify"]

MOST_PARTS = 200
"""Parts that may be shown along with a credential."""


def verify(rt: Runtime, document: Json, aid: Aid | None = None) -> Report:
    """Judge a document as it stands now; a report comes out whatever comes in.

    Raises nothing for the document's sake. What cannot be had becomes an open question in the report.
    """
    aid = Aid() if aid is None else aid
    inside = bundled(document) if unfit(document) is None else ()
    members = inside if len(inside) <= MOST_MEMBERS else ()
    parts = tuple((f"/parts/{number}", part) for number, part in enumerate(aid.parts))
    bench = _Bench.open(rt, {"": document, **dict(members), **dict(parts)}, aid)
    reports = {pointer: bench.judge(pointer) for pointer, _ in (*members, *parts)}
    findings = rechecking.recheck(
        bench.documents,
        reports,
        authentic={pointer for pointer, proved in bench.proved.items() if proved.authentic},
        rules=partial(gathering.collect, rt, aid=aid, most=MOST_NEEDS_TOGETHER),
    )
    reports = {pointer: amended(report, findings.get(pointer, ())) for pointer, report in reports.items()}

    def companions(those: Sequence[tuple[Pointer, Json]]) -> tuple[Member, ...]:
        return tuple(companion(pointer, one, reports[pointer]) for pointer, one in those)

    report = bench.judge("", companions(members) if len(members) == len(inside) else None)
    return replace(amended(report, findings.get("", ())), parts=companions(parts))


@dataclass(frozen=True, slots=True)
class _Bench:
    """Documents that are judged together, by their places, with everything that was gathered for any of them."""

    documents: Mapping[Pointer, Json]
    proved: Mapping[Pointer, Proved]
    material: Material
    known: Mapping[Did | None, Known]
    rules: Rulebook
    now: datetime

    @classmethod
    def open(cls, rt: Runtime, documents: Mapping[Pointer, Json], aid: Aid) -> Self:
        """Judge the proofs, and gather what else the documents need whose proof holds."""
        now, most = rt.now(), MOST_NEEDS if len(documents) == 1 else MOST_NEEDS_TOGETHER
        keys = gathering.collect(rt, chain(*map(key_needs, documents.values())), aid, most=most)
        proved = {place: judge_proof(one, keys, rules=rt.rules, now=now) for place, one in documents.items()}
        proven = [documents[place] for place, proof in proved.items() if proof.authentic]
        lists = gathering.collect(rt, chain(*map(status_needs, proven)), aid, most=most)
        known = gathering.known(rt, map(issuer_id, documents.values()), aid)
        return cls(documents, proved, {**keys, **lists}, known, rt.rules, now)

    def judge(self, place: Pointer, members: Sequence[Member] | None = None) -> Report:
        """Judge one of the documents."""
        one = self.documents[place]
        return judge(
            one,
            self.material,
            rules=self.rules,
            known=self.known[issuer_id(one)],
            now=self.now,
            proved=self.proved[place],
            members=members,
        )
