from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product

import pytest

from ler_issuer import vc
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.vc import CheckId, Finding, Known, Outcome, Standing, Verdict
from ler_issuer.vc.findings import LONGEST_DETAIL, shown
from ler_issuer.vc.policies import WEIGHED, verdict

AUTHENTIC = [Finding(check, Outcome.PASS, "any", "") for check in vc.PROOF_CHECKS]


def found(check: CheckId, outcome: Outcome, code: str) -> Finding:
    return vc.finding(check, outcome, code)


def test_every_cause_has_words_of_its_own() -> None:
    worded = [message.format(detail="…") for message in MESSAGES.values()]
    assert len({*worded}) == len(worded)
    assert all((message[0].isupper() and message[-1] in ".…)}") or "{" in message for message in MESSAGES.values())


def test_nothing_that_could_not_be_checked_is_called_forged() -> None:
    unsure = [message for code, message in vc.MESSAGES.items() if "could not be checked" in message]
    assert len(unsure) > 10
    assert not any(word in message for message in unsure for word in ("forged", "wrong", "changed", "tampered"))


def test_nothing_that_badges_leave_open_is_called_forged() -> None:
    unsure = [
        message for message in MESSAGES.values() if re.search(r"could not be|cannot be told|was not shown", message)
    ]
    assert len(unsure) > 20
    assert not any(word in message for message in unsure for word in ("forged", "wrong", "changed", "tampered"))


def test_no_checks_is_not_authentic() -> None:
    assert not vc.authentic([])
    assert vc.authentic(AUTHENTIC)
    for number in range(len(AUTHENTIC)):
        assert not vc.authentic(AUTHENTIC[:number] + AUTHENTIC[number + 1 :])


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INDETERMINATE, Outcome.SKIPPED])
def test_one_proof_that_does_not_hold_spoils_the_others(outcome: Outcome) -> None:
    assert not vc.authentic([*AUTHENTIC, Finding(CheckId.PROOF_SIGNATURE, outcome, "any", "")])


def test_the_gravest_standing_is_told() -> None:
    revoked = found(CheckId.STATUS, Outcome.FAIL, "revoked")
    suspended = found(CheckId.STATUS, Outcome.WARNING, "suspended")
    expired = found(CheckId.TIME_VALID_UNTIL, Outcome.FAIL, "expired")
    open_ = found(CheckId.STATUS, Outcome.INDETERMINATE, "list_unreachable")
    assert vc.standing(AUTHENTIC) is Standing.CURRENT
    assert vc.standing([*AUTHENTIC, open_]) is Standing.UNKNOWN
    assert vc.standing([*AUTHENTIC, open_, suspended]) is Standing.SUSPENDED
    assert vc.standing([*AUTHENTIC, suspended, expired]) is Standing.EXPIRED
    assert vc.standing([*AUTHENTIC, expired, revoked]) is Standing.REVOKED
    assert vc.standing([revoked]) is Standing.UNKNOWN


def test_only_what_is_settled_and_stands_is_accepted() -> None:
    assert verdict(AUTHENTIC, known=Known.HERE) is Verdict.ACCEPTED
    assert verdict(AUTHENTIC, known=Known.REGISTRY) is Verdict.ACCEPTED
    assert verdict(AUTHENTIC, known=Known.NO) is Verdict.REVIEW
    assert verdict([], known=Known.HERE) is Verdict.REVIEW
    for check, outcome in product(CheckId, (Outcome.FAIL, Outcome.INDETERMINATE)):
        expected = Verdict.REJECTED if outcome is Outcome.FAIL else Verdict.REVIEW
        assert verdict([*AUTHENTIC, Finding(check, outcome, "any", "")], known=Known.HERE) is expected
    suspended = found(CheckId.STATUS, Outcome.WARNING, "suspended")
    assert verdict([*AUTHENTIC, suspended], known=Known.HERE) is Verdict.REVIEW
    other = Finding(CheckId.CONTEXT_ORDER, Outcome.WARNING, "any", "")
    assert verdict([*AUTHENTIC, other], known=Known.HERE) is Verdict.ACCEPTED


@pytest.mark.parametrize("code", sorted(WEIGHED))
def test_what_a_person_has_to_weigh_is_neither_accepted_nor_rejected(code: str) -> None:
    warned = vc.finding(CheckId.CLR_MEMBER, Outcome.WARNING, code, messages=MESSAGES)
    assert verdict([*AUTHENTIC, warned], known=Known.HERE) is Verdict.REVIEW
    report = vc.conclude([*AUTHENTIC, warned], issuer_id=None, claimed_name=None, known=Known.HERE)
    assert report.summary.endswith(warned.message)


def test_further_findings_draw_the_answers_anew() -> None:
    inside = vc.Member("/x", vc.conclude(AUTHENTIC, issuer_id=None, claimed_name=None, known=Known.HERE))
    report = vc.conclude(AUTHENTIC, issuer_id="did:web:a.edu", claimed_name="A", known=Known.HERE, members=[inside])
    broken = vc.finding(CheckId.DERIVATION_RULE, Outcome.FAIL, "rule_differs", messages=MESSAGES)
    again = vc.amended(report, [broken])
    assert (report.verdict, again.verdict) == (Verdict.ACCEPTED, Verdict.REJECTED)
    assert again.checks[-1] == broken
    assert (again.issuer_id, again.claimed_name, again.known, again.members) == (
        "did:web:a.edu",
        "A",
        Known.HERE,
        (inside,),
    )
    assert again.summary.endswith(broken.message)


def test_a_report_tells_what_came_along_only_when_something_did() -> None:
    report = vc.conclude(AUTHENTIC, issuer_id=None, claimed_name=None, known=Known.HERE)
    assert report.to_json().keys().isdisjoint({"members", "parts"})
    member = vc.Member("/parts/0", report, "urn:x:1", "Skill")
    body = replace(report, parts=(member,)).to_json()
    assert [(one["pointer"], one["id"], one["name"]) for one in body["parts"]] == [("/parts/0", "urn:x:1", "Skill")]


def test_of_what_did_not_verify_only_the_failure_is_told() -> None:
    def told(*findings: Finding) -> dict:
        report = vc.conclude(findings, issuer_id="did:web:a.edu", claimed_name="A", known=Known.HERE)
        return vc.Member("/x", report, "urn:x:1", "Skill").to_json()

    revoked = found(CheckId.STATUS, Outcome.FAIL, "revoked")
    open_ = found(CheckId.PROOF_KEY, Outcome.INDETERMINATE, "key_unreachable")
    forged = found(CheckId.PROOF_SIGNATURE, Outcome.FAIL, "signature_wrong")
    assert told(*AUTHENTIC, revoked).keys() == {"pointer", "verdict", "standing", "authentic", "checks"}
    assert told(*AUTHENTIC, revoked)["standing"] == "revoked"
    for amiss in (open_, forged):
        assert told(amiss, *AUTHENTIC).keys() == {"pointer", "verdict", "checks"}
        assert [one["code"] for one in told(amiss, *AUTHENTIC)["checks"]] == [amiss.code]


def test_a_report_is_in_order_and_tells_the_deciding_reason() -> None:
    late = found(CheckId.TIME_VALID_UNTIL, Outcome.FAIL, "expired")
    forged = vc.finding(CheckId.PROOF_SIGNATURE, Outcome.FAIL, "signature_wrong", "/proof/0")
    report = vc.conclude([late, forged], issuer_id="did:web:a.edu", claimed_name=None, known=Known.NO)
    assert [item.id for item in report.checks] == [CheckId.PROOF_SIGNATURE, CheckId.TIME_VALID_UNTIL]
    assert report.summary.endswith(forged.message)
    body = json.loads(json.dumps(report.to_json()))
    assert body["issuer"] == {"id": "did:web:a.edu", "claimed_name": None, "known": "no"}
    assert body["checks"][0]["pointer"] == "/proof/0"
    assert "pointer" not in body["checks"][1]
    assert (body["verdict"], body["standing"], body["authentic"]) == ("rejected", "unknown", False)


def test_what_a_person_must_weigh_is_told() -> None:
    unknown = found(CheckId.TRUST, Outcome.WARNING, "issuer_unknown")
    odd = Finding(CheckId.CONTEXT_ORDER, Outcome.WARNING, "any", "Odd.")
    report = vc.conclude([*AUTHENTIC, odd, unknown], issuer_id=None, claimed_name=None, known=Known.NO)
    assert report.summary.endswith(unknown.message)
    assert vc.conclude([], issuer_id=None, claimed_name=None, known=Known.NO).summary.endswith("could be made.")


def test_foreign_text_is_shown_without_tricks() -> None:
    assert shown("a\u202eb\nc\ud800d") == "a\ufffdb\ufffdc\ufffdd"
    assert len(shown("x" * 999)) == LONGEST_DETAIL
    assert vc.finding(CheckId.PROOF_SUITE, Outcome.FAIL, "suite_unknown", detail="{0}{x}").message.endswith("{0}{x}")
