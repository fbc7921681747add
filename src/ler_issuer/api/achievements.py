"""The catalogue of an issuer: achievements drafted, published, listed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import AchievementLine, AchievementOut, AchievementPage
from ler_issuer.api.wiring import AchievementsReader, AchievementsWriter, Cursor, Id, Limit, Rt
from ler_issuer.badges import AchievementDefinition
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import catalog

router = APIRouter(prefix="/v1/achievements", tags=["achievements"], route_class=StrictRoute)


@router.post(
    "",
    status_code=201,
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Conflict, TooLarge, UnsupportedMediaType, Unacceptable),
)
def post_achievement(definition: AchievementDefinition, caller: AchievementsWriter, rt: Rt) -> AchievementOut:
    """Draft an achievement, or the next version of the one with the same `key`; an open draft is replaced."""
    return AchievementOut.model_validate(catalog.draft(rt, caller, definition))


@router.post(
    "/{achievement_id}/publish",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, Unacceptable),
)
def post_publication(achievement_id: Id, caller: AchievementsWriter, rt: Rt) -> AchievementOut:
    """Publish the draft of an achievement: that version never changes again. Publishing twice changes nothing."""
    return AchievementOut.model_validate(catalog.publish(rt, caller, achievement_id))


@router.get("", responses=may(Malformed, SignInFirst, Denied))
def get_achievements(caller: AchievementsReader, rt: Rt, cursor: Cursor = None, limit: Limit = 100) -> AchievementPage:
    """List the newest version of each achievement, drafts included, by key."""
    found = catalog.list_entries(rt, caller, after=cursor, limit=limit + 1)
    page = [AchievementLine.model_validate(entry) for entry in found[:limit]]
    return AchievementPage(items=page, next_cursor=page[-1].key if len(found) > limit else None)


@router.get(
    "/{achievement_id}",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing),
)
def get_achievement(
    achievement_id: Id,
    caller: AchievementsReader,
    rt: Rt,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="The newest when left out.")] = None,
) -> AchievementOut:
    """Give one version of an achievement."""
    return AchievementOut.model_validate(catalog.get_entry(rt, caller, achievement_id, version))
