"""A class and its results, as a file to import or as requests to post; drawn by lot, the same for the same seed."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

ASSESSMENTS = ("tma-1", "tma-2", "tma-3", "exam")
COLUMNS = ("id", "student", "assessment", "score", "revision", "day")

MAPPING = """
source: vle
source_id: {column: id}
revision: {column: revision}
learner: {identifiers: [{type: sourcedId, value: {column: student}}]}
assessment: {column: assessment}
score: {column: score}
assessor: {kind: {constant: automated}}
assessed_at: {days_from: {constant: 2026-01-01}, column: day}
"""

MODULE = {
    "key": "module",
    "name": "A module",
    "description": "Passed a module.",
    "criteria": {"narrative": "A result for every assessment, and a mean of at least 40."},
    "score": {"minimum": 0, "maximum": 100},
    "award": {"each_of": list(ASSESSMENTS), "conditions": [{"type": "mean", "minimum": 40}]},
}
"""Earned by a result for each assessment and a mean of 40; rows name no achievement, their assessment feeds it."""

DISTINCTION = {
    "key": "distinction",
    "name": "A distinction",
    "description": "Passed the exam with distinction.",
    "criteria": {"narrative": "At least 80 in the exam."},
    "score": {"minimum": 0, "maximum": 100},
    "award": {"each_of": ["exam"], "conditions": [{"type": "score", "minimum": 80}]},
    "better_attempt": "replace",
}
"""Earned by the exam alone, so that one result bears on two achievements."""


def in_order(learners: int, chance: random.Random) -> list[dict[str, str]]:
    """Give the rows of a results file that are all in order, shuffled."""
    found = [_row(f"s{number:04}", assessment, chance) for number in range(learners) for assessment in ASSESSMENTS]
    chance.shuffle(found)
    return found


def rows(learners: int, chance: random.Random) -> list[dict[str, str]]:
    """Give the rows of a results file: most are in order, some are corrected further down, some are not readable."""
    found = in_order(learners, chance)
    corrected = [row | {"revision": "2", "score": str(chance.randint(0, 100))} for row in chance.sample(found, 20)]
    bad = [
        found[0] | {"id": "bad-empty", "score": ""},
        found[1] | {"id": "bad-number", "score": "forty"},
        found[2] | {"id": "bad-day", "day": "soon"},
        found[3] | {"score": "1" if found[3]["score"] != "1" else "2"},  # the same identity with other content
    ]
    for row in bad:
        found.insert(chance.randrange(len(found) // 2, len(found)), row)
    return found + corrected


def _row(student: str, assessment: str, chance: random.Random) -> dict[str, str]:
    return {
        "id": f"{assessment}-{student}",
        "student": student,
        "assessment": assessment,
        "score": str(chance.randint(20, 100)),
        "revision": "1",
        "day": str(chance.randint(0, 120)),
    }


def write(folder: Path, content: list[dict[str, str]]) -> tuple[Path, Path]:
    """Write the file and its mapping."""
    file, mapping = folder / "results.csv", folder / "mapping.yaml"
    with file.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows(content)
    mapping.write_text(MAPPING)
    return file, mapping


def body(row: dict[str, str]) -> dict[str, Any]:
    """Give a row as the body of a request."""
    return {
        "source": "vle",
        "source_id": row["id"],
        "revision": int(row["revision"]),
        "learner": {"identifiers": [{"type": "sourcedId", "value": row["student"]}]},
        "assessment": row["assessment"],
        "score": row["score"],
        "assessor": {"kind": "automated"},
        "assessed_at": "2026-01-05T12:00:00Z",
    }
