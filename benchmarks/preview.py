"""Preview a changed rule over a synthetic history: 10,000 learners with 20 holdings each, timed.

    python benchmarks/preview.py [--learners N] [--holdings N] [--database URL]

The rows are written as issuing writes them, without the signatures, which a preview does not look at. The rule asks for
two texts and a talk from two experiences, one of them outside the classroom, all within four years; the change asks for
three texts. A second rule builds on what the first one earns.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ler_issuer import runtime
from ler_issuer.badges import AchievementDefinition
from ler_issuer.services import catalog, founding, previewing, stacks
from ler_issuer.services.access import Caller
from ler_issuer.services.admitting import Publication
from ler_issuer.settings import Settings
from ler_issuer.stacking import StackDefinition
from ler_issuer.stacking.versions import Transition
from ler_issuer.store import achievements, keys, stacking, tables

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime

SKILLS = ("writing", "speaking", "teamwork", "thinking", "leadership", "responsibility")
KINDS = ("course", "internship", "service_learning", "research")
LEVELS = ("beginning", "proficient", "distinguished")
FIRST_DAY, NOW = datetime(2022, 9, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
AT_ONCE = 200
SIZE_OF_A_CREDENTIAL = 6_000
NOBODY = {"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}


def communicator(texts: int) -> StackDefinition:
    """Give the rule that is changed."""
    parts = [
        {"type": "holding", "achievements": ["writing"], "times": texts},
        {"type": "holding", "achievements": ["speaking"]},
    ]
    mixed = {"type": "includes", "except_experience_kinds": ["course"], "rule": {"type": "all", "rules": parts}}
    varied = {"type": "distinct", "what": "experiences", "minimum": 2, "rule": mixed}
    return _rule("communicator", {"type": "within", "years": 4, "of": "parts", "rule": varied})


def graduate() -> StackDefinition:
    """Give the rule that builds on it."""
    parts = [{"type": "holding", "achievements": [key]} for key in ("communicator", "teamwork")]
    return _rule("graduate", {"type": "all", "rules": parts})


def _rule(key: str, tree: dict[str, Any]) -> StackDefinition:
    return StackDefinition.model_validate({"key": key, "achievement": key, "rule": tree, "examples": [NOBODY]})


def found(rt: Runtime) -> Caller:
    """Found an issuer with skills, competencies and the rules between them."""
    charter = founding.charter(slug="bench", name="Bench", url="https://example.edu", time_zone="America/Chicago")
    caller = Caller(founding.create_issuer(rt, charter, actor="cli:bench").issuer.id, "cli:bench")
    levels = [{"id": level, "name": level} for level in LEVELS]
    rubric = {"criteria": [{"id": "it", "name": "It"}], "levels": levels}
    rule = {"conditions": [{"type": "criteria", "level": "proficient"}]}
    said = {"description": "-", "criteria": {"narrative": "-"}, "earned": "per_assessment"}
    wanted = [said | {"key": key, "name": key, "rubric": rubric, "award": rule} for key in SKILLS]
    wanted += [said | {"key": key, "name": key, "earned": "once"} for key in ("communicator", "graduate")]
    catalog.publish_file(rt, caller, [AchievementDefinition.model_validate(one) for one in wanted])
    stacks.publish_file(rt, caller, [communicator(2), graduate()], Publication())
    return caller


class Registry:
    """Writes learners and what they were awarded, row by row as issuing does, into tables of one database."""

    def __init__(self, rt: Runtime, caller: Caller) -> None:
        """Look up what the rows refer to."""
        self._rt, self._issuer_id = rt, caller.issuer_id
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {}
        with rt.db.read() as db:
            known = {key: achievements.named(db, caller.issuer_id, key) for key in (*SKILLS, "communicator")}
            self._known = {key: one for key, one in known.items() if one is not None}
            self._versions = {key: achievements.versions(db, one.id)[-1].id for key, one in self._known.items()}
            self._signing_key = keys.published(db, caller.issuer_id)[0].id
            rule = stacking.by_key(db, caller.issuer_id, "communicator")
            assert rule is not None  # noqa: S101 - it was published
            self._rule_id, self._rule_version_id = rule.id, stacking.versions(db, rule.id)[0].id

    def fill(self, learners: int, holdings: int) -> None:
        """Write learners, each with so many holdings; every third has the competency already."""
        for number in range(learners):
            self._learner(number)
            for held in range(holdings):
                seed = (number * 7 + held * 13 + number * held) % 1_009
                self._award(number, SKILLS[seed % len(SKILLS)], f"assessment:{held}", seed)
            if number % 3 == 0:
                self._award(number, "communicator", "stack:communicator", 1_000, self._rule_version_id)
            if (number + 1) % AT_ONCE == 0 or number + 1 == learners:
                self._write()

    def _write(self) -> None:
        with self._rt.db.begin() as db:
            for table, some in self._rows.items():
                db.run(sa.insert(table), some)
        self._rows.clear()

    def _add(self, table: sa.Table, **row: Any) -> None:  # noqa: ANN401 - column values of any type
        self._rows.setdefault(table, []).append(row)

    def _learner(self, number: int) -> None:
        learner_id = _id("learner", number)
        self._add(
            tables.learner,
            id=learner_id,
            issuer_id=self._issuer_id,
            salt="00",
            pseudonym_key="00",
            directory_hold=False,
            created_at=NOW,
        )
        self._add(
            tables.stacking_pin,
            learner_id=learner_id,
            rule_id=self._rule_id,
            rule_version_id=self._rule_version_id,
            because="first_holding",
            pinned_at=NOW,
        )
        self._add(
            tables.learner_identifier,
            issuer_id=self._issuer_id,
            learner_id=learner_id,
            type="emailAddress",
            value=f"{number}@example.edu",
            valid_from=NOW,
        )

    def _award(self, number: int, key: str, basis: str, seed: int, rule_version_id: str | None = None) -> None:
        award_id, decision_id, credential_id = (
            _id(what, number, basis) for what in ("award", "decision", "credential")
        )
        at = FIRST_DAY + timedelta(days=seed * 1_200 // 1_009)
        about = {"issuer_id": self._issuer_id, "learner_id": _id("learner", number)}
        about |= {"achievement_id": self._known[key].id}
        self._add(
            tables.award,
            **about,
            id=award_id,
            basis=basis,
            state="issued",
            decision_id=decision_id,
            updated_at=at,
        )
        self._add(
            tables.award_decision,
            id=decision_id,
            award_id=award_id,
            achievement_version_id=self._versions[key],
            consequence="award",
            rule_digest="-",
            inputs=[],
            awarded_at=at,
            trace={},
            decided_at=at,
            decided_by="bench",
            rule_version_id=rule_version_id,
        )
        self._add(
            tables.credential,
            **about,
            id=credential_id,
            award_id=award_id,
            decision_id=decision_id,
            achievement_version_id=self._versions[key],
            signing_key_id=self._signing_key,
            format="ldp_vc",
            subject_binding="identity_hash",
            state="current",
            valid_from=at,
            created_at=at,
            updated_at=at,
            body=bytes(SIZE_OF_A_CREDENTIAL),
            digest=credential_id,
            log_salt=b"",
        )
        facts = self._facts(credential_id, key, at, seed)
        self._add(tables.holding, **about, credential_id=credential_id, award_id=award_id, awarded_at=at, facts=facts)

    def _facts(self, credential_id: str, key: str, at: datetime, seed: int) -> dict[str, Any]:
        told = {"id": f"urn:uuid:{credential_id}", "achievement": self._known[key].uri, "version": "1"}
        told |= {"awarded_at": at.isoformat(), "valid_from": at.isoformat(), "issuer": "did:web:example.edu"}
        if key not in SKILLS:
            return told
        how = {"experience": f"e{seed % 5}", "experience_kind": KINDS[seed % 4], "hours": "10.00"}
        return told | how | {"level": LEVELS[1 + seed % 2], "scale": LEVELS, "assessor": f"a{seed % 3}"}


def _id(*what: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, " ".join(map(str, what))))


def measure(rt: Runtime, caller: Caller) -> dict[str, Any]:
    """Preview the change, published to everybody, and tell what it took."""
    begun, worked = time.perf_counter(), time.process_time()
    how = Publication(Transition.MIGRATE)
    preview = previewing.preview_file(rt, caller, [communicator(3)], how, told=_told)
    took = {"seconds": round(time.perf_counter() - begun, 1), "cpu_seconds": round(time.process_time() - worked, 1)}
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    counts = {"gain": len(preview.gain), "lose": len(preview.lose)}
    return {"learners": preview.learners, **counts, **took, "peak_mib": mebibytes}


def _told(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done:,} of {total:,} learners")


def main() -> None:
    """Fill a database of its own, or the empty one that is named, and measure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--learners", type=int, default=10_000)
    asked.add_argument("--holdings", type=int, default=20)
    asked.add_argument("--database")
    wanted = asked.parse_args()
    with TemporaryDirectory(prefix="ler-preview-") as folder:
        url = wanted.database or f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        rt = runtime.build(Settings(database_url=url))
        caller = found(rt)
        Registry(rt, caller).fill(wanted.learners, wanted.holdings)
        told = measure(rt, caller)
        rt.db.close()
    sys.stdout.write(f"\n{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
