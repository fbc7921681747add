"""Parts of credentials, chosen by their learners, which others can verify by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ler_issuer import jsontext
from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.documents import CREDENTIAL, content, negotiate, serve_export
from ler_issuer.api.problems import UnsupportedMediaType, may
from ler_issuer.api.public import link_key
from ler_issuer.api.schemas import PartIn, PartOut
from ler_issuer.api.wiring import Id, Rt, Sharer
from ler_issuer.errors import Denied, Malformed, Missing, SignInFirst, TooLarge, Unacceptable
from ler_issuer.services import disclosing
from ler_issuer.services.disclosing import View
from ler_issuer.services.exporting import Form

router = APIRouter(route_class=StrictRoute)

_JSON = "application/json"
_BARE = tuple(one for one in CREDENTIAL if one != _JSON)
_DESCRIBED = may(Malformed, Missing, TooLarge, UnsupportedMediaType, Unacceptable) | {200: {"content": content(_BARE)}}


@router.post(
    "/v1/credentials/{credential_id}/derive",
    tags=["credentials"],
    response_model=PartOut,
    responses=_DESCRIBED | may(SignInFirst, Denied),
)
def post_derivation(
    credential_id: Id, wanted: PartIn, caller: Sharer, rt: Rt, request: Request, response: Response
) -> PartOut | Response:
    """Derive a part of a credential: what is always shown, and what JSON Pointers name.

    By another media type than `application/json`, give the part by itself.
    """
    view = disclosing.derive_credential(rt, caller, credential_id, wanted.selective_pointers)
    return _answered(view, request, response)


@router.post(
    "/credentials/{credential_id}/derive",
    tags=["public"],
    response_model=PartOut,
    responses=_DESCRIBED,
)
def derive_by_link(
    credential_id: Id,
    wanted: PartIn,
    rt: Rt,
    request: Request,
    response: Response,
    key: Annotated[str, Query(description="From the link that was made for the wallet.")] = "",
) -> PartOut | Response:
    """Derive a part of a credential for whoever has a link to it that stands.

    By another media type than `application/json`, give the part by itself.
    """
    view = disclosing.derive_by_link(rt, credential_id, link_key(key), wanted.selective_pointers)
    return _answered(view, request, response)


def _answered(view: View, request: Request, response: Response) -> PartOut | Response:
    media_type = negotiate(request.headers.get("accept", ""), (_JSON, *_BARE))
    if media_type == _JSON:
        response.headers["Vary"] = "Accept"
        return PartOut.model_validate(view)
    return serve_export(jsontext.canonical(view.document), Form.JSONLD, media_type)
