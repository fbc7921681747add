"""Derived proofs of ecdsa-sd-2023: the published one, a peer's, and what a hostile holder might send."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from pathlib import Path

import cbor2
import pytest
from openvc.keys import P256SigningKey
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite

from ler_issuer import vc
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import PublicKey, multibase
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.suites.disclosure_values import MAX_SIGNATURES
from samples import OB, SITE, VC
from signing import NOW, P256, P384, Key, based

CONTEXTS = vc.Contexts(load_closed_world().contexts, inline=True)
EXTRA = {url: load_closed_world().contexts[url] for url in (VC, OB)}
SUITE = vc.SUITES["ecdsa-sd-2023"]
ISSUER, ONE_TIME = P256, Key("made for one credential", kind="P-256")
DERIVED = b"\xd9\x5d\x01"


def document():
    return {
        "@context": [VC, OB],
        "id": "urn:uuid:6a0cbd6a-4f0c-4f9a-9a0e-0d6f3c1d2b11",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Data literacy",
        "issuer": {"id": f"{SITE}/issuers/1", "type": ["Profile"], "name": "Example University"},
        "validFrom": "2026-11-01T10:00:00Z",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": f"{SITE}/achievements/1",
                "type": ["Achievement"],
                "name": "Data",
                "description": "Reads data. _:c14n0 is no blank node here.",
                "criteria": {"narrative": "Why?"},
            },
            "result": [{"type": ["Result"], "value": "83"}, {"type": ["Result"], "value": "84"}],
        },
    }


def simple():
    """Give a document without what the peer mistakes: nodes that look alike, and text that looks like one."""
    made = document()
    made["credentialSubject"]["achievement"]["description"] = "Reads data."
    del made["credentialSubject"]["result"]
    return made


def options():
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-sd-2023",
        "created": "2026-11-01T10:00:00Z",
        "verificationMethod": ISSUER.verification_method,
        "proofPurpose": "assertionMethod",
    }


def parts(said, mandatory=(0, 1, 2)):
    """Sign as the issuer and disclose everything: the five parts of the value of a derived proof (§3.5)."""
    canonical = nquads.read(vc.canonize(said, CONTEXTS).nquads)
    nodes = sorted({term for quad in canonical for term in quad if term[:1] == "_"})
    labels = {int(node.removeprefix("_:c14n")): hmac.digest(b"secret", node.encode(), "sha256") for node in nodes}
    named = {f"_:c14n{number}": f"_:{multibase.u(label)}" for number, label in labels.items()}
    lines = sorted(nquads.write(type(quad)(*(named.get(term, term) for term in quad))) for quad in canonical)
    others = [line for number, line in enumerate(lines) if number not in mandatory]
    always = "".join(lines[number] for number in mandatory).encode()
    config = vc.canonize({**options(), "@context": said["@context"]}, CONTEXTS).nquads.encode()
    signed = hashlib.sha256(config).digest() + ONE_TIME.public.multicodec + hashlib.sha256(always).digest()
    return [
        ISSUER.sign(signed),
        ONE_TIME.public.multicodec,
        [ONE_TIME.sign(line.encode()) for line in others],
        labels,
        [*mandatory],
    ]


@pytest.fixture(scope="module")
def good():
    return parts(document())


def value(made):
    return multibase.u(DERIVED + cbor2.dumps(made))


def fault(said, text, key=ISSUER, **changes):
    problem = SUITE.check(said, {**options(), "proofValue": text, **changes}, key.public, CONTEXTS)
    return problem and problem.code


def test_the_published_derived_proof_holds():
    file = Path(__file__).parents[1] / "vectors" / "vc_di_ecdsa" / "derived-credential.json"
    vector = json.loads(file.read_text())
    key = PublicKey.from_multibase(vector["proof"]["verificationMethod"].partition("#")[2])
    shown = vc.without_proof(vector)
    assert SUITE.check(shown, vector["proof"], key, CONTEXTS) is None
    for changed in (
        {**shown, "issuer": "https://vc.example/windsurf"},
        {**shown, "credentialSubject": {**shown["credentialSubject"], "sailNumber": "Earth102"}},
        {
            **shown,
            "credentialSubject": {**shown["credentialSubject"], "sails": shown["credentialSubject"]["sails"][:1]},
        },
    ):
        assert SUITE.check(changed, vector["proof"], key, CONTEXTS) is not None


@pytest.fixture(scope="module")
def key():
    return P256SigningKey.generate("k")


@pytest.fixture(scope="module")
def base(key):
    method = vc.key_method(PublicKey.from_jwk(key.public_jwk()))
    return EcdsaSdProofSuite().add_base_proof(
        simple(),
        signing_key=key,
        verification_method=method,
        mandatory_pointers=["/issuer", "/validFrom"],
        created=NOW,
        extra_contexts=EXTRA,
    )


class TestPeer:
    """openvc-core issues and derives, we verify; it knows pointers without numbers only."""

    @pytest.mark.parametrize("shown", [["/name"], ["/credentialSubject"], ["/credentialSubject/achievement/name"]])
    def test_what_a_holder_derives_holds(self, shown, key, base):
        derived = EcdsaSdProofSuite().derive_proof(base, selective_pointers=shown, extra_contexts=EXTRA)
        proof, public = derived["proof"], PublicKey.from_jwk(key.public_jwk())
        assert SUITE.check(vc.without_proof(derived), proof, public, CONTEXTS) is None
        assert SUITE.check({**vc.without_proof(derived), "validFrom": "2026-11-02T10:00:00Z"}, proof, public, CONTEXTS)

    def test_the_issuers_own_proof_is_not_for_showing(self, key, base):
        problem = SUITE.check(vc.without_proof(base), base["proof"], PublicKey.from_jwk(key.public_jwk()), CONTEXTS)
        assert (problem.code, problem.pointer) == ("proof_not_derived", "/proof/proofValue")


def test_what_is_disclosed_whole_holds(good):
    assert fault(document(), value(good)) is None
    assert fault(document(), value(parts(document(), mandatory=()))) is None


def test_every_statement_is_covered(good):
    changes = [
        {"name": "Data wisdom"},
        {"validFrom": "2026-11-01T10:00:01Z"},
        {"issuer": {**document()["issuer"], "name": "Other"}},
        {"validUntil": "2030-11-01T10:00:00Z"},
    ]
    for change in changes:
        assert fault({**document(), **change}, value(good)) == "signature_wrong"
    less = document()
    del less["name"]
    assert fault(less, value(good)) == "signature_wrong"


def test_results_cannot_change_places(good):
    """Two blank nodes that differ in their value only: the labels of the issuer hold them apart."""
    swapped = copy.deepcopy(good)
    numbers = sorted(swapped[3])
    swapped[3][numbers[0]], swapped[3][numbers[-1]] = swapped[3][numbers[-1]], swapped[3][numbers[0]]
    assert fault(document(), value(swapped)) == "signature_wrong"


def test_the_options_of_the_proof_are_covered(good):
    for change in ({"created": "2026-11-01T10:00:01Z"}, {"proofPurpose": "authentication"}, {"domain": "a.edu"}):
        assert fault(document(), value(good), **change) == "signature_wrong"


def test_only_the_issuers_key_of_its_kind(good):
    assert fault(document(), value(good), Key("somebody", kind="P-256")) == "signature_wrong"
    assert fault(document(), value(good), ONE_TIME) == "signature_wrong"
    assert fault(document(), value(good), P384) == "key_wrong_kind"


def test_a_holder_cannot_bring_a_one_time_key_of_their_own(good):
    thief = Key("thief", kind="P-256")
    assert fault(document(), value([good[0], thief.public.multicodec, *good[2:]])) == "signature_wrong"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made[:4],
        lambda made: [*made, 1],
        lambda _: {},
        lambda made: [b"", *made[1:]],
        lambda made: [made[0] + b"\0", *made[1:]],
        lambda made: ["text", *made[1:]],
        lambda made: [made[0], P384.public.multicodec, *made[2:]],
        lambda made: [made[0], Key("e").public.multicodec, *made[2:]],
        lambda made: [made[0], b"\x80\x24" + b"\x05" * 33, *made[2:]],
        lambda made: [made[0], None, *made[2:]],
        lambda made: [*made[:2], [*made[2][:-1], b"short"], *made[3:]],
        lambda made: [*made[:2], made[2][0], *made[3:]],
        lambda made: [*made[:2], [bytes(64)] * (MAX_SIGNATURES + 1), *made[3:]],
        lambda made: [*made[:3], [], made[4]],
        lambda made: [*made[:3], dict.fromkeys(made[3], bytes(32)), made[4]],
        lambda made: [*made[:3], {**made[3], -1: bytes(32)}, made[4]],
        lambda made: [*made[:3], {**made[3], 0: b"short"}, made[4]],
        lambda made: [*made[:3], {str(number): label for number, label in made[3].items()}, made[4]],
        lambda made: [*made[:4], [0, 1, 1]],
        lambda made: [*made[:4], [2, 1, 0]],
        lambda made: [*made[:4], [-1, 0, 1]],
        lambda made: [*made[:4], [0, 1, 2**70]],
        lambda made: [*made[:3], {**made[3], 2**70: bytes(32)}, made[4]],
        lambda made: [*made[:3], {**made[3], (1, 2): bytes(32)}, made[4]],
        lambda made: [*made[:3], cbor2.CBORTag(18, made[3]), made[4]],
        lambda made: [*made[:4], [0, 1, True]],
        lambda made: [*made[:4], [0, 1, 2.0]],
        lambda made: [*made[:4], "012"],
    ],
)
def test_a_value_that_is_none(spoil, good):
    assert fault(document(), value(spoil(copy.deepcopy(good)))) == "proof_value_malformed"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: [*made[:2], made[2][:-1], *made[3:]],
        lambda made: [*made[:2], [*made[2], made[2][0]], *made[3:]],
        lambda made: [*made[:3], {**made[3], 99: bytes(32)}, made[4]],
        lambda made: [*made[:3], dict([*made[3].items()][1:]), made[4]],
        lambda made: [*made[:4], [0, 1, 999]],
        lambda made: [*made[:4], [0, 1]],
    ],
)
def test_a_value_of_other_statements_than_those_shown(spoil, good):
    assert fault(document(), value(spoil(copy.deepcopy(good)))) == "signature_wrong"


@pytest.mark.parametrize(
    ("chosen", "way", "name"),
    [
        ("/name", (), "name"),
        ("/name", (), "validFrom"),
        ("", (), "name"),
        ("", (), "issuer"),
        ("/credentialSubject/result", ("credentialSubject",), "result"),
        ("/credentialSubject/result", ("credentialSubject", "result", 0), "value"),
        ("", ("credentialSubject", "achievement"), "criteria"),
    ],
)
def test_what_is_taken_from_a_view_is_a_change_of_it(chosen, way, name):
    shown = vc.derive(based(document(), mandatory=["/validFrom"]), [chosen], CONTEXTS)
    proof, said = shown["proof"][0], vc.without_proof(shown)
    assert SUITE.check(said, proof, P256.public, CONTEXTS) is None
    holder = said
    for step in way:
        holder = holder[step]
    del holder[name]
    problem = SUITE.check(said, proof, P256.public, CONTEXTS)
    assert (problem.code, problem.pointer) == ("signature_wrong", "/proof")


@pytest.mark.parametrize("text", [None, 5, "", "u", "z2", "u2V0B", "u" + "A" * 600_000, "u2V0C", multibase.u(DERIVED)])
def test_text_that_is_no_value(text):
    assert fault(document(), text) == "proof_value_malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"\x9f\xff",  # without a length
        b"\x85" * 500,  # deep
        b"\x9b\x00\x00\x00\xff\x00\x00\x00\x00",  # a billion items announced
        b"\xa2\x00\x01\x00\x02",  # one name twice
        b"\xc1\x00",  # a date
        b"\xd8\x40\x41\x00",  # a tagged string
        b"\xd8\x1e\x82\x01\x02",  # a rational number
        b"\xd8\x23\x61\x61",  # a pattern
        b"\xfb",
        b"",
    ],
)
def test_bytes_that_are_no_cbor_of_that_shape(data):
    assert fault(document(), multibase.u(DERIVED + data)) == "proof_value_malformed"


def test_one_value_has_one_writing(good):
    plain = cbor2.dumps(good)
    assert fault(document(), multibase.u(DERIVED + plain + b"\x00")) == "proof_value_malformed"
    longer = plain.replace(b"\x83\x00\x01\x02", b"\x83\x18\x00\x01\x02")
    assert longer != plain
    assert fault(document(), multibase.u(DERIVED + longer)) == "proof_value_malformed"


def test_a_document_that_means_nothing_certain(good):
    assert fault({**document(), "colour": "red"}, value(good)) == "term_dropped"
    assert fault({**document(), "@context": [VC, "urn:c"]}, value(good)) == "unknown_context"


def test_makes_no_proofs():
    with pytest.raises(vc.CannotCanonize) as refused:
        SUITE.digest(document(), options(), CONTEXTS)
    assert refused.value.problem.code == "suite_does_not_sign"
