"""Good badges, and those that fall before their proof is looked at."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

from ler_issuer import vc
from ler_issuer.types import JsonObject
from scenarios.chains import signed_otherwise
from scenarios.changes import (
    ROTATED,
    Scenes,
    altered,
    keys,
    suspendable,
    without_keys,
)
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
    badge,
    case,
    proof,
    status_list,
)

CREDENTIALS = "https://www.w3.org/2018/credentials#"


def valid() -> Scenes:
    yield from signed_otherwise()
    yield "badge", ("", "A badge of a did:web issuer, signed, current, not revoked.", case())
    yield "did_key", ("", "The issuer is a did:key: nothing has to be fetched for its proof.", without_keys())
    yield (
        "controller_url",
        ("", "The issuer is an https URL whose controller document lists the key.", case(PROFILE_URL)),
    )

    alone = case()
    alone.document["proof"] = alone.document["proof"][0]
    yield "proof_not_in_a_list", ("", "One proof may stand without a list.", alone)

    embedded = case()
    keys(embedded)["assertionMethod"] = keys(embedded).pop("verificationMethod")
    yield "key_embedded", ("", "A key may be written out under assertionMethod.", embedded)

    retired = case()
    keys(retired)["verificationMethod"][0]["expires"] = vc.stamp(NOW)
    yield "key_expired_later", ("", "A key that expired after it signed still vouches for what it signed.", retired)

    both = badge()
    co_signed = Case({**both, "proof": [proof(both, UNIVERSITY), proof(both, ROTATED)]}, case().material)
    co_signed.material[UNIVERSITY.subject] = vc.Found(
        vc.controller_document(UNIVERSITY.subject, [UNIVERSITY.method, ROTATED.method])
    )
    yield "two_proofs", ("", "Two proofs of the issuer, both right.", co_signed)

    yield (
        "status_index_number",
        (
            "",
            "1EdTech's examples write the index as a number.",
            case(change=lambda document: document["credentialStatus"].update(statusListIndex=INDEX)),
        ),
    )
    yield "status_absent", ("", "A credential without a status.", case(change=lambda doc: doc.pop("credentialStatus")))
    yield "no_end", ("", "A credential without an end date.", case(change=lambda document: document.pop("validUntil")))

    two = case(change=suspendable)
    two.material[SUSPENSIONS_URL] = vc.Found(status_list([INDEX + 1], url=SUSPENSIONS_URL, purpose="suspension"))
    yield "suspendable", ("", "Two statuses, both clear; the neighbour of one is raised.", two)

    skewed = case()
    skewed.now = datetime(2026, 11, 1, 9, 59, 30, tzinfo=UTC)
    yield "clock_behind", ("", "The judge's clock is half a minute behind the issuer's.", skewed)


def parse() -> Scenes:
    listed = case()
    listed.document = [listed.document]
    yield "list", ("not_an_object", "A list with a credential in it is no credential.", listed)

    deep = case()
    for _ in range(70):
        deep.document["termsOfUse"] = [deep.document.get("termsOfUse", {})]
    yield "nested", ("too_deep", "Seventy lists inside each other.", deep)
    yield (
        "large_integer",
        (
            "number_out_of_range",
            "An integer that JavaScript would round.",
            altered(lambda document: document["credentialSubject"].update(creditsEarned=2**53 + 1)),
        ),
    )


def context() -> Scenes:
    evil = "https://evil.example/context.json"
    yield (
        "unknown",
        (
            "unknown_context",
            "A context outside the closed world, which could give every term another meaning.",
            altered(lambda document: document["@context"].append(evil)),
        ),
    )
    yield (
        "nested_unknown",
        (
            "unknown_context",
            "The same, on an inner object.",
            altered(lambda document: document["credentialSubject"].update({"@context": evil})),
        ),
    )
    yield (
        "inline",
        (
            "inline_context",
            "A context written out in the document.",
            altered(lambda document: document["@context"].append({"score": "https://evil.example/score"})),
        ),
    )
    yield (
        "null",
        (
            "malformed_context",
            "A null context, which would undo those before it.",
            altered(lambda document: document["@context"].append(None)),
        ),
    )


def canonical() -> Scenes:
    yield (
        "undefined_term",
        (
            "term_dropped",
            "A term that no context defines is not in the signed statements.",
            altered(lambda document: document["credentialSubject"].update(grade="A")),
        ),
    )
    yield (
        "undefined_type",
        (
            "relative_iri",
            "A type that no context defines becomes a relative reference.",
            altered(lambda document: document["credentialSubject"]["type"].append("Genius")),
        ),
    )
    yield (
        "end_date_as_iri",
        (
            "not_plain",
            "validUntil spelt as a full IRI: the same statement, so the signature holds, but no end date to be read.",
            altered(_hide_end_date),
        ),
    )
    yield (
        "status_in_included_block",
        (
            "not_plain",
            "The status moved to a second description of the credential in @included: the signature still holds.",
            altered(_include_status),
        ),
    )
    yield (
        "status_in_endorsement",
        (
            "described_twice",
            "The status moved into the endorsement, whose subject is the credential: the signature still holds.",
            _moved_into_endorsement(),
        ),
    )
    yield (
        "subject_in_evidence",
        (
            "described_twice",
            "The result moved into the source, which is the learner too: the signature still holds.",
            _moved_into_source(),
        ),
    )
    yield (
        "named_blank_node",
        (
            "not_plain",
            "An object that the document names by itself, so that it could be described in several places.",
            altered(lambda document: document["evidence"][0].update(id="_:evidence")),
        ),
    )
    yield (
        "text_in_no_language",
        (
            "malformed_language",
            "A language tag that is none.",
            altered(lambda document: document.update(name={"@value": "Data", "@language": "e n"})),
        ),
    )
    yield (
        "text_with_direction",
        (
            "direction_dropped",
            "The direction of a text is not in the signed statements.",
            altered(lambda document: document.update(name={"@value": "Data", "@direction": "rtl"})),
        ),
    )
    yield (
        "id_with_space",
        (
            "malformed_iri",
            "An id that no statement can hold.",
            altered(lambda document: document["evidence"][0].update(id="https://cred.example.edu/task 7")),
        ),
    )
    yield (
        "type_is_an_object",
        (
            "not_json_ld",
            "A type that is no text.",
            altered(lambda document: document["evidence"][0].update(type={"name": "Evidence"})),
        ),
    )
    yield (
        "look_alikes",
        (
            "work_bound",
            "Two results with twelve alignments each, all alike: telling them apart would take years.",
            altered(_poison),
        ),
    )


def _hide_end_date(document: JsonObject) -> None:
    instant = {"@value": document.pop("validUntil"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
    document[f"{CREDENTIALS}validUntil"] = instant


def _include_status(document: JsonObject) -> None:
    hidden = {
        "id": document["id"],
        "type": ["VerifiableCredential"],
        "credentialStatus": document.pop("credentialStatus"),
    }
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
