"""Public keys of every kind, as Multikeys and as JWKs."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ler_issuer.vc import multibase
from ler_issuer.vc.keys import BadKey, PublicKey, public_of

# The published pairs of vc-di-ecdsa: worthless as keys.
P256 = ("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP", "z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvHN")
P384 = (
    "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
    "z2fanyY7zgwNpZGxX5fXXibvScNaUWNprHU9dKx7qpVj7mws9J8LLt4mDB5TyH2GLHWkUc",
)
# RFC 7638 §3.1 and RFC 8037, appendices A.2 and A.3.
RFC_7638 = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o"
    "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM"
    "QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKn"
    "qDKgw",
    "e": "AQAB",
}
RFC_8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_key(bits=2048, exponent=65537):
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


@pytest.fixture(scope="module")
def strong():
    return rsa_key()


def of_rsa(private):
    numbers = private.public_key().public_numbers()
    return {"kty": "RSA", "n": b64(numbers.n.to_bytes(private.key_size // 8)), "e": b64(numbers.e.to_bytes(3))}


@pytest.mark.parametrize(("kind", "pair", "size"), [("P-256", P256, 32), ("P-384", P384, 48)])
def test_a_published_pair_is_read_and_written(kind, pair, size):
    public, private = pair
    key = PublicKey.from_multibase(public)
    assert (key.kind, key.multibase) == (kind, public)
    assert key == PublicKey.from_multicodec(key.multicodec)
    assert public_of(multibase.decode_z(private, length=size + 2)[2:], kind) == key
    assert PublicKey.from_jwk(key.jwk()) == key
    assert len({key, PublicKey.from_jwk(key.jwk())}) == 1


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (bytes(31), "P-256"),
        (bytes(32), "P-256"),
        (b"\xff" * 32, "P-256"),
        (b"\x01" * 32, "P-384"),
        (b"\xff" * 48, "P-384"),
        (b"\x01" * 32, "RSA"),
        (b"\x01" * 32, "P-521"),
    ],
)
def test_what_is_no_seed(seed, kind):
    with pytest.raises(BadKey):
        public_of(seed, kind)


def test_thumbprints_are_those_of_the_specifications():
    assert PublicKey.from_jwk(RFC_7638).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert PublicKey.from_jwk(RFC_8037).thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    ("made", "alg"),
    [
        (lambda: OKPKey.generate_key("Ed25519"), "EdDSA"),
        (lambda: ECKey.generate_key("P-256"), "ES256"),
        (lambda: ECKey.generate_key("P-384"), "ES384"),
        (lambda: RSAKey.generate_key(2048), "RS256"),
    ],
)
def test_reads_and_names_keys_as_joserfc_does(made, alg):
    theirs = made()
    members = theirs.as_dict(private=False)
    key = PublicKey.from_jwk(members)
    assert key.alg == alg
    assert key.jwk().items() <= members.items()
    assert key.thumbprint == theirs.thumbprint()
    assert PublicKey.from_multibase(key.multibase) == key
    with pytest.raises(BadKey, match="private"):
        PublicKey.from_jwk(theirs.as_dict(private=True))


def raw_signature(private, message, hashed, size):
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature  # noqa: PLC0415 - only here

    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashed)))
    return r, s, r.to_bytes(size) + s.to_bytes(size)


@pytest.mark.parametrize(
    ("curve", "hashed", "other", "size"),
    [(ec.SECP256R1(), SHA256(), SHA384(), 32), (ec.SECP384R1(), SHA384(), SHA256(), 48)],
)
def test_an_ecdsa_signature_is_r_and_s_over_the_hash_of_the_curve(curve, hashed, other, size):
    private = ec.generate_private_key(curve)
    raw = private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    key = PublicKey("P-256" if size == 32 else "P-384", raw)
    r, s, signature = raw_signature(private, b"message", hashed, size)
    assert key.verify(signature, b"message")
    for wrong in (
        signature[:-1],
        signature + b"\0",
        b"",
        bytes(2 * size),
        bytes(size) + s.to_bytes(size),
        r.to_bytes(size) + bytes(size),
        b"\xff" * 2 * size,
        private.sign(b"message", ec.ECDSA(hashed)),  # DER
        raw_signature(private, b"message", other, size)[2],
    ):
        assert not key.verify(wrong, b"message")
    assert not key.verify(signature, b"other")


def test_an_rsa_signature_is_pkcs_1_with_sha_256(strong):
    key = PublicKey.from_jwk(of_rsa(strong))
    assert (key.kind, key.alg) == ("RSA", "RS256")
    assert PublicKey.from_multibase(key.multibase) == key
    signature = strong.sign(b"message", padding.PKCS1v15(), SHA256())
    assert key.verify(signature, b"message")
    assert not key.verify(signature, b"other")
    assert not key.verify(strong.sign(b"message", padding.PKCS1v15(), SHA384()), b"message")
    assert not key.verify(strong.sign(b"message", padding.PSS(padding.MGF1(SHA256()), 32), SHA256()), b"message")
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(256), b"\xff" * 256, bytes(10_000)):
        assert not key.verify(wrong, b"message")


@pytest.mark.parametrize("bits", [1024, 2040, 4104])
def test_rsa_keys_that_are_weak_or_costly_are_refused(bits):
    with pytest.raises(BadKey):
        PublicKey.from_jwk(of_rsa(rsa_key(bits)))


def test_rsa_with_a_small_exponent_is_refused():
    with pytest.raises(BadKey):
        PublicKey.from_jwk(of_rsa(rsa_key(exponent=3)))


def test_rsa_has_one_writing(strong):
    key = PublicKey.from_jwk(of_rsa(strong))
    other = strong.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    for raw in (
        b"",
        key.raw[:-1],
        key.raw + b"\0",
        other,
        elliptic.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        with pytest.raises(BadKey):
            PublicKey("RSA", raw)
    even = {**of_rsa(strong), "n": b64((strong.public_key().public_numbers().n - 1).to_bytes(256))}
    with pytest.raises(BadKey):
        PublicKey.from_jwk(even)


def point(curve="P-256", **changes):
    return {**PublicKey.from_multibase(P256[0] if curve == "P-256" else P384[0]).jwk(), **changes}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "key",
        [],
        {},
        {"kty": "oct", "k": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": RFC_8037["x"]},
        {"kty": "OKP", "crv": "Ed448", "x": RFC_8037["x"]},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"},
        {"kty": ["EC"], "crv": {}},
        point(crv="P-384"),
        point(kty="OKP"),
        point(y=point()["x"]),  # off the curve
        point(y=None),
        point(x=b64(bytes(32)), y=b64(bytes(32))),
        point(x="AA"),
        point(x=point()["x"] + "="),
        point(x="A" * 100_000),
        point(d="AA"),
        point(k="AA"),
        point(use="enc"),
        point(use=["sig"]),
        point(key_ops=["sign"]),
        point(key_ops="verify"),
        point(alg="ES384"),
        point(alg="ECDH-ES"),
        point(alg="none"),
        point(alg=None),
        point(alg=["ES256"]),
        {**RFC_8037, "x": b64(bytes(32))},  # a point of small order
        {**RFC_8037, "x": RFC_8037["x"][:-1] + "p"},  # stray bits
        {**RFC_8037, "alg": "ES256"},
        {**RFC_7638, "e": "AA"},
        {**RFC_7638, "e": "AAEAAQ"},  # a leading zero
        {**RFC_7638, "e": ""},
        {**RFC_7638, "n": "AQAB"},
        {**RFC_7638, "n": "A" + RFC_7638["n"]},
        {**RFC_7638, "n": "_" * 1_000_000},
        {**RFC_7638, "alg": "PS256"},
        {**RFC_7638, "alg": "HS256"},
        {**RFC_7638, "dp": "AQAB"},
        {**RFC_7638, "oth": []},
    ],
)
def test_what_is_no_public_jwk_for_signatures(value):
    with pytest.raises(BadKey):
        PublicKey.from_jwk(value)


def test_members_that_do_not_make_the_key_are_left_out():
    said = point(kid="1", use="sig", alg="ES256", key_ops=["verify"], x5u="https://a.example/", iss="did:example:a")
    assert PublicKey.from_jwk(said).jwk() == point()
    assert PublicKey.from_jwk({**RFC_8037, "alg": "Ed25519"}) == PublicKey.from_jwk({**RFC_8037, "alg": "EdDSA"})
    canonical = json.dumps(point(), sort_keys=True, separators=(",", ":")).encode()
    assert PublicKey.from_jwk(said).thumbprint == b64(hashlib.sha256(canonical).digest())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x02" + bytes(31),
        b"\x02" + b"\xff" * 32,
        b"\x04" + bytes(64),
        b"\x05" + bytes(32),
        b"\x00",
        PublicKey.from_multibase(P384[0]).raw,
    ],
)
def test_what_is_no_compressed_point(raw):
    with pytest.raises(BadKey):
        PublicKey("P-256", raw)


def test_kinds_that_are_not_known():
    with pytest.raises(BadKey):
        PublicKey("secp256k1", PublicKey.from_multibase(P256[0]).raw)
    for data in (b"", b"\x80", b"\x80\x24", b"\xe7\x01" + b"\x02" * 33, b"\x82\x24" + b"\x02" * 67):
        with pytest.raises(BadKey):
            PublicKey.from_multicodec(data)
