"""Explaining: the whole story of one award, put together from what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.assessments import Result, plain
from ler_issuer.assessments.scales import Ladder
from ler_issuer.badges import derivation_of, holding_of
from ler_issuer.errors import Missing
from ler_issuer.services import definitions, portfolios, reading, ruling, stories
from ler_issuer.services.stories import Story
from ler_issuer.store import (
    achievements,
    awards,
    cases,
    credentials,
    holdings,
    issuers,
    learners,
    recognitions,
    results,
    stacking,
    status,
)
from ler_issuer.store.awards import RECOGNITION_BASIS, STACK_BASIS

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.assessments import Value
    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.awards import Award, StoredDecision
    from ler_issuer.store.cases import Case
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db
    from ler_issuer.store.results import StoredResult
    from ler_issuer.types import JsonObject, Url

_ENDS_IT = ("revoke", "supersede")


def explain(rt: Runtime, caller: Caller, learner_id: str, credential_id: str) -> Story:
    """Tell why a learner has a credential: what it rests on, what became of it, and what rests on it.

    Raises:
        Missing: no such learner of the caller's issuer, or no such credential of that learner.
    """
    with rt.db.read() as db:
        learner = learners.owned_by(db, learner_id, caller.issuer_id)
        person = learners.person(db, learner.id)
        credential = credentials.owned_by(db, credential_id, caller.issuer_id)
        if credential.learner_id not in person:
            raise Missing("no such credential")
        return _Teller(db, rt.base_url, person[0], rt.now()).story(credential)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Who tells a story about one person, as things are at `now`."""

    db: Db
    base_url: Url
    root_id: str
    now: datetime

    def story(self, credential: Credential) -> Story:
        """Tell the story of a credential."""
        db = self.db
        issuer, award = issuers.get(db, credential.issuer_id), awards.get(db, credential.award_id)
        decision = awards.decision(db, credential.decision_id)
        definition = definitions.of(achievements.version(db, credential.achievement_version_id))
        grounds = _grounds(award)
        on_results = grounds == "results"
        return Story(
            learner_id=self.root_id,
            issuer=issuer.name,
            time_zone=issuer.time_zone,
            credential=self._credential(credential, decision, definition),
            grounds=grounds,
            decision=_decision(decision),
            results=tuple(self._results(decision, definition)) if on_results else (),
            rubric=_dumped(definition.rubric) if on_results else None,
            score_range=_dumped(definition.score) if on_results else None,
            award_rule=_dumped(definition.award) if on_results else None,
            stack=self._stack(credential, decision) if grounds == "stack" else None,
            recognition=self._recognition(credential, award) if grounds == "recognition" else None,
            since=None if award.decision_id == decision.id else _decision(awards.decision(db, award.decision_id)),
            rests_on_it=tuple(self._above(award)),
            cases=tuple(_case(one) for one in cases.of_award(db, award.id)),
        )

    # ── The credential ───────────────────────────────────────────────────────────────────────────────────────────────
    def _credential(
        self, credential: Credential, decision: StoredDecision, definition: AchievementDefinition
    ) -> stories.CredentialStory:
        achievement = achievements.get(self.db, credential.achievement_id)
        version = achievements.version(self.db, credential.achievement_version_id)
        family = credentials.of_award(self.db, credential.award_id)
        before = next((one for one in family if one.id == credential.replaces_id), None)
        after = next((one for one in family if one.replaces_id == credential.id), None)
        history = status.history(self.db, credential.id)
        return stories.CredentialStory(
            id=f"{portfolios.URN}{credential.id}",
            achievement_id=achievement.id,
            achievement=achievement.uri,
            key=achievement.key,
            version=version.version,
            name=definition.name,
            description=definition.description,
            earned_at=decision.awarded_at or credential.valid_from,
            issued_at=credential.created_at,
            valid_until=credential.valid_until,
            standing=reading.standing(credential, self.now),
            level=_level_name(definition, decision.overall),
            replaces=None if before is None else self._neighbour(before, ended=before),
            replaced_by=None if after is None else self._neighbour(after, ended=credential),
            history=tuple(stories.ActStory(one.act, one.reason_code, one.at) for one in history),
        )

    def _neighbour(self, other: Credential, *, ended: Credential) -> stories.NeighbourStory:
        codes = [one.reason_code for one in status.history(self.db, ended.id) if one.act in _ENDS_IT]
        return stories.NeighbourStory(f"{portfolios.URN}{other.id}", codes[-1] if codes else None, self._link(other.id))

    def _link(self, credential_id: str) -> Url:
        return f"{self.base_url}/v1/learners/{self.root_id}/explain/{credential_id}"

    # ── What it rests on ─────────────────────────────────────────────────────────────────────────────────────────────
    def _results(self, decision: StoredDecision, definition: AchievementDefinition) -> list[stories.ResultStory]:
        return [self._result(results.get(self.db, used["id"]), definition) for used in decision.inputs]

    def _result(self, stored: StoredResult, definition: AchievementDefinition) -> stories.ResultStory:
        said = Result.model_validate({**stored.content, "revision": stored.revision})
        because = self._why_it_counts_no_more(stored)
        return stories.ResultStory(
            id=stored.id,
            source=stored.source,
            source_id=stored.source_id,
            revision=stored.revision,
            status=stored.result_status,
            assessment=stored.assessment,
            attempt=stored.attempt,
            assessed_at=stored.assessed_at,
            recorded_at=stored.recorded_at,
            rated_by=stored.assessor_kind,
            ratings=tuple(_ratings(said, definition)),
            overall=_overall(said, definition),
            score=None if said.score is None else plain(said.score),
            participation=_dumped(said.participation),
            section=_dumped(said.section),
            counts=because is None,
            because=because,
        )

    def _why_it_counts_no_more(self, stored: StoredResult) -> str | None:
        if stored.voided_at is not None:
            return "import_undone"
        if stored.superseded_by_id is None:
            return None
        by = results.get(self.db, stored.superseded_by_id)
        return "withdrawn" if by.result_status == "withdrawn" else "corrected"

    def _stack(self, credential: Credential, decision: StoredDecision) -> stories.StackStory:
        told = derivation_of(jsontext.parse(credential.body))
        assert told is not None  # noqa: S101 - a stacked credential says what it was derived from
        assert decision.rule_version_id is not None  # noqa: S101 - and was decided under a rule
        version = stacking.version(self.db, decision.rule_version_id)
        rule = stacking.get(self.db, version.rule_id)
        return stories.StackStory(
            rule=told.rule,
            rule_id=rule.id,
            key=rule.key,
            name=told.rule_name,
            version=version.version,
            policy=ruling.definition_of(version).policy.value,
            evaluated_at=told.evaluated_at,
            requirements=tuple(
                stories.RequirementStory(one.pointer, one.name, one.sentence, one.parts) for one in told.requirements
            ),
            parts=tuple(self._part(portfolios.bare(one.id)) for one in told.parts),
        )

    def _part(self, credential_id: str) -> stories.PartStory:
        credential = credentials.get(self.db, credential_id)
        decision = awards.decision(self.db, credential.decision_id)
        definition = definitions.of(achievements.version(self.db, credential.achievement_version_id))
        told = holding_of(jsontext.parse(credential.body)).circumstances
        return stories.PartStory(
            credential_id=f"{portfolios.URN}{credential.id}",
            name=definition.name,
            earned_at=decision.awarded_at or credential.valid_from,
            standing=reading.standing(credential, self.now),
            level=_level_name(definition, decision.overall),
            experience_kind=None if told.experience_kind is None else told.experience_kind.value,
            grounds=_grounds(awards.get(self.db, credential.award_id)),
            sentence=decision.trace["sentence"],
            explain=self._link(credential.id),
        )

    def _recognition(self, credential: Credential, award: Award) -> stories.RecognitionStory:
        found = recognitions.get(self.db, award.basis.removeprefix(RECOGNITION_BASIS))
        told = holding_of(jsontext.parse(credential.body)).circumstances
        return stories.RecognitionStory(
            id=found.id,
            kind=found.kind,
            recorded_at=found.recorded_at,
            withdrawn_at=found.withdrawn_at,
            achievement=told.recognised_achievement,
            issuer=told.recognised_issuer,
        )

    # ── What rests on it ─────────────────────────────────────────────────────────────────────────────────────────────
    def _above(self, award: Award) -> list[stories.AboveStory]:
        found = (awards.get(self.db, one) for one in holdings.resting_on(self.db, [award.id]))
        last = ((one, credentials.last_of(self.db, one.id)) for one in found)
        return [self._resting(stack, out, award) for stack, out in last if out is not None]

    def _resting(self, stack: Award, out: Credential, part: Award) -> stories.AboveStory:
        definition = definitions.of(achievements.version(self.db, out.achievement_version_id))
        mine = {f"{portfolios.URN}{one.id}" for one in credentials.of_award(self.db, part.id)}
        raised = (
            one
            for one in cases.of_award(self.db, stack.id)
            if not mine.isdisjoint(lost["credential"] for lost in one.parts)
        )
        return stories.AboveStory(
            credential_id=f"{portfolios.URN}{out.id}",
            name=definition.name,
            standing=reading.standing(out, self.now),
            explain=self._link(out.id),
            cases=tuple(map(_case, raised)),
        )


def _grounds(award: Award) -> stories.Grounds:
    if award.basis.startswith(STACK_BASIS):
        return "stack"
    return "recognition" if award.basis.startswith(RECOGNITION_BASIS) else "results"


def _decision(decision: StoredDecision) -> stories.DecisionStory:
    trace = decision.trace
    return stories.DecisionStory(
        decided_at=decision.decided_at,
        consequence=decision.consequence,
        sentence=trace["sentence"],
        requirements=tuple(node["sentence"] for node in trace.get("nodes", ())),
        trace=trace,
    )


def _case(case: Case) -> stories.CaseStory:
    return stories.CaseStory(
        id=case.id,
        state=case.state,
        policy=case.policy,
        reason_code=case.reason_code,
        parts=tuple(case.parts),
        still_met=case.still_met,
        opened_at=case.opened_at,
        deadline=case.deadline,
        resolved_at=case.resolved_at,
        resolution=case.resolution,
        resolution_code=case.resolution_code,
        replacement_id=None if case.replacement_id is None else f"{portfolios.URN}{case.replacement_id}",
    )


def _ratings(said: Result, definition: AchievementDefinition) -> list[stories.RatingStory]:
    """Read ratings on the rubric, whose names are shown; what it does not know is shown as it was said."""
    if definition.rubric is None:
        return []
    ladder, levels = Ladder(definition.rubric), definition.rubric.levels
    names = {criterion.id: criterion.name for criterion in definition.rubric.criteria}
    told = []
    for one in said.ratings:
        criterion = ladder.criterion(one.criterion)
        level = None if one.level is None else ladder.level(one.level)
        told.append(
            stories.RatingStory(
                criterion=one.criterion if criterion is None else names[criterion],
                level=one.level if level is None else levels[level].name,
                place=None if level is None else level + 1,
                places=len(levels),
                not_applicable=one.not_applicable,
            )
        )
    return told


def _overall(said: Result, definition: AchievementDefinition) -> str | None:
    """Give the overall level that one result comes to by itself."""
    if definition.rubric is None:
        return None
    overall = Ladder(definition.rubric).read(said.ratings, said.overall_level).overall
    return None if overall is None else definition.rubric.levels[overall].name


def _level_name(definition: AchievementDefinition, level: str | None) -> str | None:
    levels = () if definition.rubric is None else definition.rubric.levels
    return next((one.name for one in levels if one.id == level), level)


def _dumped(value: Value | None) -> JsonObject | None:
    return None if value is None else value.model_dump(mode="json", exclude_none=True)
