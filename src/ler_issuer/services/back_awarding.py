"""Back-awarding: apply a newly published rule to those who earned its parts before.

Some learners at a time, each chunk one transaction that moves the cursor of the run: killed in between, whoever comes
next goes on there. Two processes at the same run take turns, because each holds the run while it works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from ler_issuer.services import advancing, signing, standpoints
from ler_issuer.services.marking import Cause
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import back_awards, journal, learners, stacking
from ler_issuer.store.back_awards import BackAward
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.journal import Deed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.stacking.foreseeing import Stack
    from ler_issuer.store.db import Db
    from ler_issuer.store.stacking import Version

CHUNK = 25
"""How many learners share a transaction: few enough that whoever else wants to write waits for less than a second."""

AT_ONCE = 200
"""How many learners are looked at before a request to publish is answered; the worker does the others."""

Told: TypeAlias = Callable[[BackAward], None]
"""Is told how far a run is, after each chunk was committed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a version was applied: of `total` learners `done` were looked at, and what that came to."""

    version: int
    state: str
    total: int
    done: int
    awarded: int
    cases: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


def progress_of(version: Version, run: BackAward) -> Progress:
    """Tell how far a run is."""
    told = {one.name: getattr(run, one.name) for one in fields(Progress) if one.name != "version"}
    return Progress(version=version.version, **told)


def _unheard(_: BackAward) -> None:
    """Let a run go on without anybody being told."""


def begin_step(db: Db, rt: Runtime, caller: Caller, version: Version, now: datetime) -> BackAward:
    """Begin to apply a version that was just published; runs of older versions of the rule end here."""
    stop_step(db, version.rule_id, now)
    (stack,) = standpoints.of_rules(db, [version.rule_id])
    concerned = concerned_by(db, caller.issuer_id, stack, anew=_questions(version))
    run = BackAward(
        id=rt.new_id(),
        issuer_id=caller.issuer_id,
        rule_version_id=version.id,
        state="running",
        after="",
        total=back_awards.count_concerned(db, caller.issuer_id, concerned),
        done=0,
        awarded=0,
        cases=0,
        actor=caller.actor,
        started_at=now,
        updated_at=now,
        finished_at=None,
    )
    back_awards.add(db, run)
    return run


def stop_step(db: Db, rule_id: str, now: datetime) -> None:
    """End the runs of a rule, because a newer version or none at all is to be applied."""
    for run in back_awards.of_rule(db, rule_id):
        if run.state == "running":
            back_awards.change(db, run.id, state="overtaken", updated_at=now, finished_at=now)


def concerned_by(db: Db, issuer_id: str, stack: Stack, *, anew: bool) -> set[str] | None:
    """Give the achievements whose holders a rule may concern, by id; None when that is all of them.

    With `anew` those who hold what it earns are among them. A rule that names another issuer's achievement may mean
    what was recognised in the place of that.
    """
    if stack.reads_all:
        return None
    named = stack.mentions | ({stack.achievement} if anew else set())
    ours = stacking.achievements_at(db, issuer_id, named)
    recognised = back_awards.recognised(db, issuer_id) if named - ours.keys() else set()
    return {*ours.values(), *recognised}


def go_on(rt: Runtime, run_id: str, *, learners_at_most: int | None = None, told: Told = _unheard) -> BackAward:
    """Carry a run on, to its end or for so many learners; give how far it is then.

    Raises:
        Missing: no such run.
    """
    left = learners_at_most
    run = _chunk(rt, run_id)
    told(run)
    while run.state == "running" and (left is None or (left := left - CHUNK) > 0):
        run = _chunk(rt, run_id)
        told(run)
    return run


def go_on_with_all(rt: Runtime, *, until: Callable[[], bool]) -> int:
    """Carry on what processes that are gone left unfinished, until there is nothing or somebody says so.

    Gives how many learners were looked at.
    """
    with rt.db.read() as db:
        running = {run_id: back_awards.get(db, run_id) for run_id in back_awards.running(db)}
    looked_at, fault = 0, None
    for run_id, run in running.items():
        state, done = run.state, run.done
        try:
            while state == "running" and not until():
                moved = _chunk(rt, run_id)
                looked_at += moved.done - done
                state, done = moved.state, moved.done
        except Exception as error:  # noqa: BLE001 - it keeps nobody else waiting, and is raised when all had their turn
            fault = error
    if fault is not None:
        raise fault
    return looked_at


@again_if_entangled
def _chunk(rt: Runtime, run_id: str) -> BackAward:
    """Look at the next learners of a run, and move its cursor behind them."""
    now = rt.now()
    with rt.db.begin() as db:
        run = back_awards.held(db, run_id)
        if run.state != "running":
            return run
        version = stacking.version(db, run.rule_version_id)
        (stack,) = standpoints.of_rules(db, [version.rule_id])
        questions = _questions(version)
        concerned = concerned_by(db, run.issuer_id, stack, anew=questions)
        some = back_awards.concerned(db, run.issuer_id, concerned, after=run.after, limit=CHUNK)
        learners.lock(db, some)
        cause = Cause(run.actor, now)
        for root_id in dict.fromkeys(learners.root_of(db, one) for one in some):
            advancing.advance_rule(db, rt, signing.sign, root_id, version.rule_id, cause, question=questions)
        _move(db, rt, run, some, now)
        return back_awards.get(db, run.id)


def _questions(version: Version) -> bool:
    """Say whether credentials that are out are looked at, too."""
    return version.transition == Transition.MIGRATE.value


def _move(db: Db, rt: Runtime, run: BackAward, some: Sequence[str], now: datetime) -> None:
    """Move the cursor of a run behind some learners, and count what this transaction is going to tell about them."""
    told = Counter(one["type"] for one in db.outbox)
    moved = {
        "done": run.done + len(some),
        "awarded": run.awarded + told["award.award"],
        "cases": run.cases + told["case.opened"],
    }
    back_awards.change(db, run.id, after=some[-1] if some else run.after, updated_at=now, **moved)
    if len(some) == CHUNK:
        return
    total = max(run.total, moved["done"])  # some may have come since it began
    back_awards.change(db, run.id, state="done", total=total, finished_at=now)
    version = stacking.version(db, run.rule_version_id)
    deed = Deed(
        issuer_id=run.issuer_id,
        actor=run.actor,
        act="rule.back_awarded",
        object_id=version.rule_id,
        at=now,
        data={"version": version.version, **moved},
    )
    journal.announce(db, deed, rt.new_row_id())
