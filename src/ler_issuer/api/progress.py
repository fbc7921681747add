"""Progress: what a learner has towards every published stack, and what is left."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import may
from ler_issuer.api.schemas import Told
from ler_issuer.api.wiring import CredentialsReader, Id, Rt
from ler_issuer.errors import Denied, Malformed, Missing, SignInFirst
from ler_issuer.services import progress
from ler_issuer.types import JsonObject

router = APIRouter(prefix="/v1/learners", tags=["learners"], route_class=StrictRoute)


class StackProgressOut(Told):
    """One stack, as a learner stands to it.

    `held`: they have its credential now. `met`: what they hold meets the rule now (null: too entangled to decide).
    `percent`: the share of the fewest assessments it takes from nothing that is no longer needed. `used` and `missing`
    tell which holdings count and what is wanting; `remaining` has the ways to get there, the easiest first; `trace`
    the whole evaluation (both as docs/stacking-rules.md describes them).
    """

    rule_id: str
    rule_key: str
    rule_version: int
    achievement_id: str
    achievement: str
    name: str
    held: bool
    credential_id: str | None
    met: bool | None
    percent: int
    used: list[str]
    missing: list[str]
    sentence: str
    remaining: JsonObject
    trace: JsonObject


class ProgressOut(Told):
    """A learner's progress towards every published stack, by the key of its rule."""

    learner_id: str
    stacks: list[StackProgressOut]


@router.get(
    "/{learner_id}/progress", response_model=ProgressOut, responses=may(Malformed, SignInFirst, Denied, Missing)
)
def get_progress(learner_id: Id, caller: CredentialsReader, rt: Rt) -> Any:  # noqa: ANN401 - read off by the model
    """Tell how far a learner is with every published stack, and what is left."""
    return {"learner_id": learner_id, "stacks": progress.of_learner(rt, caller, learner_id)}
