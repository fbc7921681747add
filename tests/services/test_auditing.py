"""The replay finds what somebody did behind the back of the service; checkpoints seal the log."""

from __future__ import annotations

import base64
import hashlib

import pytest
import sqlalchemy as sa
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ler_issuer import jsontext
from ler_issuer.errors import Missing
from ler_issuer.services import auditing, revoking
from ler_issuer.services.auditing import merkle_root
from ler_issuer.services.marking import Reason
from ler_issuer.store import keys, tables
from ler_issuer.vc import PublicKey
from records import award_of, count, credential, deeds, discrepancies, events, everything, tamper, value
from world import award, found, publish

T = tables


@pytest.fixture
def receipt(rt, tenant):
    """The receipt of an award that stands."""
    publish(rt, tenant, suspendable=True)
    return award(rt, tenant)


@pytest.fixture
def badge(rt, receipt):
    assert discrepancies(rt) == []
    return receipt.credential_id


def codes(rt):
    return {code for code, _ in discrepancies(rt)}


# ── The replay ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_replay_counts_and_changes_nothing(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant)
    for who, level in (("ada@b.c", "exemplary"), ("bob@b.c", "beginning"), ("cyd@b.c", "proficient")):
        award(any_rt, tenant, who, level=level)
    before = everything(any_rt)

    told = auditing.replay(any_rt, verify=True)

    assert told.counts == {"learners": 3, "awards": 2, "credentials": 2}
    assert told.discrepancies == ()
    assert everything(any_rt) == before


def test_an_empty_installation_has_nothing_to_find(rt):
    assert auditing.replay(rt) == auditing.Replay({"learners": 0, "awards": 0, "credentials": 0}, ())


def altered_body(rt, badge, **changes):
    """Give other bytes for a credential, and the digest that fits them."""
    body = jsontext.canonical(jsontext.parse(credential(rt, badge).body) | changes)
    return {"body": body, "digest": hashlib.sha256(body).hexdigest()}


def set_all(table, **values):
    return lambda _rt, _badge: sa.update(table).values(**values)


def delete(table):
    return lambda _rt, _badge: sa.delete(table)


TAMPERINGS = {
    "a result says something else": (
        lambda _rt, _badge: sa.update(T.result).values(content=sa.func.json_set(T.result.c.content, "$.attempt", 3)),
        {"input_altered"},
    ),
    "a result has another digest": (set_all(T.result, digest="0" * 64), {"input_altered"}),
    "a result no longer counts": (
        lambda rt, _badge: sa.update(T.result).values(voided_at=rt.now()),
        {"unsupported"},
    ),
    "a decision has another trace": (set_all(T.award_decision, trace={"met": True}), {"not_reproducible"}),
    "a decision has another outcome": (
        set_all(T.award_decision, overall="exemplary"),
        {"not_reproducible", "facts_differ"},
    ),
    "a decision rests on nothing": (set_all(T.award_decision, inputs=[]), {"not_reproducible"}),
    "an award is said to wait": (
        set_all(T.award, state="held"),
        {"credential_count", "award_not_issued", "release_overdue"},
    ),
    "an award is said to be withdrawn": (
        set_all(T.award, state="withdrawn", withdrawn_by="facts"),
        {"credential_count", "award_not_issued", "award_missing"},
    ),
    "a credential has other bytes": (
        set_all(T.credential, body=b"{}"),
        {"bytes_altered", "leaf_missing", "facts_differ", "holding_differs", "proof_wrong"},
    ),
    "a credential says something else": (
        lambda rt, badge: sa.update(T.credential).values(altered_body(rt, badge, name="Something grander")),
        {"leaf_missing", "proof_wrong"},
    ),
    "a credential has an earlier date": (
        lambda rt, badge: sa.update(T.credential).values(altered_body(rt, badge, awardedDate="2020-01-01T00:00:00Z")),
        {"leaf_missing", "proof_wrong", "facts_differ", "holding_differs"},
    ),
    "the log lost a leaf": (delete(T.log_leaf), {"leaf_missing"}),
    "a bit is raised": (
        lambda _rt, _badge: (
            sa.update(T.status_entry).where(T.status_entry.c.purpose == "revocation").values(raised=True)
        ),
        {"bit_wrong"},
    ),
    "its places are gone": (delete(T.status_entry), {"entry_missing"}),
    "a credential is said to be revoked": (set_all(T.credential, state="revoked"), {"state_wrong", "credential_count"}),
    "a credential is said to be suspended": (set_all(T.credential, state="suspended"), {"state_wrong"}),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found(rt, badge, what):
    statement, expected = TAMPERINGS[what]

    tamper(rt, statement(rt, badge))

    assert codes(rt) == expected


@pytest.mark.usefixtures("badge")
def test_an_award_that_is_gone_is_missing(rt):
    for table in (T.status_entry, T.holding, T.credential, T.award_decision, T.award):
        tamper(rt, sa.delete(table))

    assert codes(rt) == {"award_missing"}


def test_a_revocation_that_was_taken_back_is_found(rt, tenant, badge):
    revoking.revoke(rt, tenant.caller, badge, Reason("misconduct"))
    tamper(rt, sa.update(T.status_entry).values(raised=False))
    assert codes(rt) == {"bit_wrong"}

    tamper(rt, sa.delete(T.status_event))

    assert codes(rt) == {"state_wrong"}


def test_an_act_that_was_reworded_is_found(rt, tenant, badge):
    revoking.suspend(rt, tenant.caller, badge, Reason("inquiry", "a private note"))
    tamper(rt, sa.update(T.status_event).values(note="another note"))
    assert codes(rt) == set()

    tamper(rt, sa.update(T.status_event).values(reason_code="harmless"))

    assert codes(rt) == {"leaf_missing"}


def test_what_is_found_names_its_object(rt, receipt):
    tamper(rt, sa.update(T.award).values(state="held"))

    assert set(discrepancies(rt)) == {
        ("credential_count", award_of(rt, receipt.credential_id).id),
        ("release_overdue", award_of(rt, receipt.credential_id).id),
        ("award_not_issued", receipt.credential_id),
    }


@pytest.mark.usefixtures("badge")
def test_without_signatures_the_replay_judges_no_proof(rt):
    tamper(rt, sa.update(T.signing_key).values(revoked_at=rt.now()))

    assert auditing.replay(rt).discrepancies == ()
    assert [one.code for one in auditing.replay(rt, verify=True).discrepancies] == ["proof_wrong"]


# ── Checkpoints ──────────────────────────────────────────────────────────────────────────────────────────────────────
def naive_root(leaves):
    """Compute the Merkle tree hash as RFC 6962 §2.1 defines it, by recursion."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:middle]) + naive_root(leaves[middle:])).digest()


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 100])
def test_the_root_is_that_of_the_rfc(size):
    leaves = [hashlib.sha256(number.to_bytes(4)).digest() for number in range(size)]

    assert merkle_root(leaves) == naive_root(leaves)


def leaves_of(rt, size):
    row = T.log_leaf.c
    with rt.db.read() as db:
        statement = sa.select(row.leaf).where(row.position < size).order_by(row.position)
        return [bytes.fromhex(leaf) for leaf in db.run(statement).scalars()]


def test_a_checkpoint_seals_what_was_done(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant)
    badges = [award(any_rt, tenant, f"{number}@b.c").credential_id for number in range(3)]
    revoking.revoke(any_rt, tenant.caller, badges[0], Reason("misconduct"))

    made = auditing.checkpoint(any_rt, "biology", actor="cli:test")

    assert made.size == 4
    assert made.root == naive_root(leaves_of(any_rt, 4)).hex()
    first = credential(any_rt, badges[0])
    assert hashlib.sha256(first.log_salt + first.body).digest() == leaves_of(any_rt, 4)[0]
    assert deeds(any_rt, tenant.caller, "log.") == ["log.sealed"]
    assert events(any_rt, tenant.caller)[-1] == ("log.sealed", made.id)


@pytest.mark.usefixtures("tenant", "badge")
def test_with_nothing_new_the_last_one_is_given_again(rt, world):
    first = auditing.checkpoint(rt, "biology", actor="cli:test")
    world.wait(days=1)

    assert auditing.checkpoint(rt, "biology", actor="cli:test") == first
    assert count(rt, T.log_checkpoint) == 1


@pytest.mark.usefixtures("badge")
def test_checkpoints_grow_and_keep_what_they_sealed(rt, tenant):
    first = auditing.checkpoint(rt, "biology", actor="cli:test")
    for number in range(4):
        award(rt, tenant, f"{number}@b.c")

    second = auditing.checkpoint(rt, "biology", actor="cli:test")

    assert (first.size, second.size) == (1, 5)
    assert first.root == naive_root(leaves_of(rt, 1)).hex()
    assert second.root == naive_root(leaves_of(rt, 5)).hex()


@pytest.mark.usefixtures("tenant")
def test_an_empty_log_can_be_sealed_too(rt):
    assert auditing.checkpoint(rt, "biology", actor="cli:test").root == hashlib.sha256(b"").hexdigest()


@pytest.mark.usefixtures("tenant", "badge")
def test_each_issuer_has_a_log_of_its_own(rt):
    chemistry = found(rt, "chemistry")
    publish(rt, chemistry)
    award(rt, chemistry)

    one, two = (auditing.checkpoint(rt, slug, actor="cli:test") for slug in ("biology", "chemistry"))

    assert (one.size, two.size) == (1, 1)
    assert one.root != two.root
    with pytest.raises(Missing):
        auditing.checkpoint(rt, "physics", actor="cli:test")


@pytest.mark.usefixtures("badge")
def test_the_note_is_signed_by_the_log_key(rt, tenant):
    made = auditing.checkpoint(rt, "biology", actor="cli:test")
    with rt.db.read() as db:
        log, signing = keys.in_use(db, tenant.issuer.id, "log"), keys.in_use(db, tenant.issuer.id, "assertion")
    public = PublicKey.from_multibase(log.public_multibase).raw
    text, _, signature = made.note.rpartition("\n\n")

    origin, size, root = text.split("\n")
    assert origin == f"{rt.base_url.removeprefix('http://')}/issuers/biology/log"
    assert (size, base64.b64decode(root).hex()) == ("1", made.root)
    dash, name, blob = signature.rstrip("\n").split(" ")
    assert (dash, name) == ("\N{EM DASH}", origin)
    hint, signed = base64.b64decode(blob)[:4], base64.b64decode(blob)[4:]
    assert hint == hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    VerifyKey(public).verify(f"{text}\n".encode(), signed)
    with pytest.raises(BadSignatureError):
        VerifyKey(PublicKey.from_multibase(signing.public_multibase).raw).verify(f"{text}\n".encode(), signed)
    assert made.signing_key_id == log.id


def test_a_leaf_cannot_be_guessed_without_its_salt(rt, badge):
    kept = credential(rt, badge)

    leaf = value(rt, T.log_leaf.c.leaf)

    assert leaf == hashlib.sha256(kept.log_salt + kept.body).hexdigest()
    assert len(kept.log_salt) == 16
    assert leaf != hashlib.sha256(kept.body).hexdigest()
