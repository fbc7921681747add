"""Keys in verification methods: read strictly, signing as others verify, and silent about their private half."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import import_key

from ler_issuer.vc import BadKey
from ler_issuer.vc.jose_keys import MethodKey, method_key
from methods import ALGORITHMS, key, method
from methods import jws as compact
from tokens import encoded

KINDS = [*ALGORITHMS]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("kind", KINDS)
def test_others_find_its_signatures_right_and_it_finds_theirs_right(kind):
    alg, described = ALGORITHMS[kind], method(kind)
    read = jws.deserialize_compact(compact(kind, {"a": 1}), import_key(described["publicKeyJwk"]), algorithms=[alg])
    assert read.payload == b'{"a": 1}'
    theirs = jws.serialize_compact({"alg": alg}, b"{}", import_key(described["secretKeyJwk"]), algorithms=[alg])
    signed, _, signature = theirs.rpartition(".")
    raw = jws.deserialize_compact(theirs, import_key(described["publicKeyJwk"]), algorithms=[alg])
    assert raw.payload == b"{}"
    assert key(kind).verify(_decoded(signature), signed.encode())


def _decoded(text):
    return base64.urlsafe_b64decode(f"{text}==")


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_is_of_its_message_and_its_key(kind):
    own, other = key(kind), key(kind, "stranger")
    signature = own.sign(b"message")
    assert own.verify(signature, b"message")
    assert own.sign(b"message") == signature
    assert not own.verify(signature, b"massage")
    assert not other.verify(signature, b"message")
    for odd in (b"", signature[:-1], signature + b"\0", bytes(len(signature)), b"\xff" * len(signature)):
        assert not own.verify(odd, b"message")


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_named_by_its_algorithm_and_shows_nothing(kind):
    own = key(kind)
    assert own.alg == ALGORITHMS[kind]
    assert own.kind == kind
    assert own.kid == f"{kind} of university"
    secret = method(kind)["secretKeyJwk"]["d"]
    assert secret not in repr(own)


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_private_half_it_only_verifies(kind):
    public = method_key({"publicKeyJwk": method(kind)["publicKeyJwk"]})
    assert public.verify(key(kind).sign(b"message"), b"message")
    with pytest.raises(BadKey, match="no private half"):
        public.sign(b"message")


def changed(kind, half, **members):
    described = method(kind)
    told = {name: value for name, value in (described[half] | members).items() if value is not ...}
    return described | {half: told}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("half", "members"),
    [
        ("publicKeyJwk", {"x": encoded(b"\7" * 31)}),
        ("publicKeyJwk", {"x": ...}),
        ("publicKeyJwk", {"x": 7}),
        ("publicKeyJwk", {"kty": "RSA"}),
        ("publicKeyJwk", {"crv": "secp256k1"}),
        ("publicKeyJwk", {"crv": ["P-256"]}),
        ("publicKeyJwk", {"alg": "HS256"}),
        ("publicKeyJwk", {"kid": 7}),
        ("publicKeyJwk", {"d": encoded(b"\7" * 32)}),
        ("secretKeyJwk", {"x": ...}),
        ("secretKeyJwk", {"d": ...}),
        ("secretKeyJwk", {"d": 7}),
        ("secretKeyJwk", {"d": encoded(b"")}),
        ("secretKeyJwk", {"d": method("P-256", "stranger")["secretKeyJwk"]["d"]}),
        ("secretKeyJwk", {"d": method("P-521", "stranger")["secretKeyJwk"]["d"]}),
    ],
)
def test_what_is_no_key_is_refused(kind, half, members):
    with pytest.raises(BadKey):
        method_key(changed(kind, half, **members))


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521"])
def test_a_point_lies_on_its_curve_and_a_number_below_its_order(kind):
    size = {"P-256": 32, "P-384": 48, "P-521": 66}[kind]
    for half, members in (
        ("publicKeyJwk", {"y": encoded(bytes(size))}),
        ("publicKeyJwk", {"x": encoded(b"\xff" * size)}),
        ("secretKeyJwk", {"d": encoded(bytes(size))}),
        ("secretKeyJwk", {"d": encoded(b"\xff" * size)}),
    ):
        with pytest.raises(BadKey):
            method_key(changed(kind, half, **members))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"alg": "ES384"}, "a key of P-256 is for ES256, and not for 'ES384'"),
        ({"kty": "OKP"}, "a key of P-256 has the `kty` EC, and not 'OKP'"),
        ({"d": encoded(bytes(32))}, "gives away the private one"),
    ],
)
def test_it_is_told_what_does_not_fit_a_key(members, words):
    with pytest.raises(BadKey, match=words):
        method_key({"publicKeyJwk": method("P-256")["publicKeyJwk"] | members})


@pytest.mark.parametrize("odd", [None, [], {}, "key", {"publicKeyJwk": []}, {"publicKeyJwk": {"crv": ["P-256"]}}])
def test_other_values_are_no_methods(odd):
    with pytest.raises(BadKey):
        method_key(odd)


_TEXT = st.text(max_size=8) | st.none() | st.integers() | st.lists(st.text(max_size=2), max_size=2)
_MEMBERS = st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "d", "alg", "kid", "use"]), _TEXT, max_size=5)


@given(st.sampled_from(KINDS), st.sampled_from(["publicKeyJwk", "secretKeyJwk"]), _MEMBERS)
def test_any_members_are_a_key_or_refused(kind, half, members):
    with contextlib.suppress(BadKey):
        assert isinstance(method_key(changed(kind, half, **members)), MethodKey)
