"""The stacking rules of an issuer: drafted, tried, previewed, published, retired."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.rule_schemas import (
    BackAwardList,
    BackAwardOut,
    PreviewOut,
    PublicationIn,
    PublishedOut,
    RuleLine,
    RuleOut,
    RulePage,
)
from ler_issuer.api.wiring import Cursor, Id, Limit, Rt, RulesKeeper, RulesReader, RulesWriter
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import previewing, stacks
from ler_issuer.services.admitting import Publication
from ler_issuer.stacking import StackDefinition

router = APIRouter(prefix="/v1/rules", tags=["rules"], route_class=StrictRoute)

_READS_A_BODY = (Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable)


@router.post(
    "",
    status_code=201,
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Conflict, TooLarge, UnsupportedMediaType, Unacceptable),
)
def post_rule(definition: StackDefinition, caller: RulesWriter, rt: Rt) -> RuleOut:
    """Draft a stacking rule, or the next version of the one with the same `key`; an open draft is replaced."""
    return RuleOut.model_validate(stacks.draft(rt, caller, definition))


@router.post(
    "/{rule_id}/test",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict, Unacceptable),
)
def post_test(rule_id: Id, caller: RulesKeeper, rt: Rt) -> RuleOut:
    """Try the draft on the learners that it brings as examples; one that comes out otherwise is a problem."""
    return RuleOut.model_validate(stacks.test(rt, caller, rule_id))


@router.post("/{rule_id}/preview", response_model_exclude_none=True, responses=may(*_READS_A_BODY))
def post_preview(rule_id: Id, caller: RulesKeeper, rt: Rt, wanted: PublicationIn = PublicationIn()) -> PreviewOut:  # noqa: B008 - frozen
    """Say who would gain and who would lose if the draft were published so, over the whole history; write nothing."""
    return PreviewOut.model_validate(previewing.preview(rt, caller, rule_id, _how(wanted)))


@router.post("/{rule_id}/publish", response_model_exclude_none=True, responses=may(*_READS_A_BODY))
def post_rule_publication(
    rule_id: Id,
    caller: RulesWriter,
    rt: Rt,
    wanted: PublicationIn = PublicationIn(),  # noqa: B008 - frozen
) -> PublishedOut:
    """Publish the draft of a rule: that version never changes again. Publishing twice changes nothing.

    Who earned its parts before is looked at again: the first learners before this is answered, the others afterwards.
    """
    done = stacks.publish(rt, caller, rule_id, _how(wanted))
    said = RuleOut.model_validate(done.entry)
    return PublishedOut(**dict(said), back_award=BackAwardOut.model_validate(done.back_award))


@router.post(
    "/{rule_id}/retire",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing, Conflict),
)
def post_retirement(rule_id: Id, caller: RulesKeeper, rt: Rt) -> RuleOut:
    """Take a rule out of use: nobody earns anything by it any more; what was earned stays. Its texts stay, too."""
    return RuleOut.model_validate(stacks.retire(rt, caller, rule_id))


@router.get("", responses=may(Malformed, SignInFirst, Denied))
def get_rules(caller: RulesReader, rt: Rt, cursor: Cursor = None, limit: Limit = 100) -> RulePage:
    """List the newest version of each rule, drafts included, by key."""
    found = stacks.list_entries(rt, caller, after=cursor, limit=limit + 1)
    page = [RuleLine.model_validate(entry) for entry in found[:limit]]
    return RulePage(items=page, next_cursor=page[-1].key if len(found) > limit else None)


@router.get("/{rule_id}", response_model_exclude_none=True, responses=may(Malformed, SignInFirst, Denied, Missing))
def get_rule(
    rule_id: Id,
    caller: RulesReader,
    rt: Rt,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="The newest when left out.")] = None,
) -> RuleOut:
    """Give one version of a rule."""
    return RuleOut.model_validate(stacks.get_entry(rt, caller, rule_id, version))


@router.get(
    "/{rule_id}/back-awards",
    response_model_exclude_none=True,
    responses=may(Malformed, SignInFirst, Denied, Missing),
)
def get_back_awards(rule_id: Id, caller: RulesReader, rt: Rt) -> BackAwardList:
    """Tell how far each published version was applied to those who earned its parts before."""
    found = stacks.back_awards_of(rt, caller, rule_id)
    return BackAwardList(items=[BackAwardOut.model_validate(one) for one in found])


def _how(wanted: PublicationIn) -> Publication:
    return Publication(wanted.transition, wanted.grace_until)
