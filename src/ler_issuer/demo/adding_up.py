"""Adding up: the story goes on with rules, a stacked credential and its parts, what is left, and a learner's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.assessments import Identifier, Result
from ler_issuer.badges import derivation_of
from ler_issuer.badges.reading import read_definitions as read_achievements
from ler_issuer.demo import papers
from ler_issuer.services import back_awarding, catalog, people, progress, reading, recording, stacks, taking, verifying
from ler_issuer.services.admitting import Publication
from ler_issuer.services.reading import Filter
from ler_issuer.services.verifying import Aid
from ler_issuer.stacking.reading import read_definitions as read_rules

if TYPE_CHECKING:
    from rich.console import Console

    from ler_issuer.demo.papers import Folder
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.services.progress import StackProgress
    from ler_issuer.types import JsonObject

STACK, RECORD = "stacked.json", "record.json"
"""The files that the stacked credential and the learner's record go to, beside the folder with the credentials."""

ROSA, CARMEN = "rosa.delgado@example.edu", "carmen.ibarra@example.edu"
"""Whose stack is completed; and who is one part short of another."""

SECOND_TEXT = {
    "source": "demo-assessments",
    "source_id": "R2001",
    "learner": {"identifiers": [{"type": "emailAddress", "value": ROSA}]},
    "achievement": "written-communication",
    "ratings": [
        {"criterion": criterion, "level": level}
        for criterion, level in (
            ("main-idea", "proficient"),
            ("organisation", "proficient"),
            ("content-development", "distinguished"),
            ("disciplinary-conventions", "proficient"),
            ("sources-and-evidence", "proficient"),
        )
    ],
    "assessor": {"kind": "faculty", "name": "Dr. Marian Holt"},
    "participation": {"experience": {"source_id": "ENGL-1302", "kind": "course", "name": "Composition II"}},
    "assessed_at": "2025-05-02",
}
"""What completes Rosa's stack: a second text, in a course."""


def tell(rt: Runtime, folder: Folder, caller: Caller, console: Console) -> JsonObject:
    """Publish rules, complete a stack, verify it with its parts, tell what is left, issue a record; give the counts."""
    entries = _publish(rt, caller, console)
    stack_id = _complete(rt, folder, caller, console)
    _recheck(rt, folder, caller, console, stack_id)
    _what_is_left(rt, caller, console)
    _record(rt, folder, caller, console)
    return {"rules": len(entries), "completed": 1, "stacked": 1}


def _publish(rt: Runtime, caller: Caller, console: Console) -> list[stacks.Entry]:
    catalog.publish_file(rt, caller, read_achievements(papers.packed_yaml("competencies.yaml"), papers.packed))
    rules = read_rules(papers.packed("rules.yaml"), "rules.yaml")
    published = stacks.publish_file(rt, caller, rules, Publication())
    for _, run_id in published:
        back_awarding.go_on(rt, run_id)
    keys = ", ".join(entry.key for entry, _ in published)
    console.print(f"\n[bold]Stack[/bold]: {len(published)} rules say what skills add up to: {keys}")
    return [entry for entry, _ in published]


def _complete(rt: Runtime, folder: Folder, caller: Caller, console: Console) -> str:
    """Send the result that completes a stack, and keep what came of it."""
    receipt = taking.record_result(rt, caller, Result.model_validate(SECOND_TEXT))
    assert receipt.credential_id is not None  # noqa: S101 - it earns a micro-credential
    part = reading.get_credential(rt, caller, receipt.credential_id)
    folder.credential(receipt.credential_id).write_bytes(jsontext.canonical(part.document))
    stacked = next(one for one in _held(rt, caller, ROSA) if derivation_of(one) is not None)
    file = folder.keep(STACK, jsontext.canonical(stacked))
    console.print(f"\nOne more result, a second text of Rosa's, and she is {stacked['name']}: {file}")
    derived = derivation_of(stacked)
    assert derived is not None  # noqa: S101 - that is how it was found
    console.print(f"  {derived.sentence}", markup=False)
    for requirement in derived.requirements:
        console.print(f"  - {requirement.sentence}", markup=False)
    return str(stacked["id"])


def _recheck(rt: Runtime, folder: Folder, caller: Caller, console: Console, stack_id: str) -> None:
    """Verify the stacked credential with its parts, as anybody can whom Rosa shows them to."""
    held = {one["id"]: one for one in _held(rt, caller, ROSA)}
    derived = derivation_of(held[stack_id])
    assert derived is not None  # noqa: S101 - it is the stacked one
    parts = tuple(held[part.id] for part in derived.parts)
    report = verifying.verify(rt, held[stack_id], Aid(parts=parts, offline=True))
    shown = " ".join(f"--part {folder.credential(part.id.rpartition(':')[2])}" for part in derived.parts)
    console.print(f"\n[bold]Verify[/bold] {folder.path / STACK} {shown}", soft_wrap=True)
    console.print(f"  {report.verdict.upper()}: {report.summary}", markup=False)
    for found in report.checks:
        if found.id.startswith("derivation"):
            console.print(f"  {found.id} {found.outcome}: {found.message}", markup=False)


def _what_is_left(rt: Runtime, caller: Caller, console: Console) -> None:
    """Tell a learner what the nearest of the stacks still takes."""
    learner_id = people.find_learner(rt, caller, [Identifier(type="emailAddress", value=CARMEN)])
    told = progress.of_learner(rt, caller, learner_id)
    nearest = max((one for one in told if not one.met), key=lambda one: (one.percent, one.rule_key))
    console.print(f"\n[bold]What is left[/bold] for Carmen of {nearest.name} ({nearest.percent} % is done):")
    for sentence in _ways(nearest)[:3]:
        console.print(f"  {sentence}", markup=False)


def _ways(stack: StackProgress) -> list[str]:
    """Give the ways to a stack, the easiest first, in words."""
    return [one["sentence"] for one in stack.remaining["sets"]]


def _record(rt: Runtime, folder: Folder, caller: Caller, console: Console) -> None:
    """Issue everything that Rosa holds as one comprehensive learner record, and verify it."""
    learner_id = people.find_learner(rt, caller, [Identifier(type="emailAddress", value=ROSA)])
    record = recording.issue_record(rt, caller, learner_id, None).record
    file = folder.keep(RECORD, record.body)
    report = verifying.verify(rt, jsontext.parse(record.body), Aid(offline=True))
    console.print(f"\n[bold]Record[/bold] of {len(report.members)} credentials, {file}")
    console.print(f"  {report.verdict.upper()}: {report.summary}", markup=False)


def _held(rt: Runtime, caller: Caller, email: str) -> list[JsonObject]:
    """Give the documents of a learner's current credentials."""
    learner_id = people.find_learner(rt, caller, [Identifier(type="emailAddress", value=email)])
    page = reading.list_credentials(
        rt, caller, Filter(learner_id=learner_id, standing="current"), cursor=None, limit=1_000
    )
    return [reading.get_credential(rt, caller, one.id).document for one in page.items]
