"""Badges whose proof does not hold, or cannot be checked."""

from __future__ import annotations

from ler_issuer import vc
from scenarios.chains import chains
from scenarios.changes import (
    ED25519_2020,
    ROTATED,
    Change,
    Scenes,
    altered,
    keys,
    renamed,
    with_options,
    without_keys,
)
from signing import (
    PROFILE_URL,
    SELF_ISSUED,
    STRANGER,
    UNIVERSITY,
    Case,
    badge,
    case,
    proof,
    signed,
)

P256 = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"


def proofs() -> Scenes:
    yield from chains()
    yield from _bad_contexts()
    yield from _bad_values()
    yield from _bad_options()
    yield from _bad_keys()
    yield from _bad_controllers()


def _bad_values() -> Scenes:
    yield (
        "altered",
        (
            "signature_wrong",
            "One word of the credential was changed after signing.",
            altered(lambda document: document.update(name="Data Literacy, level 3")),
        ),
    )
    yield (
        "backdated",
        (
            "signature_wrong",
            "The time of signing was changed after signing.",
            altered(lambda document: document["proof"][0].update(created="2026-10-01T10:00:00Z")),
        ),
    )
    forged = case()
    forged.document["proof"] = [{**proof(badge(), STRANGER), "verificationMethod": UNIVERSITY.verification_method}]
    yield "signed_by_stranger", ("signature_wrong", "Signed with another key than the one named.", forged)

    one_bad = case()
    one_bad.document["proof"].append(
        {**proof(badge(), UNIVERSITY, created="2026-11-02T10:00:00Z"), "created": "2026-11-03T10:00:00Z"}
    )
    yield "second_proof_wrong", ("signature_wrong", "Of two proofs, all must hold.", one_bad)
    yield (
        "damaged",
        (
            "proof_value_malformed",
            "The value of the proof is cut off.",
            altered(lambda document: document["proof"][0].update(proofValue=document["proof"][0]["proofValue"][:40])),
        ),
    )
    yield "missing", ("proof_missing", "No proof at all.", altered(lambda document: document.pop("proof")))
    yield "empty", ("proof_missing", "A list of no proofs.", altered(lambda document: document.update(proof=[])))
    yield (
        "text",
        ("proof_malformed", "Text in place of a proof.", altered(lambda document: document.update(proof="ok"))),
    )
    yield (
        "many",
        (
            "too_many_proofs",
            "More proofs than are checked.",
            altered(lambda document: document.update(proof=document["proof"] * 9)),
        ),
    )


def _bad_options() -> Scenes:
    yield (
        "other_type",
        (
            "proof_type_unknown",
            "A kind of proof that is not supported.",
            altered(lambda document: document["proof"][0].update(type="Ed25519Signature2018")),
        ),
    )
    yield (
        "other_suite",
        (
            "suite_unknown",
            "A cryptosuite that is not supported.",
            altered(lambda document: document["proof"][0].update(cryptosuite="bbs-2023")),
        ),
    )
    yield (
        "other_purpose",
        (
            "purpose_wrong",
            "A proof made to log in, used as an assertion.",
            with_options(proofPurpose="authentication"),
        ),
    )
    yield (
        "created_without_offset",
        (
            "created_malformed",
            "A time without an offset is no instant.",
            with_options(created="2026-11-01T10:00:00"),
        ),
    )
    yield "expires_in_words", ("expires_malformed", "An expiry that is no instant.", with_options(expires="soon"))
    yield "expired", ("proof_expired", "The proof itself expired.", with_options(expires="2026-11-10T10:00:00Z"))
    yield (
        "occasion_unreadable",
        ("proof_option_malformed", "A challenge that is no text.", with_options(challenge=7)),
    )
    undated = {**badge(), "@context": [*badge()["@context"], ED25519_2020]}
    undated["proof"] = [proof(undated, UNIVERSITY, type="Ed25519Signature2020", cryptosuite=None, created=None)]
    yield "undated", ("created_missing", "An old kind of proof that must have a date.", Case(undated, case().material))
    yield (
        "member_unknown",
        (
            "not_plain",
            "A member that no proof has.",
            altered(lambda document: document["proof"][0].update(expiration="2026-11-10T10:00:00Z")),
        ),
    )


def _bad_keys() -> Scenes:
    def published(change: Change) -> Case:
        scene = case()
        change(keys(scene))
        return scene

    def missing(code: vc.Gap) -> Case:
        scene = case()
        scene.hole(UNIVERSITY.subject, code)
        return scene

    yield "key_not_asked", ("key_not_asked", "Nobody asked for the issuer's keys.", missing("not_asked"))
    yield "key_unreachable", ("key_unreachable", "The issuer's host did not answer.", missing("unreachable"))
    yield "key_not_found", ("key_not_found", "The issuer's host has no such document.", missing("not_found"))
    yield "key_refused", ("key_refused", "The issuer's host has an address that is not visited.", missing("refused"))
    yield "key_too_large", ("key_too_large", "The issuer's host answered too much.", missing("too_large"))
    yield "key_not_json", ("key_not_json", "The issuer's host answered with a web page.", missing("not_json"))
    yield (
        "key_in_fragment",
        ("key_in_fragment", "A key in a fragment proves nothing by itself.", without_keys(PROFILE_URL)),
    )
    disowned = case(PROFILE_URL)
    disowned.material[PROFILE_URL.subject] = vc.Found(vc.controller_document(PROFILE_URL.subject, []))
    yield "key_in_fragment_disowned", ("key_in_fragment", "The issuer is asked, and knows no such key.", disowned)
    for gap in ("rolled_back", "not_historical"):
        yield f"key_{gap}", (f"key_{gap}", "The document of the issuer's keys is not the right one.", missing(gap))
    yield (
        "key_unknown",
        (
            "key_unknown",
            "The issuer publishes another key.",
            published(lambda keys: keys.update(vc.controller_document(UNIVERSITY.subject, [ROTATED.method]))),
        ),
    )
    yield (
        "key_for_login_only",
        (
            "key_not_for_assertion",
            "The issuer publishes the key, but not to sign credentials.",
            published(lambda keys: keys.update(authentication=keys.pop("assertionMethod"))),
        ),
    )
    yield (
        "key_revoked",
        (
            "key_revoked",
            "The issuer withdrew the key, after signing as far as the proof says.",
            published(lambda keys: keys["verificationMethod"][0].update(revoked="2026-11-10T00:00:00Z")),
        ),
    )
    yield (
        "key_expired",
        (
            "key_expired",
            "The key had expired before it signed.",
            published(lambda keys: keys["verificationMethod"][0].update(expires="2026-10-31T00:00:00Z")),
        ),
    )
    yield (
        "key_of_other_kind",
        (
            "key_wrong_kind",
            "A P-256 key cannot have made this signature.",
            published(lambda keys: keys["verificationMethod"][0].update(publicKeyMultibase=P256)),
        ),
    )
    yield (
        "document_of_somebody_else",
        (
            "controller_document_foreign",
            "At the issuer's address lies somebody else's document.",
            published(lambda keys: keys.update(STRANGER.document)),
        ),
    )
    yield (
        "key_given_away",
        (
            "key_malformed",
            "The issuer publishes the private half too.",
            published(lambda keys: keys["verificationMethod"][0].update(secretKeyMultibase="z3u2")),
        ),
    )
    garbled = missing("not_found")
    garbled.material[UNIVERSITY.subject] = vc.Found(["did:web:cred.example.edu:issuers:1"])
    yield "document_is_a_list", ("controller_document_malformed", "The controller document is no object.", garbled)


def _bad_controllers() -> Scenes:
    impostor = Case(signed(badge(), STRANGER), case().material | {STRANGER.subject: vc.Found(STRANGER.document)})
    yield "impostor", ("controller_foreign", "A stranger's right signature under the university's name.", impostor)

    claimed = case()
    keys(claimed)["verificationMethod"][0]["controller"] = STRANGER.subject
    yield (
        "key_controlled_by_stranger",
        (
            "key_controller_differs",
            "The issuer lists the key but says that somebody else controls it.",
            claimed,
        ),
    )
    bare = Case({**badge(), "proof": [proof(badge(), SELF_ISSUED, verificationMethod=SELF_ISSUED.subject)]})
    yield "bare_did_key", ("method_unbound", "A bare did:key as verification method, and another issuer.", bare)
    yield (
        "no_fragment",
        (
            "method_without_fragment",
            "A verification method that names no key.",
            altered(lambda document: document["proof"][0].update(verificationMethod=UNIVERSITY.subject)),
        ),
    )
    yield (
        "no_method",
        (
            "method_malformed",
            "No verification method.",
            altered(lambda document: document["proof"][0].pop("verificationMethod")),
        ),
    )
    yield (
        "did_with_user",
        (
            "did_malformed",
            "A did:web that would send the judge elsewhere than it reads.",
            altered(lambda document: document["proof"][0].update(verificationMethod="did:web:a.edu%40evil.example#k")),
        ),
    )
    yield (
        "other_did_method",
        (
            "did_method_unknown",
            "A DID method that is not supported: open, not forged.",
            renamed("did:example:university"),
        ),
    )
    yield "issuer_missing", ("issuer_missing", "Nobody is named as issuer.", altered(lambda doc: doc.pop("issuer")))


def _bad_contexts() -> Scenes:
    """Proofs over the JSON text fix the contexts that they name, and only those (VC-DI-EdDSA §3.3.2)."""
    extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    jcs = Case(signed(badge(), UNIVERSITY, suite="eddsa-jcs-2022"), case().material)
    jcs.document["proof"][0]["@context"][1] = extensions
    yield "contexts_exchanged", ("proof_context_differs", "The contexts are not those that were signed.", jcs)

    unsigned = badge()
    unsigned["@context"].append(extensions)
    unsigned["credentialStatus"] = {"id": "https://cred.example.edu/rl", "type": "1EdTechRevocationList"}
    lacking = {**unsigned, "@context": unsigned["@context"][:-1]}
    config = {"cryptosuite": "eddsa-jcs-2022", "@context": lacking["@context"]}
    added = Case({**unsigned, "proof": [proof(lacking, UNIVERSITY, **config)]}, case().material)
    yield "context_added", ("context_unsigned", "A context that was added gives meaning to a type.", added)
