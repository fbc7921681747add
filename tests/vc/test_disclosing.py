"""Base proofs of ecdsa-sd-2023, and what holders derive from them: the published ones, a peer's, and our own."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openvc.keys import P256SigningKey
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite

from ler_issuer import vc
from ler_issuer.badges import mandatory_for
from ler_issuer.badges.conformance import structure
from ler_issuer.net.private_keys import PrivateKey, opened
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import NotSealable, Outcome, PublicKey, Underivable, Unsignable, counted, derive, is_base, multibase
from ler_issuer.vc.disclosing import prepare_base, seal_base
from ler_issuer.vc.suites import disclosure_values
from ler_issuer.vc.suites.disclosure_values import MalformedValue, read_base, read_derived
from samples import OB, VC, badge
from signing import NOW, P256, P384, Key, rules

CONTEXTS = vc.Contexts(load_closed_world().contexts, inline=True)
PUBLISHED = vc.Contexts(load_closed_world(conformance=True).contexts, inline=True)
EXTRA = {url: load_closed_world().contexts[url] for url in (VC, OB)}
SUITE = vc.SUITES["ecdsa-sd-2023"]
ISSUER, ONCE, SECRET = P256, Key("made for one credential", kind="P-256"), bytes(range(32))
MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/achievement"]
VECTORS = Path(__file__).parents[1] / "vectors" / "vc_di_ecdsa"
LISTED = {
    "@context": [VC, {"@vocab": "urn:v:", "steps": {"@container": "@list"}, "link": {"@type": "@id"}}],
    "type": ["VerifiableCredential"],
}


def known(name):
    return json.loads((VECTORS / name).read_text())


def prepared(document=None, mandatory=MANDATORY, **changes):
    wanted = {"verification_method": ISSUER.verification_method, "created": NOW, "contexts": CONTEXTS, "once": ONCE}
    return prepare_base(
        badge() if document is None else document, mandatory=mandatory, secret=SECRET, **wanted | changes
    )


def signed(document=None, mandatory=MANDATORY, **changes):
    return seal_base(prepared(document, mandatory, **changes), ISSUER)


def fault(view, key=ISSUER):
    (proof,) = view["proof"]
    problem = SUITE.check(vc.without_proof(view), proof, key.public, CONTEXTS)
    return problem and problem.code


def refused(credential, pointers):
    with pytest.raises(Underivable) as found:
        derive(credential, pointers, CONTEXTS)
    return [(one.code, one.pointer) for one in found.value.problems]


def unsignable(document=None, mandatory=MANDATORY, **changes):
    with pytest.raises(Unsignable) as found:
        prepared(document, mandatory, **changes)
    return [(one.code, one.pointer) for one in found.value.problems]


@pytest.fixture(scope="module")
def base():
    return signed()


class TestPublished:
    """The vectors of the specification (§A.7), to the byte."""

    POINTERS = (
        "/issuer",
        "/credentialSubject/sailNumber",
        "/credentialSubject/sails/1",
        "/credentialSubject/boards/0/year",
        "/credentialSubject/sails/2",
    )
    SHOWN = ("/credentialSubject/boards/0", "/credentialSubject/boards/1")

    @dataclass(frozen=True)
    class Signer:
        verification_method: str
        key: PrivateKey

        @property
        def public(self):
            return self.key.public

        def sign(self, message):
            return self.key.sign(message)

    @staticmethod
    def vector():
        return known("base-credential.json")

    @staticmethod
    def key(text):
        return opened("P-256", multibase.decode_z_within(text, most=34)[2:])

    @classmethod
    def signed(cls, document, mandatory):
        method = cls.vector()["proof"]["verificationMethod"]
        made = prepare_base(
            document,
            mandatory=mandatory,
            verification_method=method,
            created=datetime(2023, 8, 15, 23, 36, 38, tzinfo=UTC),
            contexts=PUBLISHED,
            once=cls.key("z42tqvNGyzyXRzotAYn43UhcFtzDUVdxJ7461fwrfhBPLmfY"),
            secret=bytes.fromhex("00112233445566778899AABBCCDDEEFF" * 2),
        )
        return seal_base(made, cls.Signer(method, cls.key("z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvHN")))

    def test_the_base_proofs(self):
        resident, employee = known("permanent-resident-views.json")["base"], known("employment-views.json")
        for base, mandatory in ((self.vector(), self.POINTERS), (resident, ["/issuer"])):
            assert self.signed(vc.without_proof(base), mandatory) == {**base, "proof": [base["proof"]]}
        made = self.signed(known("employment-credential.json"), employee["mandatory"])
        assert made["proof"][0]["proofValue"] == employee["base"]
        view = derive(made, employee["shown"], PUBLISHED)
        value, wanted = read_derived(view["proof"][0]["proofValue"]), employee["derived"]
        assert (list(value.mandatory), len(value.signatures)) == (wanted["mandatory"], wanted["signatures"])
        assert [multibase.u(value.labels[number]) for number in (0, 1)] == wanted["labels"]

    def test_what_is_derived_from_it(self):
        vector, derived = self.vector(), known("derived-credential.json")
        assert derive(vector, self.SHOWN, CONTEXTS) == derived
        assert counted(derived["proof"]) == (14, 6)
        assert len(read_base(vector["proof"]["proofValue"]).signatures) == 14

    def test_what_is_told_of_it(self):
        told = vc.disclosed(self.vector(), self.SHOWN)
        assert told.withheld == ("/credentialSubject/sails/0", "/credentialSubject/sails/3")
        assert told.shown == (
            *("/type", "/issuer", "/credentialSubject/sailNumber", "/credentialSubject/sails/1"),
            *("/credentialSubject/sails/2", "/credentialSubject/boards/0", "/credentialSubject/boards/1"),
        )


class TestPeer:
    """openvc-core knows pointers without numbers, subjects with an id, and no blank nodes that look alike."""

    @pytest.fixture
    def plain(self):
        made = {name: badge()[name] for name in ("@context", "id", "type", "name", "issuer", "validFrom", "validUntil")}
        achievement = badge()["credentialSubject"]["achievement"]
        shown = {name: achievement[name] for name in ("id", "type", "name", "description", "tag")}
        shown["criteria"] = {"narrative": "Says why."}
        subject = {"id": "did:example:learner", "type": ["AchievementSubject"], "role": "member"}
        return {**made, "credentialSubject": {**subject, "achievement": shown}}

    @pytest.fixture
    def key(self):
        return P256SigningKey.generate("k")

    @pytest.mark.parametrize(
        "shown", [["/name"], ["/credentialSubject"], ["/credentialSubject/role", "/credentialSubject/achievement/tag"]]
    )
    def test_it_derives_from_ours_and_we_from_its(self, shown, plain, key):
        public, method = PublicKey.from_jwk(key.public_jwk()), vc.key_method(PublicKey.from_jwk(key.public_jwk()))
        ours = signed(plain, ["/issuer", "/validFrom"])
        ours["proof"] = ours["proof"][0]
        theirs = EcdsaSdProofSuite().add_base_proof(
            plain,
            signing_key=key,
            verification_method=method,
            mandatory_pointers=["/issuer", "/validFrom"],
            created=NOW,
            extra_contexts=EXTRA,
        )
        by_peer = EcdsaSdProofSuite().derive_proof(ours, selective_pointers=shown, extra_contexts=EXTRA)
        by_us = derive(theirs, shown, CONTEXTS)
        assert SUITE.check(vc.without_proof(by_peer), by_peer["proof"], ISSUER.public, CONTEXTS) is None
        assert SUITE.check(vc.without_proof(by_us), by_us["proof"], public, CONTEXTS) is None


@pytest.mark.parametrize(
    "shown",
    [
        [""],
        ["/name"],
        ["/credentialSubject/result/1"],
        ["/credentialSubject/result/0/type", "/evidence"],
        ["/issuer/name", "/validFrom"],
        ["/credentialSubject"],
        [],
    ],
)
def test_what_is_derived_holds(base, shown):
    view = derive(base, shown, CONTEXTS)
    assert fault(view) is None
    assert {"issuer", "validFrom", "id", "type", "@context", "credentialSubject", "proof"} <= view.keys()
    assert view["issuer"] == badge()["issuer"]
    assert view["proof"][0].keys() == base["proof"][0].keys()
    assert fault(view, Key("somebody", kind="P-256")) == "signature_wrong"


def test_all_is_all(base):
    assert vc.without_proof(derive(base, [""], CONTEXTS)) == badge()


def test_nothing_else_is_told(base):
    view = derive(base, ["/credentialSubject/result/0"], CONTEXTS)
    written = json.dumps(view)
    assert view["credentialSubject"]["result"] == [badge()["credentialSubject"]["result"][0]]
    assert not {"name", "validUntil", "evidence", "credentialStatus"} & view.keys()
    assert "sha256$b5809d8a" not in written
    assert multibase.u(SECRET)[1:] not in written
    assert SECRET not in multibase.decode_u(view["proof"][0]["proofValue"])
    assert len(read_derived(view["proof"][0]["proofValue"]).labels) < len(
        read_derived(derive(base, [""], CONTEXTS)["proof"][0]["proofValue"]).labels
    )


def test_any_change_of_a_view_is_noticed(base):
    view = derive(base, ["/name", "/credentialSubject/result"], CONTEXTS)
    for change in ({"name": "Other"}, {"validFrom": "2026-11-02T10:00:00Z"}, {"validUntil": "2030-01-01T00:00:00Z"}):
        assert fault({**view, **change}) == "signature_wrong"
    less = copy.deepcopy(view)
    less["credentialSubject"]["result"].pop()
    assert fault(less) in {"signature_wrong", "proof_value_malformed"}


def test_two_views_do_not_add_up(base):
    """What one holder shows on two occasions can be put together only as the issuer signed it: as one credential."""
    first, second = (derive(base, [pointer], CONTEXTS) for pointer in ("/name", "/validUntil"))
    assert fault({**first, "validUntil": second["validUntil"]}) == "signature_wrong"


def test_without_anything_mandatory():
    base = signed(mandatory=[])
    view = derive(base, ["/credentialSubject/creditsEarned"], CONTEXTS)
    assert fault(view) is None
    assert "issuer" not in view
    assert counted(view["proof"][0])[0] == 0
    assert refused(base, []) == [("nothing_selected", "")]


def test_with_everything_mandatory():
    base = signed(mandatory=[""])
    assert read_base(base["proof"][0]["proofValue"]).signatures == ()
    view = derive(base, [], CONTEXTS)
    assert fault(view) is None
    assert vc.without_proof(view) == badge()


def test_a_list_is_shown_whole_or_not_at_all():
    said = {
        "@context": LISTED["@context"],
        "type": LISTED["type"],
        "issuer": "urn:i",
        "a": {"steps": ["x", {"y": 1}, "x"]},
    }
    base = signed(said, ["/issuer"])
    for shown in (["/a"], ["/a/steps"], [""]):
        view = derive(base, shown, CONTEXTS)
        assert view["a"] == said["a"]
        assert fault(view) is None
    for shown in (["/a/steps/0"], ["/a/steps/1/y"], ["/a/steps/0", "/a/steps/1"]):
        assert refused(base, shown)[0][0] == "pointer_splits"
    every = derive(base, ["/a/steps/0", "/a/steps/1", "/a/steps/2"], CONTEXTS)
    assert fault(every) is None
    assert unsignable(said, ["/a/steps/1"]) == [("pointer_splits", "/a/steps/1")]
    whole = signed(said, ["/a/steps"])
    assert fault(derive(whole, ["/a/steps/1"], CONTEXTS)) is None


def test_lists_of_lists_and_lists_that_are_alike():
    said = {
        **LISTED,
        "a": {"steps": [["x"], ["x", ["y"]]]},
        "b": {"steps": ["x"]},
        "c": {"id": "urn:c", "steps": ["x"]},
    }
    base = signed(said, [])
    for shown in (["/a"], ["/b"], ["/c/steps"], ["/b", "/a"]):
        view = derive(base, shown, CONTEXTS)
        assert fault(view) is None
    assert refused(base, ["/a/steps/0"]) == [("pointer_splits", "/a/steps/0")]


def test_a_text_and_its_language_belong_together():
    said = {**LISTED, "name": [{"@value": "Data", "@language": "en"}, {"@value": "Datos", "@language": "es"}]}
    base = signed(said, ["/type"])
    view = derive(base, ["/name/1"], CONTEXTS)
    assert fault(view) is None
    assert view["name"] == [said["name"][1]]
    assert refused(base, ["/name/1/@value"]) == [("pointer_splits", "/name/1/@value")]
    assert refused(base, ["/name/0/@language"]) == [("pointer_splits", "/name/0/@language")]


def test_things_that_say_the_same():
    said = {**LISTED, "a": [{"x": 1}, {"x": 1}, {"x": {"z": 1}}, {"x": {"z": 1}}], "b": {"id": "urn:b", "p": 1, "q": 2}}
    base = signed(said, [])
    for shown in (["/a/0"], ["/a/1", "/a/3"], ["/a/2/x/z"], ["/b/p"], ["/a", "/b/q"]):
        assert fault(derive(base, shown, CONTEXTS)) is None


def _places(value, here=""):
    yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key != "@context":
            yield from _places(item, f"{here}/{key}")


def _texts(value):
    if isinstance(value, dict | list):
        return {text for item in (value.values() if isinstance(value, dict) else value) for text in _texts(item)}
    return {json.dumps(value)}


def _at(value, pointer):
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


class TestBadges:
    """With the floor of Open Badges, whatever else is chosen."""

    BASE = signed(mandatory=mandatory_for(badge(), ["/name"]))

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from([*_places(badge())]), max_size=5))
    def test_every_view_is_a_badge_and_tells_what_was_chosen(self, pointers):
        view = derive(self.BASE, pointers, CONTEXTS)
        told = vc.disclosed(self.BASE, pointers)
        assert fault(view) is None
        assert not [one for one in structure(view, rules().schemas) if one.outcome is Outcome.FAIL]
        assert all(_at(view, pointer) == _at(badge(), pointer) for pointer in mandatory_for(badge(), ["/name"]))
        shown = {text for pointer in told.shown for text in _texts(_at(badge(), pointer))}
        withheld = {text for pointer in told.withheld for text in _texts(_at(badge(), pointer))} - shown
        assert not withheld & _texts(vc.without_proof(view))
        for change in ({"name": "Other"}, {"awardedDate": "2026-01-01T00:00:00Z"}):
            assert fault({**view, **change}) == "signature_wrong"


@pytest.mark.parametrize("pointer", ["/nothing", "/credentialSubject/result/7", "/@context", "/proof", "name"])
def test_what_is_not_there_is_not_derived(base, pointer):
    assert refused(base, ["/name", pointer]) == [("pointer_unmatched", pointer)]
    assert unsignable(mandatory=["/issuer", pointer]) == [("pointer_unmatched", pointer)]


class TestBase:
    def test_is_for_the_holder_alone(self, base):
        problem = SUITE.check(vc.without_proof(base), base["proof"][0], ISSUER.public, CONTEXTS)
        assert problem.code == "proof_not_derived"

    def test_is_known_by_its_beginning(self, base):
        (proof,) = base["proof"]
        assert is_base(proof)
        assert counted(proof) is None
        view = derive(base, ["/name"], CONTEXTS)["proof"][0]
        assert not is_base(view)
        assert counted(view) == (len(read_derived(view["proofValue"]).mandatory), 1)
        for odd in (None, "x", {}, {**proof, "cryptosuite": "ecdsa-rdfc-2019"}, {**proof, "proofValue": 5}):
            assert not is_base(odd)
            assert counted(odd) is None

    def test_is_made_of_what_can_be_signed_only(self):
        assert unsignable({**badge(), "colour": "red"}) == [("term_dropped", "/colour")]
        assert unsignable({**badge(), "proof": []})[0][0] == "already_signed"
        assert unsignable({**badge(), "name": "\u0000"})[0][0] == "control_character"
        assert unsignable({**badge(), "@context": [OB, VC]})[0][0] == "context_order"
        for odd in ({"link": "_:b"}, {"urn:v:x": 1}, {"id": "_:b"}):
            assert unsignable({**LISTED, "a": odd}, [])[0][0] == "not_plain"

    def test_has_so_many_statements(self, monkeypatch):
        monkeypatch.setattr("ler_issuer.vc.disclosing.MAX_SIGNATURES", 3)
        assert unsignable() == [("too_large", "")]

    def test_holds_no_more_than_is_read(self):
        word, said = "x" * 1_900, [f"{number}" for number in range(300)]
        document = badge(**{"@context": [VC, OB, {word: "https://words.example/x"}], word: said})
        base = signed(document, [f"/{word}/0"] * 300)
        assert derive(base, [""], CONTEXTS)["proof"]
        assert unsignable(document, [f"/{word}/{number}" for number in said]) == [("too_large", "")]

    def test_is_of_so_many_values(self, base, monkeypatch):
        monkeypatch.setattr("ler_issuer.vc.disclosing.MAX_VALUES", 20)
        assert unsignable() == refused(base, ["/name"]) == [("too_large", "")]

    def test_is_sealed_once_and_by_its_issuer(self):
        made = prepared()
        with pytest.raises(NotSealable):
            seal_base(made, Key("other", kind="P-256"))
        seal_base(made, ISSUER)
        with pytest.raises(NotSealable):
            seal_base(made, ISSUER)

    @pytest.mark.parametrize("change", [{"once": P384}, {"secret": b"short"}, {"created": datetime(2026, 1, 1)}])  # noqa: DTZ001
    def test_takes_keys_secrets_and_times_of_the_right_kind(self, change):
        wanted = {"verification_method": ISSUER.verification_method, "created": NOW, "contexts": CONTEXTS}
        with pytest.raises(ValueError, match="needs"):
            prepare_base(badge(), mandatory=[], **{**wanted, "once": ONCE, "secret": SECRET, **change})

    def test_of_the_older_data_model(self):
        said = {**badge(), "@context": ["https://www.w3.org/2018/credentials/v1", {"@vocab": "urn:v:"}]}
        del said["validFrom"], said["validUntil"]
        base = signed(said, ["/issuer"], vc11=True)
        assert base["@context"][-1] == "https://w3id.org/security/data-integrity/v2"
        assert fault(derive(base, ["/name"], CONTEXTS)) is None


class TestSeveralProofs:
    def test_the_base_proof_is_found_among_others(self, base):
        other = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z1"}
        view = derive({**base, "proof": [other, *base["proof"]]}, ["/name"], CONTEXTS)
        assert len(view["proof"]) == 1
        assert fault(view) is None

    def test_a_proof_by_itself_stays_by_itself(self, base):
        view = derive({**base, "proof": base["proof"][0]}, ["/name"], CONTEXTS)
        assert view["proof"]["cryptosuite"] == "ecdsa-sd-2023"

    @pytest.mark.parametrize("proof", [None, [], "x", {}, [{"type": "DataIntegrityProof"}]])
    def test_without_one_nothing_is_derived(self, base, proof):
        assert refused({**base, "proof": proof}, ["/name"]) == [("proof_not_base", "/proof")]
        with pytest.raises(Underivable):
            vc.disclosed({**base, "proof": proof}, ["/name"])

    def test_from_a_view_nothing_is_derived(self, base):
        assert refused(derive(base, [""], CONTEXTS), ["/name"]) == [("proof_not_base", "/proof")]


def spoilt(base, spoil):
    value = base["proof"][0]["proofValue"]
    parts = cbor2.loads(multibase.decode_u(value)[3:])
    return {
        **base,
        "proof": [{**base["proof"][0], "proofValue": multibase.u(b"\xd9\x5d\x00" + cbor2.dumps(spoil(parts)))}],
    }


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:4],
        lambda _: {},
        lambda parts: [b"", *parts[1:]],
        lambda parts: [parts[0], P384.public.multicodec, *parts[2:]],
        lambda parts: [*parts[:2], parts[2][:31], *parts[3:]],
        lambda parts: [*parts[:2], "secret", *parts[3:]],
        lambda parts: [*parts[:3], [*parts[3][1:]], parts[4]],
        lambda parts: [*parts[:3], [*parts[3], parts[3][0]], parts[4]],
        lambda parts: [*parts[:3], [b"short", *parts[3][1:]], parts[4]],
        lambda parts: [*parts[:3], [parts[3][0]] * (disclosure_values.MAX_SIGNATURES + 1), parts[4]],
        lambda parts: [*parts[:4], "/issuer"],
        lambda parts: [*parts[:4], [1]],
        lambda parts: [*parts[:4], ["/issuer"] * 501],
        lambda parts: [*parts[:4], ["/" + "x" * 2_000]],
        lambda parts: [*parts[:4], [["/issuer"]]],
    ],
)
def test_a_base_value_that_is_none(spoil, base):
    assert refused(spoilt(base, spoil), ["/name"]) == [("proof_value_malformed", "/proof/0/proofValue")]


def test_pointers_of_another_document(base):
    assert refused(spoilt(base, lambda parts: [*parts[:4], ["/nothing"]]), ["/name"]) == [
        ("proof_value_malformed", "/proof/0/proofValue")
    ]


@pytest.mark.parametrize("text", [None, 5, "u2V0B", "u" + "A" * 600_000, "z2", "u"])
def test_text_that_is_no_base_value(text):
    with pytest.raises(MalformedValue):
        read_base(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"colour": "red"}, "term_dropped"),
        ({"@context": [VC, "urn:c"]}, "unknown_context"),
        ({"https://schema.org/name": "x"}, "not_plain"),
        ({"name": "\ud800"}, "lone_surrogate"),
        ({"name": 2**60}, "number_out_of_range"),
    ],
)
def test_a_document_that_means_nothing_certain(base, change, code):
    assert refused({**base, **change}, ["/issuer"])[0][0] == code


def test_a_bound_is_told_as_one(base, monkeypatch):
    monkeypatch.setattr("ler_issuer.vc.canonical.rdfc.MAX_QUADS", 3)
    assert refused(base, ["/name"])[0][0] == "too_large"
