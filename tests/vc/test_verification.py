"""What the vectors do not show: needs, order, and causes that no single file can hold."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import pytest

from ler_issuer import vc
from ler_issuer.vc import CheckId, Outcome
from ler_issuer.vc.documents import unfit
from ler_issuer.vc.plain import overlooked
from signing import (
    LIST_URL,
    NOW,
    PROFILE_URL,
    SELF_ISSUED,
    STRANGER,
    SUSPENSIONS_URL,
    UNIVERSITY,
    badge,
    case,
    proof,
    rules,
    status_list,
)


def checked(document: dict, keys: vc.Material) -> dict[CheckId, tuple[Outcome, str]]:
    findings = vc.check_proofs(document, keys, rules().contexts, NOW)
    return {found.id: (found.outcome, found.code) for found in findings}


def statuses(scene: object) -> list[tuple[Outcome, str]]:
    material = scene.material
    findings = vc.check_status(scene.document, material, material, rules().contexts, NOW)
    return [(found.outcome, found.code) for found in findings]


def test_only_the_key_material_that_the_proof_names_is_needed() -> None:
    assert vc.key_needs(case().document) == (UNIVERSITY.subject,)
    assert vc.key_needs(case(PROFILE_URL).document) == (PROFILE_URL.subject,)
    assert vc.key_needs(case(SELF_ISSUED).document) == ()
    twice = badge() | {"proof": [proof(badge(), UNIVERSITY), proof(badge(), STRANGER), proof(badge(), UNIVERSITY)]}
    assert vc.key_needs(twice) == (UNIVERSITY.subject, STRANGER.subject)


@pytest.mark.parametrize(
    "method", [None, 7, "", "did:example:1#k", "did:web:a.edu%2F@b#k", "file:///etc/passwd#k", ["https://a.edu#k"]]
)
def test_nothing_else_is_asked_for(method: object) -> None:
    assert vc.key_needs({"proof": {"verificationMethod": method}}) == ()


@pytest.mark.parametrize("document", [None, [], 7, "x", {}, {"proof": 7, "credentialStatus": 7}, {"proof": [[{}]]}])
def test_whatever_has_no_needs_names_none(document: object) -> None:
    assert vc.key_needs(document) == ()
    assert vc.status_needs(document) == ()


def test_a_flood_of_needs_is_none() -> None:
    many = [{"verificationMethod": f"https://a{number}.example#k"} for number in range(9)]
    assert vc.key_needs({"proof": many}) == ()
    entries = [vc.entry(f"https://a{number}.example", 1, "revocation") for number in range(9)]
    assert vc.status_needs({"credentialStatus": entries}) == ()


def test_the_lists_of_both_purposes_are_needed_once() -> None:
    document = {
        "credentialStatus": [
            vc.entry(LIST_URL, 1, "revocation"),
            vc.entry(LIST_URL, 2, "revocation"),
            vc.entry(SUSPENSIONS_URL, 1, "suspension"),
        ]
    }
    assert vc.status_needs(document) == (LIST_URL, SUSPENSIONS_URL)
    assert vc.status_needs({"credentialStatus": vc.entry("file:///etc/passwd", 1, "revocation")}) == ()
    assert vc.status_needs({"credentialStatus": vc.entry(LIST_URL, 1, "decoration")}) == ()


def test_all_checks_of_a_good_proof_pass() -> None:
    scene = case()
    assert {outcome for outcome, _ in checked(scene.document, scene.material).values()} == {Outcome.PASS}
    assert {*checked(scene.document, scene.material)} == {*vc.PROOF_CHECKS}


def test_every_check_is_told_even_when_it_means_nothing_any_more() -> None:
    for document in ({}, {"proof": 7}, {"proof": {}}, {"proof": [{"type": "DataIntegrityProof"}]}):
        assert {*vc.PROOF_CHECKS} <= {*checked(document, {})}


def test_a_stranger_is_one_even_when_his_key_cannot_be_had() -> None:
    document = badge() | {"proof": proof(badge(), STRANGER)}
    found = checked(document, {STRANGER.subject: vc.Hole("unreachable")})
    assert found[CheckId.PROOF_KEY] == (Outcome.INDETERMINATE, "key_unreachable")
    assert found[CheckId.PROOF_CONTROLLER] == (Outcome.FAIL, "controller_foreign")


def test_a_signature_of_tomorrow_is_only_a_warning() -> None:
    document = badge() | {"proof": proof(badge(), UNIVERSITY, created="2026-11-16T12:00:00Z")}
    findings = vc.check_proofs(document, case().material, rules().contexts, NOW)
    assert vc.authentic(findings)
    assert (Outcome.WARNING, "created_in_future") in {(found.outcome, found.code) for found in findings}


def test_a_proof_without_a_date_is_judged_by_today() -> None:
    bare = {name: value for name, value in proof(badge(), UNIVERSITY, created=None).items() if value is not None}
    scene = case()
    assert checked(badge() | {"proof": bare}, scene.material)[CheckId.PROOF_SIGNATURE] == (
        Outcome.PASS,
        "signature_holds",
    )
    scene.material[UNIVERSITY.subject].document["verificationMethod"][0]["expires"] = "2026-11-15T11:59:59Z"
    assert checked(badge() | {"proof": bare}, scene.material)[CheckId.PROOF_KEY] == (Outcome.FAIL, "key_expired")


def test_a_purpose_that_does_not_bear_on_validity_is_a_warning() -> None:
    scene = case(change=lambda document: document["credentialStatus"].update(statusPurpose="decoration"))
    assert statuses(scene) == [(Outcome.WARNING, "status_purpose_unknown")]


def test_a_list_for_several_purposes_serves_each() -> None:
    scene = case()
    both = status_list(change=lambda document: document["credentialSubject"].update(statusPurpose=["x", "revocation"]))
    scene.material[LIST_URL] = vc.Found(both)
    assert statuses(scene) == [(Outcome.PASS, "status_clear")]


def test_a_list_whose_proof_is_open_leaves_the_status_open() -> None:
    scene = case()
    lists, keys = scene.material, {UNIVERSITY.subject: vc.Hole("unreachable")}
    findings = vc.check_status(scene.document, lists, keys, rules().contexts, NOW)
    assert [(found.outcome, found.code) for found in findings] == [(Outcome.INDETERMINATE, "list_proof_open")]


@pytest.mark.parametrize("junk", [None, [], 7, {}, {"type": ["VerifiableCredential"]}, {"a": math.inf}])
def test_junk_in_place_of_a_list_is_no_list(junk: object) -> None:
    scene = case()
    scene.material[LIST_URL] = vc.Found(junk)
    assert statuses(scene)[0] in {(Outcome.FAIL, "list_malformed"), (Outcome.FAIL, "list_wrong_type")}


@pytest.mark.parametrize("entry", [7, [], {}, {"type": 7}, {"type": "BitstringStatusListEntry"}])
def test_a_broken_entry_is_a_failure(entry: object) -> None:
    scene = case()
    scene.document["credentialStatus"] = [entry]
    assert statuses(scene) == [(Outcome.FAIL, "status_malformed")]


def test_what_cannot_be_judged_is_named_with_its_place() -> None:
    deep: dict = {}
    for _ in range(100):
        deep = {"a": deep}
    for document, code, pointer in (
        ({"a": [{"b": "\ud800"}]}, "lone_surrogate", "/a/0/b"),
        ({"a": {"\udc00": 1}}, "lone_surrogate", "/a"),
        ({"a/b": [2**53]}, "number_out_of_range", "/a~1b/0"),
        ({"a": math.nan}, "not_a_json_value", ""),
        ({"a": object()}, "not_a_json_value", ""),
        ({7: 1}, "not_a_json_value", ""),
        ({"a": "x" * 2**20}, "too_large", ""),
        (deep, "too_deep", ""),
        ([], "not_an_object", ""),
    ):
        problem = unfit(document)
        assert problem is not None
        assert (problem.code, problem.pointer) == (code, pointer)
    assert unfit({"a": [1.5, None, True, "\U0001f393", {"b": -(2**53) + 1}]}) is None


def test_a_text_with_a_language_is_plain() -> None:
    assert overlooked({"name": {"@value": "Daten", "@language": "de"}}) is None
    for odd in ({"@value": "x", "@type": "y"}, {"@language": "de"}, {"@id": "x"}, {"a": {"b:c": 1}}, {"@graph": []}):
        problem = overlooked({"name": odd})
        assert problem is not None
        assert problem.code == "not_plain"


def test_judging_changes_nothing() -> None:
    scene = case()
    before = copy.deepcopy((scene.document, scene.material))
    vc.check_proofs(scene.document, scene.material, rules().contexts, NOW)
    vc.check_status(scene.document, scene.material, scene.material, rules().contexts, NOW)
    assert (scene.document, scene.material) == before


JUDGED_BY_NAME = {
    f"https://www.w3.org/2018/credentials#{name}": name
    for name in [
        "credentialSchema",
        "credentialStatus",
        "credentialSubject",
        "expirationDate",
        "issuanceDate",
        "issuer",
        "refreshService",
        "validFrom",
        "validUntil",
    ]
} | {
    f"https://www.w3.org/ns/credentials/status#{name}": name
    for name in ("statusPurpose", "statusListIndex", "statusListCredential", "encodedList")
}


def definitions(context: object, prefixes: dict[str, str]) -> Iterator[tuple[str, str]]:
    if isinstance(context, list):
        for item in context:
            yield from definitions(item, prefixes)
    if isinstance(context, dict):
        prefixes = prefixes | {name: iri for name, iri in context.items() if isinstance(iri, str) and ":" in iri}
        for name, item in context.items():
            iri = item.get("@id") if isinstance(item, dict) else item
            if isinstance(iri, str) and not name.startswith("@"):
                prefix, _, rest = iri.partition(":")
                yield name, prefixes.get(prefix, f"{prefix}:") + rest
            yield from definitions(item, prefixes)


def test_no_known_context_has_a_second_name_for_what_is_judged_by_name() -> None:
    """A second name would be one more way to hide an end date or a status (see `vc.plain`)."""
    names = [
        (url, name, JUDGED_BY_NAME[iri])
        for url, document in rules().contexts.documents.items()
        for name, iri in definitions(document["@context"], {})
        if iri in JUDGED_BY_NAME
    ]
    assert len(names) > len(JUDGED_BY_NAME)
    assert [item for item in names if item[1] != item[2]] == []
