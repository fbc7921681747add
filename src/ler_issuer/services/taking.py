"""Results taken in: as the items of a batch, or as requests that came at the same time.

Either way some share a transaction, each behind a savepoint of its own, so that what is refused leaves no trace and
disturbs no other. A transaction costs as much as half of what is done for a result in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from ler_issuer.assessments import Result
from ler_issuer.errors import Refusal, Unavailable
from ler_issuer.services import idempotency, intake
from ler_issuer.store import results
from ler_issuer.store.failures import again_if_entangled

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.intake import Desk, Receipt
    from ler_issuer.store.db import Db

CHUNK = 50
"""How many results share a transaction: few enough that other writers wait for less than a second."""

Sent: TypeAlias = "tuple[Caller, Result]"
"""One result, and whose it is."""


def record_result(rt: Runtime, caller: Caller, result: Result) -> Receipt:
    """Record one result, decide what it earns, and issue that.

    Raises:
        Unacceptable: the result does not fit the scales of its achievement, or names one that is not published.
        Conflict: the same identity was recorded with other content; or the learner's identifiers belong to several.
    """
    (answer,) = _record_of_issuer(rt, [(caller, result)])
    if isinstance(answer, Refusal):
        raise answer
    return answer


def record_together(rt: Runtime, sent: Sequence[Sent]) -> list[Receipt | Exception]:
    """Record what several requests sent, as if each were alone; give for each its receipt, or what went wrong with it.

    Those for one issuer share a transaction. When that fails as a whole, each gets one to itself: nobody's request
    fails because of what another one was like. Only that the database cannot do it now is told to all of them.
    """
    answers: dict[int, Receipt | Exception] = {}
    numbered = sorted(enumerate(sent), key=lambda one: one[1][0].issuer_id)
    for _, those in groupby(numbered, key=lambda one: one[1][0].issuer_id):
        numbers, together = zip(*those, strict=True)
        answers.update(zip(numbers, _record_or_fail(rt, together), strict=True))
    return [answers[number] for number in range(len(sent))]


def _record_or_fail(rt: Runtime, sent: Sequence[Sent]) -> Sequence[Receipt | Exception]:
    try:
        return _record_of_issuer(rt, sent)
    except Unavailable as error:  # to try again with each of them would take each time as long
        return [error] * len(sent)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whom it concerns, and to nobody else
        if len(sent) == 1:
            return [error]
        return [answer for one in sent for answer in _record_or_fail(rt, [one])]


@again_if_entangled
def _record_of_issuer(rt: Runtime, sent: Sequence[Sent]) -> list[Receipt | Refusal]:
    with rt.db.begin() as db:
        desks = {caller.actor: intake.open_desk(db, rt, caller) for caller, _ in sent}
        intake.await_all(db, desks[sent[0][0].actor], [result for _, result in sent])
        return [
            intake.or_refuse(db, _record_once, db, rt, desks[caller.actor], caller, result) for caller, result in sent
        ]


def _record_once(db: Db, rt: Runtime, desk: Desk, caller: Caller, result: Result) -> Receipt:
    """Record a result unless the request was answered before, which then gets the same answer."""
    answered = idempotency.answered(db, caller)
    if answered is not None:
        return intake.receipt_of(results.get(db, answered["result_id"]), duplicate=answered["duplicate"])
    receipt = intake.record_step(db, rt, desk, intake.as_sent(result))
    answer = {"result_id": receipt.result_id, "duplicate": receipt.duplicate}
    idempotency.remember(db, caller, answer, desk.at)
    return receipt


def record_batch(rt: Runtime, caller: Caller, batch: Sequence[Result | Refusal]) -> list[Receipt | Refusal]:
    """Record many results, each with its own outcome, in order; an item that is a refusal already stays one.

    Items are taken in transactions of `CHUNK`: what was answered for is committed, whatever happens after it. A crash
    in between loses nothing, since the whole batch may be sent again.
    """
    answers: list[Receipt | Refusal] = []
    for start in range(0, len(batch), CHUNK):
        answers.extend(_record_chunk(rt, caller, batch[start : start + CHUNK]))
    return answers


@again_if_entangled
def _record_chunk(rt: Runtime, caller: Caller, chunk: Sequence[Result | Refusal]) -> list[Receipt | Refusal]:
    with rt.db.begin() as db:
        if idempotency.answered(db, caller) is None:  # sent again, a batch finds its own results and answers alike
            idempotency.remember(db, caller, {}, rt.now())
        desk = intake.open_desk(db, rt, caller)
        intake.await_all(db, desk, [item for item in chunk if isinstance(item, Result)])
        return [
            item
            if isinstance(item, Refusal)
            else intake.or_refuse(db, intake.record_step, db, rt, desk, intake.as_sent(item))
            for item in chunk
        ]
