from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading

import nacl.pwhash.argon2id as argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ler_issuer.net.keystores import HIGHEST, INTERACTIVE, Cost, KeyLocked, KeyStore
from ler_issuer.net.private_keys import generate, opened
from ler_issuer.vc import KeyKind

CHEAP = Cost(1, argon2.MEMLIMIT_MIN)
SECRET = b"correct horse battery staple"
METHOD = "did:web:a.example#key-1"


def store(passphrase: bytes | SecretStr = SECRET, cost: Cost = CHEAP) -> KeyStore:
    return KeyStore(passphrase, os.urandom, cost=cost)


def salt(sealed: bytes) -> bytes:
    return sealed[13:29]


def test_a_new_key_signs_what_its_public_half_verifies():
    keys = store()
    made = keys.create("key-1")
    signer = keys.signer(made.sealed, "key-1", METHOD)
    assert (signer.public, signer.verification_method) == (made.public, METHOD)
    assert made.public.verify(signer.sign(b"message"), b"message")
    assert not made.public.verify(signer.sign(b"message"), b"massage")


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA"])
def test_keys_of_other_kinds(kind: KeyKind):
    keys = store()
    made = keys.create("key-1", kind)
    assert made.public.kind == kind
    assert (made.sealed[:5], salt(made.sealed)) == (b"LERK\x02", salt(keys.create("key-2").sealed))
    signer = store().signer(made.sealed, "key-1", METHOD)
    assert signer.public == made.public
    assert made.public.verify(signer.sign(b"message"), b"message")
    assert not made.public.verify(signer.sign(b"message"), b"massage")
    assert signer.sign(b"message") == signer.sign(b"message")
    for wrong, kid in ((b"another", "key-1"), (SECRET, "key-2")):
        with pytest.raises(KeyLocked):
            store(wrong).signer(made.sealed, kid, METHOD)
    secret = signer._key.secret
    assert secret not in made.sealed
    assert secret.hex() not in repr(signer) + str(signer)
    assert repr(secret) not in repr(signer)


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_kind_of_key_cannot_be_taken_for_another(kind: KeyKind):
    made = store().create("key-1", kind)
    marked = {"Ed25519": b"", "P-256": b"\x01", "P-384": b"\x02"}[kind]
    body = made.sealed[29 + len(marked) :]
    for form, mark in ((1, b""), (2, b""), (2, b"\x01"), (2, b"\x02"), (2, b"\x03"), (2, b"\x04"), (3, b"\x01")):
        record = made.sealed[:4] + bytes([form]) + made.sealed[5:29] + mark + body
        if record != made.sealed:
            with pytest.raises(KeyLocked):
                store().signer(record, "key-1", METHOD)


@pytest.mark.parametrize(("kind", "size"), [("P-256", 32), ("P-384", 48)])
def test_a_number_that_is_none_of_the_curve_is_drawn_again(kind: KeyKind, size: int):
    drawn = iter([b"\x00" * size, b"\xff" * size, b"\x07" * size])
    assert generate(kind, lambda _: next(drawn)).secret == b"\x07" * size


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "RSA"])
def test_a_key_opens_from_its_secret_only(kind: KeyKind):
    key = generate(kind, os.urandom)
    again = opened(kind, key.secret)
    assert again.public == key.public
    assert again.sign(b"m") == key.sign(b"m")
    for other in (b"", b"\x00" * 32, key.secret[:-1], key.secret + b"\x00"):
        if kind != "Ed25519" or len(other) != 32:
            with pytest.raises(ValueError):  # noqa: PT011 - what it says differs from library to library
                opened(kind, other)


def test_a_key_opens_in_the_next_process_with_the_same_passphrase():
    made = store().create("key-1")
    signer = store(SecretStr(SECRET.decode())).signer(made.sealed, "key-1", METHOD)
    assert made.public.verify(signer.sign(b"message"), b"message")


def test_no_two_keys_are_alike():
    keys = store()
    first, second = keys.create("key-1"), keys.create("key-1")
    assert first.public != second.public
    assert first.sealed != second.sealed


@pytest.mark.parametrize("passphrase", [b"correct horse battery stapl", b"Correct horse battery staple", b"x"])
def test_another_passphrase_opens_nothing(passphrase: bytes):
    made = store().create("key-1")
    with pytest.raises(KeyLocked, match="key-1") as caught:
        store(passphrase).signer(made.sealed, "key-1", METHOD)
    assert caught.value.kid == "key-1"


def test_a_record_opens_under_its_own_id_only():
    keys = store()
    made = keys.create("key-1")
    keys.signer(made.sealed, "key-1", METHOD)
    with pytest.raises(KeyLocked, match="key-2"):
        keys.signer(made.sealed, "key-2", METHOD)


@given(st.data())
def test_a_record_with_any_bit_changed_does_not_open(data: st.DataObject):
    made = store().create("key-1")
    harmless_cost = set(range(5, 13))  # a changed cost is refused below; here it would only make the test slow
    place = data.draw(st.sampled_from(sorted(set(range(len(made.sealed))) - harmless_cost)))
    changed = bytearray(made.sealed)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(KeyLocked):
        store().signer(bytes(changed), "key-1", METHOD)


@given(st.binary(max_size=120))
def test_any_other_bytes_are_locked(record: bytes):
    with pytest.raises(KeyLocked):
        store().signer(record, "key-1", METHOD)


@pytest.mark.parametrize(
    ("passes", "memory"), [(0, 8192), (HIGHEST.passes + 1, 8192), (1, HIGHEST.memory + 1), (1, 2**32 - 1), (1, 0)]
)
def test_a_record_cannot_ask_for_an_unreasonable_cost(passes: int, memory: int):
    sealed = bytearray(store().create("key-1").sealed)
    sealed[5:13] = struct.pack(">II", passes, memory)
    with pytest.raises(KeyLocked, match="unreasonable cost"):
        store().signer(bytes(sealed), "key-1", METHOD)


def test_a_dearer_cost_for_new_keys_leaves_the_old_ones_open():
    old = store().create("key-1")
    dearer = store(cost=Cost(2, 2 * argon2.MEMLIMIT_MIN))
    assert dearer.signer(old.sealed, "key-1", METHOD).public == old.public
    new = dearer.create("key-2")
    assert salt(new.sealed) != salt(old.sealed)
    assert store().signer(new.sealed, "key-2", METHOD).public == new.public


def test_new_keys_share_the_salt_of_the_first_record_that_opened():
    old = store().create("key-1")
    keys = store()
    keys.signer(old.sealed, "key-1", METHOD)
    assert salt(keys.create("key-2").sealed) == salt(keys.create("key-3").sealed) == salt(old.sealed)


def test_a_record_that_does_not_open_gives_no_salt():
    foreign = store(b"another").create("key-1")
    keys = store()
    with pytest.raises(KeyLocked):
        keys.signer(foreign.sealed, "key-1", METHOD)
    assert salt(keys.create("key-2").sealed) != salt(foreign.sealed)


def test_randomness_is_the_one_that_was_given():
    given_bytes = [bytes([n]) * size for n, size in ((1, 32), (2, 16), (3, 24))]
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return given_bytes[len(asked) - 1]

    sealed = KeyStore(SECRET, random, cost=CHEAP).create("key-1").sealed
    assert asked == [32, 16, 24]
    assert sealed[:53] == b"LERK\x01" + struct.pack(">II", 1, CHEAP.memory) + b"\x02" * 16 + b"\x03" * 24


def test_the_seed_is_not_in_the_record():
    seed = bytes(range(32))
    sealed = KeyStore(SECRET, lambda size: seed[:size], cost=CHEAP).create("key-1").sealed
    assert seed[24:] not in sealed


def test_keys_are_made_with_the_interactive_cost_unless_told():
    assert (INTERACTIVE.passes, INTERACTIVE.memory) == (2, 64 * 1024 * 1024)
    sealed = KeyStore(SECRET, os.urandom).create("key-1").sealed
    assert struct.unpack(">II", sealed[5:13]) == (2, 64 * 1024 * 1024)


def test_a_mac_belongs_to_passphrase_purpose_and_message():
    keys = store()
    mac = keys.mac("link", b"message")
    assert len(mac) == 32
    assert mac == keys.mac("link", b"message")
    others = [keys.mac("link", b"massage"), keys.mac("offer", b"message"), store(b"another").mac("link", b"message")]
    assert len({mac, *others}) == 4


def test_a_mac_is_the_same_in_another_process():
    program = (
        "import os; from ler_issuer.net.keystores import KeyStore;"
        f"print(KeyStore({SECRET!r}, os.urandom).mac('link', b'message').hex())"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == store(cost=Cost(3, 16_384)).mac("link", b"message").hex()
    assert ran.stdout.strip() == "2860c83bc32fd0e462561814251c9e9252e3fb66a41b103184fa3b153e43e54f"


def test_many_threads_may_ask_at_once():
    keys = store()
    made = keys.create("key-1")
    fresh = store()
    signed: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: signed.append(fresh.signer(made.sealed, "key-1", METHOD).sign(b"m")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signed) == 8
    assert len(set(signed)) == 1
    assert made.public.verify(signed[0], b"m")


def test_nothing_secret_is_printed():
    keys = store()
    made = keys.create("key-1")
    signer = keys.signer(made.sealed, "key-1", METHOD)
    seed = signer._key.secret
    shown = repr(keys) + str(keys) + repr(signer) + str(signer)
    assert SECRET.decode() not in shown
    assert repr(seed) not in shown
    assert seed.hex() not in shown
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(keys)


def test_an_empty_passphrase_is_none():
    for nothing in (b"", SecretStr("")):
        with pytest.raises(ValueError, match="empty passphrase"):
            store(nothing)
