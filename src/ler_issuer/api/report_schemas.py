"""What goes over the wire when credentials are verified."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, StrictBool

from ler_issuer.api.problems import Problem
from ler_issuer.api.schemas import Asked, Told
from ler_issuer.assessments import Moment
from ler_issuer.services.verifying import MOST_PARTS
from ler_issuer.types import JsonObject
from ler_issuer.vc import CheckId, Known, Outcome, Standing, Verdict

MOST_ITEMS = 1_000
"""Credentials of one batch."""


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class ExpectedIdentifierIn(Asked):
    """Something that the caller knows of the applicant, such as an e-mail address."""

    type: Annotated[str, Field(description="An identityType of Open Badges, for example emailAddress.")] | None = None
    value: str


class ExpectIn(Asked):
    """Who is applying, as far as the caller knows; and what a presentation has to answer."""

    identifiers: Annotated[list[str | ExpectedIdentifierIn], Field(default_factory=list)]
    did: str | None = None
    challenge: str | None = None
    domain: str | None = None


class ItemIn(Asked):
    """Anything that may be a credential, in whatever form, and the credentials that a stacked one rests on.

    `credential` is the credential or presentation as JSON; as text a JWT, or the https address of a credential.
    """

    credential: Any
    parts: Annotated[list[Any], Field(max_length=MOST_PARTS, default_factory=list)]
    expect: ExpectIn | None = None


class _HowIn(BaseModel):
    """How the caller wants to have it judged, and told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Annotated[str | JsonObject, Field(description="The name of a policy, or one written out.")] = "standard"
    as_of: Annotated[Moment, Field(description="Judge as of this past instant.")] | None = None
    registries: (
        Annotated[list[str], Field(max_length=50, description="By name; without, all that this installation has.")]
        | None
    ) = None
    refresh: Annotated[StrictBool, Field(description="Whether an issuer may be asked for a newer copy.")] = True
    language: Literal["en", "es"] | None = None
    signed: Annotated[StrictBool, Field(description="Whether the report is wanted signed, too.")] = False


class VerifyIn(_HowIn, ItemIn):
    """A credential to verify, and how."""


class VerifyBatchIn(_HowIn):
    """Credentials to verify, each by itself, and how."""

    items: Annotated[list[Annotated[ItemIn | Any, SkipValidation]], Field(min_length=1, max_length=MOST_ITEMS)]


# ── Told ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
class ListingOut(Told):
    """A registry that lists the issuer, and the name under which it does."""

    registry: str
    name: str
    checked_at: datetime
    url: str | None = None
    stale: bool = False


class IssuerOut(Told):
    """Who the document says issued it, and what is known of that id.

    `claimed_name` is what the issuer calls itself, which nobody vouches for; `claimed_name_flags` says what is odd in
    its writing. The names in `registries` are the registries'.
    """

    id: str | None
    claimed_name: str | None
    known: Known
    claimed_name_flags: tuple[str, ...] = ()
    registries: tuple[ListingOut, ...] = ()


class EvidenceOut(Told):
    """What a check rests on besides the document: from where it was had, and when."""

    source_url: str
    origin: Literal["fetched", "brought", "here"]
    fetched_at: datetime
    cache_age_s: int
    bytes: int | None = None
    sha256: str | None = None


class CheckProblemOut(Told):
    """What speaks against the document, or could not be checked, under the type that its specification gives it."""

    type: str
    title: str
    detail: str
    pointer: str


class CheckOut(Told):
    """The outcome of one check, at one place of the document."""

    id: CheckId
    outcome: Outcome
    code: str
    message: str
    pointer: str = ""
    problem: CheckProblemOut | None = None
    evidence: tuple[EvidenceOut, ...] = ()


class PolicyOut(Told):
    """The policy that the verdict follows."""

    name: str
    version: str


class BindingOut(Told):
    """Whether the credential is about whom the caller expects, and by what that was told."""

    method: Literal["holder_key", "did", "identity_hash", "plain_identifier", "name_only", "none"]
    outcome: Literal["match", "mismatch", "incomparable", "not_asked"]
    matched_type: str | None


class MemberOut(Told):
    """What was found of a credential that came along: bundled, presented, endorsing, or shown as a part.

    `pointer` says where it stood. Of one that did not verify there are only the verdict and the checks that failed; of
    one that its issuer really signed, also how it stands.
    """

    pointer: str
    verdict: Verdict
    checks: list[CheckOut]
    id: str | None = None
    name: str | None = None
    standing: Standing | None = None
    authentic: bool | None = None
    issuer: IssuerOut | None = None
    summary: str | None = None
    policy: PolicyOut | None = None
    verified_at: datetime | None = None
    subject_binding: BindingOut | None = None
    skills: tuple[JsonObject, ...] = ()
    members: tuple[MemberOut, ...] = ()
    endorsements: tuple[MemberOut, ...] = ()


class InputOut(Told):
    """What was judged: how it was written down, and the digest of what came in (of JSON, of its canonical form)."""

    form: Literal["json", "jwt", "png", "svg", "unknown"]
    sha256: str | None = None
    url: str | None = None


class ReportOut(Told):
    """What verification found. `verdict` is the answer; the rest says why."""

    verdict: Verdict
    standing: Standing
    authentic: bool
    issuer: IssuerOut
    summary: str
    policy: PolicyOut
    verified_at: datetime | None = None
    input: InputOut | None = None
    as_of: JsonObject | None = None
    subject_binding: BindingOut | None = None
    refreshed: JsonObject | None = None
    skills: tuple[JsonObject, ...] = ()
    checks: list[CheckOut]
    members: tuple[MemberOut, ...] = ()
    endorsements: tuple[MemberOut, ...] = ()
    parts: tuple[MemberOut, ...] = ()
    notice: str | None = None
    signed_report: str | None = None


class VerifyBatchOut(Told):
    """A report for each item, in their order; for one that could not be read, a problem."""

    items: list[ReportOut | Problem]


def in_order(told: JsonObject, schema: type[Told] = ReportOut) -> JsonObject:
    """Give a report, or what is told of what came along with it, with its members in the order of their description."""
    ordered = {name: told[name] for name in schema.model_fields if name in told}
    for name in _ALONG:
        if name in ordered:
            ordered[name] = [in_order(one, MemberOut) for one in ordered[name]]
    return ordered


_ALONG = ("members", "endorsements", "parts")
