"""Auditing stacks: evaluate every rule again on the stored facts, and name what is not borne out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AwardState, derivation_of, holding_of
from ler_issuer.errors import Missing
from ler_issuer.services import holdings, portfolios, questioning, ruling, stacked
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.marking import Cause
from ler_issuer.stacking import Holding
from ler_issuer.store import awards, back_awards, cases, learners, stacking
from ler_issuer.store import holdings as rows
from ler_issuer.store.awards import STACK_BASIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from ler_issuer.store.awards import Award, StoredDecision
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db

AUDITOR = "audit"


def check_award(db: Db, award: Award, acted_until: datetime) -> Iterator[Discrepancy]:
    """Evaluate a stack's decision again on its own parts and at its own time, and look whether they still count.

    What expired after `acted_until` may still wait for the round in which it is acted on: nobody's act tells of it.
    """
    try:
        decision = awards.decision(db, award.decision_id)
        parts = {one.credential_id: one for one in rows.named(db, (used["id"] for used in decision.inputs))}
    except Missing as gone:
        yield Discrepancy("record_missing", award.id, f"what it was decided on is gone: {gone.detail}")
        return
    for used in decision.inputs:
        part = parts.get(used["id"])
        if part is None or part.digest != used["digest"]:
            yield Discrepancy("input_altered", award.id, f"part {used['id']} is not what the decision rested on")
    if decision.awarded_at is not None:
        yield from _check_outcome(db, award, decision)
    if award.state == AwardState.ISSUED.value:
        yield from _check_supported(db, award, Cause(AUDITOR, acted_until))


def _check_outcome(db: Db, award: Award, decision: StoredDecision) -> Iterator[Discrepancy]:
    again = stacked.decide_again(db, award.learner_id, decision)
    if again is None or {portfolios.bare(one) for one in again.used} != {used["id"] for used in decision.inputs}:
        yield Discrepancy("not_reproducible", award.id, "the recorded parts do not give the recorded outcome")


def _check_supported(db: Db, award: Award, cause: Cause) -> Iterator[Discrepancy]:
    """Name a stack that rests on parts that do not count, though no case says what is to become of it."""
    known = [case for case in cases.of_award(db, award.id) if case.state == "open" or questioning.decided(case)]
    told = [part for case in known for part in case.parts]
    if any(one.to_json() not in told for one in questioning.lost_parts(db, award.decision_id, cause)):
        yield Discrepancy("unsupported", award.id, "a part of the stack no longer counts, and no case was opened")


def check_earned(db: Db, person: list[str], held: Sequence[Award], now: datetime) -> Iterator[Discrepancy]:
    """Evaluate every published rule on what a person holds, and name what is earned and not awarded.

    A rule that is still being applied to those who earned its parts before it was published is left out.
    """
    rules = ruling.live(db, learners.get(db, person[0]).issuer_id) if held else []
    if not rules:
        return
    holding = portfolios.current(db, person)
    counting = awards.on_each_basis(held, person)
    unfinished = db.once("unfinished back-awards", lambda: _unfinished(db))
    for rule in rules:
        made = next(iter(counting.get((rule.achievement_id, stacked.basis_of(rule)), [])), None)
        if rule.id in unfinished:
            continue
        if made is not None and (made.state != AwardState.WITHDRAWN.value or made.withdrawn_by == stacked.BY_PERSON):
            continue
        found = ruling.outcome(db, rule, person, holding, now)
        if found is not None and found.met:
            yield Discrepancy("award_missing", person[0], f"the stack {rule.key} is earned and not awarded")


def _unfinished(db: Db) -> set[str]:
    """Give the rules whose last publication has not been carried to everybody yet."""
    runs = [back_awards.get(db, one) for one in back_awards.running(db)]
    return {stacking.version(db, one.rule_version_id).rule_id for one in runs}


def check_holding(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    """Compare what is kept of a credential with what its bytes say, and its derivation with its decision."""
    document = jsontext.parse(credential.body)
    try:
        told, derived = holdings.stacking_holding(holding_of(document)), derivation_of(document)
    except ValueError:
        yield Discrepancy("holding_differs", credential.id, "what it claims cannot be read")
        return
    kept = next(iter(rows.named(db, [credential.id]))).facts
    if kept is not None and Holding.model_validate(kept) != told:
        yield Discrepancy("holding_differs", credential.id, "what is kept of it for the rules is not what it says")
    decision = awards.decision(db, credential.decision_id)
    if awards.get(db, credential.award_id).basis.startswith(STACK_BASIS):
        named = {} if derived is None else {portfolios.bare(part.id): part.digest for part in derived.parts}
        if named != {used["id"]: used["digest"] for used in decision.inputs}:
            yield Discrepancy("derivation_differs", credential.id, "it names other parts than the decision rests on")
