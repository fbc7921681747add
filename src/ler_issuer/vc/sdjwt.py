"""Tokens of which the holder shows parts: SD-JWT (RFC 9901), as VC-JOSE-COSE uses it.

The issuer signs digests in place of what may be withheld; what is shown comes beside the token, in *disclosures*. What
is read is what remains when every disclosure has taken its place and every digest is gone. A disclosure that nothing
signed names would be somebody else's words, so one such refuses the whole; digests without a disclosure are counted.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ler_issuer import jsontext
from ler_issuer.vc import multibase
from ler_issuer.vc.documents import copied
from ler_issuer.vc.jwt import LONGEST_TOKEN, Envelope, Unreadable, read_token, said_in
from ler_issuer.vc.problems import CRYPTOGRAPHIC_SECURITY_ERROR, MALFORMED_VALUE_ERROR, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ler_issuer.types import Json, JsonObject

SD_JWT_TYPES: Final = frozenset({"vc+sd-jwt", "vp+sd-jwt"})
"""What a token says it is whose parts can be withheld: a credential, or a presentation."""

MOST_DISCLOSURES: Final = 2_000
"""Disclosures of one token that are read."""

SALT_BYTES: Final = 16

_TOLD: Final = 80
"""Characters that are told of the name of a member."""

_ALGORITHM: Final = "sha-256"
_RESERVED: Final = frozenset({"_sd", "...", "_sd_alg"})
_ALWAYS_SHOWN: Final = frozenset(
    {"@context", "type", "issuer", "iss", "validFrom", "validUntil", "credentialStatus", "nbf", "exp"}
)
"""Members without which nobody knows what a document is, whose, and whether it still stands."""

_TEXT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*~[A-Za-z0-9_.~-]*", re.ASCII)
_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[(?:0|[1-9][0-9]{0,5})\])*")
_STEP = re.compile(r"\[[0-9]+\]|[^.\[\]]+")


class NotConcealable(ValueError):
    """A document has no part of that path, or none that may be withheld."""


@dataclass(frozen=True, slots=True)
class SdJwt(Envelope):
    """A token with what is shown of it; `payload` and `document` hold that, and nothing that is withheld.

    `undisclosed` counts the digests for which nothing is shown. Some of them may stand for nothing at all: issuers add
    such, so that nobody learns how much there is.
    """

    disclosures: tuple[str, ...] = ()
    undisclosed: int = 0


def is_sd_jwt(value: Json) -> bool:
    """Say whether a value looks like an SD-JWT: a compact JWS, and disclosures behind it. Nothing is decoded."""
    return isinstance(value, str) and _TEXT.fullmatch(value) is not None


def open_sd_jwt(text: Json, *, presents: bool = False) -> SdJwt | Problem:
    """Read a credential (or a presentation) as an SD-JWT, or say why it is none that could be checked.

    Total, and bounded in size and depth. A token that is bound to a key of its holder is refused: what it proves of the
    holder is not checked here.
    """
    try:
        read = read_sd_jwt(text, types={"vp+sd-jwt" if presents else "vc+sd-jwt"})
    except Unreadable as error:
        return error.problem
    if not {"vc", "vp"}.isdisjoint(read.payload):
        return Problem("jwt_mixed", "the claims 'vc' and 'vp' are of older tokens", "", MALFORMED_VALUE_ERROR)
    return replace(read, document=said_in(read.payload, presents=presents), presents=presents)


def read_sd_jwt(text: Json, *, types: Collection[str], algorithms: Collection[str] | None = None) -> SdJwt:
    """Read an SD-JWT; what is shown of its payload is left as it is, as the `document`.

    Raises:
        Unreadable: it is none, is not of one of these types and algorithms, or a disclosure has no place of its own.
    """
    if not is_sd_jwt(text):
        raise Unreadable("sd_jwt_malformed", "it is not a token with disclosures, each with a '~' behind it")
    if len(text) > LONGEST_TOKEN:
        raise Unreadable("sd_jwt_malformed", f"it is longer than {LONGEST_TOKEN} characters")
    token, *disclosures, binding = text.split("~")
    if binding:
        raise Unreadable("sd_key_binding", "it stands behind the last '~'", kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    if len(disclosures) > MOST_DISCLOSURES:
        raise Unreadable("sd_jwt_malformed", f"it has more than {MOST_DISCLOSURES} disclosures")
    wanted = {} if algorithms is None else {"algorithms": algorithms}
    read = read_token(token, types=types, **wanted)
    if read.typ not in types:
        raise Unreadable("jwt_type_wrong", "it does not say that it is an SD-JWT", kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    digests = [_digest(one) for one in disclosures]
    revealing = _Revealing({digest: _disclosure(one) for digest, one in zip(digests, disclosures, strict=True)})
    shown = revealing.revealed(read.payload)
    if len(revealing.used) != len(disclosures):
        raise Unreadable("sd_digest_unknown", revealing.unknown(digests), kind=CRYPTOGRAPHIC_SECURITY_ERROR)
    undisclosed = len(revealing.seen) - len(revealing.used)
    return SdJwt(token, read.header, shown, shown, disclosures=tuple(disclosures), undisclosed=undisclosed)


def conceal(
    document: JsonObject, paths: Sequence[str], random: Callable[[int], bytes]
) -> tuple[JsonObject, tuple[str, ...]]:
    """Put digests in place of what the holder may withhold; give the payload to sign, and the disclosures.

    A path names members and items: `credentialSubject.phoneNumbers[0]`. A part of something that may be withheld may be
    withheld by itself. `random` gives that many bytes that nobody can guess, for the salts.

    Raises:
        NotConcealable: there is no such part, it must always be shown, is named twice, or the document has members of
            the names that digests have.
    """
    if any(not _RESERVED.isdisjoint(found) for found in _objects(document)):
        raise NotConcealable("the document has members of the names that digests have")
    steps = {path: _steps(path) for path in paths}
    if len(steps) != len(paths):
        raise NotConcealable("a path is named twice")
    payload = copied(document)
    deepest_first = sorted(steps, key=lambda path: -len(steps[path]))
    disclosures = [_concealed(payload, path, steps[path], random(SALT_BYTES)) for path in deepest_first]
    return payload | {"_sd_alg": _ALGORITHM}, tuple(disclosures)


def _steps(path: str) -> tuple[str | int, ...]:
    if not _PATH.fullmatch(path):
        raise NotConcealable(f"{path!r} is no path")
    steps = tuple(int(step[1:-1]) if step.startswith("[") else step for step in _STEP.findall(path))
    if steps[0] in _ALWAYS_SHOWN:
        raise NotConcealable(f"{path!r} is always shown")
    return steps


def _concealed(payload: JsonObject, path: str, steps: Sequence[str | int], salt: bytes) -> str:
    """Put a digest in place of one part, and give its disclosure."""
    holder: Json = payload
    *way, last = steps
    for step in way:
        holder = _at(holder, step, path)
    value = _at(holder, last, path)
    named = _base64url(salt)
    if isinstance(last, int):
        disclosure = _written([named, value])
        holder[last] = {"...": _digest(disclosure)}
    else:
        disclosure = _written([named, last, value])
        del holder[last]
        holder["_sd"] = sorted([*holder.get("_sd", ()), _digest(disclosure)])
    return disclosure


def _at(holder: Json, step: str | int, path: str) -> Json:
    is_member = isinstance(holder, dict) and step in holder
    if not (is_member or (isinstance(holder, list) and isinstance(step, int) and step < len(holder))):
        raise NotConcealable(f"there is nothing at {path!r}")
    return holder[step]


def _objects(value: Json) -> Iterator[JsonObject]:
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, dict):
            yield found
            stack.extend(found.values())
        elif isinstance(found, list):
            stack.extend(found)


def _written(parts: list[Json]) -> str:
    return _base64url(jsontext.canonical(parts))


def _base64url(data: bytes) -> str:
    return multibase.u(data)[1:]


def _digest(disclosure: str) -> str:
    return _base64url(hashlib.sha256(disclosure.encode()).digest())


def _disclosure(text: str) -> list[Json]:
    """Read a disclosure: salt, name and value of a member, or salt and value of an item."""
    try:
        parts: Json = jsontext.parse(multibase.decode_u("u" + text))
    except (multibase.BadMultibase, jsontext.NotJsonError):
        raise Unreadable("sd_jwt_malformed", "a disclosure is not strict JSON in base64url") from None
    named = parts[:-1] if isinstance(parts, list) else []
    is_text = len(named) in {1, 2} and all(isinstance(part, str) for part in named)
    if not is_text or {*named[1:]} & _RESERVED:
        raise Unreadable("sd_jwt_malformed", "a disclosure does not have its two or three parts")
    return [*parts]


class _Revealing:
    """Puts disclosures in place of their digests, of which none may stand twice."""

    def __init__(self, disclosures: dict[str, list[Json]]) -> None:
        self._disclosures = disclosures
        self.seen: set[str] = set()
        self.used: set[str] = set()

    def revealed(self, payload: JsonObject) -> JsonObject:
        """Give a payload with what is disclosed, and without what is not."""
        if payload.get("_sd_alg", _ALGORITHM) != _ALGORITHM:
            raise Unreadable("sd_jwt_malformed", f"its digests are not of {_ALGORITHM}")
        shown: JsonObject = self._value({name: value for name, value in payload.items() if name != "_sd_alg"}, 0)
        return shown

    def unknown(self, digests: Sequence[str]) -> str:
        """Tell the first disclosure, counted from 1, that has no place of its own: unsigned, or there twice."""
        free = {*self.used}
        for number, digest in enumerate(digests, start=1):
            if digest not in free:
                _, *name, _ = self._disclosures[digest]
                named = "".join(f" ({one[:_TOLD]!r})" for one in name)
                why = "stands there twice" if digest in self.used else "is named by nothing that is signed"
                return f"disclosure {number} of {len(digests)}{named} {why}"
            free.remove(digest)
        raise ValueError("each disclosure has a place of its own")

    def _value(self, value: Json, depth: int) -> Json:
        if depth > jsontext.MAX_DEPTH:
            raise Unreadable("sd_jwt_malformed", f"what it discloses is deeper than {jsontext.MAX_DEPTH} levels")
        if isinstance(value, dict):
            return self._members(value, depth + 1)
        return [*self._items(value, depth + 1)] if isinstance(value, list) else value

    def _members(self, value: JsonObject, depth: int) -> JsonObject:
        digests = value.get("_sd", [])
        if "..." in value or not isinstance(digests, list):
            raise Unreadable("sd_jwt_malformed", "a digest stands where there is none")
        shown = {name: self._value(member, depth) for name, member in value.items() if name != "_sd"}
        for digest in digests:
            parts = self._disclosed(digest, 3)
            if parts is not None:
                _, name, member = parts
                if name in shown:
                    raise Unreadable("sd_jwt_malformed", "a disclosure is for a member that is there already")
                shown[name] = self._value(member, depth)
        return shown

    def _items(self, value: list[Json], depth: int) -> Iterator[Json]:
        for item in value:
            if isinstance(item, dict) and item.keys() == {"..."}:
                parts = self._disclosed(item["..."], 2)
                if parts is not None:
                    yield self._value(parts[1], depth)
            else:
                yield self._value(item, depth)

    def _disclosed(self, digest: Json, size: int) -> list[Json] | None:
        """Give the disclosure of a digest, which is used by it; None when it is withheld."""
        if not isinstance(digest, str) or digest in self.seen:
            raise Unreadable("sd_jwt_malformed", "a digest is no text, or stands twice")
        self.seen.add(digest)
        parts = self._disclosures.get(digest)
        if parts is None:
            return None
        if len(parts) != size:
            raise Unreadable("sd_jwt_malformed", "a disclosure is of another kind than its place")
        self.used.add(digest)
        return parts
