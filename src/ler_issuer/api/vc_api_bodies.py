"""What goes in and out at the VC-API: requests that forgive what they do not know, and its own form of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from typing_extensions import override

from ler_issuer import jsontext
from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import UnsupportedMediaType, unreadable
from ler_issuer.errors import Malformed, Refusal, Unacceptable
from ler_issuer.services.documents import STATUS_TYPE, Act, Unissuable, Wanted
from ler_issuer.services.examining import Question
from ler_issuer.vc import Problem, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from ler_issuer.services.examining import Answer
    from ler_issuer.types import JsonObject, Pointer, Url

PARSING_ERROR: Final = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"
MALFORMED_VALUE_ERROR: Final = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"


# ── In ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Forgiving(BaseModel):
    """A part of a request whose unknown members are left alone, as the VC-API asks."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


class IssueOptions(_Forgiving):
    """By which cryptosuite to sign, what the status entry is to be for, and what every holder shows of the document."""

    cryptosuite: str | None = None
    status_purpose: str | None = Field(None, alias="statusPurpose")
    mandatory_pointers: list[str] | None = Field(None, alias="mandatoryPointers")


class IssueIn(_Forgiving):
    """A credential to sign."""

    credential: dict[str, Any]
    options: IssueOptions | None = None

    def to_wanted(self, cryptosuite: str | None = None) -> Wanted:
        """Give what is asked for; the suite in the address goes before the one in the options."""
        options = self.options or IssueOptions()
        return Wanted(
            self.credential,
            options.cryptosuite if cryptosuite is None else cryptosuite,
            "revocation" if options.status_purpose is None else options.status_purpose,
            tuple(options.mandatory_pointers or ()),
            suite_at="/options/cryptosuite" if cryptosuite is None else "",
        )


class DeriveOptions(_Forgiving):
    """What the holder chooses to show, beside what is always shown: JSON Pointers, the empty one for all."""

    selective_pointers: list[str] | None = Field(None, alias="selectivePointers")


class DeriveIn(_Forgiving):
    """A credential of which a part is to be shown."""

    verifiable_credential: dict[str, Any] = Field(alias="verifiableCredential")
    options: DeriveOptions | None = None

    def to_pointers(self) -> tuple[Pointer, ...]:
        """Give what is asked for; none is what is mandatory, and no more."""
        return tuple((self.options or DeriveOptions()).selective_pointers or ())


class VerifyOptions(_Forgiving):
    """What to look at, and in answer to what a presentation was made."""

    checks: list[str] | None = None
    challenge: str | None = None
    domain: str | None = None
    expected_proof_purpose: str | None = Field(None, alias="expectedProofPurpose")

    def to_question(self) -> Question:
        """Give what is asked for; no checks are all of them."""
        checks = frozenset(self.checks) if self.checks else None
        return Question(checks, self.challenge, self.domain, self.expected_proof_purpose)


class VerifyCredentialIn(_Forgiving):
    """A credential to examine."""

    verifiable_credential: dict[str, Any] = Field(alias="verifiableCredential")
    options: VerifyOptions | None = None

    def to_question(self) -> Question:
        """Give what is asked for."""
        return (self.options or VerifyOptions()).to_question()


class VerifyPresentationIn(_Forgiving):
    """A presentation to examine."""

    verifiable_presentation: dict[str, Any] = Field(alias="verifiablePresentation")
    options: VerifyOptions | None = None

    def to_question(self) -> Question:
        """Give what is asked for."""
        return (self.options or VerifyOptions()).to_question()


class StatusEntryIn(_Forgiving):
    """Which status is meant: its purpose, and if need be its place in a list."""

    type: str = Field(pattern=f"^{STATUS_TYPE}$")
    status_purpose: str = Field(alias="statusPurpose", pattern="^(revocation|suspension)$")
    status_list_credential: str | None = Field(None, alias="statusListCredential")
    status_list_index: str | None = Field(None, alias="statusListIndex", pattern="^[0-9]{1,9}$")


class StatusIn(_Forgiving):
    """What is to become of the status of a credential: true raises its bit, false clears it."""

    credential_id: str = Field(alias="credentialId", min_length=1)
    credential_status: StatusEntryIn = Field(alias="credentialStatus")
    status: StrictBool

    def to_act(self) -> Act:
        """Give what is asked for."""
        entry = self.credential_status
        index = None if entry.status_list_index is None else int(entry.status_list_index)
        return Act(self.credential_id, entry.status_purpose, self.status, entry.status_list_credential, index)


# ── Out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
class ProblemOut(BaseModel):
    """One thing that is wrong (RFC 9457), and where: `pointer` is a JSON Pointer.

    It leads into the document; of what is wrong with the request around it, such as its `options`, into the request.
    """

    type: str
    title: str
    detail: str
    code: str
    pointer: str


class AnswerOut(BaseModel):
    """Whether a document verifies; `problemDetails` holds errors and warnings together."""

    verified: bool
    checks: list[str]
    warnings: list[ProblemOut]
    problem_details: list[ProblemOut] = Field(alias="problemDetails")
    errors: list[ProblemOut] | None = None
    presentation_result: dict[str, Any] | None = Field(None, alias="presentationResult")
    credential_results: list[dict[str, Any]] | None = Field(None, alias="credentialResults")


class RefusedOut(BaseModel):
    """What is wrong with a document, or with the request around it."""

    errors: list[ProblemOut]
    problem_details: list[ProblemOut] = Field(alias="problemDetails")
    verified: bool | None = None


class IssuedOut(BaseModel):
    """The signed credential, or the part of one that a holder shows."""

    verifiable_credential: dict[str, Any] = Field(alias="verifiableCredential")


REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": RefusedOut, "description": "The document has problems, or the request cannot be read"}
}
ISSUED: Final[dict[int | str, dict[str, Any]]] = {201: {"model": IssuedOut, "description": "The signed credential"}}


def answered(answer: Answer, base_url: Url) -> JsonObject:
    """Word what an examination found."""
    errors, warnings = _problems(answer.errors, base_url), _problems(answer.warnings, base_url)
    body: JsonObject = {
        "verified": answer.verified,
        "checks": list(answer.checks),
        "warnings": warnings,
        "problemDetails": errors + warnings,
    }
    if answer.inside:
        body["presentationResult"] = {"verified": not answer.errors}
        body["credentialResults"] = [answered(one, base_url) for one in answer.inside]
        errors = errors + [error for one in answer.inside for error in _problems(one.errors, base_url)]
        body["problemDetails"] = errors + warnings
    return body | {"errors": errors} if errors else body


def _problems(found: Iterable[Problem], base_url: Url) -> list[JsonObject]:
    return [
        {
            "type": one.type or f"{base_url}/problems/unacceptable",
            "title": title_of(one.type),
            "detail": one.detail,
            "code": one.code,
            "pointer": one.pointer,
        }
        for one in found
    ]


def _found(refusal: Refusal, named: str) -> tuple[Problem, ...]:
    """Give what a refusal is about, each problem with a type of the specifications."""
    if isinstance(refusal, Unissuable):
        return refusal.found
    found = tuple(Problem(one.code, one.detail, one.pointer, named) for one in refusal.problems)
    return found or (Problem("malformed", refusal.detail, "", named),)


class VcApiRoute(StrictRoute):
    """A route of the VC-API: whatever is wrong with what was sent is a 400 of its own form."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        answer = super().get_route_handler()
        examines = self.path.endswith("/verify")

        async def answer_in_its_words(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                found = _found(unreadable(error), MALFORMED_VALUE_ERROR)
            except UnsupportedMediaType:
                raise
            except Malformed as refused:
                found = _found(refused, PARSING_ERROR)
            except Unacceptable as refused:
                found = _found(refused, MALFORMED_VALUE_ERROR)
            problems = _problems(found, request.app.state.rt.base_url)
            body: JsonObject = {"errors": problems, "problemDetails": problems}
            said = body | {"verified": False} if examines else body
            return Response(jsontext.canonical(said), 400, media_type="application/json")

        return answer_in_its_words
