"""Badges by template are to the byte what the general path makes of them, or there are none by template."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import base58
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from badges.samples import ASSESSED, ID, ISSUER, awards, definitions, drafted, entry, texts
from ler_issuer import jsontext
from ler_issuer.assessments import Identifier
from ler_issuer.badges import AchievementDefinition, Draft, PublishedAchievement, Subject, fill, nonconformities
from ler_issuer.badges.templates import FORM, BadgeTemplate
from ler_issuer.resources import load_closed_world
from ler_issuer.types import JsonObject
from ler_issuer.vc import NotTemplated, Shelf, Slot, Unsignable, prepare, read_shape, seal, stamp, template
from ler_issuer.vc.templates import marked
from oracles import pyld_normalized
from signing import P256, Key, rules

SIGNER = Key("template", "did:web:cred.example.edu:issuers:biology")
NOW = datetime.fromisoformat("2026-11-01T10:00:00Z")
WAY = {"cryptosuite": "eddsa-rdfc-2022", "kind": "Ed25519", "verification_method": SIGNER.verification_method}
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))

emails = st.builds(Identifier, type=st.just("emailAddress"), value=st.emails())
subjects = st.builds(Subject.hashed, emails, salt=st.text("0123456789abcdef", min_size=1, max_size=8)) | st.builds(
    Subject, did=st.sampled_from(["did:key:z6Mkw", "did:web:a.example", ISSUER.id])
)
entries = st.integers(0, 131_071).flatmap(
    lambda index: st.sampled_from([[entry(index=index)], [entry(index=index), entry("suspension", index)]])
)
any_text = texts | st.text(max_size=12) | st.sampled_from(['"', "\\", "a\nb", "\ue000😀", "@en", "_:b0", "%s", "\x7f"])
iris = st.sampled_from(
    [
        "did:web:a.example",
        ISSUER.id,
        ID,
        f"{ID}#score",
        "urn:uuid:0b9e7f0a-3f6c-4f0e-9c57-000000000001",
        "https://example.edu/a?b=%20#c",
        "https://example.edu:80/(1)",
        "https://example.edu/ä",
        "urn:a:ä#b#c",
        "mailto:a@b.example",
        "relative/one",
        "_:b0",
    ]
)
instants = st.integers(-62_000_000_000, 250_000_000_000).map(
    lambda seconds: stamp(datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds))
) | st.sampled_from(["2026-02-30T00:00:00Z", "2026-W01-1T00:00:00Z", "2026-01-01T00:00:00+01:00", "soon"])
DRAWN = {Slot.TEXT: any_text, Slot.INSTANT: instants}


def published(definition: AchievementDefinition) -> PublishedAchievement:
    return PublishedAchievement(id_url=ID, version="1", version_url=f"{ID}/versions/1", definition=definition)


def signed(document: JsonObject, signer: Key = SIGNER, **way: str) -> bytes:
    """Sign by the general path."""
    prepared = prepare(document, created=NOW, contexts=rules().contexts, **{**WAY, **way})
    return jsontext.canonical(seal(prepared, signer))


@SLOW
@given(st.data())
def test_badge_after_badge(data):
    """What is filled in conforms, and is what composing, preparing and sealing give."""
    shown = published(data.draw(definitions()))
    first = data.draw(awards(shown.definition))
    drawn = [first, replace(first, assessed_at=ASSESSED - timedelta(days=1)), data.draw(awards(shown.definition))]
    shelf: Shelf[BadgeTemplate] = Shelf()
    for number, award in enumerate((first, *drawn)):
        one = drafted(
            award,
            achievement=shown,
            subject=data.draw(subjects),
            entries=data.draw(entries),
            now=NOW,
            credential_id=f"urn:uuid:0b9e7f0a-3f6c-4f0e-9c57-{number:012}",
        )
        filled = fill(one, shelf, created=NOW, rules=rules(), **WAY)
        event("by template" if filled is not None else "by the general path")
        if filled is not None:
            assert not nonconformities(one.whole(), rules().schemas)
            assert filled.seal(SIGNER) == signed(one.whole())


def any_draft(data: st.DataObject) -> Draft:
    """Draw a badge of any achievement, for anybody."""
    shown = published(data.draw(definitions()))
    return drafted(
        data.draw(awards(shown.definition)),
        achievement=shown,
        subject=data.draw(subjects),
        entries=data.draw(entries),
        now=NOW,
    )


@SLOW
@given(st.data())
def test_any_value_in_a_slot(data):
    """Values of every kind, on purpose such as stand elsewhere in the badge: right, or refused."""
    one = any_draft(data)
    reading = read_shape(one.short, FORM)
    values = list(reading.values)
    for place in data.draw(st.lists(st.sampled_from(range(len(values))), max_size=3)):
        values[place] = data.draw(like(values[place], reading.slots[place]) | st.sampled_from(values))
    other = marked(one.short, FORM, iter(values))
    try:
        made = template(one.short, form=FORM, whole=one.whole, created=NOW, contexts=rules().contexts, **WAY)
        filled = made.fill(values, NOW)
    except (NotTemplated, Unsignable):
        event("refused")
        return
    event("filled")
    assert filled.seal(SIGNER) == signed(one.whole(other))
    assert agrees(one, other)


@settings(SLOW, max_examples=20)
@given(st.data())
def test_what_is_signed_by_template_is_what_pyld_alone_makes_of_it(data):
    """The signature holds over PyLD's two canonical forms: nothing of ours stands between the JSON and the key."""
    shelf: Shelf[BadgeTemplate] = Shelf()
    one = any_draft(data)
    for _ in range(2):
        filled = fill(one, shelf, created=NOW, rules=rules(), **WAY)
    if filled is None:
        event("by the general path")
        return
    event("by template")
    document = json.loads(filled.seal(SIGNER))
    [proof] = document.pop("proof")
    value = proof.pop("proofValue")
    options = {"@context": document["@context"], **proof}
    hashed = [hashlib.sha256(pyld_normalized(part, own()).encode()).digest() for part in (options, document)]
    VerifyKey(SIGNER.public.raw).verify(b"".join(hashed), base58.b58decode(value.removeprefix("z")))


@cache
def own():
    """Contexts for PyLD alone, which writes into what it is given."""
    return load_closed_world().contexts


def like(value: str, slot: Slot) -> st.SearchStrategy[str]:
    """Draw another value for a slot; an IRI of the same scheme, since another would make another shape."""
    scheme, _, _ = value.partition(":")
    return iris.filter(lambda iri: iri.startswith(f"{scheme}:")) if slot is Slot.IRI else DRAWN[slot]


def agrees(one: Draft, other: JsonObject) -> bool:
    """Say whether nothing that nonconforming values alone could cause is found, but in results."""
    found = nonconformities(one.whole(other), rules().schemas)
    return all(problem.pointer.startswith("/credentialSubject/result") for problem in found)


def test_a_key_of_another_curve():
    """Keys on P-256 sign by template as well."""
    way = {"cryptosuite": "ecdsa-rdfc-2019", "kind": "P-256", "verification_method": P256.verification_method}
    shelf: Shelf[BadgeTemplate] = Shelf()
    one = drafted(now=NOW)
    filled = [fill(one, shelf, created=NOW, rules=rules(), **way) for _ in range(2)]

    assert filled[0] is None
    assert filled[1] is not None
    assert filled[1].seal(P256) == signed(one.whole(), P256, **way)
