"""Keys as verification methods in JSON, with which documents are secured outside of an installation.

`{"id", "controller", "type", "publicKeyJwk", "secretKeyJwk"}`: what a test or a script hands over, with the private
half if something is to be signed. P-521 is known here, and nowhere else: no issuer of an installation has such a key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from nacl import bindings

from ler_issuer.vc import multibase
from ler_issuer.vc.keys import KEY_BYTES, BadKey, PublicKey, public_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ler_issuer.types import Json, JsonObject


class _Curve(NamedTuple):
    alg: str
    curve: ec.EllipticCurve
    hashed: HashAlgorithm
    size: int


_CURVES: Final[Mapping[str, _Curve]] = MappingProxyType(
    {
        "P-256": _Curve("ES256", ec.SECP256R1(), SHA256(), 32),
        "P-384": _Curve("ES384", ec.SECP384R1(), SHA384(), 48),
        "P-521": _Curve("ES512", ec.SECP521R1(), SHA512(), 66),
    }
)


@dataclass(frozen=True, slots=True)
class MethodKey:
    """A key that a verification method describes; it signs if the private half came along. Shows nothing of that."""

    alg: str
    kid: str | None
    _public: PublicKey | ec.EllipticCurvePublicKey = field(repr=False)
    _private: bytes | ec.EllipticCurvePrivateKey | None = field(repr=False)

    @property
    def kind(self) -> str:
        """The curve of the key."""
        return next((name for name, curve in _CURVES.items() if curve.alg == self.alg), "Ed25519")

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message: of ECDSA, r and s side by side.

        Raises:
            BadKey: the private half is not here.
        """
        if isinstance(self._private, bytes):
            return bindings.crypto_sign(message, self._private)[: bindings.crypto_sign_BYTES]
        if self._private is None:
            raise BadKey("the key has no private half to sign with")
        curve = _curve_of(self.alg)
        r, s = decode_dss_signature(self._private.sign(message, ec.ECDSA(curve.hashed, deterministic_signing=True)))
        return r.to_bytes(curve.size) + s.to_bytes(curve.size)

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Say whether `signature` over `message` was made with the private half of this key."""
        if isinstance(self._public, PublicKey):
            return self._public.verify(signature, message)
        curve = _curve_of(self.alg)
        if len(signature) != 2 * curve.size:
            return False
        r, s = int.from_bytes(signature[: curve.size]), int.from_bytes(signature[curve.size :])
        try:
            self._public.verify(encode_dss_signature(r, s), message, ec.ECDSA(curve.hashed))
        except InvalidSignature:
            return False
        return True


def method_key(method: Json) -> MethodKey:
    """Read a verification method with its key, and the private half where it stands.

    Raises:
        BadKey: it is none of a kind that is known here, or its two halves are not of one key.
    """
    public = method.get("publicKeyJwk") if isinstance(method, dict) else None
    if not isinstance(method, dict) or not isinstance(public, dict):
        raise BadKey("this is no verification method with a `publicKeyJwk`")
    kid = public.get("kid")
    if not isinstance(kid, str | None):
        raise BadKey("the name of the key is no text")
    secret = method.get("secretKeyJwk")
    if secret is not None and not (isinstance(secret, dict) and _halves_agree(public, secret)):
        raise BadKey("the private half is that of another key")
    number = None if secret is None else secret.get("d", "")
    curve = _CURVES.get(str(public.get("crv")))
    return _of_edwards(public, number, kid) if curve is None else _of_curve(curve, public, number, kid)


def _halves_agree(public: JsonObject, secret: JsonObject) -> bool:
    return all(secret.get(name) == public.get(name) for name in ("kty", "crv", "x", "y"))


def _of_curve(curve: _Curve, public: JsonObject, number: Json, kid: str | None) -> MethodKey:
    name, alg = public["crv"], public.get("alg", curve.alg)
    if "d" in public:
        raise BadKey("the public half of the key gives away the private one: `d` belongs into `secretKeyJwk`")
    if public.get("kty") != "EC":
        raise BadKey(f"a key of {name} has the `kty` EC, and not {public.get('kty')!r:.80}")
    if alg != curve.alg:
        raise BadKey(f"a key of {name} is for {curve.alg}, and not for {alg!r:.80}")
    point = b"\x04" + _octets(public.get("x"), curve.size) + _octets(public.get("y"), curve.size)
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve.curve, point)
        if number is None:
            return MethodKey(curve.alg, kid, key, None)
        private = ec.derive_private_key(int.from_bytes(_octets(number, curve.size)), curve.curve)
    except ValueError:
        raise BadKey("this is not a key of its curve") from None
    if private.public_key().public_numbers() != key.public_numbers():
        raise BadKey("the private half is that of another key")
    return MethodKey(curve.alg, kid, key, private)


def _of_edwards(public: JsonObject, seed: Json, kid: str | None) -> MethodKey:
    key = PublicKey.from_jwk(public)
    if key.kind != "Ed25519":
        raise BadKey(f"keys of the kind {key.kind} are not used here")
    if seed is None:
        return MethodKey(key.alg, kid, key, None)
    secret = _octets(seed, KEY_BYTES)
    if public_of(secret) != key:
        raise BadKey("the private half is that of another key")
    return MethodKey(key.alg, kid, key, secret + key.raw)


def _curve_of(alg: str) -> _Curve:
    return next(curve for curve in _CURVES.values() if curve.alg == alg)


def _octets(text: Json, size: int) -> bytes:
    """Read a member in base64url of a given size (RFC 7518 §6.2)."""
    try:
        data = multibase.decode_u(f"u{text}" if isinstance(text, str) else None)
    except multibase.BadMultibase as error:
        raise BadKey(str(error)) from None
    if len(data) != size:
        raise BadKey("a member of the key has the wrong length")
    return data
