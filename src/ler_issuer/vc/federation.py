"""Trust chains of OpenID Federation 1.0: statements in which each superior speaks for the one below it.

A chain is read from the subject up to the trust anchor, whose keys are pinned beforehand: the subject's own
configuration (which a DID that is listed directly does not have), a statement of each superior about the one below it,
and the anchor's configuration. Every signature is checked, also that of the anchor. Judging is total and bounded, and
fetches nothing.

Trust marks are not looked at, and so none is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ler_issuer import jsontext
from ler_issuer.vc import metadata_policy, multibase
from ler_issuer.vc.dids import BadDid, web_url
from ler_issuer.vc.keys import BadKey, PublicKey
from ler_issuer.vc.metadata_policy import PolicyError
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, PARSING_ERROR, Problem

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject, Url

LONGEST_STATEMENT: Final = 512 * 1024
"""Characters of a statement; those with a picture in them come to some ten thousand."""

MOST_STATEMENTS: Final = 8
"""Statements of a chain: the subject's, the anchor's, and of six superiors."""

MOST_KEYS: Final = 20

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far a statement may be ahead of our clock."""

ALGORITHMS: Final = frozenset({"RS256", "ES256", "ES384", "EdDSA", "Ed25519"})

_TYPE: Final = "entity-statement+jwt"
_LONGEST_HEADER: Final = 8 * 1024
_LATEST: Final = 253_402_300_799
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Whom a federation is trusted by: its entity identifier, and a JWK Set of keys that were pinned beforehand."""

    id: str
    keys: Json


@dataclass(frozen=True, slots=True)
class EntityStatement:
    """An entity statement that was read, and not yet checked: anybody could have written it."""

    header: JsonObject
    payload: JsonObject
    signed: bytes
    signature: bytes
    issued_at: datetime
    expires_at: datetime

    @property
    def iss(self) -> str:
        """Who speaks."""
        return str(self.payload["iss"])

    @property
    def sub(self) -> str:
        """Who is spoken of."""
        return str(self.payload["sub"])

    @property
    def hints(self) -> tuple[str, ...]:
        """The superiors that an entity names in its configuration."""
        named = self.payload.get("authority_hints")
        return tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()

    @property
    def fetch_endpoint(self) -> Url | None:
        """Where an entity gives statements about those below it, as its configuration says."""
        metadata = self.payload.get("metadata")
        entity = metadata.get("federation_entity") if isinstance(metadata, dict) else None
        url = entity.get("federation_fetch_endpoint") if isinstance(entity, dict) else None
        return url if isinstance(url, str) and url.startswith("https://") and "#" not in url else None


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that holds: the subject belongs to the anchor's federation until `expires_at`.

    `metadata` is what the superiors let the subject say of itself, or said of it themselves.
    """

    subject: str
    anchor: str
    metadata: JsonObject
    expires_at: datetime

    @property
    def name(self) -> str | None:
        """The name of the organisation, as the federation gives it."""
        return self._text("federation_entity", "organization_name") or self._text(
            "institution_additional_information", "legal_name"
        )

    @property
    def homepage(self) -> Url | None:
        """The website of the organisation, as the federation gives it."""
        return self._text("federation_entity", "homepage_uri")

    def _text(self, kind: str, name: str) -> str | None:
        members = self.metadata.get(kind)
        value = members.get(name) if isinstance(members, dict) else None
        return value.strip() or None if isinstance(value, str) else None


class _Broken(Exception):
    def __init__(self, code: str, detail: str, *, kind: str = CRYPTOGRAPHIC_SECURITY_ERROR) -> None:
        super().__init__(detail)
        self.problem = Problem(code, detail, type=kind)


def pinned_keys(keys: Json) -> dict[str, PublicKey]:
    """Read a JWK Set: the keys that are understood here, by `kid`, or else by thumbprint; empty if there is none."""
    try:
        return _keys(keys)
    except _Broken:
        return {}


def read_entity_statement(token: Json) -> EntityStatement | Problem:
    """Read an entity statement strictly, without checking who signed it, or say why it is none (§3)."""
    try:
        return _read(token)
    except _Broken as broken:
        return broken.problem


def judge_anchor(token: Json, anchor: Anchor, now: datetime) -> EntityStatement | Problem:
    """Judge the configuration of the anchor: its own, signed by a pinned key, in force (§10.2)."""
    try:
        return _anchored(_read(token), anchor, now)
    except _Broken as broken:
        return broken.problem


def judge_chain(tokens: Sequence[Json], anchor: Anchor, now: datetime) -> Chain | Problem:
    """Judge a chain of statements, the subject's or the one about it first, the anchor's configuration last (§10.2).

    The pointer of a problem is `/<place in the chain>`, or empty when it is about all of it.
    """
    if not 1 < len(tokens) <= MOST_STATEMENTS:
        return Problem("chain_length", f"a chain has 2 to {MOST_STATEMENTS} statements", type=PARSING_ERROR)
    statements: list[EntityStatement] = []
    for place, token in enumerate(tokens):
        statement = read_entity_statement(token)
        if isinstance(statement, Problem):
            return statement.within(f"/{place}")
        statements.append(statement)
    try:
        return _judged(statements, anchor, now)
    except _Broken as broken:
        return broken.problem
    except PolicyError as error:
        return Problem("policy_not_met", str(error), type=CRYPTOGRAPHIC_SECURITY_ERROR)


def _judged(statements: list[EntityStatement], anchor: Anchor, now: datetime) -> Chain:
    top, first = _anchored(statements[-1], anchor, now), statements[0]
    own = first if first.iss == first.sub else None
    about = statements[:-1] if own is None else statements[1:-1]
    if not about or len({anchor.id, *(one.sub for one in about)}) <= len(about):
        raise _Broken("chain_loop", "the chain leads nowhere, or twice to the same entity")
    for lower, upper in pairwise([*about, top]):
        if lower.iss != upper.sub:
            raise _Broken("chain_broken", f"the statement about {lower.sub} is not by {upper.sub}")
        _require_in_force(lower, now)
        _require_signed(lower, upper.payload.get("jwks"))
    if own is not None:
        _require_own(own, about[0], now)
    _require_within_constraints(about)
    metadata = _resolved(_metadata(own) if own else {}, about)
    return Chain(first.sub, anchor.id, metadata, min(one.expires_at for one in statements))


def _require_own(own: EntityStatement, about: EntityStatement, now: datetime) -> None:
    """Require that the subject's configuration is by the keys that its superior states, and names that superior."""
    if own.sub != about.sub or about.iss not in own.hints:
        raise _Broken("chain_broken", f"{own.sub} does not name {about.iss} as its superior")
    _require_in_force(own, now)
    _require_signed(own, own.payload.get("jwks"))
    _require_signed(own, about.payload.get("jwks"))


def _anchored(statement: EntityStatement, anchor: Anchor, now: datetime) -> EntityStatement:
    if not statement.iss == statement.sub == anchor.id:
        raise _Broken("anchor_differs", f"the chain does not end at {anchor.id}")
    _require_in_force(statement, now)
    try:
        _require_signed(statement, anchor.keys)
    except _Broken as broken:
        raise _Broken(
            "anchor_key", f"the anchor's configuration: {broken}; the pinned keys vouch for nothing else"
        ) from None
    return statement


def _require_in_force(statement: EntityStatement, now: datetime) -> None:
    if statement.issued_at > now + CLOCK_SKEW:
        raise _Broken("statement_early", f"the statement about {statement.sub} is from the future")
    if statement.expires_at <= now:
        raise _Broken("statement_expired", f"the statement about {statement.sub} has expired")


def _require_signed(statement: EntityStatement, keys: Json) -> None:
    """Require that the key which the header names is among these, and signed the statement."""
    key = _keys(keys).get(statement.header["kid"])
    if key is None:
        raise _Broken("statement_key", f"its key {statement.header['kid']!r} is not one that is vouched for")
    if key.alg != _older(statement.header["alg"]):
        raise _Broken("statement_algorithm", "its key is meant for another algorithm")
    if not key.verify(statement.signature, statement.signed):
        raise _Broken("statement_signature", f"the signature of the statement about {statement.sub} does not hold")


def _keys(keys: Json) -> dict[str, PublicKey]:
    """Read a JWK Set; keys that are not understood are left out, and two of one name vouch for nothing (§3.1.1)."""
    listed = keys.get("keys") if isinstance(keys, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise _Broken("statement_jwks", f"its jwks are no set of up to {MOST_KEYS} keys", kind=PARSING_ERROR)
    found: dict[str, PublicKey] = {}
    names = [one.get("kid") for one in listed if isinstance(one, dict)]
    for one in listed:
        try:
            key = PublicKey.from_jwk(one)
        except BadKey:
            continue
        name = one.get("kid", key.thumbprint)
        if isinstance(name, str) and names.count(name) < 2:  # noqa: PLR2004 - once
            found[name] = key
    return found


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _read(token: Json) -> EntityStatement:
    if not isinstance(token, str) or len(token) > LONGEST_STATEMENT or not _COMPACT.fullmatch(token):
        raise _Broken("statement_malformed", "it is no compact JWS of a length that is read", kind=PARSING_ERROR)
    head, body, tail = token.split(".")
    header, payload = _object(head, _LONGEST_HEADER), _object(body, LONGEST_STATEMENT)
    _require_header(header)
    _require_claims(payload)
    signed = f"{head}.{body}".encode()
    issued, expires = _instant(payload, "iat"), _instant(payload, "exp")
    return EntityStatement(header, payload, signed, _octets(tail), issued, expires)


def _require_header(header: JsonObject) -> None:
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != _TYPE:
        raise _Broken("statement_type", f"it is not marked as {_TYPE}", kind=PARSING_ERROR)
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise _Broken("statement_algorithm", "its algorithm is none that is accepted")
    if not isinstance(header.get("kid"), str):
        raise _Broken("statement_key", "it does not name its key")
    if "crit" in header or "b64" in header:
        raise _Broken("statement_critical", "its header demands what is not known here")


def _require_claims(payload: JsonObject) -> None:
    """Require who speaks of whom, and that nothing is demanded that is not known here (§3.1.1, §3.2)."""
    if not all(isinstance(payload.get(name), str) and payload[name] for name in ("iss", "sub")):
        raise _Broken("statement_claims", "it does not say who speaks of whom", kind=PARSING_ERROR)
    if payload.get("crit", []) != []:
        raise _Broken("statement_critical", "it demands claims that are not known here")
    named = payload.get("metadata_policy_crit", [])
    if not isinstance(named, list) or not all(one in metadata_policy.OPERATORS for one in named):
        raise _Broken("statement_critical", "it demands operators that are not known here")


def _object(part: str, most: int) -> JsonObject:
    try:
        value = jsontext.parse(_octets(part), max_bytes=most)
    except jsontext.NotJsonError as error:
        raise _Broken("statement_malformed", error.detail, kind=PARSING_ERROR) from None
    if not isinstance(value, dict):
        raise _Broken("statement_malformed", "a part of it is no JSON object", kind=PARSING_ERROR)
    return value


def _octets(part: str) -> bytes:
    try:
        return multibase.decode_u("u" + part)
    except multibase.BadMultibase:
        raise _Broken("statement_malformed", "it is not in strict base64url", kind=PARSING_ERROR) from None


def _instant(payload: JsonObject, name: str) -> datetime:
    value = payload.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise _Broken("statement_claims", f"its {name} is no date", kind=PARSING_ERROR)
    return datetime.fromtimestamp(value, UTC)


def _older(alg: str) -> str:
    return "EdDSA" if alg == "Ed25519" else alg


# ── What superiors allow ─────────────────────────────────────────────────────────────────────────────────────────────
def _require_within_constraints(about: list[EntityStatement]) -> None:
    """Hold each superior's constraints against all that is below it (§6.2); unknown ones are ignored."""
    for below, statement in enumerate(about):
        constraints = statement.payload.get("constraints", {})
        if not isinstance(constraints, dict):
            raise _Broken("constraint_malformed", "its constraints are no object", kind=PARSING_ERROR)
        most = constraints.get("max_path_length", below)
        if not isinstance(most, int) or isinstance(most, bool) or most < 0:
            raise _Broken("constraint_malformed", "its max_path_length is no number from 0", kind=PARSING_ERROR)
        if below > most:
            raise _Broken("constraint_path", f"{statement.iss} allows {most} between itself and the subject")
        naming = constraints.get("naming_constraints")
        if naming is not None:
            for one in about[: below + 1]:
                _require_name(one.sub, naming, statement.iss)


def _require_name(entity: str, naming: Json, by: str) -> None:
    """Hold an identifier against naming constraints: excluded goes first, and what has no host is nowhere permitted."""
    if not isinstance(naming, dict):
        raise _Broken("constraint_malformed", "its naming_constraints are no object", kind=PARSING_ERROR)
    permitted, excluded = _names(naming, "permitted"), _names(naming, "excluded")
    host = _host(entity)
    if any(_lies_in(host, name) for name in excluded or ()):
        raise _Broken("constraint_name", f"{by} excludes {entity}")
    if permitted is not None and not any(_lies_in(host, name) for name in permitted):
        raise _Broken("constraint_name", f"{by} does not permit {entity}")


def _names(naming: JsonObject, member: str) -> list[str] | None:
    names = naming.get(member)
    if names is not None and not (isinstance(names, list) and all(isinstance(one, str) for one in names)):
        raise _Broken("constraint_malformed", f"{member} is no list of names", kind=PARSING_ERROR)
    return names


def _host(entity: str) -> str:
    """Give the host of an entity identifier, of a did:web too; empty when it has none."""
    try:
        return urlsplit(web_url(entity) if entity.startswith("did:web:") else entity).hostname or ""
    except (BadDid, ValueError):
        return ""


def _lies_in(host: str, name: str) -> bool:
    """Say whether a host is the named one or, when the name begins with a period, below it (RFC 5280 §4.2.1.10)."""
    lower = name.lower()
    return bool(host) and (host.endswith(lower) and host != lower if lower.startswith(".") else host == lower)


def _resolved(own: JsonObject, about: list[EntityStatement]) -> JsonObject:
    """Resolve the subject's metadata: its superior's words before its own, then types, then policies (§6.1.4)."""
    metadata = {kind: dict(members) for kind, members in own.items() if isinstance(members, dict)}
    for kind, members in _metadata(about[0]).items():
        metadata[kind] = metadata.get(kind, {}) | members
    for statement in about:
        allowed = statement.payload.get("constraints", {}).get("allowed_entity_types")
        if allowed is not None:
            if not isinstance(allowed, list):
                raise _Broken("constraint_malformed", "allowed_entity_types is no list", kind=PARSING_ERROR)
            metadata = {kind: one for kind, one in metadata.items() if kind == "federation_entity" or kind in allowed}
    policies = [one.payload["metadata_policy"] for one in reversed(about) if "metadata_policy" in one.payload]
    return metadata_policy.applied(metadata_policy.merged(policies), metadata)


def _metadata(statement: EntityStatement) -> JsonObject:
    metadata = statement.payload.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(members, dict) for members in metadata.values()):
        raise _Broken("statement_claims", "its metadata are no objects by type", kind=PARSING_ERROR)
    return metadata
