import copy
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.samples import ASSESSED, BADGE_ID, badge, entry
from ler_issuer.badges import AwardFacts, Schemas, nonconformities, structure
from ler_issuer.badges.conformance import BADGE_SCHEMA, MOST_FAULTS
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Outcome

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

STRUCTURE = (
    CheckId.CONTEXT_ORDER,
    CheckId.TYPE,
    CheckId.SCHEMA_BASE,
    CheckId.SCHEMA_DECLARED,
    CheckId.SUBJECT_MODEL,
    CheckId.EVIDENCE_TYPES,
    CheckId.ISSUER_TYPES,
    CheckId.RESULT_REFS,
)

STATUS_LIST = {
    "@context": [V2],
    "id": "https://cred.example.edu/status/1",
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": "did:web:cred.example.edu",
    "validFrom": "2026-11-01T10:00:00Z",
    "credentialSubject": {
        "id": "https://cred.example.edu/status/1#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": "uH4sIAAAAAAAA",
    },
}

CLR_CREDENTIAL = {
    "@context": [V2, CLR, OB],
    "id": BADGE_ID,
    "type": ["VerifiableCredential", "ClrCredential"],
    "name": "Record",
    "issuer": {"id": "did:web:cred.example.edu", "type": ["Profile"], "name": "University"},
    "validFrom": "2026-11-01T10:00:00Z",
    "credentialSubject": {"id": "did:key:z6Mk", "type": ["ClrSubject"], "verifiableCredential": [badge()]},
}

ENDORSEMENT = {
    "@context": [V2, OB],
    "id": BADGE_ID,
    "type": ["VerifiableCredential", "EndorsementCredential"],
    "name": "Endorsement",
    "issuer": {"id": "did:web:agency.example.org", "type": ["Profile"], "name": "Agency"},
    "validFrom": "2026-11-01T10:00:00Z",
    "credentialSubject": {"id": "https://cred.example.edu/achievements/01J9", "type": ["EndorsementSubject"]},
}

MISSING = object()


def changed(document, path, value):
    """Copy a document with the member at a path replaced, added or (MISSING) left out."""
    made = copy.deepcopy(document)
    *steps, last = path
    place = made
    for step in steps:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return made


def vc11():
    """Make a badge as it was written in version 1.1 of the data model."""
    made = changed(badge(), ["@context"], [V1, OB])
    made["issuanceDate"] = made.pop("validFrom")
    return made


def found(document, schemas, *outcomes):
    """Give check, code and place of all findings with one of the outcomes."""
    return {(one.id, one.code, one.pointer) for one in structure(document, schemas) if one.outcome in outcomes}


def faults(document, schemas, check):
    """Give code and pointer of what one check has against a document."""
    told = found(document, schemas, Outcome.FAIL, Outcome.WARNING)
    return {(code, pointer) for name, code, pointer in told if name is check}


class TestSchemas:
    def test_nothing_is_ever_fetched(self):
        with pytest.raises(ValueError, match=r"https://example\.org/other.*not fetched"):
            Schemas.compile({"x": {"$ref": "https://example.org/other"}})

    def test_formats_are_checked(self, schemas):
        assert faults(changed(badge(), ["validFrom"], "2026-11-01"), schemas, CheckId.SCHEMA_BASE) == {
            ("schema_violation", "/validFrom")
        }

    def test_messages_do_not_repeat_the_document(self, schemas):
        document = changed(badge(), ["credentialSubject", "result", 0, "status"], "my secret")
        (told,) = [one for one in structure(document, schemas) if one.outcome is Outcome.FAIL]
        assert told.code == "schema_violation"
        assert "my secret" not in told.message
        assert "Completed" in told.message

    def test_the_deepest_complaint_is_told(self, schemas):
        document = changed(badge(), ["credentialSubject", "achievement", "criteria"], "Be good")
        assert ("schema_violation", "/credentialSubject/achievement/criteria") in faults(
            document, schemas, CheckId.SCHEMA_BASE
        )

    def test_without_the_schema_the_form_is_checked_roughly(self):
        nothing = Schemas.compile({})
        assert faults(badge(), nothing, CheckId.SCHEMA_BASE) == {("schema_unavailable", "")}
        assert ("member_missing", "") in faults(changed(badge(), ["issuer"], MISSING), nothing, CheckId.SCHEMA_BASE)


class TestGood:
    def test_a_badge_passes_every_check(self, schemas):
        assert [(one.id, one.outcome) for one in structure(badge(), schemas)] == [
            (check, Outcome.SKIPPED if check is CheckId.SCHEMA_DECLARED else Outcome.PASS) for check in STRUCTURE
        ]

    def test_a_badge_that_says_little_passes_too(self, schemas):
        plain = badge(AwardFacts(assessed_at=ASSESSED))
        assert found(plain, schemas, Outcome.FAIL, Outcome.WARNING) == set()
        assert found(plain, schemas, Outcome.SKIPPED) == {
            (CheckId.SCHEMA_DECLARED, "no_declared_schema", ""),
            (CheckId.EVIDENCE_TYPES, "no_evidence", ""),
            (CheckId.RESULT_REFS, "no_results", ""),
        }

    def test_a_status_list_is_no_badge(self, schemas):
        assert found(STATUS_LIST, schemas, Outcome.FAIL, Outcome.WARNING) == set()
        assert {name for name, code, _ in found(STATUS_LIST, schemas, Outcome.SKIPPED) if code == "not_a_badge"} == {
            CheckId.SUBJECT_MODEL,
            CheckId.EVIDENCE_TYPES,
            CheckId.ISSUER_TYPES,
            CheckId.RESULT_REFS,
        }

    def test_a_record_is_held_against_the_schema_of_its_kind(self, schemas):
        assert found(CLR_CREDENTIAL, schemas, Outcome.FAIL, Outcome.WARNING) == set()

    def test_a_kind_without_a_schema_here_is_checked_roughly(self, schemas):
        assert found(ENDORSEMENT, schemas, Outcome.FAIL, Outcome.WARNING) == {
            (CheckId.SCHEMA_BASE, "schema_unavailable", "")
        }

    def test_a_badge_of_version_11_is_at_best_a_warning(self, schemas):
        assert found(vc11(), schemas, Outcome.FAIL, Outcome.WARNING) == {
            (CheckId.CONTEXT_ORDER, "vc11", "/@context/0"),
            (CheckId.SCHEMA_BASE, "vc11_model", ""),
        }

    def test_single_values_where_arrays_may_stand_are_fine(self, schemas):
        made = badge()
        made["issuer"]["type"] = "Profile"
        made["credentialSubject"]["type"] = "AchievementSubject"
        made["evidence"] = made["evidence"][0]
        assert found(made, schemas, Outcome.FAIL, Outcome.WARNING) == set()


class TestStatusArray:
    def test_two_entries_are_the_one_tolerated_departure(self, schemas):
        made = badge(entries=[entry(), entry("suspension", 5)])
        assert found(made, schemas, Outcome.FAIL, Outcome.WARNING) == {
            (CheckId.SCHEMA_BASE, "status_array", "/credentialStatus")
        }
        assert nonconformities(made, schemas) == ()

    def test_an_array_of_anything_else_is_not_tolerated(self, schemas):
        made = badge(entries=[entry(), entry() | {"type": "1EdTechRevocationList"}])
        assert faults(made, schemas, CheckId.SCHEMA_BASE) == {("schema_violation", "/credentialStatus")}

    @pytest.mark.parametrize("path", [["validFrom"], ["awardedDate"], ["evidence"], ["@context"], ["issuer"]])
    def test_an_array_beside_another_fault_is_not_tolerated(self, path, schemas):
        made = changed(badge(entries=[entry(), entry()]), path, 5)
        for order in (made, dict(reversed(made.items()))):  # whichever fault is met first
            told = faults(order, schemas, CheckId.SCHEMA_BASE)
            assert {code for code, _ in told} == {"schema_violation"}
            assert len(told) == 2


BROKEN = [
    (CheckId.CONTEXT_ORDER, ["@context"], MISSING, "context_missing", ""),
    (CheckId.CONTEXT_ORDER, ["@context"], V2, "context_missing", "/@context"),
    (CheckId.CONTEXT_ORDER, ["@context"], [V2], "context_too_few", "/@context"),
    (CheckId.CONTEXT_ORDER, ["@context", 0], OB, "context_order", "/@context/0"),
    (CheckId.CONTEXT_ORDER, ["@context", 1], {"name": "urn:x"}, "context_order", "/@context/1"),
    (CheckId.CONTEXT_ORDER, ["@context", 1], "https://evil.example/v1", "unknown_context", "/@context/1"),
    (CheckId.CONTEXT_ORDER, ["@context", 1], OB.replace("3.0.3", "3.0.1"), "context_version", "/@context/1"),
    (
        CheckId.CONTEXT_ORDER,
        ["@context", 1],
        "https://purl.imsglobal.org/spec/ob/v3p0/context/ob_v3p0.jsonld",
        "context_alias",
        "/@context/1",
    ),
    (CheckId.TYPE, ["type"], ["OpenBadgeCredential"], "not_a_credential", "/type"),
    (CheckId.TYPE, ["type"], MISSING, "not_a_credential", ""),
    (CheckId.TYPE, ["type"], ["VerifiableCredential"], "badge_type_missing", "/type"),
    (CheckId.SCHEMA_BASE, ["issuer"], {"id": 5}, "schema_violation", "/issuer/id"),
    (
        CheckId.SCHEMA_BASE,
        ["credentialSubject", "achievement", "name"],
        MISSING,
        "schema_violation",
        "/credentialSubject/achievement",
    ),
    (
        CheckId.SCHEMA_DECLARED,
        ["credentialSchema"],
        [{"id": "https://x.example/s", "type": "1EdTechJsonSchemaValidator2019"}],
        "unchecked",
        "/credentialSchema/0",
    ),
    (
        CheckId.SCHEMA_DECLARED,
        ["credentialSchema"],
        {"id": BADGE_SCHEMA, "type": "JsonSchema"},
        "unchecked",
        "/credentialSchema",
    ),
    (CheckId.SCHEMA_DECLARED, ["credentialSchema"], ["x"], "declared_schema_malformed", "/credentialSchema/0"),
    (CheckId.SUBJECT_MODEL, ["credentialSubject"], MISSING, "subject_missing", ""),
    (CheckId.SUBJECT_MODEL, ["credentialSubject"], ["x"], "subject_missing", "/credentialSubject"),
    (CheckId.SUBJECT_MODEL, ["credentialSubject"], [{}, {}], "subject_not_single", "/credentialSubject"),
    (CheckId.SUBJECT_MODEL, ["credentialSubject", "type"], "Person", "subject_type", "/credentialSubject/type"),
    (CheckId.SUBJECT_MODEL, ["credentialSubject", "identifier"], MISSING, "subject_unidentified", "/credentialSubject"),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "identifier"],
        [{"type": "Name"}],
        "identifier_type",
        "/credentialSubject/identifier/0/type",
    ),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "source"],
        {"id": "urn:x", "type": "Person"},
        "source_type",
        "/credentialSubject/source/type",
    ),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "result", 0, "type"],
        "Outcome",
        "result_type",
        "/credentialSubject/result/0/type",
    ),
    (CheckId.SUBJECT_MODEL, ["credentialSubject", "achievement"], MISSING, "achievement_missing", "/credentialSubject"),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "achievement", "type"],
        "Badge",
        "achievement_type",
        "/credentialSubject/achievement/type",
    ),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "achievement", "criteria"],
        {},
        "criteria_empty",
        "/credentialSubject/achievement/criteria",
    ),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "achievement", "resultDescription", 1, "type"],
        "RD",
        "result_description_type",
        "/credentialSubject/achievement/resultDescription/1/type",
    ),
    (
        CheckId.SUBJECT_MODEL,
        ["credentialSubject", "achievement", "resultDescription", 0, "rubricCriterionLevel", 0, "type"],
        "Level",
        "rubric_level_type",
        "/credentialSubject/achievement/resultDescription/0/rubricCriterionLevel/0/type",
    ),
    (CheckId.EVIDENCE_TYPES, ["evidence", 0, "type"], "Proof", "evidence_type", "/evidence/0/type"),
    (CheckId.EVIDENCE_TYPES, ["evidence"], ["urn:x"], "evidence_type", "/evidence/0"),
    (CheckId.ISSUER_TYPES, ["issuer"], "did:web:cred.example.edu", "issuer_uri", "/issuer"),
    (CheckId.ISSUER_TYPES, ["issuer"], MISSING, "issuer_missing", ""),
    (CheckId.ISSUER_TYPES, ["issuer", "type"], "InvalidProfile", "issuer_type", "/issuer/type"),
    (
        CheckId.ISSUER_TYPES,
        ["issuer", "otherIdentifier"],
        [{"type": "Id"}],
        "issuer_identifier_type",
        "/issuer/otherIdentifier/0/type",
    ),
    (
        CheckId.ISSUER_TYPES,
        ["issuer", "parentOrg"],
        {"id": "urn:x", "type": "Org"},
        "issuer_parent_type",
        "/issuer/parentOrg/type",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "result", 0, "resultDescription"],
        "urn:x",
        "result_description_unknown",
        "/credentialSubject/result/0/resultDescription",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "result", 0, "achievedLevel"],
        "urn:x",
        "level_unknown",
        "/credentialSubject/result/0/achievedLevel",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "result", 3, "value"],
        "101",
        "value_out_of_range",
        "/credentialSubject/result/3/value",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "achievement", "resultDescription", 3, "resultType"],
        "Status",
        "result_status_missing",
        "/credentialSubject/result/3",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "achievement", "resultDescription", 3, "allowedValue"],
        ["A", "B"],
        "value_not_allowed",
        "/credentialSubject/result/3/value",
    ),
    (
        CheckId.RESULT_REFS,
        ["credentialSubject", "achievement", "resultDescription", 0, "requiredLevel"],
        "urn:x",
        "required_level_unknown",
        "/credentialSubject/achievement/resultDescription/0/requiredLevel",
    ),
]
WARNINGS = {
    "context_version",
    "context_alias",
    "unchecked",
    "issuer_uri",
    "value_out_of_range",
    "value_not_allowed",
    "required_level_unknown",
}


class TestBroken:
    @pytest.mark.parametrize(("check", "path", "value", "code", "pointer"), BROKEN, ids=[one[3] for one in BROKEN])
    def test_each_fault_has_its_code_and_place(self, check, path, value, code, pointer, schemas):
        told = structure(changed(badge(), path, value), schemas)
        (fault,) = [one for one in told if one.id is check and one.code == code]
        assert fault.pointer == pointer
        assert fault.outcome is (Outcome.WARNING if code in WARNINGS else Outcome.FAIL)
        assert not any(one.id is check and one.outcome is Outcome.PASS for one in told)

    @pytest.mark.parametrize(("path", "value", "code"), [one[1:4] for one in BROKEN], ids=[one[3] for one in BROKEN])
    def test_what_is_broken_is_never_signed(self, path, value, code, schemas):
        assert code in {one.code for one in nonconformities(changed(badge(), path, value), schemas)}

    def test_a_declared_schema_that_is_here_is_applied(self, schemas):
        declared = {"credentialSchema": [{"id": BADGE_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}] * 3}
        told = [one for one in structure(badge() | declared, schemas) if one.id is CheckId.SCHEMA_DECLARED]
        assert [one.outcome for one in told] == [Outcome.PASS]
        broken = changed(badge() | declared, ["validFrom"], "soon")
        told = [one for one in structure(broken, schemas) if one.id is CheckId.SCHEMA_DECLARED]
        assert [(one.code, one.pointer) for one in told] == [("declared_schema_violation", "/validFrom")]

    def test_the_schemas_here_are_not_for_badges_of_vc_1_1(self, schemas):
        declared = {"credentialSchema": [{"id": BADGE_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}]}
        told = [one for one in structure(vc11() | declared, schemas) if one.id is CheckId.SCHEMA_DECLARED]
        assert [(one.outcome, one.code) for one in told] == [(Outcome.WARNING, "unchecked")]

    @pytest.mark.parametrize(
        ("document", "path", "code"),
        [
            (vc11(), ["issuanceDate"], "member_missing"),
            (vc11(), ["name"], "member_missing"),
            (STATUS_LIST, ["issuer"], "member_missing"),
            (STATUS_LIST, ["credentialSubject"], "member_missing"),
            (CLR_CREDENTIAL | {"@context": [V1, CLR, OB]}, ["name"], "member_missing"),
            (ENDORSEMENT, ["name"], "member_missing"),
        ],
    )
    def test_what_every_credential_needs_is_missed(self, document, path, code, schemas):
        assert (code, "") in faults(changed(document, path, MISSING), schemas, CheckId.SCHEMA_BASE)

    def test_endorsements_of_vc_1_1_need_no_name(self, schemas):
        made = ENDORSEMENT | {"@context": [V1, OB], "issuanceDate": "2022-11-01T10:00:00Z"}
        assert faults(changed(made, ["name"], MISSING), schemas, CheckId.SCHEMA_BASE) == {("vc11_model", "")}

    def test_a_part_of_the_wrong_form_is_named(self, schemas):
        assert ("member_malformed", "/credentialStatus/0") in faults(
            STATUS_LIST | {"credentialStatus": ["x"]}, schemas, CheckId.SCHEMA_BASE
        )

    def test_a_level_may_be_told_without_naming_its_description(self, schemas):
        made = changed(badge(), ["credentialSubject", "result", 0, "resultDescription"], MISSING)
        assert faults(made, schemas, CheckId.RESULT_REFS) == set()
        made["credentialSubject"]["result"][0]["achievedLevel"] = "urn:x"
        assert {code for code, _ in faults(made, schemas, CheckId.RESULT_REFS)} == {"level_unknown"}

    def test_a_report_stays_short(self, schemas):
        made = changed(badge(), ["evidence"], [{"type": "Proof"}] * 1_000)
        told = [one for one in structure(made, schemas) if one.id is CheckId.EVIDENCE_TYPES]
        assert len(told) == MOST_FAULTS

    def test_absurd_nesting_is_a_finding(self, schemas):
        deep = {}
        for _ in range(100_000):
            deep = {"id": deep}
        made = changed(badge(), ["credentialSubject", "source"], deep)
        assert ("schema_unreadable", "") in faults(made, schemas, CheckId.SCHEMA_BASE)
        while deep:  # taken apart from outside, because dropping it whole recurses
            deep = deep.pop("id")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Profile", "Result", "AchievementSubject", "VerifiableCredential", "ClrCredential", V1, V2, OB]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "criteria", "identifier", "rubricCriterionLevel", "achievement", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def places(value, path=()):
    """Give the paths of all members of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        yield (*path, name)
        yield from places(member, (*path, name))


class TestTotal:
    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_whatever_stands_anywhere_every_check_has_a_finding(self, data, schemas):
        document = data.draw(st.sampled_from([badge(), vc11(), CLR_CREDENTIAL, ENDORSEMENT, STATUS_LIST]))
        for _ in range(data.draw(st.integers(1, 3))):
            path = data.draw(st.sampled_from(list(places(document))))
            document = changed(document, path, data.draw(json_values | st.just(MISSING)))
            if not document:
                break
        told = structure(document, schemas)
        assert {one.id for one in told} == set(STRUCTURE)
        assert [one.id for one in told] == sorted((one.id for one in told), key=STRUCTURE.index)
        assert all(one.code in MESSAGES and one.message for one in told)

    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        document=st.dictionaries(
            st.sampled_from(["@context", "type", "issuer", "credentialSubject", "evidence", "credentialSchema", "id"]),
            json_values,
        )
    )
    def test_any_object_is_judged(self, document, schemas):
        assert {one.id for one in structure(document, schemas)} == set(STRUCTURE)


def test_every_code_has_its_own_words():
    assert len(set(MESSAGES.values())) == len(MESSAGES)


def test_judging_the_structure_takes_a_fraction_of_a_millisecond(schemas):
    document = json.loads(json.dumps(badge()))
    structure(document, schemas)
    took = []
    for _ in range(30):
        began = time.perf_counter()
        structure(document, schemas)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.001
