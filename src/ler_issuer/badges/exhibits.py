"""Exhibits: a document as it was given, and as it is to be read.

Credentials come as JSON with a proof in it, or in an envelope whose payload is the credential: JWT, SD-JWT or COSE
(VC-JOSE-COSE, Open Badges 3.0 §8.2). What is judged and shown of the latter is the payload and nothing else: whatever
somebody wrapped around it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import vc
from ler_issuer.vc import Problem

if TYPE_CHECKING:
    from ler_issuer.jsontext import Survey
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import Envelope


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A document that can be judged, or the reason why it cannot.

    `given` is what came in, `document` the credential in it, `envelope` what is around it, if anything is. `found` is
    all that stands in the document, which the checks need not look for again; None when it cannot be judged, or holds
    what no parser makes.
    """

    given: Json
    document: JsonObject
    envelope: Envelope | None = None
    problem: Problem | None = None
    found: Survey | None = None


def exhibit(given: Json, found: Survey | None = None) -> Exhibit:
    """Read a document: a JSON object, the text of a token, or an object that names an envelope (VCDM 2.0 §4.13).

    `found` is what `jsontext.read` gave along with what came in. Total: whatever cannot be read has its problem, and an
    empty document.
    """
    envelope = vc.opened(given)
    if envelope is None:
        return _exhibited(given, given, None, found)
    if isinstance(envelope, Problem):
        return Exhibit(given, {}, problem=envelope)
    return _exhibited(given, envelope.document, envelope)


def _exhibited(given: Json, document: Json, envelope: Envelope | None, found: Survey | None = None) -> Exhibit:
    seen = vc.surveyed(document, found)
    if isinstance(seen, Problem):
        return Exhibit(given, {}, envelope, seen)
    return Exhibit(given, document, envelope, found=seen if seen.is_plain else None)


def exhibit_needs(one: Exhibit) -> tuple[str, ...]:
    """Name the documents about keys that the proof of an exhibit rests on."""
    if one.problem is not None:
        return ()
    return vc.key_needs(one.document) if one.envelope is None else vc.envelope_needs(one.envelope)
