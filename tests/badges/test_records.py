"""Learner records: composed, conforming to CLR 2.0, and relating only what is in them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from badges.samples import LEARNER, entry
from badges.stacks import ISSUER, RECORDED, SPEAKING, STACK, WRITING, derivation, parts, record, stack, urn
from ler_issuer.assessments import Identifier
from ler_issuer.badges import (
    Association,
    AssociationType,
    Subject,
    associations_of,
    identity_hash,
    judge_proof,
    nonconformities,
    record_problems,
    structure,
)
from ler_issuer.vc import CheckId, Outcome, canonize
from signing import SELF_ISSUED, rules, signed

PART_OF, MATCH, BEFORE = AssociationType.IS_PART_OF, AssociationType.EXACT_MATCH_OF, AssociationType.PRECEDES
WALLET = Subject(did="did:key:z6MkWallet")
MISSING: Any = object()


class TestComposing:
    def test_the_frame(self):
        made = record()
        assert {name: value for name, value in made.items() if name != "credentialSubject"} == {
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ],
            "id": urn(99),
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": "Learner record",
            "issuer": {"id": ISSUER.id, "type": ["Profile"], "name": "University", "url": "https://www.example.edu/"},
            "validFrom": "2026-11-02T10:00:00Z",
            "credentialStatus": entry(index=99),
        }

    def test_members_are_bundled_as_they_were_signed(self):
        assert record()["credentialSubject"]["verifiableCredential"] == [*parts(), stack()]

    def test_a_selection_says_so(self):
        assert record(partial=True)["partial"] is True
        assert "partial" not in record()

    def test_the_learner_is_named_in_every_way_that_members_do(self):
        first, second = (Subject.hashed(Identifier(type="ext:studentId", value="7"), salt=salt) for salt in "st")
        merged = Subject(did=WALLET.did, further=(second.identifier, LEARNER.identifier))
        subject = record([parts()[0]], subjects=(LEARNER, WALLET, first, merged, LEARNER))["credentialSubject"]
        assert subject["id"] == WALLET.did
        assert [one["identityHash"] for one in subject["identifier"]] == [
            identity_hash("ada@example.edu", "1f0c9a7b"),
            identity_hash("7", "s"),
            identity_hash("7", "t"),
        ]

    @pytest.mark.parametrize("missing", [{"members": []}, {"subjects": ()}, {"entries": []}])
    def test_a_record_of_nothing_or_nobody_is_not_composed(self, missing):
        with pytest.raises(ValueError, match="a subject, a member, and a status entry"):
            record(**{"members": parts(), "subjects": (LEARNER,), "associations": ()} | missing)

    def test_a_member_without_its_own_proof_is_not_bundled(self):
        bare = parts()[0]
        del bare["proof"]
        with pytest.raises(ValueError, match="its own proof"):
            record([bare])


class TestConforming:
    @pytest.mark.parametrize("learner", [LEARNER, WALLET])
    def test_a_record_passes_schema_probes_safe_mode_and_our_verifier(self, learner):
        """Honest members repeat issuer, learner and achievements; none of that counts as said in a second place."""
        made = record(subjects=(learner,), partial=True)
        assert nonconformities(made, rules().schemas) == ()
        assert record_problems(made) == ()
        assert canonize(made, rules().contexts).lost == ()
        sealed = signed(made, SELF_ISSUED, created=RECORDED)
        assert judge_proof(sealed, {}, rules=rules(), now=RECORDED).authentic

    def test_one_achievement_may_be_held_several_times(self):
        twice = [parts()[0], stack(), stack(number=4)]
        assert nonconformities(record(twice), rules().schemas) == ()
        assert canonize(record(twice), rules().contexts).lost == ()
        assert record_problems(record(twice)) == ()

    def test_every_check_is_passed_or_has_nothing_to_look_at(self):
        found = {one.id: (one.outcome, one.code) for one in structure(record(), rules().schemas)}
        assert found == {
            CheckId.CONTEXT_ORDER: (Outcome.PASS, "contexts_in_order"),
            CheckId.TYPE: (Outcome.PASS, "types_present"),
            CheckId.SCHEMA_BASE: (Outcome.PASS, "schema_fits"),
            CheckId.SCHEMA_DECLARED: (Outcome.SKIPPED, "no_declared_schema"),
            CheckId.SUBJECT_MODEL: (Outcome.PASS, "subject_sound"),
            CheckId.EVIDENCE_TYPES: (Outcome.SKIPPED, "no_evidence"),
            CheckId.ISSUER_TYPES: (Outcome.PASS, "issuer_sound"),
            CheckId.RESULT_REFS: (Outcome.SKIPPED, "not_a_badge"),
        }

    def test_the_schema_can_be_declared(self):
        url = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
        declared = {"credentialSchema": [{"id": url, "type": "1EdTechJsonSchemaValidator2019"}]}
        made = structure(record() | declared, rules().schemas)
        assert (Outcome.PASS, "declared_schema_fits") in {(one.outcome, one.code) for one in made}


SUBJECT = "/credentialSubject"
FIRST = "/credentialSubject/verifiableCredential/0"
RELATION = "/credentialSubject/association/0"
PEERS = {"type": "Association", "associationType": "isPeerOf", "sourceId": "urn:x:1", "targetId": "urn:x:2"}
DESCRIBED = {"id": "urn:x:1", "type": ["Achievement"], "name": "A", "description": "B", "criteria": {"narrative": "C"}}


def violations(document):
    return {
        one.pointer
        for one in structure(document, rules().schemas)
        if one.id is CheckId.SCHEMA_BASE and one.outcome is not Outcome.PASS
    }


def changed(pointer, value):
    """Give the record with a member replaced, added or (MISSING) left out."""
    made = copy.deepcopy(record())
    *steps, last = pointer.split("/")[1:]
    owner = made
    for step in steps:
        owner = owner[int(step) if step.isdigit() else step]
    if value is MISSING:
        del owner[last]
    else:
        owner[int(last) if last.isdigit() else last] = value
    return made


class TestSchema:
    @pytest.mark.parametrize(
        "pointer",
        [f"/{name}" for name in ("@context", "id", "name", "issuer", "validFrom", "credentialSubject")]
        + [f"{SUBJECT}/{name}" for name in ("type", "identifier", "verifiableCredential")]
        + [f"{FIRST}/{name}" for name in ("@context", "type", "issuer", "validFrom", "credentialSubject")]
        + [f"{RELATION}/{name}" for name in ("type", "associationType", "sourceId", "targetId")],
    )
    def test_what_is_required_is_missed(self, pointer):
        assert violations(changed(pointer, MISSING)) == {pointer.rpartition("/")[0]}

    @pytest.mark.parametrize(
        ("pointer", "value"),
        [
            ("/@context", "https://www.w3.org/ns/credentials/v2"),
            ("/@context/0", "https://www.w3.org/2018/credentials/v1"),
            ("/@context/1", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"),
            ("/@context/1", "https://purl.imsglobal.org/spec/clr/v1p0/context.json"),
            ("/@context/2", "https://purl.imsglobal.org/spec/ob/v2p0/context.json"),
            ("/@context", ["https://www.w3.org/ns/credentials/v2"]),
            ("/id", 7),
            ("/type", "ClrCredential"),
            ("/name", 7),
            ("/issuer", {"name": "Nobody"}),
            ("/partial", "yes"),
            ("/validFrom", "2026-11-02"),
            ("/awardedDate", "yesterday"),
            ("/proof", [{"created": "2026-11-02T10:00:00Z"}]),
            ("/credentialStatus", [entry(), entry()]),
            ("/evidence", [{"name": "untyped"}]),
            ("/image", {"id": "urn:x:1", "type": ["Image"]}),
            ("/endorsementJwt", ["not a token"]),
            (SUBJECT, [{}]),
            (f"{SUBJECT}/type", ["AchievementSubject"]),
            (f"{SUBJECT}/identifier", []),
            (f"{SUBJECT}/identifier/0/identityType", "email"),
            (f"{SUBJECT}/identifier/0/extra", True),
            (f"{SUBJECT}/verifiableCredential", []),
            (f"{SUBJECT}/achievement", [{**DESCRIBED, "criteria": "Be good"}]),
            (f"{SUBJECT}/achievement", [{**DESCRIBED, "achievementType": "Trophy"}]),
            (FIRST, "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"),
            (f"{FIRST}/type", ["OpenBadgeCredential"]),
            (f"{FIRST}/@context/0", "https://www.w3.org/2018/credentials/v1"),
            (f"{FIRST}/validFrom", "soon"),
            (RELATION, "urn:x:1 isPartOf urn:x:2"),
            (f"{RELATION}/type", ["Association"]),
            (f"{RELATION}/associationType", "extends"),
            (f"{RELATION}/since", "2026"),
        ],
    )
    def test_what_is_not_of_its_form_is_named(self, pointer, value):
        found = violations(changed(pointer, value))
        assert found
        assert all(place.startswith(pointer) or pointer.startswith(place) for place in found)

    @pytest.mark.parametrize(
        ("pointer", "value"),
        [
            ("/@context/1", "https://purl.imsglobal.org/spec/clr/v2p0/context.json"),
            ("/@context/2", "https://purl.imsglobal.org/spec/ob/v3p0/context.json"),
            ("/issuer", "did:web:cred.example.edu"),
            ("/name", {"en": "Record", "de": "Nachweis"}),
            ("/partial", False),
            ("/reviewed", {"by": "somebody"}),
            (f"{SUBJECT}/id", "did:key:z6Mk"),
            (f"{SUBJECT}/type", "ClrSubject"),
            (f"{SUBJECT}/verifiableCredential", parts()[0]),
            (f"{SUBJECT}/association", PEERS),
            (f"{SUBJECT}/association", [PEERS]),
            (f"{SUBJECT}/association", MISSING),
            (f"{SUBJECT}/achievement", [DESCRIBED, {**DESCRIBED, "achievementType": "ext:Skill"}]),
            (f"{FIRST}/id", MISSING),
            (f"{FIRST}/proof", parts()[0]["proof"][0]),
        ],
    )
    def test_what_the_standard_leaves_open_is_fine(self, pointer, value):
        assert violations(changed(pointer, value)) == set()


class TestAssociations:
    def test_what_a_stack_was_derived_from_is_part_of_it(self):
        assert associations_of([*parts(), stack()]) == (
            Association(PART_OF, SPEAKING.id_url, STACK.id_url),
            Association(PART_OF, WRITING.id_url, STACK.id_url),
        )

    def test_only_what_is_present_is_related(self):
        writing, speaking = parts()
        assert associations_of([writing, speaking]) == ()
        assert associations_of([stack()]) == ()
        assert associations_of([writing, stack()]) == (Association(PART_OF, WRITING.id_url, STACK.id_url),)
        named = {"precedes": [(WRITING.id_url, "urn:x:1")], "equivalences": [["urn:x:1", SPEAKING.id_url]]}
        assert associations_of([writing, speaking], **named) == ()

    def test_order_and_equivalence_come_from_the_rules(self):
        writing, speaking = WRITING.id_url, SPEAKING.id_url
        told = associations_of(
            [*parts(), stack()],
            precedes=[(writing, STACK.id_url), (writing, STACK.id_url), (writing, writing)],
            equivalences=[[writing, "urn:x:1", speaking], [speaking, writing]],
        )
        assert [one for one in told if one.type is not PART_OF] == [
            Association(MATCH, writing, speaking),
            Association(BEFORE, writing, STACK.id_url),
        ]

    def test_each_relation_is_told_once(self):
        again = stack(number=4)
        assert associations_of([*parts(), stack(), again]) == associations_of([*parts(), stack()])

    def test_a_derivation_that_does_not_hang_together_relates_nothing(self):
        broken = stack()
        broken["relatedResource"] = []
        with pytest.raises(ValueError, match="one version of a rule"):
            associations_of([*parts(), broken])

    def test_a_stack_of_stacks_relates_each_to_the_next(self):
        whole = stack(derivation([parts()[0], stack()]), number=5)
        whole["credentialSubject"]["achievement"]["id"] = "urn:x:whole"
        for result in whole["credentialSubject"]["result"]:
            result["resultDescription"] = result["resultDescription"].replace(STACK.id_url, "urn:x:whole")
        told = associations_of([*parts(), stack(), whole])
        assert {(one.source, one.target) for one in told} == {
            (WRITING.id_url, STACK.id_url),
            (SPEAKING.id_url, STACK.id_url),
            (WRITING.id_url, "urn:x:whole"),
            (STACK.id_url, "urn:x:whole"),
        }
