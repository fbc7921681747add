"""The VC-API (W3C CCG): documents in, signed or examined; statuses changed.

These addresses and bodies are the VC-API's, and so are the errors: what is wrong with a document is answered with 400
and the problem types of the specifications. Who may not, what is not there and what is not JSON is told as elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from ler_issuer import jsontext
from ler_issuer.api.documents import negotiate
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.vc_api_bodies import (
    ISSUED,
    REFUSED,
    AnswerOut,
    DeriveIn,
    IssueIn,
    StatusIn,
    VcApiRoute,
    VerifyCredentialIn,
    VerifyPresentationIn,
    answered,
)
from ler_issuer.api.wiring import KnownSlug, Rt, Signatory, StatusKeeper
from ler_issuer.errors import Conflict, Denied, Missing, SignInFirst, TooLarge
from ler_issuer.services import documents, examining
from ler_issuer.services.documents import Act
from ler_issuer.services.examining import Question

if TYPE_CHECKING:
    from ler_issuer.api.verification import Room
    from ler_issuer.services.examining import Answer
    from ler_issuer.types import Json

router = APIRouter(route_class=VcApiRoute)

_Slug = Annotated[str, Path(description="The issuer's short name.")]
_Suite = Annotated[str, Path(description="The name of a cryptosuite, such as eddsa-rdfc-2022.")]

_SIGNING = ISSUED | REFUSED | may(SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType)
_STATUS = REFUSED | may(SignInFirst, Denied, Missing, Conflict, TooLarge, UnsupportedMediaType)
_EXAMINING = REFUSED | may(Missing, TooLarge, UnsupportedMediaType)

_JSON: Final = ("application/json", "application/ld+json", "application/vc+ld+json", "application/vc")
"""What an answer may be called; every name but the last says that it is JSON, and the last is only given when asked."""


# ── Issuing ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@router.post("/credentials/issue", status_code=201, tags=["vc-api"], response_class=Response, responses=_SIGNING)
def issue_credential(wanted: IssueIn, caller: Signatory, rt: Rt, request: Request) -> Response:
    """Sign a credential as the caller's issuer, with a status entry of ours; an Idempotency-Key makes it one effect."""
    return _issued(request, documents.issue(rt, caller, wanted.to_wanted()))


@router.post(
    "/issuers/{slug}/credentials/issue", status_code=201, tags=["vc-api"], response_class=Response, responses=_SIGNING
)
def issue_as_issuer(slug: _Slug, wanted: IssueIn, caller: Signatory, rt: Rt, request: Request) -> Response:
    """Sign a credential as this issuer, with a status entry of ours; an Idempotency-Key makes it one effect."""
    del slug  # the caller acts for it
    return _issued(request, documents.issue(rt, caller, wanted.to_wanted()))


@router.post(
    "/issuers/{slug}/{cryptosuite}/credentials/issue",
    status_code=201,
    tags=["vc-api"],
    response_class=Response,
    responses=_SIGNING,
)
def issue_by_suite(
    slug: _Slug, cryptosuite: _Suite, wanted: IssueIn, caller: Signatory, rt: Rt, request: Request
) -> Response:
    """Sign a credential as this issuer by this cryptosuite, whatever the options name."""
    del slug  # the caller acts for it
    return _issued(request, documents.issue(rt, caller, wanted.to_wanted(cryptosuite)))


def _issued(request: Request, body: bytes) -> Response:
    media_type = negotiate(request.headers.get("accept", ""), _JSON)
    wrapped = body if media_type == _JSON[-1] else b'{"verifiableCredential":%s}' % body
    return Response(wrapped, 201, media_type=media_type, headers={"Vary": "Accept"})


# ── Showing parts ────────────────────────────────────────────────────────────────────────────────────────────────────
@router.post(
    "/credentials/derive", status_code=201, tags=["public"], response_class=Response, responses=ISSUED | _EXAMINING
)
async def derive_view(wanted: DeriveIn, rt: Rt, request: Request) -> Response:
    """Derive what its holder shows of a credential with a base proof of ecdsa-sd-2023; it is kept nowhere."""
    return await _derived(request, rt, wanted)


@router.post(
    "/issuers/{slug}/credentials/derive",
    status_code=201,
    tags=["public"],
    response_class=Response,
    responses=ISSUED | _EXAMINING,
)
async def derive_view_at_issuer(slug: KnownSlug, wanted: DeriveIn, rt: Rt, request: Request) -> Response:
    """Derive what its holder shows of a credential, of whichever issuer, as `/credentials/derive` does."""
    del slug  # it exists, and whoever's the document is, the answer is the same
    return await _derived(request, rt, wanted)


async def _derived(request: Request, rt: Rt, wanted: DeriveIn) -> Response:
    room: Room = request.app.state.room
    async with room.seat():
        view = await run_in_threadpool(documents.derive, rt, wanted.verifiable_credential, wanted.to_pointers())
    return _issued(request, jsontext.canonical(view))


# ── Status ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@router.post("/credentials/status", tags=["vc-api"], responses=_STATUS)
def change_status(wanted: StatusIn, caller: StatusKeeper, rt: Rt) -> dict[str, Any]:
    """Raise or clear a status bit of a credential of the caller's issuer; twice is as good as once."""
    return _changed(rt, caller, wanted.to_act())


@router.post("/issuers/{slug}/credentials/status", tags=["vc-api"], responses=_STATUS)
def change_status_as_issuer(slug: _Slug, wanted: StatusIn, caller: StatusKeeper, rt: Rt) -> dict[str, Any]:
    """Raise or clear a status bit of a credential of this issuer; twice is as good as once."""
    del slug  # the caller acts for it
    return _changed(rt, caller, wanted.to_act())


def _changed(rt: Rt, caller: StatusKeeper, act: Act) -> dict[str, Any]:
    entry = documents.change_status(rt, caller, act)
    return {"credentialId": act.credential_id, "credentialStatus": entry, "status": act.raised}


# ── Examining ────────────────────────────────────────────────────────────────────────────────────────────────────────
@router.post("/credentials/verify", tags=["public"], response_model=AnswerOut, responses=_EXAMINING)
async def verify_credential(wanted: VerifyCredentialIn, rt: Rt, request: Request) -> Response:
    """Say whether a credential verifies: 200 when it does, 400 with the problems when it does not."""
    return await _examined(request, rt, wanted.verifiable_credential, wanted.to_question())


@router.post("/issuers/{slug}/credentials/verify", tags=["public"], response_model=AnswerOut, responses=_EXAMINING)
async def verify_credential_at_issuer(
    slug: KnownSlug, wanted: VerifyCredentialIn, rt: Rt, request: Request
) -> Response:
    """Say whether a credential, of whichever issuer, verifies: 200 when it does, 400 with the problems if not."""
    del slug  # it exists, and whoever's the document is, the answer is the same
    return await _examined(request, rt, wanted.verifiable_credential, wanted.to_question())


@router.post("/presentations/verify", tags=["public"], response_model=AnswerOut, responses=_EXAMINING)
async def verify_presentation(wanted: VerifyPresentationIn, rt: Rt, request: Request) -> Response:
    """Say whether a presentation verifies, and every credential in it: 200 when all do, 400 with the problems if not.

    `challenge` and `domain` of the options have to be those of its proof.
    """
    return await _presented(request, rt, wanted.verifiable_presentation, wanted.to_question())


@router.post("/issuers/{slug}/presentations/verify", tags=["public"], response_model=AnswerOut, responses=_EXAMINING)
async def verify_presentation_at_issuer(
    slug: KnownSlug, wanted: VerifyPresentationIn, rt: Rt, request: Request
) -> Response:
    """Say whether a presentation verifies, as `/presentations/verify` does."""
    del slug  # it exists, and whoever's the document is, the answer is the same
    return await _presented(request, rt, wanted.verifiable_presentation, wanted.to_question())


async def _examined(request: Request, rt: Rt, document: Json, question: Question) -> Response:
    room: Room = request.app.state.room
    async with room.seat():
        answer = await run_in_threadpool(examining.examine_credential, rt, document, question)
    return _told(request, answer)


async def _presented(request: Request, rt: Rt, document: Json, question: Question) -> Response:
    room: Room = request.app.state.room
    async with room.seat():
        answer = await run_in_threadpool(examining.examine_presentation, rt, document, question)
    return _told(request, answer)


def _told(request: Request, answer: Answer) -> Response:
    media_type = negotiate(request.headers.get("accept", ""), _JSON[:-1])
    body = jsontext.canonical(answered(answer, request.app.state.rt.base_url))
    return Response(body, 200 if answer.verified else 400, media_type=media_type, headers={"Vary": "Accept"})
