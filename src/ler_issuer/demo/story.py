"""The story: a university publishes eight skills, imports a file of results, and its credentials are put to the test.

Told anew on every run, by a university of its own; it changes nothing that is there already and asks nobody.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from rich.table import Table

from ler_issuer import jsontext
from ler_issuer.assessments.readers import READERS, Sheet, declare
from ler_issuer.badges.reading import read_definitions
from ler_issuer.demo import adding_up, papers
from ler_issuer.demo.papers import Folder
from ler_issuer.services import auditing, catalog, founding, importing, keyring, publishing, revoking, verifying
from ler_issuer.services.access import Caller
from ler_issuer.services.founding import Charter
from ler_issuer.services.importing import Answer, Plan
from ler_issuer.services.intake import Receipt
from ler_issuer.services.marking import Reason
from ler_issuer.services.verifying import Aid
from ler_issuer.store import credentials
from ler_issuer.vc import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from ler_issuer.assessments.readers import Mapping
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.founding import Founded
    from ler_issuer.services.importing import Imported
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import Report

ACTOR = "cli:demo"
SLUG = "demo-university"

EMBARGOED = "leadership"
"""The skill whose results are announced later, so that its awards wait."""

EMBARGO = timedelta(days=14)

COLUMNS = ("results", "awarded", "not_yet", "pending", "rejected", "duplicates")
"""What is counted for each skill, and in `summary.json`."""


@dataclass(slots=True)
class Seen:
    """What the import told: counts for each skill, the credentials in the order of their results, the rejected rows."""

    sheet: Sheet
    mapping: Mapping
    by_skill: dict[str, Counter[str]] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    rejects: list[bytes] = field(default_factory=list)

    def __call__(self, answers: Sequence[Answer]) -> None:
        """Note what became of a chunk of rows."""
        for row, answer in answers:
            counts = self.by_skill.setdefault(row.raw["skill"], Counter())
            outcome = _outcome(answer)
            counts.update(("results", outcome))
            if outcome == "awarded" and isinstance(answer, Receipt) and answer.credential_id is not None:
                self.issued.append(answer.credential_id)
        reader = READERS[self.mapping.format]
        for error in importing.rejected(self.sheet, answers):
            self.rejects.append(reader.reject(error, self.sheet.columns, self.mapping))


def tell(rt: Runtime, out: Path, console: Console) -> None:
    """Run the demonstration, write what comes of it to the folder `out`, and tell it on the console."""
    folder = Folder(out)
    folder.clear()
    founded = _found(rt)
    issuer, caller = founded.issuer, Caller(founded.issuer.id, ACTOR)
    console.print(f"\n[bold]{issuer.name}[/bold] is founded as {issuer.did}")
    _publish(rt, caller, console)
    done, seen = _import(rt, caller, console)
    _keep(rt, folder, caller, issuer.slug, seen)
    console.print(
        f"{len(seen.issued)} credentials, the status list and the DID document lie in {out}; what is wrong with the "
        f"{done.counts['rejected']} rejected rows is told in {out / 'rejects.csv'}"
    )
    shown, withdrawn = seen.issued[0], seen.issued[1]
    _verify_and_alter(rt, folder, console, shown)
    _revoke(rt, folder, caller, console, withdrawn)
    stacked = adding_up.tell(rt, folder, caller, console)
    identity = {"issuer": issuer.slug, "import_id": done.import_id}
    folder.keep_json("summary.json", _summary(done, seen) | stacked | identity)
    _close(rt, issuer.slug, console)
    _go_on(rt, folder, console, founded, shown)


def _found(rt: Runtime) -> Founded:
    taken = {issuer.slug for issuer in founding.list_issuers(rt)}
    number = next(number for number in count(1) if _slug(number) not in taken)
    name = "Demonstration University" if number == 1 else f"Demonstration University {number}"
    return founding.create_issuer(
        rt,
        Charter(slug=_slug(number), name=name, url="https://www.example.edu/", time_zone="America/Chicago"),
        actor=ACTOR,
    )


def _slug(number: int) -> str:
    return SLUG if number == 1 else f"{SLUG}-{number}"


def _publish(rt: Runtime, caller: Caller, console: Console) -> None:
    wanted = read_definitions(papers.packed_yaml("achievements.yaml"), papers.packed)
    announced = rt.now() + EMBARGO
    entries = catalog.publish_file(
        rt,
        caller,
        [one.model_copy(update={"release_at": announced}) if one.key == EMBARGOED else one for one in wanted],
    )
    console.print(f"{len(entries)} skills are published; results in {EMBARGOED} are announced in {EMBARGO.days} days")


def _import(rt: Runtime, caller: Caller, console: Console) -> tuple[Imported, Seen]:
    written = papers.packed_yaml("mapping.yaml")
    mapping = declare(written)
    sheet = READERS[mapping.format].read(papers.packed("results.csv").splitlines(keepends=True), mapping, {})
    plan = Plan(
        mapping.source, "results.csv", papers.digest("results.csv"), jsontext.digest(written), mapping.by_content
    )
    seen = Seen(sheet, mapping)
    done = importing.import_results(rt, caller, plan, sheet.rows, told=seen)
    console.print(f"\nThe file results.csv is imported as {done.import_id}:\n")
    console.print(_table(seen))
    return done, seen


def _outcome(answer: object) -> str:
    if not isinstance(answer, Receipt):
        return "rejected"
    return "duplicates" if answer.duplicate else answer.outcome


def _table(seen: Seen) -> Table:
    totals: Counter[str] = sum(seen.by_skill.values(), Counter())
    table = Table("skill", *(column.replace("_", " ") for column in COLUMNS), box=None, show_footer=True)
    table.columns[0].footer = "all"
    for column, name in zip(table.columns[1:], COLUMNS, strict=True):
        column.justify, column.footer = "right", str(totals[name])
    for skill, counts in sorted(seen.by_skill.items()):
        table.add_row(skill, *(str(counts[name] or "") for name in COLUMNS))
    return table


def _keep(rt: Runtime, folder: Folder, caller: Caller, slug: str, seen: Seen) -> None:
    """Write the credentials as they were signed, byte by byte, and what others need to verify them."""
    with rt.db.read() as db:
        for credential_id in seen.issued:
            folder.credential(credential_id).write_bytes(credentials.owned_by(db, credential_id, caller.issuer_id).body)
    folder.keep_json("did.json", keyring.published_document(rt, slug))
    folder.keep("status-list.json", _status_list(rt, folder, seen.issued[0]))
    heading = READERS[seen.mapping.format].heading(seen.sheet.columns, seen.mapping)
    folder.keep("rejects.csv", b"".join([heading, *seen.rejects]))


def _status_list(rt: Runtime, folder: Folder, credential_id: str) -> bytes:
    document = _object(folder.read_credential(credential_id))
    return publishing.status_list(rt, document["credentialStatus"]["statusListCredential"].rpartition("/")[2])


def _verify_and_alter(rt: Runtime, folder: Folder, console: Console, credential_id: str) -> None:
    document = _object(folder.read_credential(credential_id))
    console.print(f"\n[bold]Verify[/bold] {folder.credential(credential_id)}")
    _show(console, _judge(rt, document))
    altered = _raised(document)
    file = folder.keep_json("altered.json", altered)
    console.print(f"\n[bold]Alter[/bold] one level from Proficient to Distinguished, and verify {file}")
    _show(console, _judge(rt, altered))


def _raised(document: JsonObject) -> JsonObject:
    """Give the credential as its learner might like it: one criterion a level higher."""
    altered = copy.deepcopy(document)
    result = next(
        one for one in altered["credentialSubject"]["result"] if "/proficient" in one.get("achievedLevel", "")
    )
    result["achievedLevel"] = result["achievedLevel"].replace("/proficient", "/distinguished")
    return altered


def _revoke(rt: Runtime, folder: Folder, caller: Caller, console: Console, credential_id: str) -> None:
    revoking.revoke(rt, caller, credential_id, Reason("issued_in_error", "Revoked to show what happens then."))
    folder.keep("status-list.json", _status_list(rt, folder, credential_id))
    console.print(f"\n[bold]Revoke[/bold] {credential_id}, and verify {folder.credential(credential_id)}")
    _show(console, _judge(rt, folder.read_credential(credential_id)))


def _judge(rt: Runtime, document: Json) -> Report:
    return verifying.verify(rt, document, Aid(offline=True))


def _show(console: Console, report: Report) -> None:
    """Show the verdict, and the checks that speak against it."""
    console.print(f"  {report.verdict.upper()}: {report.summary}", markup=False)
    for found in report.checks:
        if found.outcome in {Outcome.FAIL, Outcome.INDETERMINATE}:
            console.print(f"  {found.id} {found.outcome} ({found.code})", markup=False)


def _summary(done: Imported, seen: Seen) -> JsonObject:
    totals: Counter[str] = sum(seen.by_skill.values(), Counter())
    assert totals["results"] == done.counts["rows"]  # noqa: S101 - every row was told of
    return {name: totals[name] for name in COLUMNS} | {"revoked": 1}


def _close(rt: Runtime, slug: str, console: Console) -> None:
    done = auditing.replay(rt)
    made = auditing.checkpoint(rt, slug, actor=ACTOR)
    console.print(
        f"\n[bold]Replay[/bold] of {done.counts['awards']} awards and {done.counts['credentials']} credentials "
        f"from the stored facts: {len(done.discrepancies) or 'no'} discrepancies"
    )
    console.print(f"[bold]Checkpoint[/bold] of the log: {made.size} entries under {made.root}")


def _go_on(rt: Runtime, folder: Folder, console: Console, founded: Founded, credential_id: str) -> None:
    console.print(
        f"\nGo on with [bold]make serve[/bold], which serves {rt.base_url} (docs under /docs), for example:\n"
    )
    listing = f"curl -H 'Authorization: Bearer {founded.api_key}' '{rt.base_url}/v1/credentials'"
    body = f'{{\\"credential\\": $(cat {folder.credential(credential_id)})}}'
    asking = f"curl -H 'Content-Type: application/json' -d \"{body}\" {rt.base_url}/v1/verify"
    for line in (listing, asking):
        console.print(line, markup=False, soft_wrap=True)


def _object(document: Json) -> JsonObject:
    assert isinstance(document, dict)  # noqa: S101 - a credential that we wrote
    return document
