"""Genuine badges that are revoked, suspended or out of date, or of which that cannot be told."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import multibase
from scenarios.changes import (
    Change,
    Scenes,
    suspendable,
    with_list,
)
from signing import (
    INDEX,
    LIST_URL,
    STRANGER,
    SUSPENSIONS_URL,
    UNIVERSITY,
    Case,
    Key,
    badge,
    case,
    signed,
    status_list,
)

REVOCATIONS_URL = "https://cred.example.edu/revocations"


def status() -> Scenes:
    yield "revoked", ("revoked", "The bit of the credential is raised.", with_list(status_list([INDEX])))
    suspended = case(change=suspendable)
    suspended.material[SUSPENSIONS_URL] = vc.Found(status_list([INDEX], url=SUSPENSIONS_URL, purpose="suspension"))
    yield "suspended", ("suspended", "Not revoked, but suspended.", suspended)
    yield from _bad_entries()
    yield from _missing_lists()
    yield from _bad_lists()


def _bad_entries() -> Scenes:
    def entry(**members: Json) -> Case:
        return case(change=lambda document: document["credentialStatus"].update(members))

    yield "index_in_words", ("index_malformed", "An index that is no number.", entry(statusListIndex="first"))
    yield "index_padded", ("index_malformed", "An index with a leading zero.", entry(statusListIndex="094567"))
    yield (
        "index_beyond",
        ("index_out_of_range", "An index that the list does not have.", entry(statusListIndex="131072")),
    )
    yield "no_purpose", ("status_malformed", "It does not say what for.", entry(statusPurpose=["revocation"]))
    yield "two_bits", ("status_malformed", "Two bits, and no messages for their values.", entry(statusSize=2))
    yield "nine_bits", ("status_size_unsupported", "A status of more bits than are read.", entry(statusSize=9))
    many = case(change=lambda document: document.update(credentialStatus=[document["credentialStatus"]] * 5))
    yield "many", ("too_many_statuses", "Five statuses would mean five fetches.", many)
    other = case(
        change=lambda document: (
            document["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"),
            document.update(credentialStatus={"id": "https://cred.example.edu/rl", "type": "1EdTechCredentialRefresh"}),
        )
    )
    yield "other_type", ("status_type_unknown", "A kind of status that is not supported: open.", other)
    unnamed = _with_revocations([])
    del unnamed.document["id"]
    unnamed.document = signed(vc.without_proof(unnamed.document), UNIVERSITY)
    yield "id_missing", ("status_unnamed", "The list goes by ids, and the credential has none.", unnamed)
    yield "revoked_by_id", ("revoked", "A revocation list names its id.", _with_revocations([{"id": badge()["id"]}]))


def _with_revocations(revoked: list[Json]) -> Case:
    """Give a badge whose status stands in an unsigned list of ids, the first way of Open Badges 3.0."""

    def change(document: JsonObject) -> None:
        document["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
        document["credentialStatus"] = {"id": REVOCATIONS_URL, "type": "1EdTechRevocationList"}

    scene = case(change=change)
    listed = {"id": REVOCATIONS_URL, "issuer": UNIVERSITY.subject, "revokedCredential": revoked}
    scene.material[REVOCATIONS_URL] = vc.Found(listed)
    return scene


def _missing_lists() -> Scenes:
    gaps: tuple[vc.Gap, ...] = (
        *("unreachable", "refused", "not_found", "too_large", "not_json"),
        *("rolled_back", "not_historical"),
    )
    for gap in gaps:
        scene = case()
        scene.hole(LIST_URL, gap)
        yield f"list_{gap}", (f"list_{gap}", "The list could not be had: the status is open.", scene)
    offline = case()
    del offline.material[LIST_URL]
    yield "list_not_asked", ("list_not_asked", "Nobody fetched the list.", offline)


def _bad_lists() -> Scenes:
    def changed(change: Change) -> Case:
        return with_list(status_list(change=change))

    def subject(**members: Json) -> Case:
        return changed(lambda document: document["credentialSubject"].update(members))

    yield (
        "list_of_stranger",
        ("list_foreign_issuer", "A stranger's list clears nobody.", with_list(status_list(key=STRANGER))),
    )
    tampered = status_list([INDEX])
    tampered["credentialSubject"]["encodedList"] = vc.encode([])
    yield "list_tampered", ("list_bad_proof", "The raised bit was cleared after signing.", with_list(tampered))
    rotated = with_list(signed(vc.without_proof(status_list()), Key("self-issued", "https://cred.example.edu/keys")))
    rotated.hole("https://cred.example.edu/keys", "unreachable")
    yield "list_unsigned", ("list_unsigned", "Anybody's list.", with_list(vc.without_proof(status_list([]))))
    yield "list_key_foreign", ("list_bad_proof", "The list is signed by a stranger's key, out of reach.", rotated)
    yield (
        "list_other",
        (
            "list_wrong_id",
            "Another list of the same issuer, served in place of the one named.",
            changed(lambda document: document.update(id="https://cred.example.edu/status/9")),
        ),
    )
    yield (
        "list_untyped",
        (
            "list_wrong_type",
            "A credential that is no list.",
            changed(lambda document: document.update(type=["VerifiableCredential"])),
        ),
    )
    yield (
        "list_outdated",
        (
            "list_expired",
            "A list that was right last week.",
            changed(lambda document: document.update(validUntil="2026-11-08T00:00:00Z")),
        ),
    )
    yield (
        "list_of_tomorrow",
        (
            "list_not_yet_valid",
            "A list that is not valid yet.",
            changed(lambda document: document.update(validFrom="2026-11-16T12:00:00Z")),
        ),
    )
    yield (
        "list_undated",
        (
            "list_bad_dates",
            "A list whose date cannot be read.",
            changed(lambda document: document.update(validFrom="yesterday")),
        ),
    )
    yield (
        "list_of_suspensions",
        ("list_wrong_purpose", "A list about something else.", subject(statusPurpose="suspension")),
    )
    yield (
        "list_in_a_list",
        (
            "list_malformed",
            "The list is wrapped once more.",
            changed(lambda document: document.update(credentialSubject=[document["credentialSubject"]])),
        ),
    )
    yield "list_of_nothing", ("list_malformed", "No list in the list.", changed(_drop_bits))
    zeros = gzip.compress(bytes(16_384), mtime=0)
    yield (
        "list_with_trailer",
        ("list_trailing", "Bytes after the packed list.", subject(encodedList=multibase.u(zeros + b"more"))),
    )
    yield (
        "list_doubled",
        ("list_multi_member", "A second list behind the first.", subject(encodedList=multibase.u(zeros + zeros))),
    )
    yield "list_cut_off", ("list_damaged", "Half a list.", subject(encodedList=multibase.u(zeros[:-12])))
    yield (
        "list_padded",
        ("list_damaged", "Padding, which multibase has not.", subject(encodedList=multibase.u(zeros) + "=")),
    )
    small = multibase.u(gzip.compress(bytes(16_383), mtime=0))
    yield "list_short", ("list_too_short", "A list in which nobody can hide.", subject(encodedList=small))
    bomb = multibase.u(gzip.compress(bytes(16 * 1024 * 1024 + 1), mtime=0))
    yield "list_bomb", ("list_bomb", "A few bytes that unpack to far more.", subject(encodedList=bomb))


def _drop_bits(document: JsonObject) -> None:
    del document["credentialSubject"]["encodedList"]


def validity() -> Scenes:
    def dated(**members: Json) -> Case:
        return case(change=lambda document: document.update(members))

    late, early = case(), case()
    late.now = datetime(2029, 11, 1, 10, 1, 1, tzinfo=UTC)
    yield "expired", ("expired", "A minute and a second after the end.", late)
    early.now = datetime(2026, 11, 1, 9, 58, 59, tzinfo=UTC)
    yield "not_yet_valid", ("not_yet_valid", "A minute and a second before the start.", early)
    yield (
        "start_without_offset",
        ("valid_from_malformed", "A start without an offset.", dated(validFrom="2026-11-01T10:00:00")),
    )
    yield (
        "end_is_a_date",
        ("valid_until_malformed", "An end that is a date, not an instant.", dated(validUntil="2029-11-01")),
    )
    yield "end_before_start", ("period_reversed", "The end comes first.", dated(validUntil="2025-11-01T10:00:00Z"))
