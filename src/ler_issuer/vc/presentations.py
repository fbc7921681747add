"""Presentations: credentials that somebody hands over, signed by whoever does.

VCDM 2.0 §4.13. The proof of a presentation says who presents, to whom (`domain`) and in answer to what (`challenge`);
it vouches for none of the credentials inside, each of which is judged by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ler_issuer.vc.dids import controller_of
from ler_issuer.vc.documents import as_list, id_of, members, types_of
from ler_issuer.vc.findings import CheckId, Finding, Outcome, authentic, finding
from ler_issuer.vc.verification import AUTHENTICATION, check_proofs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Pointer, Url
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.material import Material

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"

_ENVELOPED: Final = {"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"}
_ENVELOPE: Final = re.compile(r"data:application/(?:vc\+jwt|vp\+jwt|vc\+ld\+json\+jwt|jwt),([A-Za-z0-9_.\-]+)")


def is_presentation(document: Json) -> bool:
    """Say whether a document is a verifiable presentation; what stands in it as text is not."""
    return "VerifiablePresentation" in types_of(document)


def presented(document: Json) -> tuple[tuple[Pointer, Json], ...]:
    """Give every credential of a presentation with the place where it stands, enveloped ones as `unwrapped`.

    Whatever else stands among them is given as it is: it will be judged to be no credential.
    """
    if not isinstance(document, dict):
        return ()
    return tuple((pointer, unwrapped(item)) for pointer, item in members(document, "verifiableCredential"))


def unwrapped(document: Json) -> Json:
    """Give the compact JWS that an enveloped credential or presentation carries; anything else as it is.

    VCDM 2.0 §4.13.1: an object of one of two types, in the context of version 2, whose id is a `data:` URL. One that is
    not quite that stays what it is: an object without a proof.
    """
    if not isinstance(document, dict) or _ENVELOPED.isdisjoint(types_of(document)):
        return document
    named = document.get("id")
    match = _ENVELOPE.fullmatch(named) if isinstance(named, str) else None
    known = CREDENTIALS_V2 in as_list(document.get("@context"))[:1]
    return match[1] if match and known and "proof" not in document else document


def check_presentation(
    document: JsonObject,
    keys: Material,
    contexts: Contexts,
    now: datetime,
    *,
    challenge: str | None,
    domain: str | None,
) -> tuple[Finding, ...]:
    """Check that a presentation is signed by its holder, unchanged, and made for this occasion.

    Findings for `jsonld.safe`, every `proof.*` and `presentation`; the credentials inside are not looked at. The proof
    must be made to authenticate, answer the `challenge` and name the `domain` where these are given; without a
    challenge a warning says that it may be a copy of what was presented elsewhere. A `holder`, where one is named, must
    control the key. Expects a document that `documents.unfit` has nothing against.
    """
    found = check_proofs(document, keys, contexts, now, purpose=AUTHENTICATION, challenge=challenge, domain=domain)
    return (*found, _occasion(document, found, challenge))


def _occasion(document: JsonObject, found: tuple[Finding, ...], challenge: str | None) -> Finding:
    check = CheckId.PRESENTATION
    if not is_presentation(document):
        return finding(check, Outcome.FAIL, "not_a_presentation", "/type")
    if not authentic(found):
        return finding(check, Outcome.SKIPPED, "presentation_not_proven")
    if challenge is None:
        return finding(check, Outcome.WARNING, "presentation_unasked", "/proof")
    return finding(check, Outcome.PASS, "presentation_fresh", "/proof")


def proven_holder(document: JsonObject, findings: Iterable[Finding]) -> Did | Url | None:
    """Give the identifier that a presentation proves its presenter to control, by the findings of `check_presentation`.

    None when it proves nothing: also when no challenge was asked for, since a copy would look the same. Where no holder
    is named, it is the one whose key signed; where several did, none.
    """
    found = tuple(findings)
    fresh = any(item.id is CheckId.PRESENTATION and item.outcome is Outcome.PASS for item in found)
    if not fresh or not authentic(found):
        return None
    methods = [proof.get("verificationMethod") for _, proof in members(document, "proof") if isinstance(proof, dict)]
    signers = {controller_of(method) for method in methods if isinstance(method, str)}
    return id_of(document.get("holder")) or (signers.pop() if len(signers) == 1 else None)
