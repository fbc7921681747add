"""The four rules of Career Connect, over HTTP: each constraint once failing and once met, by results that come in."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ler_issuer.demo import papers
from ler_issuer.services import auditing, expiring
from world import NOON, Tenant, World, address, found, listen, runtime, serving

TODAY = NOON.date()

_numbers = itertools.count(1)


@dataclass(frozen=True)
class University:
    """Career Connect at a university of its own: skills, competencies and rules, as the demonstration has them."""

    rt: Any
    world: World
    tenant: Tenant
    client: httpx.Client
    criteria: dict[str, list[str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self.client.request(method, path, json=body, headers=self.tenant.auth)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def assess(self, learner: str, skill: str, **how: Any) -> str:
        """Record a result, and give the id of the micro-credential that it earned."""
        receipt = self.call("POST", "/v1/results", self.result(learner, skill, **how), status=201)
        assert receipt["outcome"] == "awarded", receipt
        return str(receipt["credential_id"])

    def result(
        self,
        learner: str,
        skill: str,
        *,
        level: str = "proficient",
        experience: str = "ENGL-1302",
        kind: str = "course",
        hours: int | None = None,
        assessor: str = "Dr. Holt",
        by: str = "faculty",
        ago: int = 100,
        **more: Any,
    ) -> dict[str, Any]:
        return {
            "source": "canvas",
            "source_id": f"r{next(_numbers)}",
            "learner": {"identifiers": [{"type": "emailAddress", "value": learner}]},
            "achievement": skill,
            "ratings": [{"criterion": one, "level": level} for one in self.criteria[skill]],
            "assessor": {"kind": by, "name": assessor},
            "participation": {"experience": {"source_id": experience, "kind": kind}, "hours": hours},
            "assessed_at": (TODAY - timedelta(days=ago)).isoformat(),
        } | more

    def stack(self, learner: str, key: str) -> dict[str, Any]:
        """Give how a learner stands to a stack."""
        body = {"identifiers": [{"type": "emailAddress", "value": learner}]}
        learner_id = self.call("POST", "/v1/learners/find", body)["learner_id"]
        told = self.call("GET", f"/v1/learners/{learner_id}/progress")["stacks"]
        return next(one for one in told if one["rule_key"] == key)


@pytest.fixture(scope="module")
def university(sqlite_template, tmp_path_factory):
    world = World()
    file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("career") / "test.sqlite")
    with listen() as door:
        rt = runtime(f"sqlite:///{file}", world, address(door))
        tenant = found(rt)
        with serving(rt, door) as client:
            made = University(rt, world, tenant, client)
            skills = papers.packed_yaml("achievements.yaml")["achievements"]
            for one in [*skills, *papers.packed_yaml("competencies.yaml")["achievements"]]:
                drafted = made.call("POST", "/v1/achievements", one, status=201)
                made.call("POST", f"/v1/achievements/{drafted['id']}/publish")
                made.criteria[one["key"]] = [each["id"] for each in one.get("rubric", {}).get("criteria", [])]
            for one in papers.packed_yaml("rules.yaml")["rules"]:
                drafted = made.call("POST", "/v1/rules", one, status=201)
                made.call("POST", f"/v1/rules/{drafted['id']}/test")
                made.call("POST", f"/v1/rules/{drafted['id']}/publish", {"transition": "pin"})
            yield made
        assert not auditing.replay(rt, verify=True).discrepancies
        rt.db.close()


def part(skill: str, **how: Any) -> tuple[str, dict[str, Any]]:
    return skill, how


WRITING, SPEAKING = "written-communication", "oral-communication"
INTERN = {"experience": "INT-PLAN", "kind": "internship"}
FOUR_YEARS = 4 * 366

COMMUNICATOR = {
    "two texts and a talk, in two experiences, one outside the classroom": (
        True, [part(WRITING), part(WRITING, **INTERN), part(SPEAKING)]
    ),
    "one text and a talk": (False, [part(WRITING, **INTERN), part(SPEAKING)]),
    "two texts without a talk": (False, [part(WRITING), part(WRITING, **INTERN)]),
    "all in one experience": (False, [part(WRITING, **INTERN), part(WRITING, **INTERN), part(SPEAKING, **INTERN)]),
    "all in courses": (False, [part(WRITING), part(WRITING, experience="HIST-1"), part(SPEAKING)]),
    "more than four years between the first and the last": (
        False, [part(WRITING, ago=FOUR_YEARS + 110), part(WRITING, **INTERN), part(SPEAKING)]
    ),
    "an old text, but two newer ones": (
        True, [part(WRITING, ago=FOUR_YEARS + 110), part(WRITING, **INTERN), part(SPEAKING), part(WRITING)]
    ),
}  # fmt: skip

TEAM, THINKING = "teamwork", "critical-thinking"
BOSS = {"assessor": "Ray Castellano", "by": "supervisor"}
BEST = {"level": "distinguished"}

SOLVER = {
    "each once at Distinguished, by two, one of them a supervisor": (
        True, [part(TEAM, **BEST), part(THINKING, **BEST, **BOSS)]
    ),
    "each twice at Proficient": (
        True, [part(TEAM), part(TEAM, experience="B"), part(THINKING, **BOSS), part(THINKING, experience="B")]
    ),
    "one of them only once at Proficient": (False, [part(TEAM, **BEST, **BOSS), part(THINKING)]),
    "by a single assessor, a supervisor": (False, [part(TEAM, **BEST, **BOSS), part(THINKING, **BEST, **BOSS)]),
    "by two lecturers": (False, [part(TEAM, **BEST), part(THINKING, **BEST, assessor="Dr. Calder")]),
    "by a lecturer and a community partner": (
        True, [part(TEAM, **BEST), part(THINKING, **BEST, assessor="Wanda Pruitt", by="community_partner")]
    ),
    "without critical thinking": (False, [part(TEAM, **BEST), part(TEAM, **BEST, **BOSS)]),
}  # fmt: skip

SERVICE = {"experience": "SL-HARVEST", "kind": "service_learning"}

CITIZEN = {
    "two of three, with 40 hours in all": (
        True,
        [
            part("leadership", **SERVICE, hours=15),
            part("social-responsibility", experience="VOL-READ", kind="volunteering", hours=25),
        ],
    ),
    "the same skill twice": (False, [part("leadership", **SERVICE, hours=30), part("leadership", hours=30)]),
    "39 hours": (
        False,
        [
            part("leadership", **SERVICE, hours=14),
            part("personal-responsibility", experience="VOL-READ", kind="volunteering", hours=25),
        ],
    ),
    "hours of one participation do not count twice": (
        False,
        [part("leadership", **SERVICE, hours=20), part("social-responsibility", **SERVICE, hours=20)],
    ),
    "hours of a course or an internship do not count": (
        False,
        [part("leadership", hours=30), part("social-responsibility", **INTERN, hours=60)],
    ),
    "hours that came with another skill": (
        True,
        [part("leadership"), part("social-responsibility"), part(TEAM, **SERVICE, hours=40)],
    ),
}


def told(cases: dict[str, Any]) -> list[Any]:
    return [pytest.param(met, parts, id=name) for name, (met, parts) in cases.items()]


def expect(university: University, key: str, parts: Sequence[Any], *, met: bool) -> None:
    learner = f"learner-{next(_numbers)}@example.edu"
    for skill, how in parts:
        university.assess(learner, skill, **how)
    stack = university.stack(learner, key)
    assert (stack["met"], stack["held"]) == (met, met), stack["sentence"]
    assert (stack["percent"] == 100, stack["remaining"]["sets"] == []) == (met, met)


@pytest.mark.parametrize(("met", "parts"), told(COMMUNICATOR))
def test_effective_communicator(university, met, parts):
    expect(university, "effective-communicator", parts, met=met)


@pytest.mark.parametrize(("met", "parts"), told(SOLVER))
def test_collaborative_problem_solver(university, met, parts):
    expect(university, "collaborative-problem-solver", parts, met=met)


@pytest.mark.parametrize(("met", "parts"), told(CITIZEN))
def test_engaged_citizen(university, met, parts):
    expect(university, "engaged-citizen", parts, met=met)


class TestCareerReadyGraduate:
    KEY, NUMBERS = "career-ready-graduate", "empirical-and-quantitative-skills"

    def learner(self, university, *stacks):
        learner = f"graduate-{next(_numbers)}@example.edu"
        for cases in stacks:
            _, parts = next(iter(cases.values()))
            for skill, how in parts:
                university.assess(learner, skill, **how)
        return learner

    def learner_id(self, university, learner):
        body = {"identifiers": [{"type": "emailAddress", "value": learner}]}
        return university.call("POST", "/v1/learners/find", body)["learner_id"]

    def test_two_competencies_and_numbers(self, university):
        learner = self.learner(university, COMMUNICATOR, CITIZEN)
        assert not university.stack(learner, self.KEY)["met"]

        university.assess(learner, self.NUMBERS)

        assert university.stack(learner, self.KEY)["held"]

    def test_one_competency_is_not_enough(self, university):
        learner = self.learner(university, COMMUNICATOR)
        university.assess(learner, self.NUMBERS)

        assert not university.stack(learner, self.KEY)["met"]

    @pytest.mark.parametrize("kind", ["transfer", "prior_learning"])
    def test_an_accepted_equivalent_counts(self, university, kind):
        learner = self.learner(university, COMMUNICATOR, SOLVER)
        accepted = {"kind": kind, "achievement": self.NUMBERS, "awarded_at": "2025-06-01T00:00:00Z"}
        path = f"/v1/learners/{self.learner_id(university, learner)}/recognitions"

        university.call("POST", path, accepted, status=201)

        assert university.stack(learner, self.KEY)["held"]

    def test_a_revoked_part_suspends_it_and_the_stack_on_it_until_it_counts_again(self, university):
        learner = self.learner(university, SOLVER)
        university.assess(learner, self.NUMBERS)
        for skill, how in CITIZEN["two of three, with 40 hours in all"][1]:
            last = university.assess(learner, skill, **how)
        assert university.stack(learner, self.KEY)["held"]

        university.call("POST", f"/v1/credentials/{last}/revoke", {"reason_code": "issued_in_error"})

        assert not university.stack(learner, "engaged-citizen")["held"]
        assert not university.stack(learner, self.KEY)["held"]
        cases = university.call("GET", f"/v1/cases?learner={self.learner_id(university, learner)}")["items"]
        assert sorted((one["policy"], one["state"]) for one in cases) == [("revoke", "resolved"), ("suspend", "open")]
        university.assess(learner, "personal-responsibility", experience="VOL-9", kind="volunteering", hours=25)
        assert university.stack(learner, "engaged-citizen")["held"]
        [case] = [one for one in cases if one["state"] == "open"]
        done = university.call("POST", f"/v1/cases/{case['id']}/resolve", {"resolution": "reissue"})
        assert done["replacement_id"]
        assert university.stack(learner, self.KEY)["held"]


def test_the_correction_of_a_result_reaches_the_stack(university):
    learner = f"appeal-{next(_numbers)}@example.edu"
    first = university.result(learner, TEAM, **BEST)
    university.call("POST", "/v1/results", first, status=201)
    university.assess(learner, THINKING, **BEST, **BOSS)
    assert university.stack(learner, "collaborative-problem-solver")["held"]

    lower = [{"criterion": one["criterion"], "level": "proficient"} for one in first["ratings"]]
    university.call("POST", "/v1/results", first | {"revision": 2, "ratings": lower}, status=201)

    stack = university.stack(learner, "collaborative-problem-solver")
    assert (stack["met"], stack["held"]) == (False, False)
    assert "Teamwork" in " ".join(one["sentence"] for one in stack["remaining"]["sets"])


def test_what_is_left_names_what_is_needed_and_not_more(university):
    learner = f"nearly-{next(_numbers)}@example.edu"
    for skill in (WRITING, WRITING, SPEAKING):
        university.assess(learner, skill)

    stack = university.stack(learner, "effective-communicator")

    first = stack["remaining"]["sets"][0]
    assert first["assessments"] == 1
    assert 50 <= stack["percent"] < 100
    assert "outside the classroom" in first["sentence"]


def test_the_clock_alone_takes_a_part_away(university):
    expired = {"key": "first-aid", "name": "First aid", "validity": {"months": 12}}
    for one in (expired, {"key": "helper", "name": "Helper", "suspendable": True}):
        body = {"description": "Helps.", "criteria": {"narrative": "Can help."}} | one
        if one is expired:
            body |= {"score": {"minimum": 0, "maximum": 10}, "award": {"conditions": [{"type": "score", "minimum": 5}]}}
        drafted = university.call("POST", "/v1/achievements", body, status=201)
        university.call("POST", f"/v1/achievements/{drafted['id']}/publish")
    example = {"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}
    tree = {"type": "holding", "achievements": ["first-aid"]}
    rule = {"key": "helper", "achievement": "helper", "policy": "suspend", "rule": tree, "examples": [example]}
    drafted = university.call("POST", "/v1/rules", rule, status=201)
    university.call("POST", f"/v1/rules/{drafted['id']}/publish", {"transition": "pin"})
    learner = f"helper-{next(_numbers)}@example.edu"
    sent = university.result(learner, TEAM) | {"achievement": "first-aid", "score": "9", "ratings": []}
    university.call("POST", "/v1/results", sent, status=201)
    assert university.stack(learner, "helper")["held"]

    university.world.wait(days=300)
    expiring.expire_due(university.rt, actor="system:test")

    assert not university.stack(learner, "helper")["held"]
    university.world.time = NOON
