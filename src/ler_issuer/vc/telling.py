"""What a token says beside its credential: registered claims, which must say the same (Open Badges 3.0 §8.2.6).

`iss` is the issuer, `jti` the id, `sub` the id of the subject, `nbf` and `exp` the dates between which it is valid;
`iat` may be anything. What a 1EdTech token has to repeat is asked for. One of VC-JWT 1.1 should repeat it; `sub` may
always be left out, as the published samples do. Tokens of VC-JOSE-COSE (by their `typ`) and presentations need not
repeat any; the `iss` of a presentation is its holder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.vc.documents import as_list, id_of
from ler_issuer.vc.findings import CheckId, Finding, Outcome, finding
from ler_issuer.vc.instants import instant, stamp
from ler_issuer.vc.jwt import date_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ler_issuer.types import Json, JsonObject, Pointer
    from ler_issuer.vc.jwt import Envelope

_CHECK = CheckId.JWT_CLAIMS
_DATES = {"nbf": ("validFrom", "issuanceDate"), "exp": ("validUntil", "expirationDate")}


def signed_at(envelope: Envelope) -> datetime | None:
    """Give the time at which a token says it was signed: `iat`, else the time from which it is valid."""
    return date_of(envelope.payload.get("iat")) or date_of(envelope.payload.get("nbf"))


def check_claims(envelope: Envelope) -> Iterator[Finding]:
    """Compare the claims with the credential: every fault, or one finding that there is none."""
    faults = [*_faults(envelope), *_absences(envelope)]
    yield from faults
    if not any(found.outcome is Outcome.FAIL for found in faults):
        yield finding(_CHECK, Outcome.PASS, "claims_agree")


def _faults(envelope: Envelope) -> Iterator[Finding]:
    payload, document = envelope.payload, envelope.document
    for claim, place, said in (
        ("iss", "/holder" if envelope.presents else "/issuer", envelope.party),
        ("jti", "/id", document.get("id")),
    ):
        if claim in payload and payload[claim] != said:
            yield _differs(claim, payload[claim], place)
    if envelope.presents:
        return
    if "sub" in payload and payload["sub"] not in _subjects(document):
        yield _differs("sub", payload["sub"], "/credentialSubject")
    for claim, names in _DATES.items():
        if claim in payload:
            yield from _date_fault(claim, payload[claim], document, names)


def _subjects(document: JsonObject) -> list[str | None]:
    subjects = (id_of(one) for one in as_list(document.get("credentialSubject")) if isinstance(one, dict))
    return [subject for subject in subjects if subject is not None]


def _date_fault(claim: str, value: Json, document: JsonObject, names: tuple[str, str]) -> Iterator[Finding]:
    at, name = date_of(value), next((name for name in names if name in document), names[0])
    place = f"/{name}"
    if at is None:
        yield finding(_CHECK, Outcome.FAIL, "claim_malformed", place, detail=claim)
        return
    told = instant(document.get(name))
    if told is None or abs((told - at).total_seconds()) >= 1:
        yield _differs(claim, stamp(at), place)


def _absences(envelope: Envelope) -> Iterator[Finding]:
    """Name what the token leaves out of what it should repeat; one of VC-JOSE-COSE has nothing to repeat."""
    payload, document = envelope.payload, envelope.document
    if envelope.presents or envelope.typ.startswith("vc+"):
        return
    has_date = any(name in document for name in _DATES["exp"])
    due = {"iss": True, "jti": "id" in document, "nbf": True, "exp": has_date}
    lacking = [claim for claim, is_due in due.items() if is_due and claim not in payload]
    due_here = [] if "vc" in payload else [claim for claim in lacking if claim != "exp"]
    if due_here:
        yield finding(_CHECK, Outcome.FAIL, "claim_missing", detail=", ".join(due_here))
    spare = [claim for claim in lacking if claim not in due_here]
    if "sub" not in payload and _subjects(document):
        spare.append("sub")
    if spare:
        yield finding(_CHECK, Outcome.WARNING, "claim_absent", detail=", ".join(spare))


def _differs(claim: str, value: Json, place: Pointer) -> Finding:
    return finding(_CHECK, Outcome.FAIL, "claim_differs", place, detail=f"{claim} is {str(value)[:100]}")
