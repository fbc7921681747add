"""Derivations: made again from the parts alone; what cannot be checked is open, what does not hold is a failure."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta

import pytest

import signing
from ler_issuer import jsontext
from ler_issuer.net.registries import RegistryEntry
from ler_issuer.services import revoking, verifying
from ler_issuer.services.marking import Reason
from ler_issuer.services.rechecking import MOST_DERIVATIONS
from ler_issuer.services.verifying import Aid
from ler_issuer.store import credentials, stacking
from ler_issuer.vc import CheckId, Found, Hole, Outcome, Standing, Verdict, entry, without_proof, write_digest
from records import document
from signing import INDEX, LIST_URL, UNIVERSITY
from stacks import all_of, competency, earn, holding, rule, skill

PARTS, DIGESTS, RULE, OUTCOME = (
    CheckId.DERIVATION_PARTS,
    CheckId.DERIVATION_DIGESTS,
    CheckId.DERIVATION_RULE,
    CheckId.DERIVATION_OUTCOME,
)
CHECKS = (PARTS, DIGESTS, RULE, OUTCOME)


@pytest.fixture
def stacked(rt, tenant):
    """A learner who holds two skills, the communicator that they add up to, and the graduate on top of it."""
    for key in ("writing", "speaking"):
        skill(rt, tenant, key)
    for key in ("communicator", "graduate"):
        competency(rt, tenant, key)
    rule(rt, tenant, "communicator", all_of(holding("writing", level="proficient"), holding("speaking")))
    rule(rt, tenant, "graduate", holding("communicator"))
    for key in ("writing", "speaking"):
        earn(rt, tenant, key)
    return held(rt)


def held(rt):
    """Give every document that is out, by the name of its achievement."""
    with rt.db.read() as db:
        found = [jsontext.parse(one.body) for one in credentials.everyone(db)]
    return {one["name"]: one for one in found}


def codes(report, check=None):
    """Give what was found about the derivation, as {(outcome, code)}."""
    wanted = CHECKS if check is None else (check,)
    return {(one.outcome.value, one.code) for one in report.checks if one.id in wanted}


def verified(rt, stack, *parts, **aid):
    return verifying.verify(rt, stack, Aid(parts=parts, **aid))


HOLDS = {("pass", "part_verified"), ("pass", "digests_same"), ("pass", "rule_same"), ("pass", "outcome_same")}


# ── The derivation holds ─────────────────────────────────────────────────────────────────────────────────────────────
def test_a_stack_is_derived_again_from_its_parts(rt, stacked, world):
    report = verified(rt, stacked["Communicator"], stacked["Writing"], stacked["Speaking"])

    assert report.verdict is Verdict.ACCEPTED
    assert codes(report) == HOLDS
    assert [one.pointer for one in report.parts] == ["/parts/0", "/parts/1"]
    assert [one["name"] for one in report.to_json()["parts"]] == ["Writing", "Speaking"]
    assert world.asked == []


def test_each_part_is_named_by_its_place(rt, stacked):
    stack = stacked["Communicator"]
    report = verified(rt, stack, stacked["Speaking"], stacked["Writing"])

    places = {one.pointer for one in report.checks if one.id is PARTS}
    named = {stack["relatedResource"][int(place.rpartition("/")[2])]["id"] for place in places}
    assert named == {stacked["Writing"]["id"], stacked["Speaking"]["id"]}


def test_a_copy_that_a_wallet_reordered_is_the_same(rt, stacked):
    parts = [json.loads(json.dumps(stacked[name], sort_keys=True, indent=3)) for name in ("Writing", "Speaking")]
    backwards = [dict(reversed(part.items())) for part in parts]

    assert codes(verified(rt, stacked["Communicator"], *backwards)) == HOLDS


def test_a_stack_on_a_stack_is_derived_from_that_alone(rt, stacked):
    report = verified(rt, stacked["Graduate"], stacked["Communicator"])

    assert (report.verdict, codes(report)) == (Verdict.ACCEPTED, HOLDS)
    assert codes(report.parts[0].report) == {("skipped", "parts_not_shown")}


def test_parts_of_parts_may_be_shown_and_are_checked(rt, stacked):
    report = verified(rt, stacked["Graduate"], *(stacked[name] for name in ("Communicator", "Writing", "Speaking")))

    assert (report.verdict, codes(report)) == (Verdict.ACCEPTED, HOLDS)
    assert codes(report.parts[0].report) == HOLDS


# ── Not everything at hand ───────────────────────────────────────────────────────────────────────────────────────────
def test_without_parts_nothing_is_held_against_a_stack(rt, stacked):
    report = verified(rt, stacked["Communicator"])

    assert report.verdict is Verdict.ACCEPTED
    assert codes(report) == {("skipped", "parts_not_shown")}
    assert "parts" not in report.to_json()


def test_a_part_that_is_missing_leaves_the_question_open(rt, stacked):
    report = verified(rt, stacked["Communicator"], stacked["Writing"])

    assert report.verdict is Verdict.REVIEW
    assert codes(report, PARTS) == {("pass", "part_verified"), ("indeterminate", "part_not_supplied")}
    assert codes(report, OUTCOME) == {("skipped", "derivation_open")}
    assert report.summary.endswith(stacked["Speaking"]["id"])


@pytest.mark.parametrize("gap", ["unreachable", "refused", "not_found", "too_large", "not_json", "not_asked"])
def test_a_rule_that_cannot_be_had_leaves_the_question_open(rt, stacked, gap):
    stack = stacked["Communicator"]
    report = verified(rt, stack, stacked["Writing"], stacked["Speaking"], material={rule_of(stack): Hole(gap)})

    assert report.verdict is Verdict.REVIEW
    assert codes(report, RULE) == {("indeterminate", f"rule_{gap}")}
    assert codes(report, OUTCOME) == {("skipped", "derivation_open")}


def rule_of(stack):
    return stack["relatedResource"][0]["id"]


def test_parts_of_what_is_no_stack_were_not_weighed(rt, stacked):
    report = verified(rt, stacked["Writing"], stacked["Speaking"])

    assert report.verdict is Verdict.ACCEPTED
    assert codes(report) == {("warning", "derivation_absent")}


def test_of_a_stack_that_is_forged_no_derivation_is_read(rt, stacked):
    stack = stacked["Communicator"] | {"name": "President"}
    report = verified(rt, stack, stacked["Writing"], stacked["Speaking"])

    assert (report.verdict, report.authentic) == (Verdict.REJECTED, False)
    assert codes(report) == {("skipped", "proof_not_held")}


# ── It does not hold ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_part_that_was_altered_proves_nothing(rt, stacked):
    altered = copy.deepcopy(stacked["Writing"])
    altered["credentialSubject"]["result"][0]["achievedLevel"] += "x"
    report = verified(rt, stacked["Communicator"], altered, stacked["Speaking"])

    assert (report.verdict, report.authentic) == (Verdict.REJECTED, True)
    assert {("fail", "part_not_authentic"), ("fail", "part_digest_differs")} <= codes(report)
    assert codes(report, OUTCOME) == {("skipped", "derivation_open")}
    assert report.to_json()["parts"][0].keys() == {"pointer", "verdict", "checks"}


def test_a_genuine_part_that_is_not_the_one_named_differs(rt, stacked):
    other = signed_anew(stacked["Writing"])
    report = verified(rt, stacked["Communicator"], other, stacked["Speaking"])

    assert ("fail", "part_digest_differs") in codes(report)


def test_the_right_copy_beside_a_wrong_one_does_not_hide_it(rt, stacked):
    wrong = stacked["Writing"] | {"name": "Poetry"}
    report = verified(rt, stacked["Communicator"], stacked["Writing"], wrong, stacked["Speaking"])

    assert report.verdict is Verdict.REJECTED
    assert {("fail", "part_digest_differs"), ("pass", "outcome_same")} <= codes(report)


def test_what_the_stack_does_not_rest_on_is_no_part_of_it(rt, tenant, stacked):
    foreign = document(rt, earn(rt, tenant, "writing", "bob@example.edu").credential_id)
    report = verified(rt, stacked["Communicator"], stacked["Writing"], stacked["Speaking"], foreign)

    assert report.verdict is Verdict.ACCEPTED
    (stray,) = [one for one in report.checks if one.code == "part_not_named"]
    assert (stray.outcome, stray.message.endswith("/parts/2")) == (Outcome.WARNING, True)


def test_another_text_of_the_rule_is_another_rule(rt, stacked):
    stack = stacked["Communicator"]
    lenient = {"id": rule_of(stack), "type": "StackingRule", "rule": holding("writing")}
    report = verified(rt, stack, stacked["Writing"], stacked["Speaking"], material={rule_of(stack): Found(lenient)})

    assert report.verdict is Verdict.REJECTED
    assert codes(report, RULE) == {("fail", "rule_differs")}
    assert codes(report, OUTCOME) == {("skipped", "derivation_open")}


# ── How parts stand now ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_part_that_was_revoked_since_is_told_apart_from_the_outcome(rt, tenant, stacked):
    revoking.revoke(rt, tenant.caller, stacked["Writing"]["id"], Reason("misconduct"))
    stack = stacked["Communicator"]
    report = verified(rt, stack, stacked["Writing"], stacked["Speaking"])

    assert ("pass", "outcome_same") in codes(report)
    assert ("warning", "part_revoked") in codes(report, PARTS)
    assert report.parts[0].report.standing is Standing.REVOKED
    assert report.verdict is Verdict.REVIEW


def test_a_part_that_expired_since_spoils_nothing(rt, tenant, world):
    skill(rt, tenant, "writing", validity={"months": 12, "counts_from": "issuance"})
    competency(rt, tenant, "communicator")
    rule(rt, tenant, "communicator", holding("writing"))
    earn(rt, tenant, "writing")
    world.time += timedelta(days=400)
    out = held(rt)
    report = verified(rt, out["Communicator"], out["Writing"])

    assert report.verdict is Verdict.ACCEPTED
    assert codes(report, PARTS) == {("warning", "part_expired")}
    assert codes(report, OUTCOME) == {("pass", "outcome_same")}


# ── Derivations of others ────────────────────────────────────────────────────────────────────────────────────────────
LISTED = {UNIVERSITY.subject: RegistryEntry("Example University")}


def signed_anew(document, change=lambda _: None):
    """Give a document of ours as one of the other university, changed before it is signed."""
    theirs = copy.deepcopy(without_proof(document))
    theirs["issuer"]["id"] = UNIVERSITY.subject
    theirs["credentialStatus"] = entry(LIST_URL, INDEX, "revocation")
    change(theirs)
    return signing.signed(theirs, UNIVERSITY)


@pytest.fixture
def theirs(rt, stacked, world):
    """What the other university makes of the stack: give the report on it, its document and rule changed."""
    world.time = signing.NOW
    stack = stacked["Communicator"]
    brought = {UNIVERSITY.subject: Found(UNIVERSITY.document), LIST_URL: Found(signing.status_list())}

    def judged(change=lambda _: None, text=None, parts=("Writing", "Speaking")):
        world.host("https://rules.example.edu/1/versions/1", published if text is None else text)

        def rewritten(document):
            (old, *_) = document["relatedResource"]
            moved = json.loads(json.dumps(document).replace(old["id"], "https://rules.example.edu/1/versions/1"))
            document.clear()
            document.update(moved)
            document["relatedResource"][0]["digestMultibase"] = write_digest(
                jsontext.digest(published if text is None else text)
            )
            change(document)

        aid = Aid(material=brought, registry=LISTED, parts=[stacked[name] for name in parts])
        return verifying.verify(rt, signed_anew(stack, rewritten), aid)

    with rt.db.read() as db:
        published = stacking.published_at(db, rule_of(stack)).text
    judged.text = published
    return judged


def test_the_rule_of_another_is_fetched(theirs, world):
    report = theirs()

    assert (report.verdict, codes(report)) == (Verdict.ACCEPTED, HOLDS)
    assert world.asked == ["https://rules.example.edu/1/versions/1"]


def test_an_outcome_that_the_parts_do_not_bear_is_a_failure(theirs):
    harder = theirs.text | {"rule": {**theirs.text["rule"], "rules": [theirs.text["rule"]["rules"][0] | {"times": 2}]}}
    report = theirs(text=harder)

    assert report.verdict is Verdict.REJECTED
    assert codes(report, OUTCOME) == {("fail", "outcome_differs")}


def test_it_is_evaluated_as_of_the_time_that_it_gives(theirs):
    def long_ago(document):
        for result in document["credentialSubject"]["result"]:
            if result["resultDescription"].endswith("evaluatedAt"):
                result["value"] = "2026-01-01T00:00:00Z"

    assert codes(theirs(long_ago), OUTCOME) == {("fail", "outcome_differs")}


def test_a_rule_that_earns_something_else_is_a_failure(theirs):
    report = theirs(text=theirs.text | {"achievement": "https://a.edu/wizardry"})

    assert codes(report, RULE) == {("fail", "rule_of_another")}
    assert report.verdict is Verdict.REJECTED


@pytest.mark.parametrize("text", [[], "rule", {"rule": {"type": "dance"}}, {"rule": {"type": "holding"}}], ids=repr)
def test_a_rule_in_words_unknown_here_is_open(theirs, text):
    report = theirs(text=text)

    assert codes(report, RULE) == {("indeterminate", "rule_unreadable")}
    assert report.verdict is Verdict.REVIEW


def test_a_derivation_that_does_not_hang_together_is_open_only_when_asked_for(theirs):
    def garbled(document):
        document["relatedResource"][1]["digestMultibase"] = "zzz"

    asked, unasked = theirs(garbled), theirs(garbled, parts=())

    assert (asked.verdict, codes(asked)) == (Verdict.REVIEW, {("indeterminate", "derivation_malformed")})
    assert (unasked.verdict, codes(unasked)) == (Verdict.ACCEPTED, {("warning", "derivation_malformed")})


def test_requirements_met_by_other_parts_than_told_are_told(theirs):
    def exchanged(document):
        parts = [one for one in document["evidence"] if one.get("genre") == "Part"]
        first, second = (one["id"] for one in parts)
        pointers = [first.partition("#")[2], second.partition("#")[2]]
        parts[0]["id"] = f"{first.partition('#')[0]}#{pointers[1]}"
        parts[1]["id"] = f"{second.partition('#')[0]}#{pointers[0]}"

    report = theirs(exchanged)

    assert codes(report, OUTCOME) == {("warning", "outcome_otherwise")}


def test_a_part_about_somebody_whom_nothing_ties_to_the_learner_is_for_a_person(theirs):
    def another(document):
        document["credentialSubject"]["identifier"][0]["salt"] = "another salt"

    report = theirs(another)

    assert report.verdict is Verdict.REVIEW
    assert ("warning", "part_subject_open") in codes(report, PARTS)
    assert ("pass", "outcome_same") in codes(report)


def test_offline_the_rule_was_not_asked_for(theirs, rt, stacked):
    stack = stacked["Communicator"]
    moved = json.loads(json.dumps(stack).replace(rule_of(stack), "https://rules.example.edu/1/versions/1"))
    theirs_too = signed_anew(moved)
    brought = {UNIVERSITY.subject: Found(UNIVERSITY.document), LIST_URL: Found(signing.status_list())}
    aid = Aid(material=brought, registry=LISTED, parts=[stacked["Writing"], stacked["Speaking"]], offline=True)

    report = verifying.verify(rt, theirs_too, aid)
    assert codes(report, RULE) == {("indeterminate", "rule_not_asked")}
    assert report.verdict is Verdict.REVIEW
    brought["https://rules.example.edu/1/versions/1"] = Found(theirs.text)
    assert verifying.verify(rt, theirs_too, replace(aid, material=brought)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("junk", [None, 7, "urn:uuid:1", [], {}, {"id": 7}, {"id": "urn:x:1"}], ids=repr)
def test_whatever_is_shown_as_a_part_a_report_comes_out(rt, stacked, junk):
    report = verified(rt, stacked["Communicator"], junk)

    assert report.verdict is Verdict.REVIEW
    assert {("warning", "part_not_named"), ("indeterminate", "part_not_supplied")} <= codes(report)
    json.dumps(report.to_json())


# ── In a record ──────────────────────────────────────────────────────────────────────────────────────────────────────
def in_record(rt, world, *members):
    world.time = signing.NOW
    record = signing.signed(signing.clr(members) | {"credentialSubject": about(members)}, UNIVERSITY)
    brought = {UNIVERSITY.subject: Found(UNIVERSITY.document)}
    return verifying.verify(rt, record, Aid(material=brought, registry=LISTED))


def about(members):
    return {
        "type": ["ClrSubject"],
        "identifier": members[0]["credentialSubject"]["identifier"],
        "verifiableCredential": list(members),
    }


def test_in_a_record_the_members_are_the_parts(rt, world, stacked):
    report = in_record(rt, world, *(stacked[name] for name in ("Graduate", "Communicator", "Writing", "Speaking")))

    assert report.verdict is Verdict.ACCEPTED, report.summary
    assert [codes(one.report) for one in report.members] == [HOLDS, HOLDS, set(), set()]


def test_in_a_record_what_is_missing_is_merely_not_looked_at(rt, world, stacked):
    report = in_record(rt, world, stacked["Communicator"], stacked["Writing"])

    assert report.verdict is Verdict.ACCEPTED, report.summary
    assert codes(report.members[0].report, PARTS) == {("pass", "part_verified"), ("skipped", "part_not_bundled")}
    assert codes(report.members[0].report, OUTCOME) == {("skipped", "derivation_open")}


def test_in_a_record_a_member_in_the_place_of_a_part_is_found(rt, world, stacked):
    pretender = signed_anew(stacked["Speaking"])
    report = in_record(rt, world, stacked["Communicator"], stacked["Writing"], pretender)

    assert report.verdict is Verdict.REJECTED
    assert ("fail", "part_digest_differs") in codes(report.members[0].report)


def test_more_derivations_than_are_checked_are_told(rt, world, stacked):
    many = [
        signed_anew(stacked["Communicator"], lambda one, n=n: one.update(id=f"urn:uuid:{n}"))
        for n in range(MOST_DERIVATIONS + 1)
    ]
    report = in_record(rt, world, stacked["Writing"], *many)
    found = [one.code for member in report.members for one in member.report.checks if one.id is OUTCOME]

    assert found == ["derivation_open"] * MOST_DERIVATIONS + ["too_many_derivations"]
