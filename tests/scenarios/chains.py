"""Badges with proofs beside and upon one another, and badges that are signed otherwise than ours usually are."""

from __future__ import annotations

from ler_issuer import jsontext, vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.multibase import u, z
from scenarios.changes import ED25519_2020, ROTATED, Scenes, keys
from signing import P256, P384, SELF_ISSUED, STRANGER, UNIVERSITY, Case, Key, badge, case, proof, signed

FIRST = "urn:uuid:0a4e1c52-66a5-4f0c-9d0b-6a7f1e2d3c41"
SECOND = "urn:uuid:0a4e1c52-66a5-4f0c-9d0b-6a7f1e2d3c42"


def signed_otherwise() -> Scenes:
    """Yield good badges."""
    yield "chain", ("", "The second proof builds on the first.", chain())
    yield "chain_of_list", ("", "A proof may build on several; here on a list of one.", chain(previousProof=[FIRST]))

    noted = case()
    noted.document["proof"].append(proof(badge(), STRANGER))
    noted.material[STRANGER.subject] = vc.Found(STRANGER.document)
    yield "signed_by_another_too", ("", "A stranger's proof beside that of the issuer does no harm.", noted)

    unsigned = badge(SELF_ISSUED.subject)
    bare = proof(unsigned, SELF_ISSUED, verificationMethod=SELF_ISSUED.subject)
    yield (
        "bare_did_key",
        ("", "A bare did:key is enough where it is the issuer.", _case(unsigned, bare, key=SELF_ISSUED)),
    )

    for key in (P256, P384):
        yield f"ecdsa_{key.kind[2:]}", ("", f"Signed with a key on {key.kind}.", case(key))
    for key, name in ((UNIVERSITY, "eddsa"), (P256, "ecdsa")):
        suite = "eddsa-jcs-2022" if key.kind == "Ed25519" else "ecdsa-jcs-2019"
        yield (
            f"{name}_jcs",
            ("", "Signed over the JSON text.", _case(signed(badge(key.subject), key, suite=suite), key=key)),
        )

    yield "did_jwk", ("", "The issuer is a did:jwk.", _did_jwk())
    older = {**badge(), "@context": [*badge()["@context"], ED25519_2020]}
    made = proof(older, UNIVERSITY, type="Ed25519Signature2020", cryptosuite=None)
    yield "ed25519_signature_2020", ("", "A proof of the type that came before the suites.", _case(older, made))
    for kind, member in (("JsonWebKey", "publicKeyJwk"), ("Ed25519VerificationKey2018", "publicKeyBase58")):
        scene = case()
        [method] = keys(scene)["verificationMethod"]
        del method["publicKeyMultibase"]
        jwk, base58 = UNIVERSITY.public.jwk(), z(UNIVERSITY.public.raw)[1:]
        method |= {"type": kind, member: jwk if kind == "JsonWebKey" else base58}
        yield f"key_as_{kind}".lower(), ("", "The key is published in another form.", scene)


def chains() -> Scenes:
    """Yield badges whose proofs do not build on one another as they say."""
    missing = chain()
    del missing.document["proof"][0]
    yield "chain_begun_nowhere", ("previous_proof_unknown", "The proof that it builds on was taken away.", missing)

    renamed = chain()
    renamed.document["proof"][0]["created"] = "2026-11-01T10:00:01Z"
    yield "chain_tampered", ("signature_wrong", "The first proof of a chain was changed.", renamed)

    unchained = chain()
    del unchained.document["proof"][1]["previousProof"]
    yield "chain_cut", ("signature_wrong", "A proof no longer says what it builds on.", unchained)

    circle = chain()
    circle.document["proof"][0]["previousProof"] = SECOND
    yield "chain_in_a_circle", ("proof_chain_circular", "Two proofs that build on each other.", circle)

    for name, value in (("number", 7), ("empty", []), ("repeated", [FIRST, FIRST]), ("mixed", [FIRST, None])):
        scene = chain(previousProof=value)
        yield f"chain_of_{name}", ("previous_proof_malformed", "It is not said what the proof builds on.", scene)

    long = case()
    made = [proof(badge(), UNIVERSITY, id=f"{FIRST[:-1]}0")]
    for number in range(1, 6):
        previous = {"id": f"{FIRST[:-1]}{number}", "previousProof": made[-1]["id"]}
        made.append(proof(badge(), UNIVERSITY, upon=[made[-1]], **previous))
    long.document["proof"] = made
    yield "chain_too_long", ("too_many_proofs", "More proofs that build on others than are followed.", long)

    twin = chain()
    twin.document["proof"][1]["id"] = FIRST
    yield "proof_id_twice", ("proof_id_repeated", "Two proofs of one name.", twin)

    odd = case()
    odd.document["proof"][0]["id"] = "first proof"
    yield "proof_id_no_url", ("proof_id_malformed", "A proof is named by a URL.", odd)

    strangers = case()
    strangers.document["proof"] = [proof(badge(), STRANGER), proof(badge(), SELF_ISSUED)]
    strangers.material[STRANGER.subject] = vc.Found(STRANGER.document)
    yield "strangers", ("controller_foreign", "Two strangers are no issuer.", strangers)


def chain(**options: Json) -> Case:
    """Give a badge with two proofs of its issuer; `options` are put into the second."""
    first = proof(badge(), UNIVERSITY, id=FIRST)
    second = proof(badge(), ROTATED, upon=[first], **{"id": SECOND, "previousProof": FIRST, **options})
    scene = _case(badge(), first, second)
    methods = [UNIVERSITY.method, ROTATED.method]
    scene.material[UNIVERSITY.subject] = vc.Found(vc.controller_document(UNIVERSITY.subject, methods))
    return scene


def _case(document: JsonObject, *proofs: JsonObject, key: Key = UNIVERSITY) -> Case:
    """Put proofs into a badge whose status list, by the same issuer, clears it."""
    return Case({**document, "proof": [*proofs]} if proofs else document, case(key).material)


def _did_jwk() -> Case:
    jwk = u(jsontext.canonical(P256.public.jwk()))[1:]
    did = f"did:jwk:{jwk}"
    document = {name: value for name, value in badge(did).items() if name != "credentialStatus"}
    return _case(document, proof(document, P256, verificationMethod=f"{did}#0"), key=P256)
