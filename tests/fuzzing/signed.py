"""Targets that read what is signed as a token: credentials, reports, statements of federations."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from federations import Entity
from fuzzing.target import Target, loose, member, text, written
from ler_issuer import vc
from signing import NOW, SELF_ISSUED, UNIVERSITY, badge
from tokens import compact, encoded, jwk
from world import NOON

WEB = "did:web:cred.example.edu:issuers:1"


@cache
def token_material() -> dict[str, vc.Found]:
    keys = [jwk(alg) | {"kid": alg} for alg in ("ES256", "EdDSA")]
    return {
        UNIVERSITY.subject: vc.Found(UNIVERSITY.document),
        "https://cred.example.edu/.well-known/jwks.json": vc.Found({"keys": keys}),
        "https://cred.example.edu/keys/1": vc.Found(jwk("ES256")),
    }


def check_token(token: Any) -> None:
    vc.is_compact(token)
    envelope = vc.open_envelope(token)
    if isinstance(envelope, vc.Envelope):
        vc.envelope_needs(envelope)
        vc.check_envelope(envelope, token_material(), NOW)
        vc.check_envelope(envelope, {}, NOW, issuer_controls=False)
        vc.listed_at(token)


@cache
def tokens() -> tuple[str, ...]:
    document = badge(WEB)
    claims = document | {"iss": WEB, "jti": document["id"], "nbf": 1_793_527_200, "exp": 1_888_221_600}
    older = {
        "vc": {"@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential"]},
        "iss": WEB,
    }
    return (
        compact({"alg": "ES256", "typ": "JWT", "kid": "ES256"}, claims),
        compact({"alg": "EdDSA", "typ": "vc+jwt", "kid": "EdDSA"}, claims),
        compact({"alg": "ES256", "jwk": jwk("ES256")}, claims),
        compact({"alg": "ES256", "kid": "https://cred.example.edu/keys/1"}, older),
    )


def _token_attacks() -> list[bytes]:
    head = encoded({"alg": "ES256"})
    return [
        b"." * 6_000_000,
        b"a" * 6_500_000,
        b"a." * 3_000_000,
        f"{head}.{encoded(b'[' * 4_000_000)}.AA".encode(),
        f"{head}.{'A' * 6_000_000}.AA".encode(),
        f"{encoded({'alg': 'ES256', 'kid': 'x' * 16_000})}.{encoded({})}.AA".encode(),
        f"{head}.{encoded({'vc': [[]] * 900_000})}.AA".encode(),
    ]


def _signed(data: bytes) -> None:
    """Sign what may be anything, so that what stands behind the signature is reached too."""
    value = loose(data)
    header, payload = member(value, "header", {}), member(value, "payload", {})
    header = {**header, "alg": "EdDSA"} if isinstance(header, dict) else {"alg": "EdDSA"}
    check_token(compact(header, payload))


def _signed_seeds() -> list[bytes]:
    seeds = []
    for token in tokens():
        header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
        seeds.append(b'{"header":%s,"payload":%s}' % (header, payload))
    return seeds


def _signed_attacks() -> list[bytes]:
    payload = loose(_signed_seeds()[0])["payload"]
    return [written({"payload": payload | {name: 10**400}}) for name in ("exp", "nbf", "iat")]


@cache
def statements() -> tuple[str, Any]:
    keys = {"keys": [SELF_ISSUED.public.jwk() | {"kid": SELF_ISSUED.verification_method}]}
    return vc.sign_statement({"iss": "https://cred.example.edu", "verdict": "accepted"}, SELF_ISSUED), keys


def _statement(data: bytes) -> None:
    value = loose(data)
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        vc.read_statement(value[0], value[1])
    else:
        vc.read_statement(text(data), statements()[1])


def _statement_seeds() -> list[bytes]:
    said, keys = statements()
    return [said.encode(), written([said, keys])]


def _entity_statement(data: bytes) -> None:
    statement = vc.read_entity_statement(text(data))
    if isinstance(statement, vc.EntityStatement):
        _ = statement.iss, statement.sub, statement.hints, statement.fetch_endpoint


def _entity_seeds() -> list[bytes]:
    anchor = Entity("https://anchor.example")
    return [anchor.configuration().encode(), anchor.about("did:web:ada.example").encode()]


# ── Chains ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@cache
def federation() -> tuple[Entity, Entity, Entity]:
    """Give an anchor, one below it, and a college below that."""
    return Entity("https://anchor.example"), Entity("https://middle.example"), Entity("https://ada.example")


def _chain(data: bytes) -> None:
    """Judge a chain whose statements are signed as they should be, and say what may be anything."""
    value = loose(data)
    top, middle, below = federation()
    parts = [member(value, name, {}) for name in ("own", "about", "middle", "anchor")]
    own, about, between, anchor = (part if isinstance(part, dict) else {} for part in parts)
    tokens = [
        below.configuration(middle, **_claims(own)),
        middle.about(below, **_claims(about)),
        top.about(middle, **_claims(between)),
        top.configuration(**_claims(anchor)),
    ]
    for told in (tokens, tokens[1:], tokens[::-1], member(value, "tokens", [])):
        chain = vc.judge_chain(told if isinstance(told, list) else [told], top.anchor, NOON)
        if isinstance(chain, vc.Chain):
            _ = chain.name, chain.homepage
    vc.judge_anchor(tokens[-1], top.anchor, NOON)
    vc.pinned_keys(member(value, "keys"))


def _claims(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the entity that signs is asked for by other means."""
    return {name: item for name, item in said.items() if name not in {"header", "below", "superiors", "self"}}


def _chain_seeds() -> list[bytes]:
    policy = {
        "federation_entity": {
            "organization_name": {"default": "Ada", "essential": True, "one_of": ["Ada College", "Ada"]},
            "contacts": {"add": ["a@b.example"], "subset_of": ["a@b.example", "c"], "superset_of": ["a@b.example"]},
            "homepage_uri": {"value": "https://ada.example"},
        }
    }
    limits = {"max_path_length": 2, "naming_constraints": {"permitted": [".example"], "excluded": ["evil.example"]}}
    own = {"metadata": {"federation_entity": {"organization_name": "Ada College"}}}
    about = {"metadata_policy": policy, "constraints": limits, "metadata_policy_crit": ["value"]}
    keys = {"keys": [jwk("ES256"), jwk("EdDSA") | {"kid": "x"}]}
    return [written({"own": own, "about": about, "middle": about, "anchor": {}, "keys": keys})]


TARGETS: tuple[Target, ...] = (
    Target(
        "token", lambda data: check_token(text(data)), (), lambda: [one.encode() for one in tokens()], _token_attacks
    ),
    Target("signed token", _signed, (), _signed_seeds, _signed_attacks),
    Target("report", _statement, (vc.BadStatement,), _statement_seeds, _token_attacks),
    Target("entity statement", _entity_statement, (), _entity_seeds, _token_attacks),
    Target("trust chain", _chain, (), _chain_seeds),
)
