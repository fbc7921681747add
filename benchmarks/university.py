"""A university to measure in: an issuer, an achievement with a rubric, and as many learners as are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import runtime
from ler_issuer.assessments import Result
from ler_issuer.assessments.readers import Mapped
from ler_issuer.badges import AchievementDefinition
from ler_issuer.services import catalog, founding, importing
from ler_issuer.services.access import Caller
from ler_issuer.services.importing import Plan
from ler_issuer.settings import Settings
from ler_issuer.store import credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import JsonObject

BASE_URL = "http://127.0.0.1:8000"
"""What the service calls itself; where it listens while it is measured is another matter."""

PLAN = Plan(source="lms", file_name="results", file_digest="-", mapping_digest="-", by_content=False)
_LEVELS = [{"id": level, "name": level.capitalize()} for level in ("beginning", "proficient", "distinguished")]
WRITING: JsonObject = {
    "key": "writing",
    "name": "Scientific Writing",
    "description": "Writes up an experiment so that others can repeat it.",
    "criteria": {"narrative": "Two laboratory reports, rated proficient or better in every row."},
    "rubric": {
        "criteria": [{"id": "structure", "name": "Structure"}, {"id": "evidence", "name": "Evidence"}],
        "levels": _LEVELS,
    },
    "alignments": [{"target_name": "Write scientific reports", "target_url": "https://example.edu/skills/7a1"}],
    "award": {"conditions": [{"type": "criteria", "level": "proficient"}]},
}


@dataclass(frozen=True)
class University:
    """An installation with one issuer, and the key that its learning platform sends results with."""

    rt: Runtime
    caller: Caller
    api_key: str
    settings: Settings

    def rest(self) -> None:
        """Close every connection to the database, so that others have it to themselves; the next use opens another."""
        self.rt.db.engine.dispose()

    def bodies(self) -> list[bytes]:
        """Give the credentials that there are, as they were signed."""
        with self.rt.db.read() as db:
            return [credential.body for credential in credentials.everyone(db)]

    @classmethod
    def found(cls, settings: Settings) -> University:
        """Found the issuer in an empty database, and publish the achievement."""
        rt = runtime.build(settings)
        charter = founding.charter(
            slug="biology", name="School of Biology", url="https://bio.example.edu", time_zone="America/Chicago"
        )
        founded = founding.create_issuer(rt, charter, actor="cli:bench")
        caller = Caller(founded.issuer.id, "cli:bench")
        catalog.publish_file(rt, caller, [AchievementDefinition.model_validate(WRITING)])
        return cls(rt, caller, founded.api_key, settings)

    def award(self, numbers: range) -> None:
        """Import one result for each learner of these numbers; each of them earns the badge.

        Raises:
            AssertionError: not every row became a credential.
        """
        counts = importing.import_results(self.rt, self.caller, PLAN, rows(numbers), told=lambda _: None).counts
        if counts["awarded"] != len(numbers):
            raise AssertionError(f"not every row was awarded: {counts}")


def result(number: int) -> JsonObject:
    """Give a learner's result as a learning platform sends it; it earns the badge."""
    return {
        "source": "lms",
        "source_id": f"submission-{number}",
        "revision": 1,
        "achievement": "writing",
        "learner": {"identifiers": [{"type": "emailAddress", "value": f"learner{number}@example.edu"}]},
        "assessed_at": "2026-05-01T12:00:00Z",
        "ratings": [
            {"criterion": "structure", "level": "proficient"},
            {"criterion": "evidence", "level": "distinguished"},
        ],
        "assessor": {"kind": "faculty", "id": f"staff-{number % 40}"},
    }


def rows(numbers: range) -> Iterator[Mapped]:
    """Give the same as rows of a file that was read."""
    for number in numbers:
        yield Mapped(number + 1, number + 2, Result.model_validate(result(number)), {})
