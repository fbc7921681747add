"""Status beyond one bit in one signed list: older kinds, messages, tokens, and what a list rests on."""

from __future__ import annotations

import copy
import gzip
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import MIN_ENTRIES, Found, Outcome, Source, multibase
from ler_issuer.vc.revocation_lists import MAX_REVOKED
from signing import (
    INDEX,
    LIST_URL,
    NOW,
    SIGNED,
    STRANGER,
    SUSPENSIONS_URL,
    UNIVERSITY,
    Key,
    badge,
    proof,
    rules,
    signed,
    status_list,
)

KEYS = {UNIVERSITY.subject: Found(UNIVERSITY.document)}
REVOCATIONS = "https://cred.example.edu/revocations"
V1 = "https://www.w3.org/2018/credentials/v1"
OLD_LISTS = "https://w3id.org/vc/status-list/2021/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


def entry(purpose: str = "revocation", index: int = INDEX, url: str = LIST_URL, **members: Json) -> JsonObject:
    return vc.entry(url, index, purpose) | members


def findings_of(entries: Json, lists: vc.Material, **changes: Json) -> tuple[vc.Finding, ...]:
    document = badge() | {"credentialStatus": entries} | changes
    return vc.check_status(document, lists, KEYS, rules().contexts, NOW)


def status(entries: Json, listed: Json, **changes: Json) -> list[tuple[Outcome, str]]:
    lists = {url: Found(listed) for url in (LIST_URL, REVOCATIONS)}
    return [(found.outcome, found.code) for found in findings_of(entries, lists, **changes)]


def many_bits(size: int, values: dict[int, int], purpose: str = "message", *, entries: int = MIN_ENTRIES) -> JsonObject:
    """Give a list with a value of several bits for each credential."""
    bits = bytearray(entries * size // 8)
    for index, value in values.items():
        for bit in range(size):
            place = index * size + bit
            bits[place // 8] |= (value >> size - 1 - bit & 1) << 7 - place % 8
    encoded = multibase.u(gzip.compress(bytes(bits), mtime=0))
    return status_list(
        purpose=purpose, change=lambda document: document["credentialSubject"].update(encodedList=encoded)
    )


MESSAGES = [{"status": f"{value:#x}", "message": f"m{value}"} for value in range(4)]


@pytest.mark.parametrize(("value", "outcome"), [(0, Outcome.PASS), (1, Outcome.WARNING), (3, Outcome.WARNING)])
def test_a_message_is_told_and_is_no_failure(value: int, outcome: Outcome) -> None:
    told = entry("message", statusSize=2, statusMessage=MESSAGES)
    found = findings_of(told, {LIST_URL: Found(many_bits(2, {INDEX: value, INDEX - 1: 2}))})
    assert [(one.outcome, one.code, one.detail) for one in found] == [(outcome, "status_message", f"m{value}")]


def test_a_message_that_nobody_defined_is_told_as_its_value() -> None:
    junk = [7, {"status": "3", "message": "x"}, {"status": "0x3"}, {"status": "0x3", "message": 7}]
    told = entry("message", statusSize=2, statusMessage=junk)
    found = findings_of(told, {LIST_URL: Found(many_bits(2, {INDEX: 3}))})
    assert [(one.code, one.detail) for one in found] == [("status_message", "0x3")]


@pytest.mark.parametrize(
    "odd",
    [
        {"statusSize": 2},
        {"statusSize": 2, "statusMessage": MESSAGES[:2]},
        {"statusMessage": MESSAGES},
        {"statusSize": 0},
        {"statusSize": "2"},
        {"statusSize": True},
    ],
)
def test_a_status_of_several_bits_says_what_they_mean(odd: JsonObject) -> None:
    assert status(entry("message", **odd), many_bits(2, {})) == [(Outcome.FAIL, "status_malformed")]


def test_a_value_of_several_bits_can_revoke() -> None:
    wide = entry(statusSize=2, statusMessage=MESSAGES)
    assert status(wide, many_bits(2, {INDEX: 2}, "revocation")) == [(Outcome.FAIL, "revoked")]
    assert status(wide, many_bits(2, {INDEX + 1: 2}, "revocation")) == [(Outcome.PASS, "status_clear")]


def test_a_list_holds_enough_entries_not_bits() -> None:
    wide = entry("message", statusSize=2, statusMessage=MESSAGES)
    assert status(wide, many_bits(2, {}, entries=MIN_ENTRIES // 2)) == [(Outcome.FAIL, "list_too_short")]


def test_a_newer_copy_is_no_failure() -> None:
    assert status(entry("refresh"), status_list([INDEX], purpose="refresh")) == [(Outcome.WARNING, "refresh_available")]
    assert status(entry("refresh"), status_list(purpose="refresh")) == [(Outcome.PASS, "status_clear")]


@pytest.mark.parametrize(
    ("index", "code"),
    [
        ("9" * 40, "index_out_of_range"),
        (-1, "index_malformed"),
        ("-1", "index_malformed"),
        ("1e3", "index_malformed"),
        ("٣", "index_malformed"),
        (" 7", "index_malformed"),
        (1.0, "index_malformed"),
        (None, "index_malformed"),
        (True, "index_malformed"),
        ("9" * 41, "index_malformed"),
    ],
)
def test_an_index_is_a_number_and_nothing_else(index: Json, code: str) -> None:
    assert status(entry() | {"statusListIndex": index}, status_list()) == [(Outcome.FAIL, code)]


def test_a_status_that_is_named_twice_is_looked_up_once() -> None:
    clear = [(Outcome.PASS, "status_clear"), (Outcome.WARNING, "status_repeated")]
    assert status([entry(), entry()], status_list()) == clear


def test_two_places_for_one_status_are_both_looked_at() -> None:
    twice = [(Outcome.PASS, "status_clear"), (Outcome.FAIL, "revoked"), (Outcome.WARNING, "status_twice")]
    assert status([entry(index=7), entry()], status_list([INDEX])) == twice


def test_a_list_need_not_have_an_id_but_no_other() -> None:
    assert status(entry(), status_list(change=lambda document: document.pop("id"))) == [(Outcome.PASS, "status_clear")]
    assert status(entry(), status_list(url=SUSPENSIONS_URL)) == [(Outcome.FAIL, "list_wrong_id")]


def test_another_list_revokes_though_it_clears_nobody() -> None:
    """As the published sample of a revoked badge is: its list goes by another id than its URL."""
    assert status(entry(), status_list([INDEX], url=SUSPENSIONS_URL)) == [(Outcome.FAIL, "revoked")]
    strangers = status_list([INDEX], url=SUSPENSIONS_URL, key=STRANGER)
    assert status(entry(), strangers) == [(Outcome.FAIL, "list_foreign_issuer")]


def test_the_status_of_a_list_is_not_followed() -> None:
    within = status_list(change=lambda document: document.update(credentialStatus=entry(url=SUSPENSIONS_URL)))
    assert vc.status_needs(badge()) == (LIST_URL,)
    assert status(entry(), within) == [(Outcome.PASS, "status_clear")]


def old_list(raised: tuple[int, ...] = (), key: Key = UNIVERSITY, **members: Json) -> JsonObject:
    document = {
        "@context": [V1, OLD_LISTS, DATA_INTEGRITY],
        "id": LIST_URL,
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": key.subject,
        "issuanceDate": "2026-10-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{LIST_URL}#list",
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": vc.encode(raised)[1:],
        },
    } | members
    return document | {"proof": proof(document, key)}


OLD_ENTRY = entry() | {"type": "StatusList2021Entry"}


@pytest.mark.parametrize(
    ("listed", "answer"),
    [
        (old_list(), (Outcome.PASS, "status_clear_2021")),
        (old_list((INDEX,)), (Outcome.FAIL, "revoked")),
        (old_list(key=STRANGER), (Outcome.FAIL, "list_foreign_issuer")),
        (old_list(expirationDate="2026-11-01T00:00:00Z"), (Outcome.INDETERMINATE, "list_expired")),
        (old_list(issuanceDate="2026-12-01T00:00:00Z"), (Outcome.INDETERMINATE, "list_not_yet_valid")),
        (old_list() | {"proof": []}, (Outcome.FAIL, "list_unsigned")),
        (status_list(), (Outcome.FAIL, "list_wrong_type")),
    ],
)
def test_a_list_of_2021_is_judged_like_its_heir(listed: JsonObject, answer: tuple[Outcome, str]) -> None:
    assert status(OLD_ENTRY, listed) == [answer]


def test_an_entry_of_today_takes_no_list_of_2021() -> None:
    assert status(entry(), old_list()) == [(Outcome.FAIL, "list_wrong_type")]


ID = "urn:uuid:6a1e%2D1"
NAMED = {"type": "1EdTechRevocationList", "id": REVOCATIONS}
CLEAR = (Outcome.WARNING, "status_clear_unsigned")
REVOKED = (Outcome.FAIL, "revoked")


def revoked_status(listed: Json, named: Json = ID) -> tuple[Outcome, str]:
    (answer,) = status(NAMED, listed, id=named)
    return answer


@pytest.mark.parametrize(
    ("entries", "answer"),
    [
        ([], CLEAR),
        ([{"id": "urn:uuid:other"}], CLEAR),
        ([{"id": ID}], REVOKED),
        ([{"id": " urn:uuid:6a1e-1 "}], REVOKED),
        ([ID], REVOKED),
        ({"id": ID}, REVOKED),
        ([{"id": ID, "revoked": True}], REVOKED),
        ([{"id": ID, "revoked": False}], CLEAR),
        ([{"id": ID, "revoked": "false"}], REVOKED),
        ([{"id": ID, "revoked": False}, {"id": ID, "revoked": True}], REVOKED),
        ([{"id": ID, "revoked": True}, {"id": ID, "revoked": False}], REVOKED),
        ([7, None, {"id": 7}, {}], CLEAR),
        ([{"id": "x"}] * (MAX_REVOKED + 1), (Outcome.INDETERMINATE, "list_too_large")),
    ],
)
def test_a_revocation_list_goes_by_ids(entries: Json, answer: tuple[Outcome, str]) -> None:
    listed = {"id": REVOCATIONS, "issuer": {"id": UNIVERSITY.subject}, "revokedCredential": entries}
    assert revoked_status(listed) == answer
    assert revoked_status(listed | {"revokedCredentials": entries, "revokedCredential": []}) == answer


def test_a_revocation_list_must_be_the_issuers_and_the_one_named() -> None:
    listed = {"id": REVOCATIONS, "issuer": UNIVERSITY.subject, "revokedCredential": []}
    assert revoked_status(listed | {"issuer": STRANGER.subject}) == (Outcome.FAIL, "list_foreign_issuer")
    assert revoked_status({"id": REVOCATIONS, "revokedCredential": []}) == (Outcome.FAIL, "list_foreign_issuer")
    assert revoked_status(listed | {"id": "https://elsewhere.example"}) == (Outcome.FAIL, "list_wrong_id")
    for odd in ({}, [], None, "x", {"issuer": UNIVERSITY.subject}):
        assert revoked_status(odd) == (Outcome.FAIL, "list_malformed")
    for nameless in (None, " ", 7):
        assert revoked_status(listed, nameless) == (Outcome.INDETERMINATE, "status_unnamed")


def test_the_reason_of_a_revocation_is_kept() -> None:
    entries = [{"id": ID, "revocationReason": "issued in error"}]
    listed = {"issuer": UNIVERSITY.subject, "revokedCredential": entries}
    (found,) = findings_of(NAMED, {REVOCATIONS: Found(listed)}, id=ID)
    assert found.detail == "issued in error"


def test_each_kind_says_what_it_needs() -> None:
    document = {"credentialStatus": [entry(), OLD_ENTRY, NAMED, {"type": "Other", "id": "https://other.example"}]}
    assert vc.status_needs(document) == (LIST_URL, REVOCATIONS)
    assert vc.status_needs({"credentialStatus": {"type": "1EdTechRevocationList", "id": "file:///etc/passwd"}}) == ()


def token(document: JsonObject, key: Key = UNIVERSITY) -> str:
    prepared = vc.prepare_envelope(
        vc.without_proof(document), alg="EdDSA", kid=key.verification_method, contexts=rules().contexts
    )
    return vc.seal_envelope(prepared, key)


def test_a_list_may_be_a_token() -> None:
    assert status(entry(), token(status_list())) == [(Outcome.PASS, "status_clear")]
    assert status(entry(), token(status_list([INDEX]))) == [(Outcome.FAIL, "revoked")]
    assert status(entry(), token(status_list(key=STRANGER), STRANGER)) == [(Outcome.FAIL, "list_foreign_issuer")]
    head, _, signature = token(status_list()).split(".")
    _, body, _ = token(status_list([7])).split(".")
    assert status(entry(), f"{head}.{body}.{signature}") == [(Outcome.FAIL, "list_bad_proof")]
    for junk in ("", "a.b.c", "." * 100_000, head):
        assert status(entry(), junk) == [(Outcome.FAIL, "list_malformed")]


def test_a_list_in_words_that_are_not_known_here_leaves_the_status_open() -> None:
    listed = status_list()
    listed["@context"].append("https://unknown.example/context")
    assert status(entry(), listed) == [(Outcome.INDETERMINATE, "list_proof_open")]


def test_a_list_of_our_own_making_needs_no_proof() -> None:
    bare = vc.without_proof(status_list([INDEX]))
    found = findings_of(entry(), {LIST_URL: Found(bare, vouched=True)})
    assert [one.code for one in found] == ["revoked"]
    assert [one.code for one in findings_of(entry(), {LIST_URL: Found(bare)})] == ["list_unsigned"]


def test_what_a_finding_rests_on_is_told() -> None:
    source = Source(LIST_URL, "fetched", NOW, 300, "00")
    for gathered in (Found(status_list(), source), Found({}, source), vc.Hole("unreachable", "", source)):
        (found,) = findings_of(entry(), {LIST_URL: gathered})
        assert found.evidence == (source,)


def test_keys_of_lists_are_asked_for_of_their_issuer_alone() -> None:
    other = signed(vc.without_proof(status_list()), STRANGER)
    lists = {
        "own": Found(status_list()),
        "token": Found(token(status_list())),
        "vouched": Found(status_list(key=STRANGER), vouched=True),
        "signed by a stranger": Found(other),
        "hole": vc.Hole("unreachable"),
        "junk": Found(7),
        "bad token": Found("x"),
    }
    assert vc.status_key_needs(lists) == (UNIVERSITY.subject,)


def test_a_list_holds_by_the_keys_of_its_issuer() -> None:
    def holds(document: Json, keys: vc.Material = KEYS) -> bool:
        return vc.list_holds(Found(document), keys, rules().contexts, NOW)

    tampered = copy.deepcopy(status_list([INDEX]))
    tampered["credentialSubject"]["encodedList"] = vc.encode([])
    assert holds(status_list())
    assert holds(token(status_list()))
    assert not holds(tampered)
    assert not holds(status_list(), {})
    assert not holds(vc.without_proof(status_list()))
    assert not any(map(holds, [7, "x", None, {}]))
    assert not vc.list_holds(vc.Hole("unreachable"), KEYS, rules().contexts, NOW)


def test_a_list_is_as_new_as_its_latest_date() -> None:
    listed = status_list()
    assert vc.listed_at(listed) == SIGNED
    listed["proof"].append({"created": vc.stamp(NOW)})
    assert vc.listed_at(listed) == NOW
    assert vc.listed_at(listed | {"validFrom": vc.stamp(NOW + timedelta(days=1))}) == NOW + timedelta(days=1)
    assert vc.listed_at(vc.without_proof(old_list())) == vc.instant("2026-10-01T00:00:00Z")
    assert vc.listed_at(token(listed)) == vc.instant(listed["validFrom"])
    for undated in ({}, {"validFrom": 7, "proof": [7, {"created": "x"}]}, "x", 7, None, []):
        assert vc.listed_at(undated) is None


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([LIST_URL, "revocation", "0x1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "issuer", "revokedCredential", "credentialSubject", "proof", "encodedList"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
kinds = st.sampled_from(["BitstringStatusListEntry", "StatusList2021Entry", "1EdTechRevocationList", "Other"])


@settings(max_examples=150, deadline=None)
@given(kinds, st.dictionaries(st.sampled_from([*entry(), "statusSize", "statusMessage"]), junk), junk)
def test_whatever_is_named_and_whatever_is_found_is_judged(kind: str, odd: JsonObject, listed: Json) -> None:
    for entries in (odd, entry() | odd | {"type": kind}, [entry() | {"type": kind, "id": REVOCATIONS}]):
        assert status(entries, listed)
