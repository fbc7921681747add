"""Verifying as a service: whom it asks, in which order, and that every cause has its own answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

import signing
from ler_issuer import jsontext
from ler_issuer.net.gather import MOST_NEEDS
from ler_issuer.net.keystores import KeyStore
from ler_issuer.net.registries import RegistryEntry
from ler_issuer.services import gathering, keyring, publishing, revoking, verifying
from ler_issuer.services.marking import Reason
from ler_issuer.services.verifying import Aid
from ler_issuer.store import status, tables
from ler_issuer.vc import CheckId, Found, Hole, Known, Standing, Verdict, list_holds
from records import document, everything, tamper
from signing import INDEX, LIST_URL, STRANGER, SUSPENSIONS_URL, UNIVERSITY, Key
from world import CHEAP, award, found, publish

DID_URL = "https://cred.example.edu/issuers/1/did.json"
LISTED = Aid(registry={UNIVERSITY.subject: RegistryEntry("Example University")})


@pytest.fixture
def abroad(world):
    """A world in which another university publishes its keys and a clear status list."""
    world.time = signing.NOW
    world.host(DID_URL, UNIVERSITY.document)
    world.host(LIST_URL, signing.status_list())
    return world


def badge(key=UNIVERSITY, **changes):
    """Give a badge of the other university, changed before `key` signs it."""
    return signing.signed(signing.badge() | changes, key)


def causes(report):
    """Give what kept the credential from being accepted, as (check, code)."""
    return {(one.id, one.code) for one in report.checks if one.outcome in {"fail", "indeterminate"}}


def code_of(report, check):
    return {one.code for one in report.checks if one.id is check}


# ── Causes ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_credential_that_stands_is_accepted(rt, abroad):
    report = verifying.verify(rt, badge(), LISTED)

    assert (report.verdict, report.standing, report.known) == (Verdict.ACCEPTED, Standing.CURRENT, Known.REGISTRY)
    assert causes(report) == set()
    assert abroad.asked == [DID_URL, LIST_URL]


@pytest.mark.usefixtures("abroad")
def test_an_unknown_issuer_is_for_a_person(rt):
    report = verifying.verify(rt, badge())

    assert (report.verdict, report.standing, report.known) == (Verdict.REVIEW, Standing.CURRENT, Known.NO)
    assert code_of(report, CheckId.TRUST) == {"issuer_unknown"}


@pytest.mark.parametrize(
    ("change", "standing", "cause"),
    [
        ({"validUntil": "2026-11-15T11:00:00Z"}, Standing.EXPIRED, (CheckId.TIME_VALID_UNTIL, "expired")),
        ({"validFrom": "2026-11-16T12:00:00Z"}, Standing.NOT_YET_VALID, (CheckId.TIME_VALID_FROM, "not_yet_valid")),
    ],
)
@pytest.mark.usefixtures("abroad")
def test_what_is_out_of_its_time_is_rejected(rt, change, standing, cause):
    report = verifying.verify(rt, badge(**change), LISTED)

    assert (report.verdict, report.standing, causes(report)) == (Verdict.REJECTED, standing, {cause})
    assert report.authentic


def test_what_was_revoked_is_rejected(rt, abroad):
    abroad.host(LIST_URL, signing.status_list([INDEX]))

    report = verifying.verify(rt, badge(), LISTED)

    assert (report.verdict, report.standing) == (Verdict.REJECTED, Standing.REVOKED)
    assert causes(report) == {(CheckId.STATUS, "revoked")}


def test_what_was_suspended_is_for_a_person(rt, abroad):
    abroad.host(SUSPENSIONS_URL, signing.status_list([INDEX], url=SUSPENSIONS_URL, purpose="suspension"))
    entries = [signing.badge()["credentialStatus"], signing.vc.entry(SUSPENSIONS_URL, INDEX, "suspension")]

    report = verifying.verify(rt, badge(credentialStatus=entries), LISTED)

    assert (report.verdict, report.standing) == (Verdict.REVIEW, Standing.SUSPENDED)
    assert code_of(report, CheckId.STATUS) == {"status_clear", "suspended"}
    assert abroad.asked == [DID_URL, LIST_URL, SUSPENSIONS_URL]


@pytest.mark.parametrize(
    ("break_", "code", "outcome"),
    [
        (lambda world: world.pages.pop(LIST_URL), "list_not_found", Verdict.REVIEW),
        (lambda world: world.host(LIST_URL, b"<html>"), "list_not_json", Verdict.REVIEW),
        (lambda world: world.host(LIST_URL, {}), "list_wrong_type", Verdict.REJECTED),
        (
            lambda world: world.host(LIST_URL, signing.status_list(key=STRANGER)),
            "list_foreign_issuer",
            Verdict.REJECTED,
        ),
        (lambda world: world.host(LIST_URL, forged_list()), "list_bad_proof", Verdict.REJECTED),
    ],
    ids=["gone", "no JSON", "no list", "foreign issuer", "forged"],
)
def test_a_list_that_does_not_answer_as_it_should(rt, abroad, break_, code, outcome):
    break_(abroad)

    report = verifying.verify(rt, badge(), LISTED)

    assert (report.verdict, report.authentic) == (outcome, True)
    assert causes(report) == {(CheckId.STATUS, code)}


def forged_list():
    """Give a list that says nothing is revoked, under a proof for one that said otherwise."""
    honest, forged = signing.status_list([INDEX]), signing.status_list()
    return honest | {"credentialSubject": forged["credentialSubject"]}


def test_a_host_of_lists_that_is_away_is_no_forgery(rt, abroad):
    lists = "https://lists.example.org/1"
    document = badge(credentialStatus=signing.vc.entry(lists, INDEX, "revocation"))
    abroad.unplug("lists.example.org")

    report = verifying.verify(rt, document, LISTED)

    assert (report.verdict, report.authentic, report.standing) == (Verdict.REVIEW, True, Standing.UNKNOWN)
    assert causes(report) == {(CheckId.STATUS, "list_unreachable")}


# ── Nothing but the key before the proof holds ───────────────────────────────────────────────────────────────────────
def altered():
    document = badge()
    document["credentialSubject"]["creditsEarned"] = 30
    return document


def signed_with_a_key_that_nobody_published():
    return badge(Key("another key", UNIVERSITY.controller))


def signed_by_somebody_else():
    return badge(STRANGER)


@pytest.mark.parametrize(
    ("make", "cause", "asked"),
    [
        (altered, (CheckId.PROOF_SIGNATURE, "signature_wrong"), [DID_URL]),
        (signed_with_a_key_that_nobody_published, (CheckId.PROOF_KEY, "key_unknown"), [DID_URL]),
        (
            signed_by_somebody_else,
            (CheckId.PROOF_CONTROLLER, "controller_foreign"),
            ["https://stranger.example/.well-known/did.json"],
        ),
    ],
)
def test_a_forgery_is_rejected_and_its_lists_are_left_alone(rt, abroad, make, cause, asked):
    abroad.host("https://stranger.example/.well-known/did.json", STRANGER.document)

    report = verifying.verify(rt, make(), LISTED)

    assert (report.verdict, report.authentic, report.standing) == (Verdict.REJECTED, False, Standing.UNKNOWN)
    assert cause in causes(report)
    assert code_of(report, CheckId.STATUS) == {"proof_not_held"}
    assert abroad.asked == asked


def test_an_issuer_that_is_away_is_for_a_person(rt, abroad):
    abroad.unplug("cred.example.edu")

    report = verifying.verify(rt, badge(), LISTED)

    assert (report.verdict, report.authentic) == (Verdict.REVIEW, False)
    assert (CheckId.PROOF_KEY, "key_unreachable") in causes(report)
    assert not [one for one in report.checks if one.outcome == "fail"]
    assert abroad.asked == [DID_URL]


def test_a_credential_without_a_proof_asks_nobody(rt, abroad):
    report = verifying.verify(rt, signing.badge(), LISTED)

    assert report.verdict is Verdict.REJECTED
    assert abroad.asked == []


HOSTILE = [
    None,
    [],
    "text",
    {},
    {"issuer": "did:web:\x00"},
    {"issuer": "did:web:" + "a" * 100_000},
    {"issuer": "\ud800"},
    {"issuer": {"id": 7}, "proof": {"verificationMethod": "did:web:\x00#x"}},
    {"proof": [{"type": "DataIntegrityProof", "verificationMethod": "https://a.example/\x00"}]},
    {"credentialStatus": [{"type": "BitstringStatusListEntry", "statusListCredential": "https://\x00"}]},
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda one: repr(one)[:60])
def test_anything_gets_a_report(any_rt, hostile):
    assert verifying.verify(any_rt, hostile).verdict is not Verdict.ACCEPTED


@pytest.mark.usefixtures("abroad")
def test_a_signed_document_with_hostile_names_gets_a_report(any_rt):
    document = badge()
    document["proof"][0]["verificationMethod"] = "did:web:cred.example.edu\x00#x"
    document["issuer"]["id"] = "did:web:cred.example.edu\x00"

    assert verifying.verify(any_rt, document).verdict is Verdict.REJECTED


# ── Ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("method", ["web", "key"])
def test_our_own_credentials_ask_nobody(any_rt, world, method):
    tenant = found(any_rt, did_method=method)
    publish(any_rt, tenant, suspendable=True)
    ours = document(any_rt, award(any_rt, tenant).credential_id)

    report = verifying.verify(any_rt, ours)

    assert (report.verdict, report.known, report.issuer_id) == (Verdict.ACCEPTED, Known.HERE, tenant.issuer.did)
    assert world.asked == []


def test_a_list_of_ours_is_proven_anew_when_it_changes_and_when_a_key_does(rt, tenant, world, monkeypatch):
    proven = []
    monkeypatch.setattr(gathering, "list_holds", lambda *of: proven.append(of) or list_holds(*of))
    publish(rt, tenant)
    told = award(rt, tenant)
    ours, another = document(rt, told.credential_id), award(rt, tenant, "another@example.edu").credential_id

    def status_now():
        return code_of(verifying.verify(rt, ours), CheckId.STATUS), len(proven)

    assert [status_now(), status_now()] == [({"status_clear"}, 1)] * 2

    revoking.revoke(rt, tenant.caller, another, Reason("x"))
    assert status_now() == ({"status_clear"}, 2)

    new = keyring.rotate(rt, tenant.issuer.slug, actor="cli:test")
    assert [status_now(), status_now()] == [({"status_clear"}, 3)] * 2

    tamper(rt, sa.update(tables.signing_key).where(tables.signing_key.c.id == new.id).values(revoked_at=world.time))
    assert status_now() == ({"list_bad_proof"}, 4)


def test_our_keys_as_somebody_else_tells_them_prove_nothing_for_later(rt, tenant):
    publish(rt, tenant)
    ours = document(rt, award(rt, tenant).credential_id)
    assert verifying.verify(rt, ours).verdict is Verdict.ACCEPTED

    report = verifying.verify(rt, ours, Aid({tenant.issuer.did: Found({"id": tenant.issuer.did, "odd": float("nan")})}))

    assert report.verdict is Verdict.REJECTED
    assert verifying.verify(rt, ours).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(name="Something grander"),
        lambda document: document["credentialSubject"]["identifier"][0].update(salt="0" * 32),
        lambda document: document.pop("awardedDate"),
        lambda document: document["issuer"].update(name="Another university"),
        lambda document: document["credentialStatus"].update(statusListIndex="1"),
    ],
    ids=["name", "learner", "date removed", "issuer's name", "status"],
)
def test_any_change_shows(rt, tenant, change):
    publish(rt, tenant)
    document_ = document(rt, award(rt, tenant).credential_id)
    change(document_)

    report = verifying.verify(rt, document_)

    assert (report.verdict, report.authentic) == (Verdict.REJECTED, False)
    assert (CheckId.PROOF_SIGNATURE, "signature_wrong") in causes(report)


@pytest.mark.usefixtures("abroad")
def test_our_name_over_a_strangers_proof_is_foreign(rt, tenant):
    forged = badge(issuer=signing.badge(tenant.issuer.did)["issuer"])

    report = verifying.verify(rt, forged)

    assert (report.verdict, report.authentic) == (Verdict.REJECTED, False)
    assert (CheckId.PROOF_CONTROLLER, "controller_foreign") in causes(report)
    assert code_of(report, CheckId.TRUST) == {"issuer_not_proven"}


@pytest.mark.usefixtures("abroad")
def test_nothing_of_a_document_is_kept(rt, tenant):
    publish(rt, tenant)
    ours = document(rt, award(rt, tenant).credential_id)
    verifying.verify(rt, ours)
    before = everything(rt)

    for judged in (ours, altered(), badge(), {"learner": "ada@example.edu"}):
        verifying.verify(rt, judged, LISTED)

    assert everything(rt) == before | {"seen_list": 1}  # that there was such a list, of such a date


# ── What a caller brings along ───────────────────────────────────────────────────────────────────────────────────────
def test_offline_nobody_is_asked(rt, abroad):
    report = verifying.verify(rt, badge(), replace(LISTED, offline=True))

    assert report.verdict is Verdict.REVIEW
    assert (CheckId.PROOF_KEY, "key_not_asked") in causes(report)
    assert abroad.asked == []


def test_what_was_brought_along_is_not_asked_for(rt, world):
    world.time = signing.NOW
    brought = {UNIVERSITY.subject: Found(UNIVERSITY.document), LIST_URL: Found(signing.status_list())}

    report = verifying.verify(rt, badge(), replace(LISTED, material=brought, offline=True))

    assert report.verdict is Verdict.ACCEPTED
    assert world.asked == []


@pytest.mark.usefixtures("abroad")
def test_a_list_that_is_missing_offline_leaves_the_status_open(rt):
    brought = {UNIVERSITY.subject: Found(UNIVERSITY.document)}

    report = verifying.verify(rt, badge(), replace(LISTED, material=brought, offline=True))

    assert (report.verdict, report.authentic) == (Verdict.REVIEW, True)
    assert causes(report) == {(CheckId.STATUS, "list_not_asked")}


def test_what_was_brought_along_goes_before_what_is_here(rt, tenant):
    """Somebody who checks what a certain list said then wants to know that, and not what is so now."""
    publish(rt, tenant)
    badge_id = award(rt, tenant).credential_id
    with rt.db.read() as db:
        (entry,) = status.entries_of(db, badge_id)
    ours = document(rt, badge_id)
    then = Found(jsontext.parse(publishing.status_list(rt, entry.list_id)))
    revoking.revoke(rt, tenant.caller, badge_id, Reason("misconduct"))

    url = ours["credentialStatus"]["statusListCredential"]
    assert verifying.verify(rt, ours).verdict is Verdict.REJECTED
    assert verifying.verify(rt, ours, Aid(material={url: then})).verdict is Verdict.ACCEPTED
    assert verifying.verify(rt, ours, Aid(material={url: Hole("unreachable")})).verdict is Verdict.REVIEW


@pytest.mark.usefixtures("abroad")
def test_an_installations_registry_counts(rt):
    listing = replace(rt, registry={UNIVERSITY.subject: RegistryEntry("Example University")})

    assert verifying.verify(listing, badge()).known is Known.REGISTRY


@pytest.mark.usefixtures("world")
def test_a_locked_key_leaves_the_status_open(rt, tenant):
    """Without the passphrase a list cannot be signed anew; that is our trouble and not the credential's."""
    publish(rt, tenant)
    ours = document(rt, award(rt, tenant).credential_id)
    locked = replace(rt, keys=KeyStore(b"another passphrase", rt.random, cost=CHEAP))

    report = verifying.verify(locked, ours)

    assert (report.verdict, report.authentic) == (Verdict.REVIEW, True)
    assert causes(report) == {(CheckId.STATUS, "list_unreachable")}


def test_time_is_the_runtimes(rt, tenant, world):
    publish(rt, tenant, validity={"months": 12, "counts_from": "issuance"})
    ours = document(rt, award(rt, tenant).credential_id)
    world.time += timedelta(days=366)

    assert verifying.verify(rt, ours).standing is Standing.EXPIRED


# ── Records ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def numbered(number, **changes):
    return badge(id=f"urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-{number:012d}", **changes)


def clr(*members, **changes):
    return signing.signed(signing.clr(members) | changes, UNIVERSITY)


def test_what_the_members_of_a_record_need_is_asked_for_once(rt, abroad):
    report = verifying.verify(rt, clr(*map(numbered, range(5))), LISTED)

    assert (report.verdict, len(report.members)) == (Verdict.ACCEPTED, 5)
    assert abroad.asked == [DID_URL, LIST_URL]


def test_members_of_many_issuers_have_room(rt, abroad):
    """A single credential may ask for few documents; members of a record bring their own needs along."""
    hosts = [f"school-{number}.example" for number in range(MOST_NEEDS + 2)]
    keys = [Key(host, f"did:web:{host}") for host in hosts]
    for host, key in zip(hosts, keys, strict=True):
        abroad.host(f"https://{host}/.well-known/did.json", key.document)
        abroad.host(f"https://{host}/list", signing.status_list(key=key, url=f"https://{host}/list"))
    members = [
        signing.signed(
            signing.badge(key.subject)
            | {
                "id": f"urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-{number:012d}",
                "credentialStatus": signing.vc.entry(f"https://{host}/list", INDEX, "revocation"),
            },
            key,
        )
        for number, (host, key) in enumerate(zip(hosts, keys, strict=True))
    ]

    report = verifying.verify(rt, clr(*members), LISTED)

    assert all(one.report.authentic and one.report.standing is Standing.CURRENT for one in report.members)
    assert code_of(report, CheckId.CLR_MEMBER) == {"member_issuer_unknown"}
    assert report.verdict is Verdict.REVIEW


def test_a_member_that_is_no_forgery_but_revoked_leaves_the_record_to_a_person(rt, abroad):
    revoked = numbered(1, credentialStatus=signing.vc.entry(LIST_URL, INDEX + 1, "revocation"))
    abroad.host(LIST_URL, signing.status_list([INDEX + 1]))

    report = verifying.verify(rt, clr(revoked, numbered(2)), LISTED)

    assert (report.verdict, report.authentic, report.standing) == (Verdict.REVIEW, True, Standing.CURRENT)
    assert [one.report.standing for one in report.members] == [Standing.REVOKED, Standing.CURRENT]


@pytest.mark.usefixtures("abroad")
def test_members_of_a_record_that_is_forged_are_judged_all_the_same(rt):
    report = verifying.verify(rt, clr(numbered(1)) | {"name": "Grander"}, LISTED)

    assert (report.verdict, report.authentic) == (Verdict.REJECTED, False)
    assert [one.report.verdict for one in report.members] == [Verdict.ACCEPTED]


def test_of_what_cannot_be_read_no_member_is_looked_at(rt, abroad):
    report = verifying.verify(rt, clr(badge(STRANGER)) | {"n": 2**60}, LISTED)

    assert (report.verdict, report.members) == (Verdict.REJECTED, ())
    assert not any("stranger" in url for url in abroad.asked)
