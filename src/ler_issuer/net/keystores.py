"""Custody of signing keys: made here, sealed here, opened here; the rows that hold them are the store's.

A sealed key is one byte string, in this form (integers big-endian)::

    "LERK"  4 bytes    what this is
    form    1 byte     1: an Ed25519 key · 2: a key of another kind
    ops     4 bytes    Argon2id: passes over the memory
    mem     4 bytes    Argon2id: bytes of memory
    salt   16 bytes    Argon2id: salt
    kind    1 byte     of form 2 only: which kind of key
    nonce  24 bytes    XChaCha20-Poly1305: nonce
    box                XChaCha20-Poly1305: the secret and its 16-byte tag

The secret is the seed (Ed25519, 32 bytes), the private number (P-256, P-384: 32 or 48 bytes) or PKCS #8 in DER (RSA).
The passphrase and the Argon2id line give the key of the box. Everything before the nonce, followed by the key's id in
UTF-8, is authenticated with it: a row copied onto another key id does not open. The cost travels with each record, so
it can be raised for new keys while old ones go on opening.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock

import nacl.exceptions
import nacl.pwhash.argon2id as argon2
from nacl.secret import Aead
from pydantic import SecretStr
from typing_extensions import override

from ler_issuer.net.private_keys import KINDS, MARKS, PrivateKey, Random, generate, opened
from ler_issuer.vc import KeyKind, PublicKey, Signer

_MAGIC = b"LERK"
_HEADER = struct.Struct(">4sBII16s")
_NONCE_BYTES = Aead.NONCE_SIZE
_OVERHEAD = _NONCE_BYTES + Aead.MACBYTES
_MOST_SECRET_BYTES = 4096


class KeyLocked(Exception):
    """A key does not open: another passphrase sealed it, or its record was damaged or belongs to another key id."""

    def __init__(self, kid: str, why: str) -> None:
        """Name the key by its id, never by its content."""
        super().__init__(f"key {kid} does not open: {why}")
        self.kid = kid


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at the passphrase costs: Argon2id passes over so many bytes of memory."""

    passes: int
    memory: int


INTERACTIVE = Cost(argon2.OPSLIMIT_INTERACTIVE, argon2.MEMLIMIT_INTERACTIVE)
"""Two passes over 64 MiB: about a tenth of a second, once per process."""

HIGHEST = Cost(16, 1024 * 1024 * 1024)
"""The most that opening a record may cost, so that a tampered row cannot exhaust the machine."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A new key: the half for everybody, and the record that only the passphrase opens."""

    public: PublicKey
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _OpenKey:
    """A key in memory, ready to sign in the name of one verification method."""

    verification_method: str
    _key: PrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._key.public

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message, as the kind of key makes it."""
        return self._key.sign(message)


class KeyStore:
    """Makes, seals and opens the keys of one installation; keeps what it opened in memory, shows none of it.

    A process pays the passphrase's cost once per salt. New keys therefore share a salt: that of the first record which
    this store opened, or else one made at the first `create`. Sharing is sound, since each record has its own nonce.
    Safe to use from many threads.
    """

    def __init__(self, passphrase: SecretStr | bytes, random: Random, *, cost: Cost = INTERACTIVE) -> None:
        """Hold a passphrase; `random` makes seeds, salts and nonces; `cost` is what new keys will ask of a guesser.

        Raises:
            ValueError: the passphrase is empty.
        """
        secret = passphrase.get_secret_value().encode() if isinstance(passphrase, SecretStr) else passphrase
        if not secret:
            raise ValueError("an empty passphrase seals nothing")
        self._passphrase = secret
        self._random = random
        self._cost = cost
        self._salt: bytes | None = None
        self._derived: dict[tuple[bytes, Cost], bytes] = {}
        self._opened: dict[tuple[str, bytes], PrivateKey] = {}
        self._lock = Lock()

    def create(self, kid: str, kind: KeyKind = "Ed25519") -> SealedKey:
        """Make a new key and seal it under its id. An RSA key has 2048 bits, which the operating system draws."""
        made = generate(kind, self._random)
        with self._lock:
            salt = self._salt = self._salt or self._random(argon2.SALTBYTES)
            key = self._derive(salt, self._cost)
        mark = MARKS[kind]
        header = _HEADER.pack(_MAGIC, 2 if mark else 1, self._cost.passes, self._cost.memory, salt) + mark
        nonce = self._random(_NONCE_BYTES)
        box = Aead(key).encrypt(made.secret, header + kid.encode(), nonce).ciphertext
        return SealedKey(made.public, header + nonce + box)

    def signer(self, sealed: bytes, kid: str, verification_method: str) -> Signer:
        """Open a sealed key for signing in the name of a verification method.

        Raises:
            KeyLocked: another passphrase sealed it, or the record was damaged or belongs to another key id.
        """
        with self._lock:
            key = self._opened.get((kid, sealed))
            if key is None:
                key = self._opened[kid, sealed] = self._unseal(sealed, kid)
        return _OpenKey(verification_method, key)

    def mac(self, purpose: str, message: bytes) -> bytes:
        """Give the HMAC-SHA256 of a message under a key that the passphrase alone decides, one per purpose.

        The same in every process and after every restart with the same passphrase: the salt is a digest of the purpose
        and the cost is fixed. Changing either would void every token that was ever made this way.
        """
        salt = blake2b(purpose.encode(), digest_size=argon2.SALTBYTES, person=b"ler-issuer mac").digest()
        with self._lock:
            key = self._derive(salt, INTERACTIVE)
        return hmac.digest(key, message, "sha256")

    @override
    def __repr__(self) -> str:
        return "KeyStore(…)"

    def _unseal(self, sealed: bytes, kid: str) -> PrivateKey:
        size = len(sealed) - _HEADER.size - _OVERHEAD
        if not 0 < size <= _MOST_SECRET_BYTES:
            raise KeyLocked(kid, "its record has the wrong length")
        magic, form, passes, memory, salt = _HEADER.unpack(sealed[: _HEADER.size])
        marked = _HEADER.size + (form == 2)  # noqa: PLR2004 - the form that names its kind
        header, rest = sealed[:marked], sealed[marked:]
        kind = KINDS.get(header[_HEADER.size :])
        if magic != _MAGIC or kind is None or form not in {1, 2}:
            raise KeyLocked(kid, "its record is of an unknown form")
        if not (0 < passes <= HIGHEST.passes and argon2.MEMLIMIT_MIN <= memory <= HIGHEST.memory):
            raise KeyLocked(kid, "its record asks for an unreasonable cost")
        cost = Cost(passes, memory)
        try:
            box = Aead(self._derive(salt, cost))
            secret = box.decrypt(rest[_NONCE_BYTES:], header + kid.encode(), rest[:_NONCE_BYTES])
            key = opened(kind, secret)
        except (nacl.exceptions.CryptoError, ValueError):
            why = "the passphrase is not the one that sealed it, or the record was altered or is another key's"
            raise KeyLocked(kid, why) from None
        if self._salt is None and cost == self._cost:
            self._salt = salt
        return key

    def _derive(self, salt: bytes, cost: Cost) -> bytes:
        """Stretch the passphrase into a 32-byte key, once per salt and cost; the caller holds the lock."""
        known = self._derived.get((salt, cost))
        if known is None:
            known = argon2.kdf(Aead.KEY_SIZE, self._passphrase, salt, cost.passes, cost.memory)
            self._derived[salt, cost] = known
        return known
