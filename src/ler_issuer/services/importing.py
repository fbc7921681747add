"""Importing a file of results: the steps of one result over REST, in chunks, under an id that can be undone.

Each chunk is one transaction. Killed at any point, the import is simply run again: what was committed comes back as
duplicates, what was not is taken in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from ler_issuer.assessments.readers import Mapped, RowError, Sheet
from ler_issuer.errors import Conflict, Refusal, Unacceptable
from ler_issuer.services import deciding, intake, signing
from ler_issuer.services.intake import Delivery, Receipt
from ler_issuer.services.marking import Cause
from ler_issuer.store import achievements, imports, journal, learners, results
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.imports import ImportRun
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.db import Db
    from ler_issuer.store.results import StoredResult

CHUNK = 100
"""How many rows share a transaction: few enough that whoever else wants to write waits for less than a second."""

LEARNERS_AT_ONCE = 20
"""How many learners share a transaction when an import is undone."""

Answer: TypeAlias = tuple[Mapped | RowError, Receipt | Refusal | RowError]
"""What was read from a row, and what became of it."""

Began: TypeAlias = Callable[[str], None]
"""Is told the id of an import as soon as there is one."""

Told: TypeAlias = Callable[[Sequence[Answer]], None]
"""Is told about each chunk after it was committed."""


LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What is imported: from which source, which file, with which mapping, and how revisions are found."""

    source: str
    file_name: str
    file_digest: str
    mapping_digest: str
    by_content: bool


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; `counts` has `rows`, each outcome, `duplicates` and `rejected`."""

    import_id: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing an import came to."""

    import_id: str
    results: int
    credentials: int


def _unheard(_: str) -> None:
    """Let an import begin without anybody being told its id."""


def import_results(
    rt: Runtime,
    caller: Caller,
    plan: Plan,
    rows: Iterable[Mapped | RowError],
    *,
    told: Told,
    began: Began = _unheard,
) -> Imported:
    """Take in every row, each with its own outcome.

    `began` hears of the import's id before the first row, `told` of each chunk once it is committed.

    Raises:
        Conflict: somebody undoes the import while it runs; what it took in is taken back.
    """
    run = _start(rt, caller, plan)
    began(run.id)
    counts = _empty_counts()
    for chunk in _chunks(rows):
        answers = _take(rt, caller, plan, run.id, chunk)
        _count(counts, answers)
        told(answers)
    _finish(rt, run, counts)
    return Imported(run.id, dict(counts))


def rehearse_import(
    rt: Runtime, caller: Caller, plan: Plan, rows: Iterable[Mapped | RowError], *, told: Told
) -> Imported:
    """Do everything that an import does but sign and write: the same receipts (with other ids) and the same counts.

    One transaction that is rolled back: on SQLite on a copy, on PostgreSQL beside the others, who wait for it only
    where they take in the very same results.
    """
    counts = _empty_counts()
    with rt.db.rehearse() as db:
        run = _new_run(rt, caller, plan)
        imports.add(db, run)
        for chunk in _chunks(rows):
            desk = intake.open_desk(db, rt, caller, press=signing.rehearse, import_id=run.id)
            answers = _take_step(db, rt, desk, plan, chunk)
            db.settle()  # as the commit of this chunk would; and what the transaction remembers stays small
            db.memory.clear()
            _count(counts, answers)
            told(answers)
    return Imported(run.id, dict(counts))


def undo(rt: Runtime, actor: str, import_id: str, reason: str) -> Undone:
    """Take back one import: its results count no more, and what rested on them is revoked, or issued anew on the rest.

    The results' identities become free, so that a corrected file can be imported in its place. Killed half-way, it is
    run again and goes on.

    Raises:
        Missing: no such import.
        Conflict: it is undone already.
    """
    run, was_closed = _close(rt, actor, import_id, reason)
    voided = revoked = 0
    while chunk := _undo_chunk(rt, run, actor):
        voided += chunk[0]
        revoked += chunk[1]
    if was_closed and not voided:
        raise Conflict("the import is undone already")
    return Undone(import_id, voided, revoked)


def _chunks(rows: Iterable[Mapped | RowError]) -> Iterator[list[Mapped | RowError]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _empty_counts() -> Counter[str]:
    names = ("rows", "awarded", "not_yet", "pending", "superseded", "recorded", "duplicates", "rejected")
    return Counter(dict.fromkeys(names, 0))


def _count(counts: Counter[str], answers: Sequence[Answer]) -> None:
    counts["rows"] += len(answers)
    for _, answer in answers:
        if not isinstance(answer, Receipt):
            counts["rejected"] += 1
        elif answer.duplicate:
            counts["duplicates"] += 1
        else:
            counts[answer.outcome] += 1


def _new_run(rt: Runtime, caller: Caller, plan: Plan) -> ImportRun:
    return ImportRun(
        id=rt.new_id(),
        issuer_id=caller.issuer_id,
        source=plan.source,
        file_name=plan.file_name,
        file_digest=plan.file_digest,
        mapping_digest=plan.mapping_digest,
        started_at=rt.now(),
        finished_at=None,
        counts=None,
        revoked_at=None,
        revoked_because=None,
    )


def _start(rt: Runtime, caller: Caller, plan: Plan) -> ImportRun:
    run = _new_run(rt, caller, plan)
    with rt.db.begin() as db:
        imports.add(db, run)
        journal.announce(db, _deed(run, caller.actor, "import.started", run.started_at), rt.new_row_id())
    return run


@again_if_entangled
def _take(rt: Runtime, caller: Caller, plan: Plan, import_id: str, chunk: Sequence[Mapped | RowError]) -> list[Answer]:
    with rt.db.begin() as db:
        if imports.held(db, import_id).revoked_at is not None:
            raise Conflict("the import was undone while it ran")
        desk = intake.open_desk(db, rt, caller, import_id=import_id)
        intake.await_all(db, desk, [row.result for row in chunk if isinstance(row, Mapped)])
        return _take_step(db, rt, desk, plan, chunk)


def _take_step(db: Db, rt: Runtime, desk: intake.Desk, plan: Plan, chunk: Sequence[Mapped | RowError]) -> list[Answer]:
    answers: list[Answer] = []
    for row in chunk:
        if isinstance(row, RowError):
            answers.append((row, row))
        else:
            delivery = Delivery(row.result, dict(row.raw), plan.by_content)
            answers.append((row, intake.or_refuse(db, intake.record_step, db, rt, desk, delivery)))
    return answers


def _finish(rt: Runtime, run: ImportRun, counts: Counter[str]) -> None:
    with rt.db.begin() as db:
        imports.finish(db, run.id, dict(counts), rt.now())


def list_imports(rt: Runtime, caller: Caller) -> list[ImportRun]:
    """Give the imports of the caller's issuer, the newest first, those that were killed included."""
    with rt.db.read() as db:
        return imports.of_issuer(db, caller.issuer_id)


def _close(rt: Runtime, actor: str, import_id: str, reason: str) -> tuple[ImportRun, bool]:
    """Close an import, so that nothing more comes into it; give it, and whether it was closed before."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Unacceptable(f"a reason has words, at most {LONGEST_REASON} characters of them")
    now = rt.now()
    with rt.db.begin() as db:
        run = imports.held(db, import_id)
        if run.revoked_at is None:
            imports.revoke(db, run.id, reason, now)
            journal.announce(db, _deed(run, actor, "import.undone", now), rt.new_row_id())
    return run, run.revoked_at is not None


@again_if_entangled
def _undo_chunk(rt: Runtime, run: ImportRun, actor: str) -> tuple[int, int] | None:
    """Void what the import said about some learners and look at what it bore on again; None when nothing is left.

    All of a person at once: otherwise what the first rows are missing for would be issued anew on the last ones.
    """
    now = rt.now()
    with rt.db.begin() as db:
        some = results.learners_in_import(db, run.id, limit=LEARNERS_AT_ONCE)
        persons = learners.together(db, some)
        seen = results.of_import(db, run.id, persons)
        if not seen:
            return None
        revised = results.learners_of(db, run.issuer_id, ((one.source, one.source_id) for one in seen))
        learners.lock(db, {*persons, *revised})
        chunk = results.of_import(db, run.id, persons)  # another one who undoes it may have been quicker
        concerned: set[tuple[str, str]] = set()
        for one in chunk:
            concerned |= _void(db, one, now)
        cause = Cause(actor, now, import_id=None, undoing=True)
        changes = [
            change
            for learner_id, achievement_id in sorted(concerned)
            for change in deciding.reconsider(
                db, rt, signing.sign, learner_id, achievements.get(db, achievement_id), cause
            )
        ]
        return len(chunk), sum(change.consequence in {"revoke", "reissue"} for change in changes)


def _void(db: Db, result: StoredResult, at: datetime) -> set[tuple[str, str]]:
    """Void one result, let the revision before it count again, and give the (learner, achievement) pairs concerned."""
    concerned = intake.concerned_by(db, result)
    results.void(db, result.id, at)
    left = results.revisions(db, result.issuer_id, result.source, result.source_id)
    for one in left:
        successor = None if one.id == left[0].id else left[0].id
        if one.superseded_by_id != successor:
            results.supersede(db, one.id, successor)
            concerned |= intake.concerned_by(db, one)
    return concerned


def _deed(run: ImportRun, actor: str, act: str, at: datetime) -> Deed:
    data = {"file_digest": run.file_digest}
    return Deed(issuer_id=run.issuer_id, actor=actor, act=act, object_id=run.id, at=at, data=data)


def rejected(sheet: Sheet, answers: Iterable[Answer]) -> Iterator[RowError]:
    """Give the rows that were not taken in, each with the column to blame where that can be told."""
    for row, answer in answers:
        if isinstance(row, RowError):
            yield row
        elif isinstance(answer, Refusal):
            yield sheet.refused(row, answer.detail, answer.problems)
