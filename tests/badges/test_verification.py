from __future__ import annotations

import pytest

from ler_issuer import vc
from ler_issuer.badges.verification import judge, judge_proof
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Known, Outcome, Report, Standing, Verdict
from signing import (
    INDEX,
    LIST_URL,
    SELF_ISSUED,
    SUSPENSIONS_URL,
    UNIVERSITY,
    Case,
    case,
    rules,
    status_list,
)

OPTIONAL = {
    CheckId.DISCLOSURE,
    CheckId.REFRESH,
    CheckId.ENDORSEMENT,
    CheckId.JWT_CLAIMS,
    CheckId.PRESENTATION,
    CheckId.ENDORSEMENT_TARGET,
    CheckId.CLR_MEMBER,
    CheckId.CLR_ASSOCIATION,
    CheckId.RECIPIENT,
    *(check for check in CheckId if check.startswith("derivation.")),
}


def report_on(scene: Case) -> Report:
    return judge(scene.document, scene.material, rules=rules(), known=scene.known, now=scene.now)


def found(report: Report, check: CheckId) -> set[tuple[Outcome, str]]:
    return {(item.outcome, item.code) for item in report.checks if item.id is check}


def test_a_credential_that_stands_is_accepted() -> None:
    report = report_on(case())
    assert (report.verdict, report.standing, report.authentic) == (Verdict.ACCEPTED, Standing.CURRENT, True)
    assert (report.issuer_id, report.claimed_name) == (UNIVERSITY.subject, "Example University")
    assert {*CheckId} - {item.id for item in report.checks} == OPTIONAL
    assert all(item.outcome in {Outcome.PASS, Outcome.SKIPPED} for item in report.checks)


@pytest.mark.parametrize(
    ("known", "verdict", "code"),
    [
        (Known.HERE, Verdict.ACCEPTED, "issuer_here"),
        (Known.REGISTRY, Verdict.ACCEPTED, "issuer_in_registry"),
        (Known.NO, Verdict.REVIEW, "issuer_unknown"),
    ],
)
def test_an_unknown_issuer_is_for_a_person_to_judge(known: Known, verdict: Verdict, code: str) -> None:
    scene = case()
    scene.known = known
    report = report_on(scene)
    assert (report.verdict, report.standing, report.known) == (verdict, Standing.CURRENT, known)
    assert {name for _, name in found(report, CheckId.TRUST)} == {code}


def test_a_revoked_credential_is_genuine_and_yet_rejected() -> None:
    scene = case()
    scene.material[LIST_URL] = vc.Found(status_list([INDEX]))
    report = report_on(scene)
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REJECTED, Standing.REVOKED, True)
    assert report.summary.endswith(MESSAGES["revoked"])


def test_a_suspended_credential_may_come_back() -> None:
    def suspendable(document: dict) -> None:
        entry = vc.entry(SUSPENSIONS_URL, INDEX, "suspension")
        document["credentialStatus"] = [document["credentialStatus"], entry]

    scene = case(change=suspendable)
    scene.material[SUSPENSIONS_URL] = vc.Found(status_list([INDEX], url=SUSPENSIONS_URL, purpose="suspension"))
    report = report_on(scene)
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REVIEW, Standing.SUSPENDED, True)
    assert found(report, CheckId.SCHEMA_BASE) == {(Outcome.WARNING, "status_array")}
    assert report.summary.endswith(MESSAGES["suspended"])


def test_a_list_out_of_reach_is_never_a_forgery() -> None:
    scene = case()
    scene.hole(LIST_URL, "unreachable")
    report = report_on(scene)
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REVIEW, Standing.UNKNOWN, True)
    assert "could not be reached" in report.summary


def test_a_key_out_of_reach_is_never_a_forgery() -> None:
    scene = case()
    scene.hole(UNIVERSITY.subject, "unreachable")
    report = report_on(scene)
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REVIEW, Standing.UNKNOWN, False)
    assert "could not be reached" in report.summary
    assert found(report, CheckId.STATUS) == {(Outcome.SKIPPED, "proof_not_held")}


def test_an_altered_credential_is_rejected_and_its_status_not_looked_at() -> None:
    scene = case()
    scene.document["name"] = "Doctor of Everything"
    scene.material[LIST_URL] = vc.Found(status_list([INDEX]))
    report = report_on(scene)
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REJECTED, Standing.UNKNOWN, False)
    assert report.summary.endswith(MESSAGES["signature_wrong"])
    assert found(report, CheckId.STATUS) == {(Outcome.SKIPPED, "proof_not_held")}
    assert found(report, CheckId.TRUST) == {(Outcome.SKIPPED, "issuer_not_proven")}


def test_the_status_is_needed_only_after_the_proof_held() -> None:
    scene = case()
    assert judge_proof(scene.document, scene.material, rules=rules(), now=scene.now).authentic
    assert not judge_proof(scene.document, {}, rules=rules(), now=scene.now).authentic


def test_what_was_proved_need_not_be_proved_again() -> None:
    scene = case()
    proved = judge_proof(scene.document, scene.material, rules=rules(), now=scene.now)
    again = judge(scene.document, scene.material, rules=rules(), known=scene.known, now=scene.now, proved=proved)
    assert again == report_on(scene)


def test_a_document_that_is_none_gets_a_full_report_too() -> None:
    scene = case()
    scene.document = [scene.document]
    report = report_on(scene)
    assert (report.verdict, report.standing, report.known) == (Verdict.REJECTED, Standing.UNKNOWN, Known.NO)
    assert {*CheckId} - {item.id for item in report.checks} == OPTIONAL
    assert {item.code for item in report.checks} == {"not_an_object", "unreadable"}


def test_an_unknown_context_is_out_of_order() -> None:
    scene = case()
    scene.document["@context"].append("https://evil.example/context")
    assert found(report_on(scene), CheckId.CONTEXT_ORDER) == {(Outcome.FAIL, "unknown_context")}


def test_parts_that_the_verdict_does_not_vouch_for_are_named() -> None:
    def add_parts(document: dict) -> None:
        document["refreshService"] = {"id": "https://cred.example.edu/refresh", "type": "1EdTechCredentialRefresh"}
        document["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
        document["credentialSubject"]["achievement"]["endorsementJwt"] = ["aaa.bbb.ccc"]

    report = report_on(case(change=add_parts))
    assert report.verdict is Verdict.ACCEPTED
    assert found(report, CheckId.REFRESH) == {(Outcome.WARNING, "refresh_not_followed")}
    endorsed = [item for item in report.checks if item.id is CheckId.ENDORSEMENT]
    assert [item.pointer for item in endorsed] == ["/credentialSubject/achievement/endorsementJwt/0"]


def test_a_name_proves_nothing_by_itself() -> None:
    scene = case(SELF_ISSUED)
    scene.known = Known.NO
    report = report_on(scene)
    assert (report.authentic, report.verdict, report.claimed_name) == (True, Verdict.REVIEW, "Example University")
