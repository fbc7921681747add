"""Credentials as their issuer sees them: found, opened, revoked, suspended, reinstated, handed over."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response

from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.documents import EXPORTS, WantedForm, content, prefers, serve_export, wished
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.schemas import (
    CredentialLine,
    CredentialOut,
    CredentialPage,
    LinkIn,
    LinkOut,
    OurStanding,
    ReasonIn,
)
from ler_issuer.api.wiring import (
    CredentialsReader,
    Cursor,
    Id,
    Limit,
    LinkBreaker,
    LinkMaker,
    Registrar,
    Rt,
)
from ler_issuer.assessments import Moment, Name
from ler_issuer.errors import Conflict, Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import exporting, handing, reading, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.reading import Opened

router = APIRouter(prefix="/v1", tags=["credentials"], route_class=StrictRoute)

_READING = may(Malformed, SignInFirst, Denied, Missing)
_CHANGING = may(Malformed, SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType, Unacceptable)

_A_DAY = LinkIn()
_JSON = "application/json"
_EXPORTED = content(one for media_types in EXPORTS.values() for one in media_types if one != _JSON)


@router.get("/credentials", responses=may(Malformed, SignInFirst, Denied))
def get_credentials(  # noqa: PLR0913, PLR0917 - every filter is a parameter
    caller: CredentialsReader,
    rt: Rt,
    learner: UUID | None = None,
    achievement: Annotated[Name | None, Query(description="By id, key or URL.")] = None,
    import_id: Annotated[UUID | None, Query(alias="import")] = None,
    standing: OurStanding | None = None,
    updated_since: Annotated[Moment | None, Query(description="With this, by last change.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> CredentialPage:
    """List the credentials that fit, oldest first."""
    wanted = reading.Filter(_text(learner), achievement, _text(import_id), standing, updated_since)
    found = reading.list_credentials(rt, caller, wanted, cursor=cursor, limit=limit)
    return CredentialPage.model_validate(found)


@router.get(
    "/credentials/{credential_id}",
    response_model=CredentialOut,
    responses=may(Malformed, SignInFirst, Denied, Missing, Unacceptable) | {200: {"content": _EXPORTED}},
)
def get_credential(
    credential_id: Id,
    caller: CredentialsReader,
    rt: Rt,
    request: Request,
    response: Response,
    form: WantedForm = None,
) -> CredentialOut | Response:
    """Give a credential with its document, the trace of its award and the history of its status.

    By another media type than `application/json`, or by `format`, give the credential itself: as JSON, byte for byte as
    it was signed, as a JWT, or baked into a picture.
    """
    if form is None and prefers(request, _JSON):
        response.headers["Vary"] = "Accept"
        return _opened(reading.get_credential(rt, caller, credential_id))
    wanted, media_type = wished(request, form)
    return serve_export(exporting.export(rt, caller, credential_id, wanted), wanted, media_type)


@router.post("/credentials/{credential_id}/revoke", responses=_CHANGING)
def post_revocation(credential_id: Id, reason: ReasonIn, caller: Registrar, rt: Rt) -> CredentialLine:
    """Revoke a credential for good, and withdraw its award."""
    return _standing(rt, caller, revoking.revoke(rt, caller, credential_id, _reason(reason)))


@router.post("/credentials/{credential_id}/suspend", responses=_CHANGING)
def post_suspension(credential_id: Id, reason: ReasonIn, caller: Registrar, rt: Rt) -> CredentialLine:
    """Suspend a credential until it is reinstated or revoked; its achievement must be suspendable."""
    return _standing(rt, caller, revoking.suspend(rt, caller, credential_id, _reason(reason)))


@router.post("/credentials/{credential_id}/reinstate", responses=_CHANGING)
def post_reinstatement(credential_id: Id, reason: ReasonIn, caller: Registrar, rt: Rt) -> CredentialLine:
    """Let a suspended credential stand again."""
    return _standing(rt, caller, revoking.reinstate(rt, caller, credential_id, _reason(reason)))


@router.post("/credentials/{credential_id}/links", status_code=201, responses=_CHANGING)
def post_link(credential_id: Id, caller: LinkMaker, rt: Rt, wanted: Annotated[LinkIn, Body()] = _A_DAY) -> LinkOut:
    """Make a link by which a wallet can fetch the credential: unguessable, expiring, revocable."""
    lifetime = timedelta(seconds=wanted.expires_in_seconds)
    return LinkOut.model_validate(handing.create_link(rt, caller, credential_id, lifetime))


@router.delete("/links/{link_id}", status_code=204, responses=_READING)
def delete_link(link_id: Id, caller: LinkBreaker, rt: Rt) -> None:
    """End a link at once."""
    handing.revoke_link(rt, caller, link_id)


def _text(found: UUID | None) -> str | None:
    return None if found is None else str(found)


def _reason(reason: ReasonIn) -> Reason:
    return Reason(reason.reason_code, reason.note)


def _standing(rt: Rt, caller: Registrar, credential_id: str) -> CredentialLine:
    return CredentialLine.model_validate(reading.get_credential(rt, caller, credential_id).shown)


def _opened(opened: Opened) -> CredentialOut:
    shown = CredentialLine.model_validate(opened.shown)
    return CredentialOut.model_validate(
        {**dict(shown), "document": opened.document, "trace": opened.trace, "history": opened.history}
    )
