"""What endpoints ask for, as types: the runtime, the caller with the scope that it takes, ids and pages.

An endpoint without a caller is public and has the tag `public`.

What only looks at the request is `async`, so that FastAPI asks it at once; a plain function gets a thread, which costs
more than all that these do. Who the caller is stands in the database, which is worth one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Final, TypeAlias, cast

from fastapi import Depends, Header, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from fastapi.security.utils import get_authorization_scheme_param
from pydantic import AfterValidator, WithJsonSchema

from ler_issuer.errors import Missing, Refusal, SignInFirst
from ler_issuer.runtime import Runtime
from ler_issuer.services import access, founding, tokens
from ler_issuer.services.access import Caller, Idempotency, Scope

_KEY = re.compile(r"[\x21-\x7e]{1,255}")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

_SLUG = re.compile(r"[a-z0-9-]{1,63}")

_bearer = HTTPBearer(
    scheme_name="ApiKey", description="An API key of an issuer, or an access token for one.", auto_error=False
)


def _runtime_of(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.rt)


async def _runtime(request: Request) -> Runtime:
    return _runtime_of(request)


Rt: TypeAlias = Annotated[Runtime, Depends(_runtime)]


# ── Who asks ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _caller(
    rt: Rt, needed: SecurityScopes, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    if sent is None:
        raise SignInFirst("send an API key: Authorization: Bearer <api key>")
    return _with_scopes(tokens.authenticate(rt, sent.credentials), needed)


def _with_scopes(caller: Caller, needed: SecurityScopes) -> Caller:
    for scope in needed.scopes:
        caller.require(Scope(scope))
    return caller


def _actor(
    request: Request,
    rt: Rt,
    needed: SecurityScopes,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Give who acts for the issuer that the address names, or for their own when it names none.

    Where everybody may issue (`Practice.open_as`), nobody has to say who they are.
    """
    slug = request.path_params.get("slug")
    if slug is not None and not _SLUG.fullmatch(slug):
        raise Missing("there is no such issuer, or it is not the one that you may act for")
    if sent is None:
        return access.anybody(rt, slug)
    caller = _with_scopes(tokens.authenticate(rt, sent.credentials), needed)
    return caller if slug is None else access.act_for(rt, caller, slug)


_Key: TypeAlias = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same request sent again with the same key has no second effect and gets the first answer.",
    ),
]


async def _repeatable(request: Request, caller: Annotated[Caller, Depends(_caller)], key: _Key = None) -> Caller:
    return _with_key(request, caller, key)


async def _repeatable_actor(request: Request, caller: Annotated[Caller, Depends(_actor)], key: _Key = None) -> Caller:
    return _with_key(request, caller, key)


def _with_key(request: Request, caller: Caller, key: str | None) -> Caller:
    """Give the caller with the Idempotency-Key of the request, which stands for its method, address and body."""
    if key is None:
        return caller
    body = getattr(request.state, "received", b"")
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    return replace(caller, idempotency=Idempotency(key, digest))


class UnfitHeader(ValueError):
    """A header does not have the form that is asked for."""


Met: TypeAlias = "dict[tuple[str | None, Sequence[str]], Caller | Refusal]"
"""Who was met among requests that came together: by what they sent to say who they are, and the scopes they need."""


def _sender(request: Request, scopes: Sequence[str], met: Met) -> Caller:
    """Do what `_repeatable` and all that it rests on do.

    Raises:
        UnfitHeader: the Idempotency-Key is none.
    """
    said = request.headers.get("authorization")
    if (said, scopes) not in met:
        met[said, scopes] = _who_or_refusal(request, said, scopes)
    caller = met[said, scopes]
    if isinstance(caller, Refusal):
        raise caller
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise UnfitHeader(key)
    return _with_key(request, caller, key)


def _who_or_refusal(request: Request, said: str | None, scopes: Sequence[str]) -> Caller | Refusal:
    try:
        return _who(request, said, scopes)
    except Refusal as refusal:  # the same for all who say the same
        return refusal


def _who(request: Request, said: str | None, scopes: Sequence[str]) -> Caller:
    kind, secret = get_authorization_scheme_param(said)
    is_key = kind.lower() == "bearer" and secret != ""
    sent = HTTPAuthorizationCredentials(scheme=kind, credentials=secret) if is_key else None
    return _caller(_runtime_of(request), SecurityScopes(list(scopes)), sent)


AT_ONCE: Final[Mapping[Callable[..., object] | None, Callable[[Request, Sequence[str], Met], object]]] = (
    MappingProxyType({_runtime: lambda request, *_: _runtime_of(request), _repeatable: _sender})
)
"""What dependencies come to for a route that does without FastAPI: called with the request, the scopes that it takes,
and whom we met."""

ResultsSender: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.RESULTS_WRITE])]
AchievementsReader: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.ACHIEVEMENTS_READ])]
AchievementsWriter: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.ACHIEVEMENTS_WRITE])]
CredentialsReader: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.CREDENTIALS_READ])]
Registrar: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.CREDENTIALS_STATUS])]
Signatory: TypeAlias = Annotated[Caller, Security(_repeatable_actor, scopes=[Scope.CREDENTIALS_ISSUE])]
StatusKeeper: TypeAlias = Annotated[Caller, Security(_actor, scopes=[Scope.CREDENTIALS_STATUS])]
LinkMaker: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.CREDENTIALS_SHARE])]
Sharer: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.CREDENTIALS_SHARE])]
LinkBreaker: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.CREDENTIALS_SHARE])]
LearnersWriter: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.LEARNERS_WRITE])]
LearnersChanger: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.LEARNERS_WRITE])]
RecordsWriter: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.RECORDS_WRITE])]
EventsReader: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.EVENTS_READ])]
RulesReader: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.RULES_READ])]
RulesWriter: TypeAlias = Annotated[Caller, Security(_repeatable, scopes=[Scope.RULES_WRITE])]
RulesKeeper: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.RULES_WRITE])]
ReportsReader: TypeAlias = Annotated[Caller, Security(_caller, scopes=[Scope.REPORTS_READ])]


def _known(slug: Annotated[str, Path(description="The issuer's short name.")], rt: Rt) -> str:
    """Give the slug in an address when there is such an issuer."""
    if not _SLUG.fullmatch(slug):
        raise Missing("there is no such issuer")
    return founding.issuer_named(rt, slug).slug


KnownSlug: TypeAlias = Annotated[str, Depends(_known)]


# ── What about ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _uuid(text: str) -> str:
    found = text.lower().removeprefix("urn:uuid:")
    if not _UUID.fullmatch(found):
        raise Missing("there is nothing with this id")
    return found


Id: TypeAlias = Annotated[
    str,
    Path(description="A UUID, or `urn:uuid:` and a UUID."),
    AfterValidator(_uuid),
    WithJsonSchema({"type": "string"}),
]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=1_000, description="How many at most.")]
Cursor: TypeAlias = Annotated[
    str | None,
    Query(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$", description="`next_cursor` of the page before."),
]
