"""Presentations: credentials that somebody hands over, signed by whoever does.

VCDM 2.0 §4.13. The proof of a presentation says who presents, to whom (`domain`) and in answer to what (`challenge`);
it vouches for none of the credentials inside, each of which is judged by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.vc.dids import controller_of
from ler_issuer.vc.documents import id_of, members, types_of
from ler_issuer.vc.enveloped import content
from ler_issuer.vc.envelopes import presenter
from ler_issuer.vc.findings import CheckId, Finding, Outcome, authentic, finding
from ler_issuer.vc.securing import Content
from ler_issuer.vc.verification import AUTHENTICATION, check_proofs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.types import Did, Json, JsonObject, Pointer, Url
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.jwt import Envelope
    from ler_issuer.vc.material import Material


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
    """Give the token, as text, that an enveloped credential or presentation carries; anything else as it is.

    What is not quite an envelope stays what it is, an object without a proof; so does one that says more than what it
    holds, and one that holds COSE, which is no text: `enveloped.opened` refuses and opens those.
    """
    held = content(document)
    return held.text if isinstance(held, Content) and held.form != "cose" else document


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


def proven_holder(
    document: JsonObject, findings: Iterable[Finding], envelope: Envelope | None = None
) -> Did | Url | None:
    """Give the identifier that a presentation proves its presenter to control, by the findings of `check_presentation`.

    Of one in an envelope, by those of `check_presented` and `check_payload`. None when it proves nothing: also when no
    challenge was asked for, since a copy would look the same. Where no holder is named, it is the one whose key signed;
    where several did, none.
    """
    found = tuple(findings)
    fresh = any(item.id is CheckId.PRESENTATION and item.outcome is Outcome.PASS for item in found)
    if not fresh or not authentic(found):
        return None
    if envelope is not None and envelope.presents:
        return presenter(envelope)
    methods = [proof.get("verificationMethod") for _, proof in members(document, "proof") if isinstance(proof, dict)]
    signers = {controller_of(method) for method in methods if isinstance(method, str)}
    return id_of(document.get("holder")) or (signers.pop() if len(signers) == 1 else None)
