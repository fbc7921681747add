"""Making inputs: bytes and JSON out of nothing, and what becomes of the seeds of a target by a few changes.

Hypothesis draws which way is taken, and one number from which the changes follow; so a run is repeated by its seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from fuzzing.target import loose, written

WORDS = (
    *("@context", "@type", "@id", "@graph", "@value", "@list", "@included", "@reverse", "@nest", "@index", "@vocab"),
    *("id", "type", "proof", "issuer", "validFrom", "validUntil", "name", "credentialSubject", "credentialStatus"),
    *("verificationMethod", "proofPurpose", "proofValue", "cryptosuite", "created", "previousProof", "expires"),
    *("achievement", "endorsement", "identifier", "result", "evidence", "verifiableCredential", "association"),
    *("DataIntegrityProof", "eddsa-rdfc-2022", "ecdsa-sd-2023", "ecdsa-jcs-2019", "Ed25519Signature2020"),
    *("VerifiableCredential", "VerifiablePresentation", "OpenBadgeCredential", "ClrCredential", "Profile"),
    *("BitstringStatusListEntry", "StatusList2021Entry", "1EdTechRevocationList", "statusPurpose", "revocation"),
    *("statusListIndex", "statusListCredential", "statusSize", "statusMessage", "encodedList", "refreshService"),
    *("kid", "alg", "jwk", "crit", "iss", "sub", "exp", "nbf", "vc", "EdDSA", "none", "keys", "kty", "crv", "n", "e"),
    *(
        "https://www.w3.org/ns/credentials/v2",
        "https://www.w3.org/2018/credentials/v1",
        "data:application/vc+jwt,a.b.c",
    ),
    *("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "https://[", "http://a:b", "https://a.b/c d"),
    *("did:key:z6Mk", "did:web:cred.example.edu:issuers:1#k", "did:jwk:e30", "did:web:a%3A0", "_:b0", "urn:uuid:1"),
    *("_sd", "_sd_alg", "...", "#0", "#1", "sha-256", "vc+sd-jwt", "vp+jwt", "vc+cose", "nonce", "aud", "vp", "holder"),
    *("EnvelopedVerifiableCredential", "/issuer", "/credentialSubject", "/0", "/~0", "publicKeyJwk", "secretKeyJwk"),
    *("2026-11-01T10:00:00Z", "9999-12-31T23:59:60Z", "0000-00-00", "-", "", "\x00", "\ud800", "\u202e", "z", "u"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**53, -(2**63), 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan")),
    *("", [], {}, [[]], [{}], {"": ""}, [None], "x" * 3_000),
)
LARGE_FACTORS = (3, 30, 300, 3_000, 30_000)
MOST_PLACES = 4_000
DEEPEST = 120

LEAVES = st.sampled_from(ODD) | st.sampled_from(WORDS) | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=25,
)


@st.composite
def inputs(draw: st.DrawFn, seeds: Sequence[bytes], most: int) -> bytes:
    """Make an input: most often by changing a seed, or else bytes, or JSON."""
    way = draw(st.integers(0, 9))
    if way == 0 or not seeds:
        return draw(st.binary(max_size=200))
    if way == 1:
        return dumped(draw(VALUES))[:most]
    chance = random.Random(draw(st.integers(0, 2**64 - 1)))
    return changed(chance.choice(seeds), chance, seeds, most)


def changed(seed: bytes, chance: random.Random, seeds: Sequence[bytes], most: int) -> bytes:
    """Change an input in one to four places, as JSON if it is some and chance will have it, else as bytes."""
    value = loose(seed) if seed[:1] in {b"{", b"["} else None
    if value is None or chance.random() < 0.2:
        return changed_bytes(seed, chance, seeds, most)
    for _ in range(chance.choice((1, 1, 2, 4))):
        value = changed_value(value, chance, most)
    made = dumped(value)
    return made if len(made) <= most else changed_bytes(seed, chance, seeds, most)


def dumped(value: Any) -> bytes:
    """Write a value; what Python cannot write, being too deep, is a long row of brackets."""
    try:
        return written(value)
    except (RecursionError, ValueError):
        return b"[" * 10_000


# ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def places(value: Any) -> list[tuple[Any, Any]]:
    """List the members and items of a value, each by its holder and its name or number; of a large one the first."""
    found: list[tuple[Any, Any]] = []
    holders = [value]
    while holders and len(found) < MOST_PLACES:
        holder = holders.pop()
        for name in list(holder) if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, name))
            if isinstance(holder[name], dict | list):
                holders.append(holder[name])
    return found


def changed_value(value: Any, chance: random.Random, most: int) -> Any:  # noqa: C901, PLR0912 - a list of changes
    """Change one place of a value; the value is altered."""
    found = places(value) if isinstance(value, dict | list) else []
    if not found:
        return chance.choice(ODD)
    holder, name = chance.choice(found)
    there = holder[name]
    match chance.randrange(9):
        case 0:
            holder[name] = chance.choice(ODD)
        case 1:
            holder[name] = chance.choice(WORDS)
        case 2:
            del holder[name]
        case 3 if isinstance(holder, dict):
            holder[chance.choice(WORDS)] = holder.pop(name)
        case 4:
            other, place = chance.choice(found)
            holder[name] = copied(other[place])
        case 5:
            holder[name] = enlarged(there, chance, most)
        case 6:
            holder[name] = nested(there, chance)
        case 7 if isinstance(there, str):
            holder[name] = changed_bytes(there.encode("utf-8", "replace"), chance, (), most).decode("utf-8", "replace")
        case _ if isinstance(holder, dict):
            holder[chance.choice(WORDS)] = chance.choice((*ODD, *WORDS))
        case _:
            holder.insert(name, chance.choice((*ODD, *WORDS)))
    return value


def copied(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (RecursionError, ValueError):
        return None


def enlarged(value: Any, chance: random.Random, most: int) -> Any:
    """Make very much of something: a long text, many items, many members, a large number."""
    size = max(1, len(dumped(value)))
    factor = min(chance.choice(LARGE_FACTORS), max(2, most // (2 * size)))
    match value:
        case str():
            return (value or "a") * factor
        case list():
            return (value or [0]) * factor
        case dict():
            return {f"{name}{number or ''}": item for number in range(factor) for name, item in value.items()}
        case bool() | None:
            return [value] * factor
        case _:
            return chance.choice((-1, 1)) * 10 ** min(factor, 400)


def nested(value: Any, chance: random.Random) -> Any:
    """Put something into itself, or into lists, again and again."""
    name = chance.choice(WORDS)
    for _ in range(chance.choice((1, 2, 30, DEEPEST))):
        value = [value] if chance.random() < 0.3 else {name: value}
    return value


# ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def changed_bytes(  # noqa: C901 - a list of changes
    data: bytes, chance: random.Random, seeds: Sequence[bytes], most: int
) -> bytes:
    """Change an input in one to four places as bytes."""
    made = bytearray(data[:most])
    for _ in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(made) + 1)
        end = min(len(made), start + chance.choice((1, 1, 2, 4, 16, 256)))
        part = made[start:end]
        match chance.randrange(8):
            case 0 if part:
                made[start] ^= 1 << chance.randrange(8)
            case 1:
                made[start:end] = b""
            case 2:
                made[start:start] = chance.randbytes(chance.choice((1, 2, 8)))
            case 3:
                made[start:end] = part * max(
                    1, min(chance.choice(LARGE_FACTORS), (most - len(made)) // (len(part) or 1))
                )
            case 4:
                made[start:start] = chance.choice(WORDS).encode("utf-8", "surrogatepass")
            case 5 if seeds:
                other = chance.choice(seeds)
                at = chance.randrange(len(other) + 1)
                made[start:end] = other[at : at + chance.choice((1, 8, 64, 1_000))]
            case 6:
                made[start:end] = chance.choice(
                    (b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\r\n", b"\xed\xa0\x80")
                )
            case _:
                made[start:end] = chance.choice((b"[", b"{", b"&a [*a, *a]", b"(", b"<", b'"', b".", b"-", b":")) * (
                    min(chance.choice(LARGE_FACTORS), most)
                )
    return bytes(made[:most])
