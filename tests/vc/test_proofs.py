from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openvc.keys import Ed25519SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.errors import ProofError

from ler_issuer.resources import load_closed_world
from ler_issuer.vc import multibase
from ler_issuer.vc.canonical import CannotCanonize, canonize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.keys import PublicKey
from ler_issuer.vc.problems import PROOF_VERIFICATION_ERROR
from ler_issuer.vc.proofs import NotSealable, Unsignable, prepare, seal
from ler_issuer.vc.suites import SUITES
from samples import OB, VC, SeedSigner, badge, clr, presentation, status_list

VECTORS = Path(__file__).parents[1] / "vectors"
NOW = datetime(2026, 11, 1, 10, 0, 0, tzinfo=UTC)
SIGNER = SeedSigner()
SUITE = SUITES["eddsa-rdfc-2022"]


@pytest.fixture(scope="module")
def contexts():
    return Contexts(load_closed_world().contexts)


def sealed(document, contexts):
    prepared = prepare(document, verification_method=SIGNER.verification_method, created=NOW, contexts=contexts)
    return seal(prepared, SIGNER)


def checked(document, contexts, key=SIGNER.public, **changes):
    proof = document["proof"][0] if isinstance(document["proof"], list) else document["proof"]
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    return SUITE.check(unsigned, {**proof, **changes}, key, contexts)


def refusals(document, contexts, **options):
    options = {"verification_method": SIGNER.verification_method, "created": NOW, "contexts": contexts, **options}
    with pytest.raises(Unsignable) as refused:
        prepare(document, **options)
    return {(problem.code, problem.pointer) for problem in refused.value.problems}


@pytest.fixture(scope="module")
def world():
    return Contexts(load_closed_world(conformance=True).contexts)


@pytest.fixture(scope="module")
def vector():
    return json.loads((VECTORS / "vc_di_eddsa" / "signed-credential.json").read_text())


@pytest.fixture(scope="module")
def extra():
    return {url: load_closed_world().contexts[url] for url in (VC, OB)}


@pytest.fixture(scope="module")
def signed(contexts):
    return sealed(badge(), contexts)


class TestW3CVector:
    """The one published example of `eddsa-rdfc-2022`, hash by hash."""

    def test_hashes(self, world, vector):
        unsigned = {name: value for name, value in vector.items() if name != "proof"}
        expected = (VECTORS / "vc_di_eddsa" / "document-hash.txt").read_text().strip()
        assert hashlib.sha256(canonize(unsigned, world).nquads.encode()).hexdigest() == expected
        expected = (VECTORS / "vc_di_eddsa" / "proof-config-hash.txt").read_text().strip() + expected
        assert SUITE.digest(unsigned, vector["proof"], world).hex() == expected

    def test_signature(self, world, vector):
        pair = json.loads((VECTORS / "vc_di_eddsa" / "key-pair.json").read_text())
        key = PublicKey.from_multibase(pair["publicKeyMultibase"])
        assert checked(vector, world, key) is None
        altered = {**vector, "name": "Alumni credential"}
        assert checked(altered, world, key).code == "signature_wrong"

    def test_we_make_the_same_signature(self, world, vector):
        pair = json.loads((VECTORS / "vc_di_eddsa" / "key-pair.json").read_text())
        seed = multibase.decode_z(pair["privateKeyMultibase"], length=34)[2:]
        unsigned = {name: value for name, value in vector.items() if name != "proof"}
        created = datetime.fromisoformat(vector["proof"]["created"])
        signer = SeedSigner(seed)
        prepared = prepare(unsigned, verification_method=signer.verification_method, created=created, contexts=world)
        assert seal(prepared, signer) == {**unsigned, "proof": [vector["proof"]]}


@pytest.mark.parametrize(
    "document", [badge(), clr(), status_list(), presentation()], ids=["badge", "clr", "list", "vp"]
)
def test_what_is_sealed_holds_and_is_the_document_with_one_proof(document, contexts):
    signed = sealed(document, contexts)
    assert checked(signed, contexts) is None
    assert {name: value for name, value in signed.items() if name != "proof"} == document
    assert "proof" not in document
    [proof] = signed["proof"]
    assert proof.pop("proofValue").startswith("z")
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-01T10:00:00Z",
        "verificationMethod": SIGNER.verification_method,
        "proofPurpose": "assertionMethod",
    }


class TestPeer:
    """openvc-core reads ours, and we read theirs."""

    def test_reads_ours(self, contexts, extra):
        signed = sealed(badge(), contexts)
        signed["proof"] = signed["proof"][0]
        DataIntegrityProofSuite().verify(signed, extra_contexts=extra, now=NOW)
        with pytest.raises(ProofError):
            DataIntegrityProofSuite().verify({**signed, "name": "x"}, extra_contexts=extra, now=NOW)

    def test_is_read_by_us(self, contexts, extra):
        key = Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(SIGNER.seed), SIGNER.verification_method)
        signed = DataIntegrityProofSuite().add_proof(
            badge(), signing_key=key, verification_method=SIGNER.verification_method, created=NOW, extra_contexts=extra
        )
        assert checked(signed, contexts) is None
        assert signed["proof"] == sealed(badge(), contexts)["proof"][0]


class TestPrepare:
    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"proof": []}, ("already_signed", "/proof")),
            ({"@context": [OB, VC]}, ("context_order", "/@context")),
            ({"@context": VC}, ("context_order", "/@context")),
            ({"@context": [VC, OB, "urn:c"]}, ("unknown_context", "/@context/2")),
            ({"colour": "red"}, ("term_dropped", "/colour")),
            ({"id": "1"}, ("relative_iri", "/id")),
            ({"name": "a\x00"}, ("control_character", "/name")),
            ({"name": "a\x7f"}, ("control_character", "/name")),
            ({"name": "a\ufffe"}, ("control_character", "/name")),
            ({"a\x01b": 1}, ("control_character", "")),
            ({"https://schema.org/n": 2**53}, ("number_out_of_range", "/https:~1~1schema.org~1n")),
            ({"https://schema.org/n": [1, -(2**53)]}, ("number_out_of_range", "/https:~1~1schema.org~1n/1")),
            ({"https://schema.org/n": 9.9e-7}, ("number_out_of_range", "/https:~1~1schema.org~1n")),
            ({"https://schema.org/n": -1e15}, ("number_out_of_range", "/https:~1~1schema.org~1n")),
            ({"https://schema.org/n": float("inf")}, ("number_out_of_range", "/https:~1~1schema.org~1n")),
        ],
    )
    def test_refuses_with_the_place(self, change, refusal, contexts):
        assert refusal in refusals(badge(**change), contexts)

    def test_refuses_what_is_no_object(self, contexts):
        assert refusals([badge()], contexts) == {("not_an_object", "")}

    def test_refuses_a_verification_method_that_is_no_url(self, contexts):
        assert refusals(badge(), contexts, verification_method="key-1") == {
            ("relative_iri", "/proof/verificationMethod")
        }

    def test_lists_every_problem(self, contexts):
        document = badge(name="\x00", proof={}, **{"https://schema.org/n": 1e16})
        assert len(refusals(document, contexts)) == 3

    @pytest.mark.parametrize("number", [0, 0.0, 1e-6, 42.0, 999999999999999.9, 2**53 - 1, -(2**53) + 1, True])
    def test_takes_ordinary_numbers_and_line_breaks(self, number, contexts):
        document = badge(name="a\tb\r\nc", **{"https://schema.org/n": number})
        assert checked(sealed(document, contexts), contexts) is None

    def test_what_is_sealed_is_what_was_prepared(self, contexts):
        document = badge()
        prepared = prepare(document, verification_method=SIGNER.verification_method, created=NOW, contexts=contexts)
        document["credentialSubject"]["achievement"]["name"] = "Something better"
        signed = seal(prepared, SIGNER)
        assert signed["credentialSubject"] == badge()["credentialSubject"]
        assert checked(signed, contexts) is None

    def test_the_time_is_written_in_utc_and_whole_seconds(self, contexts):
        created = datetime(2026, 11, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
        prepared = prepare(badge(), verification_method=SIGNER.verification_method, created=created, contexts=contexts)
        assert prepared.proof["created"] == "2026-11-01T10:00:00Z"

    def test_a_time_without_a_zone_or_an_unknown_suite_is_a_fault_of_ours(self, contexts):
        options = {"verification_method": SIGNER.verification_method, "contexts": contexts}
        with pytest.raises(ValueError, match="zone"):
            prepare(badge(), created=NOW.replace(tzinfo=None), **options)
        with pytest.raises(ValueError, match="rot13"):
            prepare(badge(), created=NOW, cryptosuite="rot13", **options)


class TestSeal:
    def test_spends_what_was_prepared(self, contexts):
        prepared = prepare(badge(), verification_method=SIGNER.verification_method, created=NOW, contexts=contexts)
        seal(prepared, SIGNER)
        with pytest.raises(NotSealable):
            seal(prepared, SIGNER)

    def test_refuses_another_signer_and_spends_nothing(self, contexts):
        prepared = prepare(badge(), verification_method=SIGNER.verification_method, created=NOW, contexts=contexts)
        with pytest.raises(NotSealable):
            seal(prepared, SeedSigner(bytes(32)))
        assert checked(seal(prepared, SIGNER), contexts) is None


class TestCheck:
    @pytest.mark.parametrize(
        "value", [None, 5, [], {}, "", "z", "u" + "A" * 86, "z0", "z" + "2" * 87, "z" + "2" * 10**6, "é"]
    )
    def test_a_signature_that_cannot_be_read(self, value, signed, contexts):
        problem = checked(signed, contexts, proofValue=value)
        assert (problem.code, problem.type) == ("proof_value_malformed", PROOF_VERIFICATION_ERROR)

    def test_a_signature_spelled_with_space_around_it(self, signed, contexts):
        value = signed["proof"][0]["proofValue"]
        for respelled in (f"{value} ", f"{value}\n", f"z {value[1:]}", f"z1{value[1:]}"):
            assert checked(signed, contexts, proofValue=respelled).code == "proof_value_malformed"

    def test_a_signature_shifted_by_the_order_of_the_group(self, signed, contexts):
        raw = multibase.decode_z(signed["proof"][0]["proofValue"], length=64)
        order = 2**252 + 27742317777372353535851937790883648493
        shifted = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")
        assert checked(signed, contexts, proofValue=multibase.z(shifted)).code == "signature_wrong"

    def test_a_zero_signature(self, signed, contexts):
        assert checked(signed, contexts, proofValue=multibase.z(bytes(64))).code == "signature_wrong"

    @pytest.mark.parametrize(
        "change",
        [
            {"created": "2026-11-01T10:00:01Z"},
            {"proofPurpose": "authentication"},
            {"verificationMethod": SeedSigner(bytes(32)).verification_method},
            {"domain": "https://elsewhere.example"},
            {"expires": "2030-01-01T00:00:00Z"},
        ],
    )
    def test_every_option_of_the_proof_is_covered(self, change, signed, contexts):
        assert checked(signed, contexts, **change).code == "signature_wrong"

    def test_an_option_that_means_nothing_is_found(self, signed, contexts):
        problem = checked(signed, contexts, colour="red")
        assert (problem.code, problem.pointer) == ("term_dropped", "/proof/colour")

    def test_contexts_of_the_proof_itself_would_go_unsigned(self, signed, contexts):
        problem = checked(signed, contexts, **{"@context": "https://evil.example/"})
        assert (problem.code, problem.pointer) == ("proof_context_differs", "/proof/@context")

    def test_another_key(self, signed, contexts):
        assert checked(signed, contexts, SeedSigner(bytes(32)).public).code == "signature_wrong"

    @pytest.mark.parametrize("value", ["yesterday", "2026-11-01", "2026-11-01T10:00:00", "2026-13-01T10:00:00Z", 5, []])
    def test_a_time_that_is_no_instant(self, value, signed, contexts):
        assert checked(signed, contexts, created=value).code == "created_malformed"

    @pytest.mark.parametrize(
        "change", [{"type": "Ed25519Signature2020"}, {"cryptosuite": "eddsa-jcs-2022"}, {"type": [[]]}]
    )
    def test_another_kind_of_proof(self, change, signed, contexts):
        assert checked(signed, contexts, **change).code == "proof_malformed"

    @pytest.mark.parametrize("proof", [None, 5, "proof", [], [{}], {}])
    def test_no_proof_at_all(self, proof, contexts):
        assert SUITE.check(badge(), proof, SIGNER.public, contexts).code == "proof_malformed"

    def test_a_document_with_an_unknown_context_or_unsigned_data(self, signed, contexts):
        assert checked({**signed, "@context": [VC, "urn:c"]}, contexts).code == "unknown_context"
        assert checked({**signed, "@context": None}, contexts).pointer == "/@context"
        problem = checked({**signed, "colour": "red"}, contexts)
        assert (problem.code, problem.pointer) == ("term_dropped", "/colour")

    def test_a_canonical_form_at_hand_is_used(self, signed, contexts):
        unsigned = {name: value for name, value in signed.items() if name != "proof"}
        [proof] = signed["proof"]
        at_hand = canonize(unsigned, contexts)
        assert SUITE.check(unsigned, proof, SIGNER.public, contexts, canonical=at_hand) is None
        other = canonize(badge(name="other"), contexts)
        assert SUITE.check(unsigned, proof, SIGNER.public, contexts, canonical=other).code == "signature_wrong"


def test_no_digest_of_data_that_would_go_unsigned(contexts):
    with pytest.raises(CannotCanonize):
        SUITE.digest(badge(colour="red"), {"type": "DataIntegrityProof"}, contexts)
