"""The floor: one Ed25519 signature of 64 bytes and one SHA-256 of the canonical form, beneath which nobody gets."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair

from benchmarks import task
from benchmarks.measuring import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator


def subjects(canonical: str) -> Iterator[Subject]:
    """Give the rows; `canonical` is the canonical form of the task's document."""
    public, secret = crypto_sign_seed_keypair(task.SEED)
    form, message = canonical.encode(), bytes(64)
    signed = crypto_sign(message, secret)

    def sign() -> None:
        hashlib.sha256(form).digest()
        crypto_sign(message, secret)

    def verify() -> None:
        hashlib.sha256(form).digest()
        crypto_sign_open(signed, public)

    yield Subject.calling("floor: sign", sign)
    yield Subject.calling("floor: verify", verify)
