"""Every file below `tests/vectors`, judged: the verdict, and the stage at which it fell."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

import scenarios
from ler_issuer import vc
from ler_issuer.badges.verification import judge
from ler_issuer.vc import CheckId, Known, Outcome, Report, Verdict
from signing import rules

FOLDER = Path(__file__).resolve().parent.parent / "vectors"
FILES = sorted(file for stage in scenarios.STAGES for file in (FOLDER / stage).glob("*.json"))
MEMBERS = {"comment", "expect", "now", "material", "document"}
TROUBLE = {Outcome.FAIL, Outcome.INDETERMINATE}

STAGE_OF = {
    CheckId.INPUT_FORMAT: "parse",
    CheckId.CONTEXT_ORDER: "context",
    CheckId.JSONLD_SAFE: "canonical",
    CheckId.PROOF_PRESENT: "proof",
    CheckId.PROOF_SUITE: "proof",
    CheckId.PROOF_KEY: "proof",
    CheckId.PROOF_CONTROLLER: "proof",
    CheckId.PROOF_SIGNATURE: "proof",
    CheckId.JWT_CLAIMS: "proof",
    CheckId.STATUS: "status",
    CheckId.TIME_VALID_FROM: "validity",
    CheckId.TIME_VALID_UNTIL: "validity",
}
STAGES = ["parse", "context", "canonical", "proof", "status", "validity"]


def judged(vector: dict) -> Report:
    material = {
        place: vc.Found(item["found"]) if "found" in item else vc.Hole(item["hole"])
        for place, item in vector["material"].items()
    }
    now = datetime.fromisoformat(vector["now"])
    return judge(vector["document"], material, rules=rules(), known=Known.HERE, now=now)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_vector_is_judged_as_it_says(file: Path) -> None:
    vector = json.loads(file.read_bytes())
    assert vector.keys() == MEMBERS
    report = judged(vector)
    if vector["expect"] == "valid":
        assert report.verdict is Verdict.ACCEPTED
        return
    expected = vector["expect"]
    assert report.verdict is not Verdict.ACCEPTED
    assert {found.code: STAGE_OF.get(found.id) for found in report.checks}.get(expected["code"]) == expected["stage"]
    troubled = [STAGE_OF[found.id] for found in report.checks if found.id in STAGE_OF and found.outcome in TROUBLE]
    assert min(map(STAGES.index, troubled), default=STAGES.index("status")) == STAGES.index(expected["stage"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_only_what_could_not_be_checked_goes_to_a_person(file: Path) -> None:
    report = judged(json.loads(file.read_bytes()))
    outcomes = {found.outcome for found in report.checks}
    assert (report.verdict is Verdict.REJECTED) == (Outcome.FAIL in outcomes)


def test_the_files_are_what_the_scenarios_make() -> None:
    made = {
        name: json.dumps(vector, indent=1, ensure_ascii=False) + "\n" for name, vector in scenarios.vectors().items()
    }
    kept = {f"{file.parent.name}/{file.name}": file.read_text(encoding="utf-8") for file in FILES}
    assert kept == made


def test_every_refusal_of_vc_has_a_vector() -> None:
    codes = {json.loads(file.read_bytes())["expect"]["code"] for file in FILES if file.parent.name != "valid"}
    reports = [judged(json.loads(file.read_bytes())) for file in FILES]
    benign = {found.code for report in reports for found in report.checks if found.outcome not in TROUBLE}
    assert vc.MESSAGES.keys() - codes - benign == ELSEWHERE


ELSEWHERE = {
    "index_dropped",  # refused as not_plain before it gets there, like the next two
    "reference_dropped",
    "value_dropped",
    "no_statements",  # only of a document in worse trouble
    "not_a_json_value",  # no file can hold it
    "lone_surrogate",  # nor this
    "too_large",  # and this it should not
    "status_purpose_unknown",  # a warning, like the next
    "issuer_unknown",
    "issuer_in_registry",
    "standing_not_shown",  # a warning too: test_disclosure.py and test_presenting.py
    "list_proof_open",
    "suite_does_not_sign",  # in test_disclosure.py
    "controller_foreign_accepted",  # of judges who want it so: test_signers.py
    "key_not_for_authentication",
    "challenge_differs",  # of presentations: test_presentations.py
    "controller_is_holder",
    "domain_differs",
    "holder_absent",
    "holder_differs",
    "holder_malformed",
    "key_listed_to_present",
    "not_a_presentation",
    "presentation_fresh",
    "presentation_not_proven",
    "presentation_unasked",
    "purpose_not_presenting",
    "status_clear_2021",  # no trouble; in test_lists.py, like the next five
    "status_clear_unsigned",
    "status_message",
    "refresh_available",
    "status_repeated",
    "status_twice",
    "terms_undefined",  # of tokens
    "valid_from_absent",  # in test_validity.py, like the next
    "valid_from_missing",
    "registry_unasked",  # of a registry that is away: test_trusting.py and test_employers.py
    "claim_absent",  # of tokens: test_envelopes.py, like the next eight
    "claim_malformed",
    "claim_missing",
    "jwk_ambiguous",
    "jwk_at_issuer",
    "jwk_listed",
    "jwk_of_another",
    "jwk_self_asserted",
    "token_header_more",
}
"""Codes that do not come of a document in a file, or not without other trouble; other tests meet them."""
