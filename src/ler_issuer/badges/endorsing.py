"""Endorsements: credentials by somebody else that speak for a badge, its achievement or its issuer.

An endorsement has an issuer, a status and an end of its own: one that was revoked takes nothing from the badge, and a
good badge lends nothing to a bad endorsement. Each is judged by itself and shown only when it verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from ler_issuer import vc
from ler_issuer.badges.exhibits import exhibit
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.jsontext import escape
from ler_issuer.vc import CheckId, Finding, Member, Outcome, Standing, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Json, JsonObject, Pointer

MOST_ENDORSEMENTS: Final = 20
"""Endorsements of one credential that are judged; each costs what a credential costs."""

_OUT_OF_TIME = {
    Standing.REVOKED: "endorsement_revoked",
    Standing.SUSPENDED: "endorsement_suspended",
    Standing.EXPIRED: "endorsement_expired",
    Standing.NOT_YET_VALID: "endorsement_not_yet_valid",
}


def endorsements(document: Json, found: Survey | None = None) -> tuple[tuple[Pointer, Json], ...]:
    """Give every endorsement in a document (`endorsement` and `endorsementJwt`, at any depth), with its place.

    Those inside bundled credentials belong to these, and those inside endorsements to those. `found` is what stands in
    the document, as its exhibit has it.
    """
    if not (_has_some(document) if found is None else "endorsement" in found.names):
        return ()
    inside: list[tuple[Pointer, Json]] = []
    stack: list[tuple[Pointer, Json]] = [("", document)]
    while stack:
        pointer, value = stack.pop()
        if isinstance(value, dict):
            for name in ("endorsement", "endorsementJwt"):
                inside.extend((pointer + at, one) for at, one in vc.members(value, name))
            stack.extend((f"{pointer}/{escape(name)}", item) for name, item in value.items() if name not in _APART)
        elif isinstance(value, list):
            stack.extend((f"{pointer}/{number}", item) for number, item in enumerate(value))
    return tuple(sorted(inside, key=lambda one: one[0]))


def _has_some(document: Json) -> bool:
    """Say whether there may be an endorsement, quickly: most badges have none."""
    try:
        return b'"endorsement' in orjson.dumps(document)
    except TypeError:  # it is not to be written as JSON
        return True


_APART = frozenset({"endorsement", "endorsementJwt", "verifiableCredential", "@context", "proof"})


def check(document: JsonObject, judged: Sequence[Member] | None, found: Survey | None = None) -> Iterator[Finding]:
    """Say what the endorsements of a document came to; None leaves them an open question, which weighs nothing."""
    inside = endorsements(document, found)
    known = {one.pointer: one for one in judged or ()}
    for pointer, given in inside:
        member = known.get(pointer)
        if member is None:
            yield _found(CheckId.ENDORSEMENT, Outcome.WARNING, "endorsement_unchecked", pointer)
            continue
        yield _found(CheckId.ENDORSEMENT, *_worth(member), pointer)
        yield _target(document, pointer, exhibit(given).document)


def _worth(member: Member) -> tuple[Outcome, str]:
    report = member.report
    if report.standing in _OUT_OF_TIME:
        return Outcome.WARNING, _OUT_OF_TIME[report.standing]
    if report.verdict is Verdict.REJECTED:
        return Outcome.WARNING, "endorsement_unacceptable" if report.authentic else "endorsement_not_authentic"
    if not report.authentic or report.standing is Standing.UNKNOWN:
        return Outcome.WARNING, "endorsement_open"
    if report.verdict is Verdict.ACCEPTED:
        return Outcome.PASS, "endorsement_verified"
    return Outcome.PASS, "endorsement_genuine"


def _target(document: JsonObject, pointer: Pointer, endorsement: JsonObject) -> Finding:
    """Compare what an endorsement endorses with where it stands: the credential, or the thing that carries it."""
    subject = endorsement.get("credentialSubject")
    named = vc.id_of(subject) if isinstance(subject, dict) else None
    fits = named is not None and named in {vc.id_of(owner) for owner in _owners(document, pointer)}
    outcome, code = (Outcome.PASS, "endorsement_on_target") if fits else (Outcome.WARNING, "endorsement_target_differs")
    return _found(CheckId.ENDORSEMENT_TARGET, outcome, code, pointer, named or "")


def _owners(document: JsonObject, pointer: Pointer) -> Iterator[Json]:
    """Walk to the place of an endorsement: everything on the way may be what it endorses."""
    value: Json = document
    for step in pointer.split("/")[1:]:
        yield value
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]


def _found(check_id: CheckId, outcome: Outcome, code: str, pointer: Pointer, detail: str = "") -> Finding:
    return vc.finding(check_id, outcome, code, pointer, detail=detail, messages=MESSAGES)
