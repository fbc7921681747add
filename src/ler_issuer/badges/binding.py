"""Whose a credential is: compare whom it is about with whom an employer expects (OB 3.0 §verification, recipient).

A signature says who issued a credential, and nothing of who sends it in. An employer says what they know of the
applicant: e-mail addresses and other identifiers, a DID. A wallet can prove a DID by a presentation. Here both are
compared with what the credential says of its learner, and the report tells by what they were found to be the same.

Hashed identifiers are `sha256$` or `md5$` and the hexadecimal hash of the value with the salt behind it. The standard
fixes no spelling of what is hashed, so each expected value is tried as it was given, trimmed, and in lower case
besides. One thing that agrees is enough; that nothing agrees is held against the credential only where both sides name
a thing of the same type.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Finding, Outcome, as_list, finding

if TYPE_CHECKING:
    from ler_issuer.types import Did, Json, JsonObject, Pointer

MOST_IDENTIFIERS: Final = 50
"""Identifiers of one subject that are looked at; beyond them a difference proves nothing."""

MOST_EXPECTED: Final = 20
"""Identifiers of one applicant that a caller may name."""

LONGEST_VALUE: Final = 700
"""Characters of an expected value, a DID, or a salt."""

EMAIL: Final = "emailAddress"
NAME: Final = "name"

_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+", re.ASCII)
_ALIASES = {"email": EMAIL}
"""Types as samples of the standard misspell them."""

_HASHES = {"sha256": (hashlib.sha256, 64), "md5": (hashlib.md5, 32)}


class BindingMethod(StrEnum):
    """By what a credential was compared with the person expected, the most telling first."""

    HOLDER_KEY = "holder_key"
    DID = "did"
    IDENTITY_HASH = "identity_hash"
    PLAIN_IDENTIFIER = "plain_identifier"
    NAME_ONLY = "name_only"
    NONE = "none"


class BindingOutcome(StrEnum):
    """What came of it; `incomparable` is that the two sides name nothing of the same type."""

    MATCH = "match"
    MISMATCH = "mismatch"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class ExpectedIdentifier:
    """Something that an employer knows of an applicant; `type` is an `identityType` of Open Badges, or unknown."""

    type: str | None
    value: str

    def spellings(self) -> tuple[str, ...]:
        """Give the value as it was given, trimmed, and in lower case besides."""
        trimmed = self.value.strip()
        return tuple(dict.fromkeys((self.value, trimmed, trimmed.lower())))

    def may_be(self, named: str | None) -> bool:
        """Say whether it could name a person in the way an identifier of that type does.

        Without a type, a value with `@` in it is taken for an e-mail address, and one without for anything but one.
        """
        if named is None or self.type == named:
            return True
        return self.type is None and ("@" in self.value) == (named == EMAIL)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Whom an employer expects a credential to be about."""

    did: Did | None = None
    identifiers: tuple[ExpectedIdentifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """How a credential is tied to the person expected.

    `matched_type` is the type of the identifier that agreed. `weak` is a match by a hash that can be forged (MD5).
    """

    method: BindingMethod
    outcome: BindingOutcome
    matched_type: str | None = None
    weak: bool = False

    def to_json(self) -> JsonObject:
        """Give it as `POST /v1/verify` answers it."""
        return {"method": self.method, "outcome": self.outcome, "matched_type": self.matched_type}


class BadExpectation(ValueError):
    """An expectation cannot be read; `pointer` says where, `detail` why."""

    def __init__(self, pointer: Pointer, detail: str) -> None:
        """Name the place and the fault."""
        super().__init__(f"{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail


def expectation(value: Json) -> Expectation:
    """Read `{"identifiers": ["a@b.c", {"type": "emailAddress", "value": "a@b.c"}], "did": "did:…"}`.

    Raises:
        BadExpectation: a member is unknown or of the wrong form, there are too many, or there is nothing at all.
    """
    if not isinstance(value, dict) or not value:
        raise BadExpectation("", "an object with `identifiers`, `did` or both is expected")
    for name in value:
        if name not in {"identifiers", "did"}:
            raise BadExpectation("", f"there is no member {name!r:.80}; `identifiers` and `did` are known")
    did, identifiers = value.get("did"), value.get("identifiers", [])
    if did is not None and not (isinstance(did, str) and len(did) <= LONGEST_VALUE and _DID.fullmatch(did)):
        raise BadExpectation("/did", "this is not a DID")
    if not isinstance(identifiers, list) or len(identifiers) > MOST_EXPECTED:
        raise BadExpectation("/identifiers", f"a list of at most {MOST_EXPECTED} identifiers is expected")
    if did is None and not identifiers:
        raise BadExpectation("", "neither an identifier nor a DID is given")
    return Expectation(did, tuple(_expected(f"/identifiers/{place}", one) for place, one in enumerate(identifiers)))


def _expected(pointer: Pointer, value: Json) -> ExpectedIdentifier:
    if isinstance(value, str):
        return ExpectedIdentifier(None, _text(pointer, value))
    if not isinstance(value, dict) or not {"value"} <= value.keys() <= {"type", "value"}:
        raise BadExpectation(pointer, "text is expected, or an object with `value` and perhaps `type`")
    kind = None if value.get("type") is None else _text(f"{pointer}/type", value["type"])
    return ExpectedIdentifier(kind and _ALIASES.get(kind, kind), _text(f"{pointer}/value", value["value"]))


def _text(pointer: Pointer, value: Json) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_VALUE:
        raise BadExpectation(pointer, f"text of 1 to {LONGEST_VALUE} characters is expected")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadExpectation(pointer, "the text contains half a character") from None
    return value


def bind(document: Json, expected: Expectation, *, proven_did: Did | None = None) -> Binding:
    """Compare whom a credential is about with whom is expected; `proven_did` is one whose key was shown to be held.

    The most telling thing that agrees is named. Where nothing agrees it is a mismatch when things of the same type
    were compared. Names, which many share and which are spelt in many ways, count only where nothing else compares.
    A credential about a DID, shown by somebody who proved another one, is not tied to whoever shows it by what else it
    says: whoever has seen it knows that too. Total: of what is no credential, nothing compares.
    """
    told = _told(document)
    compared = tuple(_compared(told, expected, proven_did))
    telling = [one for one in compared if one.method is not BindingMethod.NAME_ONLY]
    for outcome in (BindingOutcome.MATCH, BindingOutcome.MISMATCH) if told.whole else (BindingOutcome.MATCH,):
        found = [one for one in telling if one.outcome is outcome]
        if found and outcome is BindingOutcome.MATCH and proven_did not in {None, told.did or proven_did}:
            return Binding(BindingMethod.HOLDER_KEY, BindingOutcome.INCOMPARABLE)
        if found:
            return min(found, key=lambda one: (one.weak, _RANK[one.method]))
    named = [one for one in compared if one.method is BindingMethod.NAME_ONLY]
    return min(named, key=lambda one: one.outcome is not BindingOutcome.MATCH, default=_NOTHING)


_RANK = {method: rank for rank, method in enumerate(BindingMethod)}
_NOTHING = Binding(BindingMethod.NONE, BindingOutcome.INCOMPARABLE)


class _Identifier(NamedTuple):
    """One identifier of a subject: its type, its value, and if that is a hash, by which algorithm and salt."""

    type: str | None
    value: str
    algorithm: str = ""
    salt: str = ""

    def is_one_of(self, spellings: tuple[str, ...]) -> bool:
        """Say whether it names what one of the spellings says."""
        if self.algorithm:
            return any(self._hashed(text) == self.value for text in spellings)
        return self.value in spellings or (self.type == EMAIL and self.value.strip().lower() in spellings)

    def _hashed(self, text: str) -> str:
        function, _ = _HASHES[self.algorithm]
        return function(f"{text}{self.salt}".encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()


class _Told(NamedTuple):
    """What a credential tells of its learner; not `whole` when it tells more than is looked at."""

    did: Did | None
    identifiers: tuple[_Identifier, ...]
    whole: bool = True


def _told(document: Json) -> _Told:
    """Read whom a credential is about; one about nobody, or about several, tells nothing that could be compared."""
    subjects = as_list(document.get("credentialSubject")) if isinstance(document, dict) else []
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        return _Told(None, ())
    subject: JsonObject = subjects[0]
    listed = as_list(subject.get("identifier"))
    read = (_identifier(one) for one in listed[:MOST_IDENTIFIERS])
    named = subject.get("id")
    did = named if isinstance(named, str) and named.startswith("did:") else None
    identifiers = (*_in_the_open(subject), *(one for one in read if one is not None))
    return _Told(did, identifiers, whole=len(listed) <= MOST_IDENTIFIERS)


def _in_the_open(subject: JsonObject) -> Iterator[_Identifier]:
    """Read identifiers that stand beside `identifier`: an id that is no DID, and what documents of VCDM 1.1 write."""
    named, email, name = (subject.get(member) for member in ("id", "email", "name"))
    if isinstance(named, str) and named.startswith("mailto:"):
        yield _Identifier(EMAIL, named.removeprefix("mailto:"))
    for kind, value in ((EMAIL, email), (NAME, name)):
        if isinstance(value, str):
            yield _Identifier(kind, value)


def _identifier(value: Json) -> _Identifier | None:
    """Read one `IdentityObject`, or nothing when it is none, or hashed in a way that is not known."""
    if not isinstance(value, dict):
        return None
    kind, text, hashed, salt = (value.get(name) for name in ("identityType", "identityHash", "hashed", "salt"))
    kind = _ALIASES.get(kind, kind) if isinstance(kind, str) else None
    if not isinstance(text, str) or not isinstance(hashed, bool):
        return None
    if not hashed:
        return _Identifier(kind, text)
    algorithm, _, digest = text.partition("$")
    salt = "" if salt is None else salt
    known = algorithm in _HASHES and len(digest) == _HASHES[algorithm][1]
    if not known or not isinstance(salt, str) or len(salt) > LONGEST_VALUE:
        return None
    return _Identifier(kind, digest.lower(), algorithm, salt)


def _compared(told: _Told, expected: Expectation, proven: Did | None) -> Iterator[Binding]:
    """Compare everything that can be compared; a proven DID that is not the expected one proves nothing."""
    if told.did is not None and proven is not None and expected.did in {None, proven}:
        yield Binding(BindingMethod.HOLDER_KEY, _outcome(same=told.did == proven))
    if told.did is not None and expected.did is not None:
        yield Binding(BindingMethod.DID, _outcome(same=told.did == expected.did))
    for one in expected.identifiers:
        if told.did is not None and one.value == told.did:
            yield Binding(BindingMethod.DID, BindingOutcome.MATCH)
        for identifier in told.identifiers:
            yield from _against(identifier, one)


def _against(identifier: _Identifier, expected: ExpectedIdentifier) -> Iterator[Binding]:
    """Compare one identifier with one that is expected; those of different types are not comparable."""
    kinds = {identifier.type, expected.type} - {None}
    if len(kinds) > 1:
        return
    method = BindingMethod.IDENTITY_HASH if identifier.algorithm else BindingMethod.PLAIN_IDENTIFIER
    if NAME in kinds:
        method = BindingMethod.NAME_ONLY
    if identifier.is_one_of(expected.spellings()):
        kind = identifier.type or expected.type
        yield Binding(method, BindingOutcome.MATCH, kind, weak=identifier.algorithm == "md5")
    elif expected.may_be(identifier.type):
        spelt_otherwise = method is BindingMethod.NAME_ONLY
        yield Binding(method, BindingOutcome.INCOMPARABLE if spelt_otherwise else BindingOutcome.MISMATCH)


def _outcome(*, same: bool) -> BindingOutcome:
    return BindingOutcome.MATCH if same else BindingOutcome.MISMATCH


def recipient_finding(binding: Binding) -> Finding:
    """Say in the report whose the credential is.

    A name that agrees, and a match by MD5, are warnings: many people have one name, and MD5 can be made to agree.
    """
    match binding.outcome:
        case BindingOutcome.MISMATCH:
            return _finding(Outcome.FAIL, "recipient_differs")
        case BindingOutcome.INCOMPARABLE:
            return _finding(Outcome.INDETERMINATE, "recipient_open")
        case BindingOutcome.MATCH:
            return _match_finding(binding)


def recipient_unsaid() -> Finding:
    """Say in the report that nobody said who applies, where a policy wants to know whose the credential is."""
    return _finding(Outcome.WARNING, "recipient_unsaid")


def _match_finding(binding: Binding) -> Finding:
    match binding.method:
        case BindingMethod.HOLDER_KEY:
            return _finding(Outcome.PASS, "recipient_holds_key")
        case BindingMethod.NAME_ONLY:
            return _finding(Outcome.WARNING, "recipient_name_only")
        case _ if binding.weak:
            return _finding(Outcome.WARNING, "recipient_weak_hash")
        case _:
            return _finding(Outcome.PASS, "recipient_matches", binding.matched_type or binding.method)


def _finding(outcome: Outcome, code: str, detail: str = "") -> Finding:
    return finding(CheckId.RECIPIENT, outcome, code, "/credentialSubject", detail=detail, messages=MESSAGES)
