"""The policies that come along, and those that somebody writes.

A policy is written as an object: `name`, `version`, what it is `based_on`, and what is otherwise in it::

    {"name": "acme-hiring", "version": "3", "based_on": "standard", "recipient": "required",
     "reject": ["endorsement_revoked"], "review": ["expired"], "accept": ["member_expired"]}

`reject`, `review` and `accept` name codes of findings, those that reports tell; they are added to those of the policy
that it is based on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import STANDARD, Policy

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Pointer

STRICT: Final = Policy(
    "strict",
    "1",
    "As standard, and the applicant must be shown to be the one whom the credential is about; blemishes are for a "
    "person to judge.",
    recipient="required",
    review=frozenset(
        {
            "context_version",
            "context_alias",
            "vc11",
            "vc11_model",
            "schema_unavailable",
            "unchecked",
            "created_in_future",
            "terms_undefined",
            "claim_absent",
            "endorsement_not_authentic",
            "endorsement_unacceptable",
            "endorsement_revoked",
            "endorsement_target_differs",
            "status_clear_unsigned",
            "status_twice",
            "status_repeated",
            "results_not_shown",
        }
    ),
)

AUTHENTICITY: Final = Policy(
    "authenticity",
    "1",
    "Accepts what is unchanged and stands today, whoever the issuer is: for those who know their issuers themselves.",
    issuer="any",
)

VALIDATOR: Final = Policy(
    "1edtech-validator",
    "1",
    "Follows the public 1EdTech validator where that is safe: any issuer will do, and a bad endorsement spoils the "
    "badge.",
    issuer="any",
    reject=frozenset(
        {
            "endorsement_not_authentic",
            "endorsement_unacceptable",
            "endorsement_revoked",
            "endorsement_expired",
            "endorsement_not_yet_valid",
        }
    ),
)

POLICIES: Final[Mapping[str, Policy]] = MappingProxyType(
    {policy.name: policy for policy in (STANDARD, STRICT, AUTHENTICITY, VALIDATOR)}
)
"""The policies that come along, by name."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MEMBERS = {"name", "version", "description", "based_on", "issuer", "recipient", "reject", "review", "accept"}
_CHOICES = {"issuer": ("known", "any"), "recipient": ("stated", "required")}
_NEVER_ACCEPTED = frozenset(
    {
        "revoked",
        "recipient_differs",
        "list_bad_proof",
        "list_unsigned",
        "list_foreign_issuer",
        "member_not_authentic",
        "part_not_authentic",
        "part_digest_differs",
    }
)
_LONGEST_DESCRIPTION = 500
_MOST_CODES = 200


class BadPolicy(ValueError):
    """A policy cannot be read; `pointer` says where, `detail` why."""

    def __init__(self, pointer: Pointer, detail: str) -> None:
        """Name the place and the fault."""
        super().__init__(f"{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail


def policy_of(value: Json, known: Mapping[str, Policy] = POLICIES) -> Policy:
    """Read a policy: the name of a known one (``standard``, or ``standard/1`` for that version only), or one written.

    Raises:
        BadPolicy: there is none of that name or version, or what is written cannot be one.
    """
    if isinstance(value, str):
        name, _, version = value.partition("/")
        found = known.get(name)
        if found is None or version not in {"", found.version}:
            names = ", ".join(f"{one.name}/{one.version}" for one in known.values())
            raise BadPolicy("", f"there is no policy {value!r:.80}; there are {names}")
        return found
    if not isinstance(value, dict):
        raise BadPolicy("", "a policy is the name of one, or an object")
    return _written(value, known)


def policies_of(value: Json) -> Mapping[str, Policy]:
    """Read the list of policies of an installation; give them with those that come along.

    Raises:
        BadPolicy: it is no list of policies; the pointer says which cannot be read.
    """
    if not isinstance(value, list):
        raise BadPolicy("", "a list of policies is expected")
    known = dict(POLICIES)
    for place, one in enumerate(value):
        try:
            policy = policy_of(one, known)
        except BadPolicy as error:
            raise BadPolicy(f"/{place}{error.pointer}", error.detail) from None
        known[policy.name] = policy
    return MappingProxyType(known)


def _written(value: JsonObject, known: Mapping[str, Policy]) -> Policy:
    for name in value:
        if name not in _MEMBERS:
            raise BadPolicy("", f"there is no member {name!r:.80}; there are {', '.join(sorted(_MEMBERS))}")
    name, version = _named(value, "name"), _named(value, "version")
    if name in POLICIES:
        raise BadPolicy("/name", f"{name!r} is the name of a policy that comes along; choose another")
    try:
        base = policy_of(value.get("based_on", STANDARD.name), known)
    except BadPolicy as error:
        raise BadPolicy("/based_on", error.detail) from None
    description = value.get("description", "")
    if not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION:
        raise BadPolicy("/description", f"text of at most {_LONGEST_DESCRIPTION} characters is expected")
    chosen = {each: _codes(value, each) for each in ("reject", "review", "accept")}
    newly = frozenset[str]().union(*chosen.values())
    return Policy(
        name,
        version,
        description,
        issuer="any" if _choice(value, "issuer", base.issuer) == "any" else "known",
        recipient="required" if _choice(value, "recipient", base.recipient) == "required" else "stated",
        **{each: codes | (getattr(base, each) - newly) for each, codes in chosen.items()},
    )


def _named(value: JsonObject, member: str) -> str:
    text = value.get(member)
    if isinstance(text, int | float):
        raise BadPolicy(f"/{member}", f"text is expected: put {text} in quotes")
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise BadPolicy(f"/{member}", "a name of at most 64 letters, digits, '.', '_' and '-' is expected")
    return text


def _choice(value: JsonObject, member: str, usual: str) -> str:
    chosen = value.get(member, usual)
    if chosen not in _CHOICES[member]:
        raise BadPolicy(f"/{member}", f"one of {', '.join(_CHOICES[member])} is expected")
    return str(chosen)


def _codes(value: JsonObject, member: str) -> frozenset[str]:
    codes = value.get(member, [])
    if not isinstance(codes, list) or len(codes) > _MOST_CODES:
        raise BadPolicy(f"/{member}", f"a list of at most {_MOST_CODES} codes of findings is expected")
    for place, code in enumerate(codes):
        if not isinstance(code, str) or code not in MESSAGES:
            raise BadPolicy(f"/{member}/{place}", f"no check answers {code!r:.80}")
        if member == "accept" and code in _NEVER_ACCEPTED:
            raise BadPolicy(f"/{member}/{place}", f"{code} can be left to a person, but is never accepted")
    return frozenset(codes)
