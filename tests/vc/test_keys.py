from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from ler_issuer.vc import multibase
from ler_issuer.vc.keys import BadKey, PublicKey, public_of

VECTORS = Path(__file__).parents[1] / "vectors" / "vc_di_eddsa"
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point of Ed25519."""


# RFC 8032 §7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_the_public_half_and_its_signatures_are_those_of_rfc_8032():
    assert public_of(SEED) == PublicKey("Ed25519", PUBLIC)
    assert public_of(SEED).verify(SIGNATURE, b"\x72")
    assert not public_of(SEED).verify(SIGNATURE, b"\x73")
    assert not public_of(bytes(32)).verify(SIGNATURE, b"\x72")


def test_a_multikey_is_read_and_written():
    pair = json.loads((VECTORS / "key-pair.json").read_text())
    key = PublicKey.from_multibase(pair["publicKeyMultibase"])
    assert key.multibase == pair["publicKeyMultibase"]
    seed = multibase.decode_z(pair["privateKeyMultibase"], length=34)[2:]
    assert public_of(seed) == key


def test_a_signature_that_was_stretched_or_shifted_does_not_hold():
    key = public_of(SEED)
    head, scalar = SIGNATURE[:32], int.from_bytes(SIGNATURE[32:], "little")
    assert not key.verify(head + (scalar + ORDER).to_bytes(32, "little"), b"\x72")
    assert not key.verify(SIGNATURE + b"\x00", b"\x72")
    assert not key.verify(SIGNATURE[:-1], b"\x72")
    assert not key.verify(b"", b"\x72")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        PUBLIC[:-1],
        PUBLIC + b"\x00",
        bytes(32),  # order 4
        b"\x01" + bytes(31),  # the neutral point
        bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),  # order 2
        bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),  # 1, written a second way
        b"\x02" + bytes(31),  # no point
    ],
)
def test_points_that_no_honest_key_has_are_refused(raw):
    with pytest.raises(BadKey):
        PublicKey("Ed25519", raw)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        ["z6Mk"],
        "",
        "z",
        "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "u7QE9QBfD6EOJWpK3CqdNG368nJgszy7Elozp0NVfEqr0ZgyM",
        "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",  # X25519, which does not sign
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ",
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2 ",
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2\n",
        "z6Mkr0VnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z" + "2" * 1_000_000,
        "zé",
    ],
)
def test_other_values_are_no_key(text):
    with pytest.raises(BadKey):
        PublicKey.from_multibase(text)


def test_a_seed_has_32_bytes():
    with pytest.raises(BadKey):
        public_of(bytes(31))


def test_agrees_with_the_signing_library():
    assert public_of(SEED).raw == bytes(SigningKey(SEED).verify_key)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x00\x01", bytes(range(256))])
def test_multibase_reads_what_it_wrote(data):
    assert multibase.decode_z(multibase.z(data), length=len(data)) == data
    assert multibase.decode_u(multibase.u(data)) == data


@pytest.mark.parametrize("text", [None, "", "zAA", "uA", "uAB", "uAA==", "uA A", "uAA\n", "u+/", "ué"])
def test_base64url_has_one_spelling(text):
    with pytest.raises(multibase.BadMultibase):
        multibase.decode_u(text)


def test_base58_of_another_length_is_refused():
    with pytest.raises(multibase.BadMultibase):
        multibase.decode_z(multibase.z(b"abc"), length=4)


def test_a_digest_is_written_as_a_multihash_and_read_again():
    digest = hashlib.sha256(b"a credential").hexdigest()
    assert multibase.write_digest(digest).startswith("zQm")
    assert multibase.read_digest(multibase.write_digest(digest)) == digest


@pytest.mark.parametrize("digest", ["", "ab", "00" * 33, "zz" * 32])
def test_only_a_sha_256_is_written_as_a_digest(digest):
    with pytest.raises(ValueError):  # noqa: PT011 - of whichever kind
        multibase.write_digest(digest)


@pytest.mark.parametrize("text", [None, "", "zQm", "uEiA", "z" + "1" * 46, multibase.z(b"\x12\x20" + bytes(31))])
def test_only_the_multihash_of_a_sha_256_is_read_as_a_digest(text):
    with pytest.raises(multibase.BadMultibase):
        multibase.read_digest(text)
