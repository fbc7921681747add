"""Whatever one changes in what is enveloped, it is refused, or the same is read in it as before.

Unlike in a document with a proof, there is one row of bytes that is signed, so what can be changed at all is: the bytes
(each of them here), the envelope around them, and, in an SD-JWT, which disclosures go with them.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
import random
from collections.abc import Callable, Iterator
from functools import cache

import cbor2
import pytest

from ler_issuer import jsontext
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import (
    Outcome,
    Problem,
    authentic,
    check_envelope,
    check_payload,
    check_presented,
    enveloped,
    opened,
    prepare_token,
    seal_envelope,
)
from ler_issuer.vc.cose import COSE_ALGORITHMS, sign1
from ler_issuer.vc.sdjwt import conceal
from methods import V2, disclosure
from signing import NOW, P256, P384, SELF_ISSUED, STRANGER, Key, badge, rules
from tokens import encoded

KEYS = {"EdDSA": SELF_ISSUED, "ES256": P256, "ES384": P384}
WITHHELD = (
    "name",
    "evidence[0]",
    "credentialSubject.result",
    "credentialSubject.result[0].achievedLevel",
    "awardedDate",
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SAMPLED = 300
"""Places in a payload that are tried, drawn anew for each kind but alike in every run; of all else, every place is."""

EACH = pytest.mark.parametrize("alg", KEYS)


@cache
def jwt(alg: str, form: str = "vc+jwt") -> str:
    key = KEYS[alg]
    document = badge(key.subject) if form == "vc+jwt" else presentation(key)
    prepared = prepare_token(document, form=form, alg=alg, kid=key.verification_method, contexts=rules().contexts)
    return seal_envelope(prepared, key)


def presentation(key: Key) -> JsonObject:
    shown = [enveloped(jwt("ES256"))]
    return {"@context": [V2], "type": ["VerifiablePresentation"], "holder": key.subject, "verifiableCredential": shown}


@cache
def sd_jwt(alg: str, word: str = "university") -> tuple[str, tuple[str, ...]]:
    """Give a token of which parts can be withheld, and their disclosures."""
    key, numbers = KEYS[alg], itertools.count()
    payload, disclosures = conceal(
        badge(key.subject), WITHHELD, lambda size: hashlib.sha256(f"{word} {next(numbers)}".encode()).digest()[:size]
    )
    header = {"alg": alg, "kid": key.verification_method, "typ": "vc+sd-jwt"}
    signed = f"{encoded(header)}.{encoded(payload)}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}", disclosures


@cache
def cose(alg: str) -> bytes:
    key = KEYS[alg]
    return sign1(
        jsontext.canonical(badge(key.subject)),
        alg=COSE_ALGORITHMS[alg],
        kid=key.verification_method.encode(),
        typ="application/vc+cose",
        content="application/vc",
        sign=key.sign,
    )


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(document: Json) -> JsonObject | None:
    """Give what is taken for what the issuer signed, or None when an envelope is refused."""
    one = opened(document)
    if one is None or isinstance(one, Problem):
        return None
    found = check_envelope(one, {}, NOW)
    if any(finding.outcome is Outcome.FAIL for finding in found):
        return None
    return one.document if authentic((*check_payload(one.document, rules().contexts), *found)) else None


def with_changes(text: str, places: range, letters: str, *, most: int | None = None) -> Iterator[tuple[int, str]]:
    """Yield a text with a letter of it exchanged, left out, and doubled, at each of these places or at some of them."""
    chance = random.Random(len(text))
    tried = places if most is None or most >= len(places) else sorted(chance.sample(places, most))
    for place in tried:
        other = chance.choice([letter for letter in letters if letter != text[place]])
        yield place, text[:place] + other + text[place + 1 :]
        yield place, text[:place] + text[place + 1 :]
        yield place, text[:place] + text[place] + text[place:]


def parts(token: str) -> list[tuple[range, int | None]]:
    """Give where a token has its header, payload and signature, and how many places of each are tried."""
    body, tail = token.index(".") + 1, token.rindex(".")
    return [(range(body), None), (range(body, tail), SAMPLED), (range(tail, len(token)), None)]


def survivors(token: str, seen: Callable[[str], Json]) -> list[int]:
    """Name the places of a token that can be changed without its being refused."""
    tried = (one for places, most in parts(token) for one in with_changes(token, places, LETTERS, most=most))
    return [place for place, changed in tried if seen(changed) is not None]


@EACH
def test_no_letter_of_a_token_can_be_another(alg: str) -> None:
    assert read(enveloped(jwt(alg))) == badge(KEYS[alg].subject)
    assert survivors(jwt(alg), lambda token: read(enveloped(token))) == []


@EACH
def test_no_letter_of_a_token_with_disclosures_can_be_another(alg: str) -> None:
    token, disclosures = sd_jwt(alg)
    shown = "~".join(("", *disclosures, ""))
    assert read(enveloped(token + shown, kind="vc+sd-jwt")) == badge(KEYS[alg].subject)
    assert survivors(token, lambda changed: read(enveloped(changed + shown, kind="vc+sd-jwt"))) == []


@EACH
def test_no_byte_of_a_cose_message_can_be_another(alg: str) -> None:
    data = cose(alg)
    assert read(enveloped(in_base64(data), kind="vc+cose")) == badge(KEYS[alg].subject)
    start = data.index(b"{")
    end = data.rindex(b"}") + 1
    letters = "".join(map(chr, range(256)))
    places = [(range(start), None), (range(start, end), SAMPLED), (range(end, len(data)), None)]
    tried = (one for where, most in places for one in with_changes(data.decode("latin-1"), where, letters, most=most))
    found = {
        place
        for place, changed in tried
        if read(enveloped(in_base64(changed.encode("latin-1")), kind="vc+cose")) is not None
    }
    assert found == set()


def test_no_letter_of_a_presentation_can_be_another() -> None:
    def shown(token: str) -> Json:
        one = opened(enveloped(token, kind="vp+jwt"))
        if one is None or isinstance(one, Problem):
            return None
        found = check_presented(one, {}, NOW, challenge=None, domain=None)
        return one.document if found[-1].outcome is Outcome.WARNING else None

    token = jwt("EdDSA", "vp+jwt")
    assert shown(token) == presentation(SELF_ISSUED)
    assert survivors(token, shown) == []


# ── Disclosures ──────────────────────────────────────────────────────────────────────────────────────────────────────
def opened_with(token: str, *disclosures: str) -> JsonObject | None:
    return read(enveloped("~".join((token, *disclosures, "")), kind="vc+sd-jwt"))


def without(*ways: tuple[str | int, ...]) -> JsonObject:
    """Give the badge without these parts of it."""
    document = copy.deepcopy(badge(KEYS["ES256"].subject))
    for *way, last in ways:
        holder: Json = document
        for step in way:
            holder = holder[step]
        del holder[last]
    return document


RESULT, LEVEL = ("credentialSubject", "result"), ("credentialSubject", "result", 0, "achievedLevel")
PLACES = {
    "name": ("name",),
    "evidence": ("evidence", 0),
    "achievedLevel": LEVEL,
    "result": RESULT,
    "awardedDate": ("awardedDate",),
}


@pytest.fixture
def said() -> tuple[str, dict[str, str]]:
    """Give a token, and its disclosures by what they disclose."""
    token, disclosures = sd_jwt("ES256")
    parts = {one: json.loads(base64.urlsafe_b64decode(one + "==")) for one in disclosures}
    return token, {said[1] if len(said) == 3 else "evidence": one for one, said in parts.items()}


def test_what_is_withheld_is_missing_and_nothing_else_is(said: tuple[str, dict[str, str]]) -> None:
    token, named = said
    assert named.keys() == PLACES.keys()
    for size in range(len(named) + 1):
        for shown in itertools.combinations(named, size):
            found = opened_with(token, *(named[name] for name in shown))
            if "achievedLevel" in shown and "result" not in shown:
                assert found is None  # a part of something that is not shown
                continue
            missing = [PLACES[name] for name in named if name not in shown]
            missing = [way for way in missing if way != LEVEL or RESULT not in missing]
            assert found == without(*missing), shown


def test_the_order_of_disclosures_says_nothing(said: tuple[str, dict[str, str]]) -> None:
    token, named = said
    for order in itertools.permutations(named.values()):
        assert opened_with(token, *order) == badge(P256.subject)


def test_no_disclosure_can_come_twice_or_from_elsewhere(said: tuple[str, dict[str, str]]) -> None:
    token, named = said
    disclosures = [*named.values()]
    _, others = sd_jwt("ES256", "another salt")
    foreign = [*others, disclosure("name", "Data Literacy, level 9"), disclosure("x", 1), disclosure({"x": 1})]
    for one in (*disclosures, *foreign):
        for place in range(len(disclosures) + 1):
            assert opened_with(token, *disclosures[:place], one, *disclosures[place:]) is None
    for number in range(len(disclosures)):
        for one in foreign:
            assert opened_with(token, *disclosures[:number], one, *disclosures[number + 1 :]) is None


def test_no_letter_of_a_disclosure_can_be_another(said: tuple[str, dict[str, str]]) -> None:
    token, named = said
    disclosures = [*named.values()]
    for number, one in enumerate(disclosures):
        for place, changed in with_changes(one, range(len(one)), LETTERS, most=60):
            shown = opened_with(token, *disclosures[:number], changed, *disclosures[number + 1 :])
            assert shown is None, (number, place)


# ── The envelope ─────────────────────────────────────────────────────────────────────────────────────────────────────
@cache
def envelopes() -> dict[str, JsonObject]:
    token, disclosures = sd_jwt("ES256")
    return {
        "vc+jwt": enveloped(jwt("ES256")),
        "vc+sd-jwt": enveloped("~".join((token, *disclosures, "")), kind="vc+sd-jwt"),
        "vc+cose": enveloped(in_base64(cose("ES256")), kind="vc+cose"),
    }


@pytest.mark.parametrize("kind", envelopes())
def test_around_it_nothing_can_be_said_that_would_be_read(kind: str) -> None:
    """What else stands in the object is nobody's word, so with it the envelope is none that is opened."""
    document = envelopes()[kind]
    assert read(document) == badge(P256.subject)
    more = badge(STRANGER.subject)
    for name, value in more.items():
        if name not in {"@context", "id", "type"}:
            assert read(document | {name: value}) is None, name
    for changes in (
        {"type": "VerifiableCredential"},
        {"type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
        {"type": "EnvelopedVerifiablePresentation"},
        {"@context": []},
        {"@context": "https://www.w3.org/ns/credentials/examples/v2"},
        {"@context": ["https://www.w3.org/ns/credentials/examples/v2", V2]},
        {"@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"]},
        {"id": document["id"].partition(",")[2]},
        {"id": f" {document['id']}"},
        {"id": f"{document['id']}\n"},
        {"id": f"{document['id']}#"},
        {"proof": {"type": "DataIntegrityProof"}},
    ):
        assert read(document | changes) is None, changes
    for name in document:
        assert read({other: value for other, value in document.items() if other != name}) is None


@pytest.mark.parametrize(("kind", "held"), [*itertools.permutations(envelopes(), 2)])
def test_what_was_secured_in_one_way_is_nothing_in_another(kind: str, held: str) -> None:
    document = envelopes()[held]
    text = document["id"].partition(",")[2]
    assert read(enveloped(text, kind=kind)) is None
    assert read(enveloped(text, kind=kind.replace("vc", "vp"))) is None


def test_no_two_tokens_can_be_put_together() -> None:
    """Header, payload and signature of two tokens that hold make six others, none of which does."""
    first, second = jwt("ES256").split("."), sd_jwt("ES256")[0].split(".")
    mixed = [".".join(one) for one in itertools.product(*zip(first, second, strict=True))]
    made = {".".join(first), ".".join(second)}
    for token in mixed:
        found = [read(enveloped(token)), read(enveloped(f"{token}~", kind="vc+sd-jwt"))]
        assert (found == [None, None]) == (token not in made)


def test_a_signature_in_one_form_is_none_in_another() -> None:
    head, body, tail = jwt("ES256").split(".")
    *parts, sealed = cbor2.loads(cose("ES256")).value
    swapped = cbor2.dumps(cbor2.CBORTag(18, [*parts, base64.urlsafe_b64decode(tail + "==")]))
    assert read(enveloped(f"{head}.{body}.{encoded(sealed)}")) is None
    assert read(enveloped(in_base64(swapped), kind="vc+cose")) is None
    assert in_base64(cbor2.dumps(cbor2.CBORTag(18, [*parts, sealed]))) == in_base64(cose("ES256"))
