"""Exhibits: a document as it was given, and as it is to be read.

Credentials come as JSON with a proof in it, or as a compact JWS whose payload is the credential (VC-JOSE-COSE, Open
Badges 3.0 §8.2). What is judged and shown of the latter is the payload and nothing else: whatever somebody wrapped
around it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import vc
from ler_issuer.vc import Problem

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import Envelope


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A document that can be judged, or the reason why it cannot.

    `given` is what came in, `document` the credential in it, `envelope` the JWT around it, if there is one.
    """

    given: Json
    document: JsonObject
    envelope: Envelope | None = None
    problem: Problem | None = None


def exhibit(given: Json) -> Exhibit:
    """Read a document: a JSON object, the text of a compact JWS, or an object that names such a text (VCDM 2.0 §4.13).

    Total: whatever cannot be read has its problem, and an empty document.
    """
    text = vc.unwrapped(given)
    if not isinstance(text, str):
        problem = vc.unfit(given)
        return Exhibit(given, given if problem is None else {}, problem=problem)
    envelope = vc.open_envelope(text)
    if isinstance(envelope, Problem):
        return Exhibit(given, {}, problem=envelope)
    problem = vc.unfit(envelope.document)
    return Exhibit(given, envelope.document if problem is None else {}, envelope, problem)


def exhibit_needs(one: Exhibit) -> tuple[str, ...]:
    """Name the documents about keys that the proof of an exhibit rests on."""
    if one.problem is not None:
        return ()
    return vc.key_needs(one.document) if one.envelope is None else vc.envelope_needs(one.envelope)
