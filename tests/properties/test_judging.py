"""Judging is total, bounded and hard to fool (invariants I6, I7 and I8 of the architecture)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.badges.verification import judge, judge_proof
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Known, Report, Verdict
from signing import LIST_URL, NOW, UNIVERSITY, case, rules

VALID = sorted((Path(__file__).resolve().parent.parent / "vectors" / "valid").glob("*.json"))
APPLY_ONLY_SOMETIMES = {
    CheckId.DISCLOSURE,
    CheckId.JWT_CLAIMS,
    CheckId.PRESENTATION,
    CheckId.REFRESH,
    CheckId.ENDORSEMENT,
    CheckId.ENDORSEMENT_TARGET,
    CheckId.RECIPIENT,
    CheckId.CLR_MEMBER,
    CheckId.CLR_ASSOCIATION,
    *(check for check in CheckId if check.startswith("derivation.")),
}

WORDS = st.sampled_from(
    [
        "@context",
        "@type",
        "@id",
        "@graph",
        "@value",
        "@list",
        "@included",
        "@reverse",
        "@nest",
        "id",
        "type",
        "proof",
        "issuer",
        "validFrom",
        "validUntil",
        "name",
        "credentialSubject",
        "credentialStatus",
        "verificationMethod",
        "proofPurpose",
        "cryptosuite",
        "created",
        "achievement",
        "endorsement",
        "DataIntegrityProof",
        "eddsa-rdfc-2022",
        "assertionMethod",
        "VerifiableCredential",
        "OpenBadgeCredential",
        "ClrCredential",
        "BitstringStatusListEntry",
        "statusPurpose",
        "revocation",
        "statusListIndex",
        "statusListCredential",
        "evidence",
        "result",
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "https://www.w3.org/2018/credentials/v1",
        "did:key:z6Mk",
        "did:web:cred.example.edu:issuers:1#k",
        "_:b0",
        "urn:uuid:1",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | WORDS
    | st.text(alphabet=st.characters(codec=None, categories=["Cs", "Cc", "Cf"]), max_size=3)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=6), inner, max_size=5),
    max_leaves=25,
)
HOLES = st.sampled_from(["unreachable", "refused", "not_found", "too_large", "not_json", "not_asked"]).map(vc.Hole)
MATERIAL = st.dictionaries(
    st.sampled_from([UNIVERSITY.subject, LIST_URL, "did:web:cred.example.edu"]), ANYTHING.map(vc.Found) | HOLES
)
SLOWLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def judged(document: object, material: vc.Material) -> Report:
    """Judge as the service does, needs first."""
    vc.key_needs(document)
    vc.status_needs(document)
    judge_proof(document, material, rules=rules(), now=NOW)
    return judge(document, material, rules=rules(), known=Known.HERE, now=NOW)


def assert_is_whole(report: Report) -> None:
    json.dumps(report.to_json(), allow_nan=False, ensure_ascii=False).encode()
    assert {*CheckId} - {found.id for found in report.checks} <= APPLY_ONLY_SOMETIMES
    assert {found.code for found in report.checks} <= MESSAGES.keys()
    assert [*CheckId].index(report.checks[0].id) == 0
    assert all(found.message for found in report.checks)


def places(document: object) -> Iterator[tuple[str | int, ...]]:
    """Yield the path to every value inside a document."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, item in items:
        yield (key,)
        yield from ((key, *rest) for rest in places(item))


def replaced(document: object, path: tuple[str | int, ...], value: object) -> object:
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@SLOWLY
@given(ANYTHING, MATERIAL)
def test_judging_anything_gives_a_report(document: object, material: vc.Material) -> None:
    report = judged(document, material)
    assert_is_whole(report)
    assert report.verdict is not Verdict.ACCEPTED


@SLOWLY
@given(st.data())
def test_judging_a_badge_with_anything_in_it_gives_a_report(data: st.DataObject) -> None:
    scene = case()
    path = data.draw(st.sampled_from([*places(scene.document)]))
    report = judged(replaced(scene.document, path, data.draw(ANYTHING)), scene.material)
    assert_is_whole(report)


@SLOWLY
@given(st.data())
def test_judging_by_material_with_anything_in_it_gives_a_report(data: st.DataObject) -> None:
    scene = case()
    name = data.draw(st.sampled_from([*scene.material]))
    published = scene.material[name].document
    path = data.draw(st.sampled_from([*places(published)]))
    scene.material[name] = vc.Found(replaced(published, path, data.draw(ANYTHING)))
    assert_is_whole(judged(scene.document, scene.material))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_member_added_anywhere_is_noticed(data: st.DataObject) -> None:
    scene = case()
    objects = [(), *(path for path in places(scene.document) if isinstance(value_at(scene.document, path), dict))]
    path = data.draw(st.sampled_from(objects))
    name = data.draw(
        st.text(min_size=1, max_size=8) | st.sampled_from(["grade", "ex:grade", "@index", "https://a.b/c"])
    )
    holder = value_at(scene.document, path)
    if name in holder:
        return
    holder[name] = data.draw(st.sampled_from(["A", 7, True, {"id": "urn:x:1"}, ["A"]]))
    assert judged(scene.document, scene.material).verdict is not Verdict.ACCEPTED


def value_at(document: object, path: tuple[str | int, ...]) -> object:
    for key in path:
        document = document[key]
    return document


def mutants(value: object) -> list[object]:
    match value:
        case bool():
            return [not value, None]
        case int() | float():
            return [value + 1, -value, None]
        case str():
            return [value + "x", value[1:], value.swapcase(), None]
        case _:
            return []


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_no_changed_leaf_of_a_good_credential_is_accepted(file: Path) -> None:
    vector = json.loads(file.read_bytes())
    material = {place: vc.Found(item["found"]) for place, item in vector["material"].items()}
    now = datetime.fromisoformat(vector["now"])

    def verdict_on(document: object) -> Verdict:
        return judge(document, material, rules=rules(), known=Known.HERE, now=now).verdict

    assert verdict_on(vector["document"]) is Verdict.ACCEPTED
    survivors = [
        (path, mutant)
        for path in places(vector["document"])
        for mutant in mutants(value_at(vector["document"], path))
        if mutant != value_at(vector["document"], path)
        and verdict_on(replaced(vector["document"], path, mutant)) is Verdict.ACCEPTED
    ]
    assert survivors == []
