"""The same credential secured in the other ways that are spoken here: ECDSA, selective disclosure, and envelopes.

The issuer is another, with keys of three kinds. What a holder derives of the credential is what every badge has to
show, and its name and results besides. The credential has no list of allowed values here: the others cannot take a
document apart in which order counts.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from benchmarks import task
from benchmarks.measuring import Subject
from ler_issuer import badges, jsontext, vc
from ler_issuer.net.private_keys import PrivateKey, opened
from ler_issuer.vc import multibase
from ler_issuer.vc.cose import COSE_ALGORITHMS, sign1
from ler_issuer.vc.disclosing import prepare_base, seal_base
from ler_issuer.vc.sdjwt import conceal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.ourselves import Workshop
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc import KeyKind

ISSUER: Final = "did:web:p256.example.edu"
SHOWN: Final = ("/name", "/credentialSubject/result")
"""What a holder shows beside what every badge has to."""

WITHHELD: Final = ("name", "credentialSubject.result", "evidence")
"""What the holder of an SD-JWT could withhold."""

OTHER_SUITES: Final[tuple[tuple[str, KeyKind], ...]] = (
    ("ecdsa-jcs-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("Ed25519Signature2020", "Ed25519"),
)

SECRET_PREFIX: Final = b"\x86\x26"


@dataclass(frozen=True)
class Pair:
    """A key on P-256, open and at hand."""

    verification_method: str
    key: PrivateKey

    @property
    def public(self) -> vc.PublicKey:
        """The public half."""
        return self.key.public

    def sign(self, message: bytes) -> bytes:
        """Give the raw signature of a message."""
        return self.key.sign(message)


SEEDS: Final[dict[KeyKind, bytes]] = {"Ed25519": task.SEED, "P-256": task.SEED, "P-384": task.SEED + task.SEED[:16]}


@cache
def pair(kind: KeyKind = "P-256") -> Pair:
    """Give the key of a kind that everybody signs with here."""
    key = opened(kind, SEEDS[kind])
    return Pair(f"{ISSUER}#{key.public.multibase}", key)


@cache
def document() -> JsonObject:
    """Give the credential that everybody signs here."""
    told = copy.deepcopy(task.document())
    told["issuer"]["id"] = ISSUER
    for described in told["credentialSubject"]["achievement"]["resultDescription"]:
        described.pop("allowedValue", None)
    return told


@cache
def controller() -> JsonObject:
    """Give the DID document of the issuer."""
    pairs = [pair("P-256"), pair("P-384"), pair("Ed25519")]
    return vc.controller_document(ISSUER, [vc.Method(one.verification_method, ISSUER, one.public) for one in pairs])


@cache
def mandatory() -> tuple[str, ...]:
    """Name what is shown in everything that is derived."""
    return badges.mandatory_for(document(), [])


def secret_multibase() -> str:
    """Give the private half as a Multikey, as the stacks in Node take it."""
    return multibase.z(SECRET_PREFIX + task.SEED)


class Securing:
    """Does everything once, and then as often as it is asked to."""

    def __init__(self, workshop: Workshop) -> None:
        """Take over the closed world."""
        self._contexts = workshop.contexts
        self._keys = {ISSUER: vc.Found(controller())}
        self._once, self._drawn = opened("P-256", bytes(range(1, 33))), itertools.count()

    def _random(self, size: int) -> bytes:
        """Draw what only has to be another every time: nobody guesses here."""
        return hashlib.sha512(str(next(self._drawn)).encode()).digest()[:size]

    def sign(self, cryptosuite: str = "ecdsa-rdfc-2019", kind: KeyKind = "P-256") -> JsonObject:
        """Sign by a cryptosuite with a key of a kind."""
        prepared = vc.prepare(
            document(),
            cryptosuite=cryptosuite,
            kind=kind,
            verification_method=pair(kind).verification_method,
            created=task.CREATED,
            contexts=self._contexts,
        )
        return vc.seal(prepared, pair(kind))

    def base(self) -> JsonObject:
        """Sign every statement by itself, for the holder to choose from."""
        prepared = prepare_base(
            document(),
            mandatory=mandatory(),
            verification_method=pair().verification_method,
            created=task.CREATED,
            contexts=self._contexts,
            once=self._once,
            secret=self._random(32),
        )
        return seal_base(prepared, pair())

    def derive(self, base: JsonObject) -> JsonObject:
        """Choose, as the holder."""
        return vc.derive(base, SHOWN, self._contexts)

    def verify(self, signed: JsonObject) -> None:
        """Check everything about the proofs of a document."""
        self._require(vc.check_proofs(signed, self._keys, self._contexts, task.NOW))

    def token(self) -> str:
        """Make a JWT of it."""
        prepared = vc.prepare_token(
            document(), form="vc+jwt", alg="ES256", kid=pair().verification_method, contexts=self._contexts
        )
        return vc.seal_envelope(prepared, pair())

    def sd_token(self) -> str:
        """Make an SD-JWT of it; that it can be signed is checked as for a JWT."""
        vc.prepare_token(
            document(), form="vc+jwt", alg="ES256", kid=pair().verification_method, contexts=self._contexts
        )
        payload, disclosures = conceal(document(), WITHHELD, self._random)
        header = {"alg": "ES256", "kid": pair().verification_method, "typ": "vc+sd-jwt"}
        signed = ".".join(multibase.u(jsontext.canonical(part))[1:] for part in (header, payload))
        return "~".join((f"{signed}.{multibase.u(pair().sign(signed.encode()))[1:]}", *disclosures, ""))

    def message(self) -> str:
        """Make a COSE_Sign1 of it, checked likewise."""
        kid = pair().verification_method
        vc.prepare_token(document(), form="vc+jwt", alg="ES256", kid=kid, contexts=self._contexts)
        sealed = sign1(
            jsontext.canonical(document()),
            alg=COSE_ALGORITHMS["ES256"],
            kid=kid.encode(),
            typ="application/vc+cose",
            content="application/vc",
            sign=pair().sign,
        )
        return base64.b64encode(sealed).decode()

    def open(self, held: JsonObject) -> None:
        """Open an envelope and check it, and what it holds as JSON-LD."""
        one = vc.opened(held)
        if not isinstance(one, vc.Envelope):
            raise AssertionError("we do not read what we wrote")  # noqa: TRY004 - a fault of ours, not of a type
        payload = vc.check_payload(one.document, self._contexts)
        self._require((*payload, *vc.check_envelope(one, self._keys, task.NOW)))

    @staticmethod
    def _require(findings: tuple[vc.Finding, ...]) -> None:
        if not vc.authentic(findings):
            raise AssertionError("we do not verify what we signed")

    def subjects(self) -> Iterator[Subject]:
        """Give the rows."""
        base = self.base()
        view = self.derive(base)
        yield from self._pair("ecdsa-rdfc-2019", self.sign, self.verify, self.sign())
        yield from self._pair("ecdsa-sd-2023", self.base, self.verify, view)
        yield Subject.calling("ours: ecdsa-sd-2023, derive", partial(self.derive, base))
        for suite, kind in OTHER_SUITES:
            sign = partial(self.sign, suite, kind)
            yield from self._pair(f"{suite}, {kind}", sign, self.verify, sign())
        for name, make, held in (
            ("vc+jwt", self.token, "vc+jwt"),
            ("SD-JWT", self.sd_token, "vc+sd-jwt"),
            ("COSE", self.message, "vc+cose"),
        ):
            yield from self._pair(name, make, self.open, vc.enveloped(make(), kind=held))

    @staticmethod
    def _pair(
        name: str, sign: Callable[[], object], verify: Callable[[JsonObject], None], signed: Json
    ) -> Iterator[Subject]:
        yield Subject.calling(f"ours: {name}, sign", sign)
        yield Subject.calling(f"ours: {name}, verify", partial(verify, signed))


def subjects(workshop: Workshop) -> Iterator[Subject]:
    """Give the rows."""
    yield from Securing(workshop).subjects()
