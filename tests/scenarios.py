"""The scenarios behind `tests/vectors`: one thing is the matter with each, and its name says what.

`scripts/make_vectors.py` writes them to files; `tests/vc/test_vectors.py` judges the files and checks that these still
make them.
"""

from __future__ import annotations

import copy
import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc import multibase
from signing import (
    INDEX,
    LIST_URL,
    NOW,
    PROFILE_URL,
    SELF_ISSUED,
    SIGNED,
    STRANGER,
    SUSPENSIONS_URL,
    UNIVERSITY,
    Case,
    Key,
    badge,
    case,
    proof,
    signed,
    status_list,
)

Scenario: TypeAlias = tuple[str, str, Case]
Change: TypeAlias = Callable[[JsonObject], object]

CREDENTIALS = "https://www.w3.org/2018/credentials#"
ROTATED = Key("rotated", UNIVERSITY.controller)


def vectors() -> dict[str, JsonObject]:
    """Give every vector by the path of its file, below `tests/vectors`."""
    return {
        f"{stage}/{name}.json": {
            "comment": comment,
            "expect": "valid" if stage == "valid" else {"code": code, "stage": stage},
            "now": vc.stamp(scene.now),
            "material": {place: _gathered(item) for place, item in scene.material.items()},
            "document": scene.document,
        }
        for stage, scenes in STAGES.items()
        for name, (code, comment, scene) in scenes()
    }


def _gathered(item: vc.Found | vc.Hole) -> JsonObject:
    return {"found": item.document} if isinstance(item, vc.Found) else {"hole": item.code}


def valid() -> Iterator[tuple[str, Scenario]]:
    yield "badge", ("", "A badge of a did:web issuer, signed, current, not revoked.", case())
    yield "did_key", ("", "The issuer is a did:key: nothing has to be fetched for its proof.", _without_keys())
    yield "controller_url", ("", "The issuer is an https URL whose controller document lists the key.", case(PROFILE_URL))

    alone = case()
    alone.document["proof"] = alone.document["proof"][0]
    yield "proof_not_in_a_list", ("", "One proof may stand without a list.", alone)

    embedded = case()
    _keys(embedded)["assertionMethod"] = _keys(embedded).pop("verificationMethod")
    yield "key_embedded", ("", "A key may be written out under assertionMethod.", embedded)

    retired = case()
    _keys(retired)["verificationMethod"][0]["expires"] = vc.stamp(NOW)
    yield "key_expired_later", ("", "A key that expired after it signed still vouches for what it signed.", retired)

    both = badge()
    co_signed = Case({**both, "proof": [proof(both, UNIVERSITY), proof(both, ROTATED)]}, case().material)
    co_signed.material[UNIVERSITY.subject] = vc.Found(
        vc.controller_document(UNIVERSITY.subject, [UNIVERSITY.method, ROTATED.method])
    )
    yield "two_proofs", ("", "Two proofs of the issuer, both right.", co_signed)

    yield "status_index_number", (
        "",
        "1EdTech's examples write the index as a number.",
        case(change=lambda document: document["credentialStatus"].update(statusListIndex=INDEX)),
    )
    yield "status_absent", ("", "A credential without a status.", case(change=lambda doc: doc.pop("credentialStatus")))
    yield "no_end", ("", "A credential without an end date.", case(change=lambda document: document.pop("validUntil")))

    two = case(change=_suspendable)
    two.material[SUSPENSIONS_URL] = vc.Found(status_list([INDEX + 1], url=SUSPENSIONS_URL, purpose="suspension"))
    yield "suspendable", ("", "Two statuses, both clear; the neighbour of one is raised.", two)

    skewed = case()
    skewed.now = datetime(2026, 11, 1, 9, 59, 30, tzinfo=UTC)
    yield "clock_behind", ("", "The judge's clock is half a minute behind the issuer's.", skewed)


def parse() -> Iterator[tuple[str, Scenario]]:
    listed = case()
    listed.document = [listed.document]
    yield "list", ("not_an_object", "A list with a credential in it is no credential.", listed)

    deep = case()
    for _ in range(70):
        deep.document["termsOfUse"] = [deep.document.get("termsOfUse", {})]
    yield "nested", ("too_deep", "Seventy lists inside each other.", deep)
    yield "large_integer", (
        "number_out_of_range",
        "An integer that JavaScript would round.",
        _altered(lambda document: document["credentialSubject"].update(creditsEarned=2**53 + 1)),
    )


def context() -> Iterator[tuple[str, Scenario]]:
    evil = "https://evil.example/context.json"
    yield "unknown", (
        "unknown_context",
        "A context outside the closed world, which could give every term another meaning.",
        _altered(lambda document: document["@context"].append(evil)),
    )
    yield "nested_unknown", (
        "unknown_context",
        "The same, on an inner object.",
        _altered(lambda document: document["credentialSubject"].update({"@context": evil})),
    )
    yield "inline", (
        "inline_context",
        "A context written out in the document.",
        _altered(lambda document: document["@context"].append({"score": "https://evil.example/score"})),
    )
    yield "null", (
        "malformed_context",
        "A null context, which would undo those before it.",
        _altered(lambda document: document["@context"].append(None)),
    )


def canonical() -> Iterator[tuple[str, Scenario]]:
    yield "undefined_term", (
        "term_dropped",
        "A term that no context defines is not in the signed statements.",
        _altered(lambda document: document["credentialSubject"].update(grade="A")),
    )
    yield "undefined_type", (
        "relative_iri",
        "A type that no context defines becomes a relative reference.",
        _altered(lambda document: document["credentialSubject"]["type"].append("Genius")),
    )
    yield "end_date_as_iri", (
        "not_plain",
        "validUntil spelt as a full IRI: the same statement, so the signature holds, but no end date to be read.",
        _altered(_hide_end_date),
    )
    yield "status_in_included_block", (
        "not_plain",
        "The status moved to a second description of the credential in @included: the signature still holds.",
        _altered(_include_status),
    )
    yield "status_in_endorsement", (
        "described_twice",
        "The status moved into the endorsement, whose subject is the credential: the signature still holds.",
        _moved_into_endorsement(),
    )
    yield "subject_in_evidence", (
        "described_twice",
        "The result moved into the source, which is the learner too: the signature still holds.",
        _moved_into_source(),
    )
    yield "named_blank_node", (
        "not_plain",
        "An object that the document names by itself, so that it could be described in several places.",
        _altered(lambda document: document["evidence"][0].update(id="_:evidence")),
    )
    yield "text_in_no_language", (
        "malformed_language",
        "A language tag that is none.",
        _altered(lambda document: document.update(name={"@value": "Data", "@language": "e n"})),
    )
    yield "text_with_direction", (
        "direction_dropped",
        "The direction of a text is not in the signed statements.",
        _altered(lambda document: document.update(name={"@value": "Data", "@direction": "rtl"})),
    )
    yield "id_with_space", (
        "malformed_iri",
        "An id that no statement can hold.",
        _altered(lambda document: document["evidence"][0].update(id="https://cred.example.edu/task 7")),
    )
    yield "type_is_an_object", (
        "not_json_ld",
        "A type that is no text.",
        _altered(lambda document: document["evidence"][0].update(type={"name": "Evidence"})),
    )
    yield "look_alikes", (
        "work_bound",
        "Two results with twelve alignments each, all alike: telling them apart would take years.",
        _altered(_poison),
    )


def proofs() -> Iterator[tuple[str, Scenario]]:
    yield from _bad_values()
    yield from _bad_options()
    yield from _bad_keys()
    yield from _bad_controllers()


def _bad_values() -> Iterator[tuple[str, Scenario]]:
    yield "altered", (
        "signature_wrong",
        "One word of the credential was changed after signing.",
        _altered(lambda document: document.update(name="Data Literacy, level 3")),
    )
    yield "backdated", (
        "signature_wrong",
        "The time of signing was changed after signing.",
        _altered(lambda document: document["proof"][0].update(created="2026-10-01T10:00:00Z")),
    )
    forged = case()
    forged.document["proof"] = [{**proof(badge(), STRANGER), "verificationMethod": UNIVERSITY.verification_method}]
    yield "signed_by_stranger", ("signature_wrong", "Signed with another key than the one named.", forged)

    one_bad = case()
    one_bad.document["proof"].append({**proof(badge(), UNIVERSITY, created="2026-11-02T10:00:00Z"), "created": "2026-11-03T10:00:00Z"})
    yield "second_proof_wrong", ("signature_wrong", "Of two proofs, all must hold.", one_bad)
    yield "damaged", (
        "proof_value_malformed",
        "The value of the proof is cut off.",
        _altered(lambda document: document["proof"][0].update(proofValue=document["proof"][0]["proofValue"][:40])),
    )
    yield "missing", ("proof_missing", "No proof at all.", _altered(lambda document: document.pop("proof")))
    yield "empty", ("proof_missing", "A list of no proofs.", _altered(lambda document: document.update(proof=[])))
    yield "text", ("proof_malformed", "Text in place of a proof.", _altered(lambda document: document.update(proof="ok")))
    yield "many", (
        "too_many_proofs",
        "More proofs than are checked.",
        _altered(lambda document: document.update(proof=document["proof"] * 5)),
    )


def _bad_options() -> Iterator[tuple[str, Scenario]]:
    yield "other_type", (
        "proof_type_unknown",
        "A kind of proof that is not supported.",
        _altered(lambda document: document["proof"][0].update(type="Ed25519Signature2018")),
    )
    yield "other_suite", (
        "suite_unknown",
        "A cryptosuite that is not supported.",
        _altered(lambda document: document["proof"][0].update(cryptosuite="bbs-2023")),
    )
    yield "other_purpose", (
        "purpose_wrong",
        "A proof made to log in, used as an assertion.",
        _with_options(proofPurpose="authentication"),
    )
    yield "created_without_offset", (
        "created_malformed",
        "A time without an offset is no instant.",
        _with_options(created="2026-11-01T10:00:00"),
    )
    yield "expires_in_words", ("expires_malformed", "An expiry that is no instant.", _with_options(expires="soon"))
    yield "expired", ("proof_expired", "The proof itself expired.", _with_options(expires="2026-11-10T10:00:00Z"))
    yield "chained", (
        "proof_chained",
        "A proof that builds on another one.",
        _altered(lambda document: document["proof"][0].update(previousProof="urn:uuid:1")),
    )
    yield "member_unknown", (
        "not_plain",
        "A member that no proof has.",
        _altered(lambda document: document["proof"][0].update(expiration="2026-11-10T10:00:00Z")),
    )


def _bad_keys() -> Iterator[tuple[str, Scenario]]:
    def published(change: Change) -> Case:
        scene = case()
        change(_keys(scene))
        return scene

    def missing(code: vc.Gap) -> Case:
        scene = case()
        scene.hole(UNIVERSITY.subject, code)
        return scene

    yield "key_unreachable", ("key_unreachable", "The issuer's host did not answer.", missing("unreachable"))
    yield "key_not_found", ("key_not_found", "The issuer's host has no such document.", missing("not_found"))
    yield "key_refused", ("key_refused", "The issuer's host has an address that is not visited.", missing("refused"))
    yield "key_too_large", ("key_too_large", "The issuer's host answered too much.", missing("too_large"))
    yield "key_not_json", ("key_not_json", "The issuer's host answered with a web page.", missing("not_json"))
    yield "key_in_fragment", ("key_not_asked", "A key in a fragment proves nothing by itself.", _without_keys(PROFILE_URL))
    yield "key_unknown", (
        "key_unknown",
        "The issuer publishes another key.",
        published(lambda keys: keys.update(vc.controller_document(UNIVERSITY.subject, [ROTATED.method]))),
    )
    yield "key_for_login_only", (
        "key_not_for_assertion",
        "The issuer publishes the key, but not to sign credentials.",
        published(lambda keys: keys.update(authentication=keys.pop("assertionMethod"))),
    )
    yield "key_revoked", (
        "key_revoked",
        "The issuer withdrew the key, after signing as far as the proof says.",
        published(lambda keys: keys["verificationMethod"][0].update(revoked="2026-11-10T00:00:00Z")),
    )
    yield "key_expired", (
        "key_expired",
        "The key had expired before it signed.",
        published(lambda keys: keys["verificationMethod"][0].update(expires="2026-10-31T00:00:00Z")),
    )
    yield "key_of_other_kind", (
        "key_malformed",
        "A P-256 key cannot have made this signature.",
        published(lambda keys: keys["verificationMethod"][0].update(publicKeyMultibase=P256)),
    )
    yield "document_of_somebody_else", (
        "controller_document_foreign",
        "At the issuer's address lies somebody else's document.",
        published(lambda keys: keys.update(STRANGER.document)),
    )
    garbled = missing("not_found")
    garbled.material[UNIVERSITY.subject] = vc.Found(["did:web:cred.example.edu:issuers:1"])
    yield "document_is_a_list", ("controller_document_malformed", "The controller document is no object.", garbled)


P256 = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"


def _bad_controllers() -> Iterator[tuple[str, Scenario]]:
    impostor = Case(signed(badge(), STRANGER), case().material | {STRANGER.subject: vc.Found(STRANGER.document)})
    yield "impostor", ("controller_foreign", "A stranger's right signature under the university's name.", impostor)

    claimed = case()
    _keys(claimed)["verificationMethod"][0]["controller"] = STRANGER.subject
    yield "key_controlled_by_stranger", (
        "key_controller_differs",
        "The issuer lists the key but says that somebody else controls it.",
        claimed,
    )
    unsigned = badge(SELF_ISSUED.subject)
    bare = Case({**unsigned, "proof": [proof(unsigned, SELF_ISSUED, verificationMethod=SELF_ISSUED.subject)]})
    yield "bare_did_key", ("method_unbound", "A did:key as verification method, without a fragment.", bare)
    yield "no_fragment", (
        "method_without_fragment",
        "A verification method that names no key.",
        _altered(lambda document: document["proof"][0].update(verificationMethod=UNIVERSITY.subject)),
    )
    yield "no_method", (
        "method_malformed",
        "No verification method.",
        _altered(lambda document: document["proof"][0].pop("verificationMethod")),
    )
    yield "did_with_user", (
        "did_malformed",
        "A did:web that would send the judge elsewhere than it reads.",
        _altered(lambda document: document["proof"][0].update(verificationMethod="did:web:a.edu%40evil.example#k")),
    )
    yield "other_did_method", (
        "did_method_unknown",
        "A DID method that is not supported: open, not forged.",
        _renamed("did:example:university"),
    )
    yield "issuer_missing", ("issuer_missing", "Nobody is named as issuer.", _altered(lambda doc: doc.pop("issuer")))


def status() -> Iterator[tuple[str, Scenario]]:
    yield "revoked", ("revoked", "The bit of the credential is raised.", _with_list(status_list([INDEX])))
    suspended = case(change=_suspendable)
    suspended.material[SUSPENSIONS_URL] = vc.Found(status_list([INDEX], url=SUSPENSIONS_URL, purpose="suspension"))
    yield "suspended", ("suspended", "Not revoked, but suspended.", suspended)
    yield from _bad_entries()
    yield from _missing_lists()
    yield from _bad_lists()


def _bad_entries() -> Iterator[tuple[str, Scenario]]:
    def entry(**members: Json) -> Case:
        return case(change=lambda document: document["credentialStatus"].update(members))

    yield "index_in_words", ("status_malformed", "An index that is no number.", entry(statusListIndex="first"))
    yield "index_padded", ("status_malformed", "An index with a leading zero.", entry(statusListIndex="094567"))
    yield "index_beyond", ("index_out_of_range", "An index that the list does not have.", entry(statusListIndex="131072"))
    yield "two_bits", ("status_size_unsupported", "A status of two bits.", entry(statusSize=2))
    many = case(change=lambda document: document.update(credentialStatus=[document["credentialStatus"]] * 5))
    yield "many", ("too_many_statuses", "Five statuses would mean five fetches.", many)
    other = case(
        change=lambda document: (
            document["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"),
            document.update(credentialStatus={"id": "https://cred.example.edu/rl", "type": "1EdTechRevocationList"}),
        )
    )
    yield "other_type", ("status_type_unknown", "A kind of status that is not supported: open.", other)


def _missing_lists() -> Iterator[tuple[str, Scenario]]:
    gaps: tuple[vc.Gap, ...] = ("unreachable", "refused", "not_found", "too_large", "not_json")
    for gap in gaps:
        scene = case()
        scene.hole(LIST_URL, gap)
        yield f"list_{gap}", (f"list_{gap}", "The list could not be had: the status is open.", scene)
    offline = case()
    del offline.material[LIST_URL]
    yield "list_not_asked", ("list_not_asked", "Nobody fetched the list.", offline)


def _bad_lists() -> Iterator[tuple[str, Scenario]]:
    def changed(change: Change) -> Case:
        return _with_list(status_list(change=change))

    def subject(**members: Json) -> Case:
        return changed(lambda document: document["credentialSubject"].update(members))

    yield "list_of_stranger", ("list_foreign_issuer", "A stranger's list clears nobody.", _with_list(status_list(key=STRANGER)))
    tampered = status_list([INDEX])
    tampered["credentialSubject"]["encodedList"] = vc.encode([])
    yield "list_tampered", ("list_bad_proof", "The raised bit was cleared after signing.", _with_list(tampered))
    rotated = _with_list(signed(vc.without_proof(status_list()), Key("self-issued", "https://cred.example.edu/keys")))
    rotated.hole("https://cred.example.edu/keys", "unreachable")
    yield "list_key_foreign", ("list_bad_proof", "The list is signed by a stranger's key, out of reach.", rotated)
    yield "list_other", (
        "list_wrong_id",
        "Another list of the same issuer, served in place of the one named.",
        changed(lambda document: document.update(id="https://cred.example.edu/status/9")),
    )
    yield "list_untyped", (
        "list_wrong_type",
        "A credential that is no list.",
        changed(lambda document: document.update(type=["VerifiableCredential"])),
    )
    yield "list_outdated", (
        "list_expired",
        "A list that was right last week.",
        changed(lambda document: document.update(validUntil="2026-11-08T00:00:00Z")),
    )
    yield "list_of_tomorrow", (
        "list_not_yet_valid",
        "A list that is not valid yet.",
        changed(lambda document: document.update(validFrom="2026-11-16T12:00:00Z")),
    )
    yield "list_undated", (
        "list_bad_dates",
        "A list whose date cannot be read.",
        changed(lambda document: document.update(validFrom="yesterday")),
    )
    yield "list_of_suspensions", ("list_wrong_purpose", "A list about something else.", subject(statusPurpose="suspension"))
    yield "list_of_nothing", ("list_malformed", "No list in the list.", changed(_drop_bits))
    zeros = gzip.compress(bytes(16_384), mtime=0)
    yield "list_with_trailer", ("list_damaged", "Bytes after the packed list.", subject(encodedList=multibase.u(zeros + b"more")))
    yield "list_cut_off", ("list_damaged", "Half a list.", subject(encodedList=multibase.u(zeros[:-12])))
    yield "list_padded", ("list_damaged", "Padding, which multibase has not.", subject(encodedList=multibase.u(zeros) + "="))
    small = multibase.u(gzip.compress(bytes(16_383), mtime=0))
    yield "list_short", ("list_too_short", "A list in which nobody can hide.", subject(encodedList=small))
    bomb = multibase.u(gzip.compress(bytes(16 * 1024 * 1024 + 1), mtime=0))
    yield "list_bomb", ("list_bomb", "A few bytes that unpack to far more.", subject(encodedList=bomb))


def validity() -> Iterator[tuple[str, Scenario]]:
    def dated(**members: Json) -> Case:
        return case(change=lambda document: document.update(members))

    late, early = case(), case()
    late.now = datetime(2029, 11, 1, 10, 1, 1, tzinfo=UTC)
    yield "expired", ("expired", "A minute and a second after the end.", late)
    early.now = datetime(2026, 11, 1, 9, 58, 59, tzinfo=UTC)
    yield "not_yet_valid", ("not_yet_valid", "A minute and a second before the start.", early)
    yield "no_start", ("valid_from_missing", "No start.", case(change=lambda document: document.pop("validFrom")))
    yield "start_without_offset", ("valid_from_malformed", "A start without an offset.", dated(validFrom="2026-11-01T10:00:00"))
    yield "end_is_a_date", ("valid_until_malformed", "An end that is a date, not an instant.", dated(validUntil="2029-11-01"))
    yield "end_before_start", ("period_reversed", "The end comes first.", dated(validUntil="2025-11-01T10:00:00Z"))


STAGES: dict[str, Callable[[], Iterator[tuple[str, Scenario]]]] = {
    "valid": valid,
    "parse": parse,
    "context": context,
    "canonical": canonical,
    "proof": proofs,
    "status": status,
    "validity": validity,
}


def _altered(change: Change) -> Case:
    """Change a badge after it was signed."""
    scene = case()
    change(scene.document)
    return scene


def _with_options(**options: Json) -> Case:
    scene = case()
    scene.document["proof"] = [proof(badge(), UNIVERSITY, **options)]
    return scene


def _with_list(document: JsonObject) -> Case:
    scene = case()
    scene.material[LIST_URL] = vc.Found(document)
    return scene


def _without_keys(key: Key = SELF_ISSUED) -> Case:
    scene = case(key)
    del scene.material[key.subject]
    return scene


def _keys(scene: Case) -> JsonObject:
    """Give the controller document that was gathered, to be changed."""
    found = scene.material[UNIVERSITY.subject]
    assert isinstance(found, vc.Found)
    return found.document


def _renamed(issuer: str) -> Case:
    key = Key("university", issuer)
    return Case(signed(badge(issuer), key))


def _suspendable(document: JsonObject) -> None:
    document["credentialStatus"] = [document["credentialStatus"], vc.entry(SUSPENSIONS_URL, INDEX, "suspension")]


def _hide_end_date(document: JsonObject) -> None:
    instant = {"@value": document.pop("validUntil"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
    document[f"{CREDENTIALS}validUntil"] = instant


def _include_status(document: JsonObject) -> None:
    hidden = {"id": document["id"], "type": ["VerifiableCredential"], "credentialStatus": document.pop("credentialStatus")}
    document["@included"] = [hidden]


def _moved_into_endorsement() -> Case:
    def endorse(document: JsonObject) -> None:
        document["endorsement"] = [
            {
                "@context": copy.deepcopy(document["@context"]),
                "id": "urn:uuid:0b8c7e1d-93a5-4a6f-8d53-5f5f7a0f6f11",
                "type": ["VerifiableCredential", "EndorsementCredential"],
                "name": "Endorsed",
                "issuer": {"id": STRANGER.subject, "type": ["Profile"]},
                "validFrom": vc.stamp(SIGNED),
                "credentialSubject": {"id": document["id"], "type": ["EndorsementSubject"]},
            }
        ]

    scene = case(change=endorse)
    subject = scene.document["endorsement"][0]["credentialSubject"]
    subject["type"].append("VerifiableCredential")
    subject["credentialStatus"] = scene.document.pop("credentialStatus")
    scene.material[LIST_URL] = vc.Found(status_list([INDEX]))
    return scene


def _moved_into_source() -> Case:
    def self_assess(document: JsonObject) -> None:
        learner = vc.key_did(SELF_ISSUED.public)
        document["credentialSubject"].update(id=learner, source={"id": learner, "type": ["Profile"]})

    scene = case(change=self_assess)
    subject = scene.document["credentialSubject"]
    subject["source"].update(type=["Profile", "AchievementSubject"], result=subject.pop("result"))
    return scene


def _poison(document: JsonObject) -> None:
    alignment = {"type": ["Alignment"], "targetName": "Data", "targetUrl": "https://frameworks.example/data"}
    document["credentialSubject"]["result"] = [{"type": ["Result"], "alignment": [alignment] * 12}] * 2


def _drop_bits(document: JsonObject) -> None:
    del document["credentialSubject"]["encodedList"]
