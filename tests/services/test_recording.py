"""Recording: the learner's credentials as one record that anybody can verify, issued anew as they grow."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import merging, recording, releasing, revoking, taking, verifying
from ler_issuer.services.access import Caller, Idempotency
from ler_issuer.services.marking import Reason
from ler_issuer.services.verifying import Aid
from ler_issuer.store import credentials, journal, learners, records, status, tables
from ler_issuer.vc import CheckId, Standing, Verdict
from records import count, credential, discrepancies, document, everything, tamper
from records import events as events_of
from stacks import all_of, competency, earn, holding, rule, skill
from world import found, result


@pytest.fixture
def tenant(any_rt):
    return found(any_rt)


@pytest.fixture
def rt(any_rt, tenant):
    """Writing and speaking make a communicator."""
    for key in ("writing", "speaking", "counting"):
        skill(any_rt, tenant, key, suspendable=True)
    competency(any_rt, tenant, "communicator")
    rule(any_rt, tenant, "communicator", all_of(holding("writing"), holding("speaking")))
    return any_rt


@pytest.fixture
def ada(rt, tenant):
    """A learner with a stack and its two parts."""
    earn(rt, tenant, "writing")
    return learner_of(rt, earn(rt, tenant, "speaking"))


def learner_of(rt, receipt):
    return credential(rt, receipt.credential_id).learner_id


def issue(rt, tenant, learner_id, chosen=None):
    return recording.issue_record(rt, tenant.caller, learner_id, chosen)


def clr(issued):
    return jsontext.parse(issued.record.body)


def members(issued):
    return clr(issued)["credentialSubject"]["verifiableCredential"]


def held(rt, learner_id):
    with rt.db.read() as db:
        return {json.loads(one.body)["name"]: one.id for one in credentials.of_learner(db, [learner_id])}


def report_on(rt, issued):
    return verifying.verify(rt, clr(issued))


def code_of(report, check):
    return {one.code for one in report.checks if one.id is check}


# ── What it is ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_record_bundles_every_credential_as_it_was_signed(rt, tenant, ada):
    issued = issue(rt, tenant, ada)

    assert issued.fresh
    assert Counter(one["name"] for one in members(issued)) == {"Writing": 1, "Speaking": 1, "Communicator": 1}
    for one in members(issued):
        assert one == document(rt, one["id"])
    assert "partial" not in clr(issued)


def test_a_record_verifies_with_its_members_and_derivations(rt, tenant, ada, world):
    report = report_on(rt, issue(rt, tenant, ada))

    assert (report.verdict, report.authentic) == (Verdict.ACCEPTED, True), report.summary
    assert code_of(report, CheckId.CLR_MEMBER) == {"member_verified"}
    assert code_of(report, CheckId.CLR_ASSOCIATION) == {"associations_sound"}
    (stack,) = [one for one in report.members if one.name == "Communicator"]
    assert code_of(stack.report, CheckId.DERIVATION_OUTCOME) == {"outcome_same"}
    assert world.asked == []


def test_a_record_says_what_is_part_of_what(rt, tenant, ada):
    stated = clr(issue(rt, tenant, ada))["credentialSubject"]["association"]
    names = {one["credentialSubject"]["achievement"]["id"]: one["name"] for one in members(issue(rt, tenant, ada))}

    told = {(one["associationType"], names[one["sourceId"]], names[one["targetId"]]) for one in stated}
    assert told == {("isPartOf", "Writing", "Communicator"), ("isPartOf", "Speaking", "Communicator")}


def test_a_record_is_kept_as_it_was_delivered_and_can_be_withdrawn(rt, tenant, ada):
    record = issue(rt, tenant, ada).record

    with rt.db.read() as db:
        assert records.get(db, record.id) == record
        (entry,) = status.entries_of(db, record.id)
    told = jsontext.parse(record.body)["credentialStatus"]
    assert (told["statusPurpose"], told["statusListIndex"]) == ("revocation", str(entry.position))
    assert jsontext.canonical(jsontext.parse(record.body)) == record.body


# ── As it grows ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_new_gives_the_same_record(rt, tenant, ada):
    first = issue(rt, tenant, ada)
    before = everything(rt)
    again = issue(rt, tenant, ada)

    assert (again.record, again.fresh) == (first.record, False)
    assert everything(rt) == before


def test_what_was_earned_since_takes_a_new_record_in_the_place_of_the_old(rt, tenant, ada):
    first = issue(rt, tenant, ada).record
    earn(rt, tenant, "counting")
    second = issue(rt, tenant, ada)

    assert len(members(second)) == 4
    assert (second.record.replaces_id, second.record.state) == (first.id, "current")
    with rt.db.read() as db:
        assert records.get(db, first.id).state == "superseded"
    assert [one for one in events_of(rt, tenant.caller) if one[0].startswith("record.")] == [
        ("record.issued", first.id),
        ("record.issued", second.record.id),
        ("record.superseded", first.id),
    ]
    old = verifying.verify(rt, jsontext.parse(first.body))
    assert old.verdict is Verdict.ACCEPTED, "it is as true as it was"


def test_what_is_not_current_does_not_go_in(rt, tenant, ada):
    ids = held(rt, ada)
    revoking.revoke(rt, tenant.caller, ids["Writing"], Reason("x"))
    revoking.suspend(rt, tenant.caller, ids["Speaking"], Reason("x"))
    report = report_on(rt, issued := issue(rt, tenant, ada))

    assert [one["name"] for one in members(issued)] == ["Communicator"]
    assert report.verdict is Verdict.ACCEPTED, report.summary


def test_a_member_revoked_later_is_told_and_the_record_is_no_forgery(rt, tenant, ada):
    issued = issue(rt, tenant, ada)
    revoking.revoke(rt, tenant.caller, held(rt, ada)["Writing"], Reason("x"))
    report = report_on(rt, issued)

    assert (report.verdict, report.authentic) == (Verdict.REVIEW, True)
    assert "member_revoked" in code_of(report, CheckId.CLR_MEMBER)


# ── Selections ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_selection_is_partial_and_stands_beside_the_whole(rt, tenant, ada):
    ids = held(rt, ada)
    whole = issue(rt, tenant, ada)
    chosen = issue(rt, tenant, ada, [ids["Communicator"], ids["Writing"]])

    assert clr(chosen)["partial"] is True
    assert {one["name"] for one in members(chosen)} == {"Communicator", "Writing"}
    assert report_on(rt, chosen).verdict is Verdict.ACCEPTED
    for partial, issued in ((False, whole), (True, chosen)):
        assert recording.current_record(rt, tenant.caller, ada, partial=partial) == issued.record


def test_a_later_selection_takes_the_place_of_an_earlier_one_only(rt, tenant, ada):
    ids = held(rt, ada)
    whole = issue(rt, tenant, ada).record
    first = issue(rt, tenant, ada, [ids["Writing"]]).record
    assert not issue(rt, tenant, ada, [ids["Writing"]]).fresh
    second = issue(rt, tenant, ada, [ids["Speaking"]]).record

    with rt.db.read() as db:
        states = {one.id: one.state for one in records.everyone(db)}
    assert states == {whole.id: "current", first.id: "superseded", second.id: "current"}


def test_what_cannot_go_in_is_refused_by_its_place(rt, tenant, ada):
    ids = held(rt, ada)
    revoking.revoke(rt, tenant.caller, ids["Speaking"], Reason("x"))
    bobs = earn(rt, tenant, "writing", "bob@example.edu").credential_id
    before = everything(rt)

    with pytest.raises(Unacceptable) as refused:
        issue(rt, tenant, ada, [ids["Writing"], ids["Speaking"], bobs, "x", ids["Writing"]])

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/credentials/1", "not_current"),
        ("/credentials/2", "unknown_credential"),
        ("/credentials/3", "unknown_credential"),
        ("/credentials/4", "named_twice"),
    ]
    assert everything(rt) == before


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_learner_without_credentials_has_nothing_to_record(rt, tenant):
    receipt = earn(rt, tenant, "writing")
    revoking.revoke(rt, tenant.caller, receipt.credential_id, Reason("x"))

    with pytest.raises(Unacceptable) as refused:
        issue(rt, tenant, learner_of(rt, receipt))
    assert [one.code for one in refused.value.problems] == ["nothing_to_record"]


def test_a_learner_on_hold_gets_no_record(rt, tenant, ada):
    releasing.hold(rt, tenant.caller, ada, "fees")
    with pytest.raises(Unacceptable) as refused:
        issue(rt, tenant, ada)
    assert [one.code for one in refused.value.problems] == ["on_hold"]

    releasing.lift(rt, tenant.caller, ada)
    assert issue(rt, tenant, ada).fresh


def test_no_record_of_another_issuers_learner(rt, ada):
    stranger = Caller(found(rt, "chemistry").issuer.id, "cli:test")
    for attempt in (
        lambda: recording.issue_record(rt, stranger, ada, None),
        lambda: recording.current_record(rt, stranger, ada),
    ):
        with pytest.raises(Missing):
            attempt()


def test_before_one_was_issued_there_is_none(rt, tenant, ada):
    with pytest.raises(Missing, match="no such record"):
        recording.current_record(rt, tenant.caller, ada)


def test_the_same_request_has_one_effect(rt, tenant, ada):
    caller = replace(tenant.caller, idempotency=Idempotency("k", "digest"))
    first = recording.issue_record(rt, caller, ada, None)
    earn(rt, tenant, "counting")
    again = recording.issue_record(rt, caller, ada, None)

    assert (again.record, again.fresh, count(rt, tables.record)) == (first.record, False, 1)
    with pytest.raises(Conflict):
        recording.issue_record(rt, replace(caller, idempotency=Idempotency("k", "other")), ada, None)


def test_the_audit_trail_knows_who_issued_it(rt, tenant, ada):
    record = issue(rt, tenant, ada).record
    with rt.db.read() as db:
        (row,) = [one for one in journal.audited(db, tenant.issuer.id) if one.act == "record.issued"]

    assert (row.actor, row.object_id, row.data["learner_id"]) == ("cli:test", record.id, ada)
    assert "ada" not in json.dumps(row.data)


# ── What rules say ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_order_and_equivalence_come_from_the_rules(rt, tenant):
    skill(rt, tenant, "composing")
    competency(rt, tenant, "orator")
    rule(
        rt,
        tenant,
        "orator",
        {"type": "precedes", "first": holding("writing", "composing"), "then": holding("speaking")},
        equivalences=[("writing", "composing")],
    )
    for key, day in (("writing", 1), ("composing", 2), ("speaking", 3)):
        receipt = earn(rt, tenant, key, assessed_at=f"2026-05-0{day}T12:00:00Z")
    issued = issue(rt, tenant, learner_of(rt, receipt))
    names = {one["credentialSubject"]["achievement"]["id"]: one["name"] for one in members(issued)}
    stated = clr(issued)["credentialSubject"]["association"]

    told = {(one["associationType"], names[one["sourceId"]], names[one["targetId"]]) for one in stated}
    assert ("precedes", "Writing", "Speaking") in told
    assert ("precedes", "Composing", "Speaking") in told
    assert {kind for kind, *_ in told} == {"precedes", "isPartOf", "exactMatchOf"}
    assert report_on(rt, issued).verdict is Verdict.ACCEPTED


def test_rules_that_contradict_each_other_make_no_record_that_does(rt, tenant):
    for key, first, then in (("orator", "writing", "speaking"), ("author", "speaking", "writing")):
        competency(rt, tenant, key)
        rule(rt, tenant, key, {"type": "precedes", "first": holding(first), "then": holding(then)})
    for day, key in enumerate(("writing", "speaking", "writing"), start=1):
        receipt = earn(rt, tenant, key, assessed_at=f"2026-05-0{day}T12:00:00Z")
    issued = issue(rt, tenant, learner_of(rt, receipt))

    kinds = {one["associationType"] for one in clr(issued)["credentialSubject"]["association"]}
    assert kinds == {"isPartOf"}
    assert report_on(rt, issued).verdict is Verdict.ACCEPTED


# ── Learners who turned out to be one ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def merged(rt, tenant):
    """One person who was entered twice, and holds a stack whose parts came to them under two names."""
    root = learner_of(rt, earn(rt, tenant, "writing"))
    double = learner_of(rt, earn(rt, tenant, "speaking", "lovelace@example.edu"))
    merging.merge(rt, tenant.caller, double, root)
    return root


def test_the_record_of_a_merged_learner_names_them_by_every_identifier(rt, tenant, merged):
    issued = issue(rt, tenant, merged)
    report = report_on(rt, issued)

    assert Counter(one["name"] for one in members(issued)) == {"Writing": 1, "Speaking": 1, "Communicator": 1}
    assert len(clr(issued)["credentialSubject"]["identifier"]) == 2
    assert report.verdict is Verdict.ACCEPTED, report.summary
    (stack,) = [one for one in report.members if one.name == "Communicator"]
    assert code_of(stack.report, CheckId.DERIVATION_PARTS) == {"part_verified"}


def test_a_stack_of_parts_under_two_names_is_derived_again_from_them(rt, tenant, merged):
    documents = sorted(members(issue(rt, tenant, merged)), key=lambda one: one["name"])
    stack, parts = documents[0], documents[1:]
    report = verifying.verify(rt, stack, Aid(parts=parts))

    assert report.verdict is Verdict.ACCEPTED, report.summary
    assert code_of(report, CheckId.DERIVATION_PARTS) == {"part_verified"}
    assert code_of(report, CheckId.DERIVATION_OUTCOME) == {"outcome_same"}


def test_a_record_from_before_a_merge_gives_way_to_the_one_after(rt, tenant):
    root = learner_of(rt, earn(rt, tenant, "writing"))
    double = learner_of(rt, earn(rt, tenant, "counting", "lovelace@example.edu"))
    old = [issue(rt, tenant, one).record.id for one in (root, double)]
    merging.merge(rt, tenant.caller, double, root)
    new = issue(rt, tenant, double).record

    with rt.db.read() as db:
        assert {one.id: one.state for one in records.everyone(db)} == dict.fromkeys(old, "superseded") | {
            new.id: "current"
        }
    assert new.learner_id == root
    assert recording.current_record(rt, tenant.caller, double) == new


def test_records_from_a_merge_that_was_undone_are_revoked(rt, tenant, merged):
    wrong = issue(rt, tenant, merged)
    with rt.db.read() as db:
        double = next(one for one in learners.person(db, merged) if one != merged)
    merging.unmerge(rt, tenant.caller, double)

    report = report_on(rt, wrong)
    assert (report.verdict, report.standing) == (Verdict.REJECTED, Standing.REVOKED)
    with pytest.raises(Missing):
        recording.current_record(rt, tenant.caller, merged)
    assert ("record.revoked", wrong.record.id) in events_of(rt, tenant.caller)
    assert [one["name"] for one in members(issue(rt, tenant, double))] == ["Speaking"]
    assert discrepancies(rt) == []


def test_a_record_that_is_still_the_learners_own_outlives_a_merge(rt, tenant):
    root = learner_of(rt, earn(rt, tenant, "writing"))
    own = issue(rt, tenant, root).record
    double = learner_of(rt, earn(rt, tenant, "counting", "lovelace@example.edu"))
    merging.merge(rt, tenant.caller, double, root)
    merging.unmerge(rt, tenant.caller, double)

    assert recording.current_record(rt, tenant.caller, root) == own


def with_wallet(rt, tenant, key, email, did):
    about = {"identifiers": [{"type": "emailAddress", "value": email}], "did": did}
    said = result(email, achievement=key) | {"learner": about}
    return learner_of(rt, taking.record_result(rt, tenant.caller, Result.model_validate(said)))


def test_a_learner_who_had_two_wallets_is_recognised_by_both(rt, tenant):
    old, new = "did:key:z6MkOld", "did:key:z6MkNew"
    double = with_wallet(rt, tenant, "writing", "lovelace@example.edu", old)
    root = with_wallet(rt, tenant, "counting", "ada@example.edu", new)
    merging.merge(rt, tenant.caller, double, root, did=new)
    issued = issue(rt, tenant, root)

    assert {one["credentialSubject"]["id"] for one in members(issued)} == {old, new}
    assert clr(issued)["credentialSubject"]["id"] == new
    assert report_on(rt, issued).verdict is Verdict.ACCEPTED


# ── Several at once ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_of_many_that_ask_at_once_one_record_comes(rt, tenant, ada):
    with ThreadPoolExecutor(4) as pool:
        issued = [one.result() for one in [pool.submit(issue, rt, tenant, ada) for _ in range(4)]]

    assert len({one.record.id for one in issued}) == count(rt, tables.record) == 1
    assert sorted(one.fresh for one in issued) == [False, False, False, True]


# ── The books ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        (lambda row, _: sa.update(row).values(body=b"{}"), "bytes_altered"),
        (lambda row, _: sa.update(row).values(log_salt=b"another"), "leaf_missing"),
        (lambda row, _: sa.update(row).values(members=[]), "members_differ"),
        (lambda _, entry: sa.delete(entry), "entry_missing"),
        (lambda _, entry: sa.update(entry).values(raised=True), "bit_wrong"),
    ],
    ids=["bytes", "leaf", "members", "place", "bit"],
)
def test_the_audit_holds_records_against_the_books(rt, tenant, ada, tampering, code):
    record = issue(rt, tenant, ada).record
    assert discrepancies(rt) == []

    entry = tables.status_entry
    statement = tampering(tables.record, entry)
    about = entry.c.credential_id if statement.table is entry else tables.record.c.id
    tamper(rt, statement.where(about == record.id))

    assert (code, record.id) in discrepancies(rt)


def test_a_record_that_was_outgrown_is_issued_anew_by_itself(rt, tenant, world):
    skill(rt, tenant, "drawing")
    earn(rt, tenant, "drawing")
    with rt.db.read() as db:
        [learner] = learners.everyone(db)
    first = recording.issue_record(rt, tenant.caller, learner, None).record
    world.wait(minutes=1)
    assert recording.renew_outgrown(rt, actor="system:test") == 0

    earn(rt, tenant, "drawing")

    assert [recording.renew_outgrown(rt, actor="system:test") for _ in range(2)] == [1, 0]
    newest = recording.current_record(rt, tenant.caller, learner)
    assert (newest.replaces_id, len(newest.members)) == (first.id, 2)
