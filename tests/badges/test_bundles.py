"""Records: every member is judged by itself, and nothing is shown of one that did not verify."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence

import pytest

from ler_issuer import vc
from ler_issuer.badges import bundles
from ler_issuer.badges.bundles import MOST_MEMBERS, bundled, companion
from ler_issuer.badges.verification import judge
from ler_issuer.badges.wording import MESSAGES
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import CheckId, Known, Member, Outcome, Report, Standing, Verdict
from signing import INDEX, LIST_URL, NOW, STRANGER, SUSPENSIONS_URL, UNIVERSITY, badge, clr, rules, signed, status_list

OTHER_INDEX = INDEX + 1
PLACE = "/credentialSubject/verifiableCredential"


def member(number: int = 1, change: Callable[[JsonObject], object] = lambda _: None, **key: vc.Signer) -> JsonObject:
    """Give a signed badge with an id and an achievement of its own, changed before it is signed."""
    signer = key.get("key", UNIVERSITY)
    document = badge(signer.subject)
    document["id"] = f"urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-{number:012d}"
    document["name"] = f"Skill {number}"
    achievement = document["credentialSubject"]["achievement"]
    renamed = json.loads(
        json.dumps(document["credentialSubject"]).replace(achievement["id"], f"https://a.edu/{number}")
    )
    document["credentialSubject"] = renamed
    document["credentialStatus"] = vc.entry(LIST_URL, OTHER_INDEX + number, "revocation")
    change(document)
    return signed(document, signer)


def material(raised: Sequence[int] = ()) -> dict[str, vc.Found | vc.Hole]:
    return {UNIVERSITY.subject: vc.Found(UNIVERSITY.document), LIST_URL: vc.Found(status_list(raised))}


def report_on(
    members: Sequence[Json],
    gathered: vc.Material | None = None,
    *,
    known: Callable[[str | None], Known] = lambda _: Known.HERE,
    record: JsonObject | None = None,
) -> Report:
    """Judge a record as the service does: its members first, then the whole."""
    document = signed(clr(members), UNIVERSITY) if record is None else record
    at_hand = material() if gathered is None else gathered

    def judged(one: Json, inside: Sequence[Member] | None = None) -> Report:
        return judge(one, at_hand, rules=rules(), known=known(vc.issuer_id(one)), now=NOW, members=inside)

    return judged(document, [companion(place, one, judged(one)) for place, one in bundled(document)])


def found(report: Report, check: CheckId = CheckId.CLR_MEMBER) -> set[tuple[Outcome, str]]:
    return {(item.outcome, item.code) for item in report.checks if item.id is check}


def test_a_record_of_credentials_that_stand_is_accepted() -> None:
    report = report_on([member(1), member(2)])
    assert (report.verdict, report.authentic) == (Verdict.ACCEPTED, True)
    assert found(report) == {(Outcome.PASS, "member_verified")}
    shown = report.to_json()["members"]
    assert [one["pointer"] for one in shown] == [f"{PLACE}/0", f"{PLACE}/1"]
    assert [(one["name"], one["verdict"]) for one in shown] == [("Skill 1", "accepted"), ("Skill 2", "accepted")]
    assert shown[0]["issuer"]["claimed_name"] == "Example University"


# ── Forged inside, whole outside ─────────────────────────────────────────────────────────────────────────────────────
def swapped() -> JsonObject:
    """Give a record in which two members exchanged what they are about: its own signature does not notice.

    That is so when they name the learner by the same id; RDF then has the statements of both in one heap.
    """

    def to_wallet(document: JsonObject) -> None:
        document["credentialSubject"]["id"] = "did:example:ada"

    record = signed(clr([member(1, to_wallet), member(2, to_wallet)]), UNIVERSITY)
    first, second = record["credentialSubject"]["verifiableCredential"]
    first["credentialSubject"], second["credentialSubject"] = second["credentialSubject"], first["credentialSubject"]
    return record


def test_members_that_exchanged_their_contents_are_found_by_their_own_proofs() -> None:
    report = report_on([], record=swapped())
    assert report.authentic, "the outer proof cannot tell: that is why members are judged"
    assert report.verdict is Verdict.REJECTED
    assert found(report) == {(Outcome.FAIL, "member_not_authentic")}


def test_nothing_is_shown_of_a_member_that_did_not_verify() -> None:
    altered = member(1)
    altered["name"] = "Doctor of Everything"
    altered["issuer"]["name"] = "Grand University"
    report = report_on([altered, member(2)])
    assert report.verdict is Verdict.REJECTED
    hidden, shown = report.to_json()["members"]
    assert hidden.keys() == {"pointer", "verdict", "checks"}
    assert {one["code"] for one in hidden["checks"]} == {"signature_wrong"}
    assert shown["name"] == "Skill 2"
    text = json.dumps(report.to_json())
    assert not any(word in text for word in ("Doctor", "Grand", "Skill 1"))


def unsigned(one: JsonObject) -> JsonObject:
    return vc.without_proof(one)


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda: unsigned(member(1)), "proof_missing"),
        (lambda: member(1) | {"issuer": STRANGER.subject}, "controller_foreign"),
        (lambda: member(1, lambda one: one.update(issuer={"id": STRANGER.subject})), "controller_foreign"),
    ],
)
def test_a_member_needs_a_proof_of_its_own_issuer(forge: Callable[[], JsonObject], code: str) -> None:
    report = report_on([forge()])
    assert report.verdict is Verdict.REJECTED
    assert (Outcome.FAIL, "member_not_authentic") in found(report)
    assert code in {one["code"] for one in report.to_json()["members"][0]["checks"]}


@pytest.mark.parametrize("junk", ["eyJhbGciOiJFZERTQSJ9.e30.AAAA", 7, None, [], {}, {"id": "urn:x:1"}], ids=repr)
def test_what_is_no_credential_is_no_member(junk: Json) -> None:
    record = signed(clr([member(1)]), UNIVERSITY)
    record["credentialSubject"]["verifiableCredential"].append(junk)
    report = report_on([], record=record)
    assert report.verdict is Verdict.REJECTED
    assert (Outcome.FAIL, "member_not_authentic") in found(report)
    json.dumps(report.to_json())


# ── Genuine, but ─────────────────────────────────────────────────────────────────────────────────────────────────────
def ends(document: JsonObject) -> None:
    document["validUntil"] = "2026-11-10T00:00:00Z"


def begins(document: JsonObject) -> None:
    document["validFrom"] = "2026-12-10T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "raised", "standing", "code"),
    [
        (lambda _: None, [OTHER_INDEX + 1], Standing.REVOKED, "member_revoked"),
        (ends, [], Standing.EXPIRED, "member_expired"),
        (begins, [], Standing.NOT_YET_VALID, "member_not_yet_valid"),
    ],
)
def test_a_genuine_member_that_does_not_stand_now_makes_no_forgery_of_the_record(
    change: Callable[[JsonObject], object], raised: Sequence[int], standing: Standing, code: str
) -> None:
    report = report_on([member(1, change), member(2)], material(raised))
    assert (report.verdict, report.standing, report.authentic) == (Verdict.REVIEW, Standing.CURRENT, True)
    assert found(report) == {(Outcome.WARNING, code), (Outcome.PASS, "member_verified")}
    assert MESSAGES[code] in report.summary
    told = report.to_json()["members"][0]
    assert (told["verdict"], told["standing"], told["authentic"]) == ("rejected", standing, True)
    assert told.keys().isdisjoint({"issuer", "name", "id"})


def test_a_suspended_member_is_for_a_person() -> None:
    gathered = material()
    gathered[SUSPENSIONS_URL] = vc.Found(status_list([INDEX], url=SUSPENSIONS_URL, purpose="suspension"))
    entries = [vc.entry(LIST_URL, OTHER_INDEX, "revocation"), vc.entry(SUSPENSIONS_URL, INDEX, "suspension")]
    report = report_on([member(1, lambda one: one.update(credentialStatus=entries))], gathered)
    assert report.verdict is Verdict.REVIEW
    assert found(report) == {(Outcome.WARNING, "member_suspended")}
    assert report.to_json()["members"][0]["standing"] == "suspended"


@pytest.mark.parametrize(("name", "code"), [(LIST_URL, "list_unreachable"), (STRANGER.subject, "key_unreachable")])
def test_a_member_that_could_not_be_checked_is_open_and_never_a_forgery(name: str, code: str) -> None:
    one = member(1, key=STRANGER) if name == STRANGER.subject else member(1)
    report = report_on([one], material() | {name: vc.Hole("unreachable")})
    assert (report.verdict, report.authentic) == (Verdict.REVIEW, True)
    assert found(report) == {(Outcome.INDETERMINATE, "member_open")}
    assert code in json.dumps(report.to_json()["members"])
    assert "Outcome.FAIL" not in {item.outcome for item in report.checks}


def test_an_expired_member_whose_key_is_away_is_open_too() -> None:
    report = report_on([member(1, ends, key=STRANGER)], material() | {STRANGER.subject: vc.Hole("unreachable")})
    assert found(report) == {(Outcome.INDETERMINATE, "member_open")}


def test_a_member_of_an_unknown_issuer_is_for_a_person() -> None:
    gathered = material() | {
        STRANGER.subject: vc.Found(STRANGER.document),
        "https://stranger.example/list": vc.Found(status_list(key=STRANGER, url="https://stranger.example/list")),
    }
    entry = vc.entry("https://stranger.example/list", INDEX, "revocation")
    stranger = member(1, lambda one: one.update(credentialStatus=entry), key=STRANGER)

    def known(issuer: str | None) -> Known:
        return Known.HERE if issuer == UNIVERSITY.subject else Known.NO

    report = report_on([stranger], gathered, known=known)
    assert report.verdict is Verdict.REVIEW
    assert found(report) == {(Outcome.WARNING, "member_issuer_unknown")}
    assert report.to_json()["members"][0]["issuer"]["known"] == "no"


def test_a_genuine_member_of_a_bad_form_is_not_acceptable() -> None:
    report = report_on([member(1, lambda one: one["credentialSubject"]["achievement"].pop("criteria"))])
    assert report.verdict is Verdict.REJECTED
    assert (Outcome.FAIL, "member_unacceptable") in found(report)


def test_a_member_of_another_kind_is_not_vouched_for() -> None:
    def plain(document: JsonObject) -> None:
        document["type"] = ["VerifiableCredential"]
        document["credentialSubject"] = {"id": "did:example:ada"}
        document.pop("evidence")

    report = report_on([member(1, plain)])
    assert report.verdict is Verdict.REVIEW
    assert (Outcome.WARNING, "member_of_other_kind") in found(report)


def test_a_record_in_a_record_is_judged_without_what_it_bundles() -> None:
    inner = clr([member(1)]) | {"id": "urn:uuid:9d0c6a1e-3b3c-4a55-8a6e-5f0f4d0f6b12"}
    report = report_on([signed(inner, UNIVERSITY)])
    assert report.verdict is Verdict.REVIEW
    assert found(report) == {(Outcome.INDETERMINATE, "member_open")}
    assert found(report.members[0].report) == {(Outcome.INDETERMINATE, "members_unchecked")}


# ── What the record says of its members ──────────────────────────────────────────────────────────────────────────────
def test_a_member_about_somebody_else_is_for_a_person() -> None:
    def other(document: JsonObject) -> None:
        document["credentialSubject"]["identifier"][0]["salt"] = "FleurDeSel"

    report = report_on([member(1, other)])
    assert report.verdict is Verdict.REVIEW
    assert (Outcome.WARNING, "member_subject_differs") in found(report)


def test_an_id_used_twice_is_for_a_person() -> None:
    report = report_on([member(1), member(1, lambda one: one.update(name="Another"))])
    assert report.verdict is Verdict.REVIEW
    assert (Outcome.WARNING, "member_id_reused") in found(report)


def related(*associations: tuple[str, str, str]) -> Report:
    record = clr([member(1), member(2)])
    record["credentialSubject"]["association"] = [
        {"type": "Association", "associationType": kind, "sourceId": source, "targetId": target}
        for kind, source, target in associations
    ]
    return report_on([], record=signed(record, UNIVERSITY))


A, B = "https://a.edu/1", "https://a.edu/2"


@pytest.mark.parametrize(
    ("associations", "outcome", "code", "verdict"),
    [
        ([("isPartOf", A, B)], Outcome.PASS, "associations_sound", Verdict.ACCEPTED),
        ([("isPartOf", A, "https://a.edu/9")], Outcome.WARNING, "association_unknown", Verdict.ACCEPTED),
        ([("isPartOf", A, A)], Outcome.FAIL, "association_self", Verdict.REJECTED),
        ([("isPartOf", A, B), ("isPartOf", B, A)], Outcome.FAIL, "association_contradiction", Verdict.REJECTED),
    ],
)
def test_how_achievements_relate_is_judged(
    associations: Sequence[tuple[str, str, str]], outcome: Outcome, code: str, verdict: Verdict
) -> None:
    report = related(*associations)
    assert found(report, CheckId.CLR_ASSOCIATION) == {(outcome, code)}
    assert report.verdict is verdict


def test_a_record_that_relates_nothing_says_so() -> None:
    assert found(report_on([member(1)]), CheckId.CLR_ASSOCIATION) == {(Outcome.SKIPPED, "no_associations")}


# ── Unjudged ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_members_that_nobody_judged_are_an_open_question() -> None:
    document = signed(clr([member(1)]), UNIVERSITY)
    report = judge(document, material(), rules=rules(), known=Known.HERE, now=NOW)
    assert (report.verdict, report.members) == (Verdict.REVIEW, ())
    assert found(report) == {(Outcome.INDETERMINATE, "members_unchecked")}


def test_more_members_than_are_judged_are_an_open_question() -> None:
    document = {"credentialSubject": [{"verifiableCredential": [{}] * (MOST_MEMBERS + 1)}]}
    (told,) = bundles.check(document, None)
    assert (told.outcome, told.code) == (Outcome.INDETERMINATE, "too_many_members")
    assert str(MOST_MEMBERS) in told.message


@pytest.mark.parametrize("kind", ["OpenBadgeCredential", "EndorsementCredential"])
def test_members_are_found_whatever_the_document_calls_itself(kind: str) -> None:
    document = clr([member(1)]) | {"type": ["VerifiableCredential", kind]}
    assert [place for place, _ in bundled(document)] == [f"{PLACE}/0"]
    report = report_on([], record=signed(document, UNIVERSITY))
    assert (Outcome.PASS, "member_verified") in found(report)


def test_a_single_member_needs_no_list() -> None:
    document = copy.deepcopy(clr([member(1)]))
    document["credentialSubject"]["verifiableCredential"] = member(1)
    report = report_on([], record=signed(document, UNIVERSITY))
    assert report.members[0].pointer == PLACE
    assert (Outcome.PASS, "member_verified") in found(report)


@pytest.mark.parametrize("junk", [None, 7, "x", [], [[]], [7], {}, {"verifiableCredential": 7}], ids=repr)
def test_whatever_stands_for_the_subject_nothing_breaks(junk: Json) -> None:
    document = clr([]) | {"credentialSubject": junk}
    report = report_on([], record=document)
    assert report.verdict is Verdict.REJECTED
