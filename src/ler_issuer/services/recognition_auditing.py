"""Auditing recognitions: hold every award that rests on one against what was recognised, and name what is not so."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.badges import AwardState
from ler_issuer.errors import Missing
from ler_issuer.services import recognised
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.store import awards, recognitions
from ler_issuer.store.awards import RECOGNITION_BASIS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ler_issuer.store.awards import Award
    from ler_issuer.store.db import Db
    from ler_issuer.store.recognitions import Recognition


def check_award(db: Db, award: Award) -> Iterator[Discrepancy]:
    """Decide again on what was recognised, and look whether it still holds."""
    try:
        decision = awards.decision(db, award.decision_id)
        recognition = recognitions.get(db, award.basis.removeprefix(RECOGNITION_BASIS))
    except Missing as gone:
        yield Discrepancy("record_missing", award.id, f"what it was decided on is gone: {gone.detail}")
        return
    if not _is_whole(recognition):
        yield Discrepancy("input_altered", award.id, f"recognition {recognition.id} is not what was recorded")
    if award.state == AwardState.WITHDRAWN.value:
        return
    if recognition.withdrawn_at is not None:
        yield Discrepancy("unsupported", award.id, "the recognition was withdrawn")
    told = (decision.inputs, decision.trace, decision.overall, decision.awarded_at)
    again = (
        recognised.inputs_of(recognition),
        recognised.trace_of(recognition),
        recognition.content.get("level"),
        recognition.awarded_at,
    )
    if told != again:
        yield Discrepancy("not_reproducible", award.id, "the recognition does not give the recorded decision")


def _is_whole(recognition: Recognition) -> bool:
    document = recognition.document
    digest = None if document is None else hashlib.sha256(document).hexdigest()
    whole = jsontext.digest(recognition.content) == recognition.digest
    return whole and recognition.content.get("document") == digest


def check_earned(db: Db, person: list[str], held: Sequence[Award]) -> Iterator[Discrepancy]:
    """Name what was recognised and not awarded, unless a person took it back."""
    made = {one.basis: one for one in held}
    for recognition in recognitions.of_learner(db, person):
        award = made.get(recognised.basis_of(recognition))
        taken_back = award is None or (award.state == AwardState.WITHDRAWN.value and award.withdrawn_by != "person")
        if recognition.withdrawn_at is None and taken_back:
            detail = f"{recognition.achievement_id} was recognised and is not awarded"
            yield Discrepancy("award_missing", recognition.learner_id, detail)
