"""Targets that judge JSON: credentials, records, presentations, and what is gathered and asked for them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cbor2

from fuzzing.signed import tokens
from fuzzing.target import Target, loose, member, text, written
from ler_issuer import badges, vc
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import multibase
from signing import NOW, P256, P384, SELF_ISSUED, UNIVERSITY, badge, case, clr, rules, signed, status_list
from tokens import jwk

VECTORS = Path(__file__).parents[1] / "vectors"
LIST_URL = "https://cred.example.edu/status/1"


@cache
def inline() -> vc.Contexts:
    return vc.Contexts(load_closed_world(conformance=True).contexts, inline=True, undirected=True)


def material(value: Any) -> dict[str, vc.Found | vc.Hole]:
    """Read material as the vectors write it."""
    if not isinstance(value, dict):
        return {}
    return {
        name: vc.Found(one["found"], vouched=one.get("vouched") is True)
        if isinstance(one, dict) and "found" in one
        else vc.Hole("unreachable")
        for name, one in value.items()
    }


@cache
def vectors(*folders: str) -> tuple[bytes, ...]:
    """Give the vectors of these folders, each with its document and material alone."""
    files = (file for folder in folders for file in sorted((VECTORS / folder).glob("*.json")))
    loaded = (json.loads(file.read_bytes()) for file in files)
    return tuple(written({name: one[name] for name in ("document", "material")}) for one in loaded if "document" in one)


def _judge(data: bytes) -> None:
    """Judge a credential as the service does: what it needs first, then what it carries, then itself."""
    value = loose(data)
    document, gathered = member(value, "document", value), material(member(value, "material"))
    one = badges.exhibit(document)
    badges.exhibit_needs(one)
    vc.status_needs(one.document)
    vc.status_key_needs(gathered)
    proved = badges.judge_proof(one, gathered, rules=rules(), now=NOW)
    members = _companions(badges.bundled(one.document))
    endorsed = _companions(badges.endorsements(one.document))
    report = badges.judge(
        one, gathered, rules=rules(), known=vc.Known.HERE, now=NOW, proved=proved, members=members, endorsed=endorsed
    )
    json.dumps(report.to_json(), allow_nan=False, ensure_ascii=False).encode()
    for named, found in gathered.items():
        vc.list_holds(found, gathered, rules().contexts, NOW)
        vc.listed_at(found.document if isinstance(found, vc.Found) else named)


def _companions(found: Any) -> list[vc.Member]:
    """Take what a document carries for judged; judging it is what the target does with a document anyway."""
    report = badges.unreadable("too_deep", "")
    return [badges.companion(pointer, one, report) for pointer, one in found]


def _clr_seeds() -> list[bytes]:
    members = [signed(badge(), UNIVERSITY), tokens()[0], badge()]
    endorsement = {
        "@context": badge()["@context"],
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": UNIVERSITY.subject,
        "credentialSubject": {"id": "https://cred.example.edu/achievements/data-literacy-2"},
    }
    associated = clr(members) | {"endorsement": [endorsement], "endorsementJwt": [tokens()[1]]}
    related = {"type": "Association", "associationType": "precedes", "sourceId": "urn:a", "targetId": "urn:b"}
    associated["credentialSubject"]["association"] = [related, related | {"associationType": "isChildOf"}]
    associated["refreshService"] = {"type": "1EdTechCredentialRefresh", "id": "https://cred.example.edu/refresh"}
    return [written(signed(clr([badge()]), UNIVERSITY)), written(associated)]


def _large() -> list[bytes]:
    """Give documents that are large in every way that the bounds allow."""
    whole = signed(badge(), UNIVERSITY)
    result = whole["credentialSubject"]["result"][0]
    subject = whole["credentialSubject"]
    return [
        written(whole | {"name": "x" * 900_000}),
        written(whole | {"credentialSubject": subject | {"result": [result] * 5_000}}),
        written(whole | {"evidence": [{"type": ["Evidence"], "id": f"urn:x:{n}"} for n in range(5_000)]}),
        written(whole | {"proof": whole["proof"] * 8}),
        written(whole | {"proof": whole["proof"] * 20_000}),
        written(whole | {"credentialStatus": [whole["credentialStatus"]] * 20_000}),
        written(whole | {"type": [f"T{n}" for n in range(40_000)]}),
        written(whole | {"type": ["OpenBadgeCredential"] * 40_000}),
        written(whole | {"@context": whole["@context"] * 10_000}),
        written(whole | {f"m{n}": n for n in range(40_000)}),
        written(whole | {"issuer": {"id": "x" * 900_000, "type": ["Profile"]}}),
        written(whole | {"endorsement": [whole] * 40}),
        written(whole | {"id": "urn:" + "x" * 500_000}),
        written(whole | {"id": f"urn:{'x' * 90_000}", "evidence": [{"type": ["Evidence"], "id": "urn:y"}] * 150}),
        written(whole | {"evidence": [{"type": ["Evidence"], "name": "e" * 900}] * 900}),
        written(clr([badge()] * 150)),
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"@context":["https://www.w3.org/ns/credentials/v2"],"evidence":' + b"[" * 60 + b"]" * 60 + b"}",
    ]


def _status(data: bytes) -> None:
    """Look up the status of a credential in a list that is taken for its issuer's."""
    value = loose(data)
    credential, listed = member(value, "credential"), member(value, "list")
    if vc.unfit(credential) is None:
        vc.status_needs(credential)
        vc.check_status(credential, {LIST_URL: vc.Found(listed, vouched=True)}, {}, rules().contexts, NOW)


def _status_seeds() -> list[bytes]:
    issuer = {"issuer": UNIVERSITY.subject, "id": "urn:uuid:1"}
    bitstring = issuer | {"credentialStatus": vc.entry(LIST_URL, 7, "revocation")}
    sized = {"statusPurpose": "message", "statusSize": 2, "statusMessage": [{"status": "0x0", "message": "ok"}] * 4}
    message = issuer | {"credentialStatus": [vc.entry(LIST_URL, 7, "message") | sized]}
    older = issuer | {"credentialStatus": vc.entry(LIST_URL, 7, "revocation") | {"type": "StatusList2021Entry"}}
    by_id = issuer | {"credentialStatus": {"type": "1EdTechRevocationList", "id": LIST_URL}}
    listed = vc.without_proof(status_list([7]))
    listed_2021 = listed | {"type": ["VerifiableCredential", "StatusList2021Credential"]}
    subject = listed["credentialSubject"]
    listed_2021["credentialSubject"] = subject | {"type": "StatusList2021", "encodedList": subject["encodedList"][1:]}
    messages = listed | {"credentialSubject": subject | {"statusPurpose": ["message", "revocation"]}}
    revoked = {"id": "urn:uuid:1", "revoked": True, "revocationReason": "x"}
    plain = {"id": LIST_URL, "issuer": UNIVERSITY.subject, "revokedCredential": [revoked, "urn:uuid:2"]}
    pairs = [(bitstring, listed), (message, messages), (older, listed_2021), (by_id, plain)]
    return [written({"credential": credential, "list": one}) for credential, one in pairs]


def _status_attacks() -> list[bytes]:
    by_id, told = loose(_status_seeds()[3])["credential"], loose(_status_seeds()[3])["list"]
    names = ["urn:uuid:%41"] * 90_000
    return [
        written({"credential": by_id, "list": told | {"revokedCredential": names}}),
        written({"credential": by_id, "list": told | {"revokedCredential": "%" * 2_000_000}}),
        written({"credential": by_id | {"id": "%C3" * 300_000}, "list": told}),
    ]


# ── Proofs ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _proofs(data: bytes) -> None:
    value = loose(data)
    vc.key_needs(value)
    if vc.unfit(value) is None:
        keys = {UNIVERSITY.subject: vc.Found(UNIVERSITY.document)}
        if len(data) % 2:
            vc.check_proofs(value, keys, rules().contexts, NOW)
        else:
            vc.check_proofs(value, keys, inline(), NOW, issuer_controls=False, challenge="c", domain="d")


@cache
def proof_seeds() -> tuple[bytes, ...]:
    keys = {"Ed25519": SELF_ISSUED, "P-256": P256, "P-384": P384}
    suites = [(suite, kind) for suite in vc.SUITES.values() if suite.signs for kind in sorted(suite.key_kinds)]
    documents = [signed(badge(keys[kind].subject), keys[kind], suite=suite.name) for suite, kind in suites]
    derived = json.loads((VECTORS / "vc_di_ecdsa" / "derived-credential.json").read_bytes())
    chains = [loose(one)["document"] for one in vectors("valid") if b"previousProof" in one]
    return tuple(written(one) for one in (*documents, derived, *chains))


def _disclosure(data: bytes) -> None:
    """Check a derived proof whose value holds these bytes behind the mark of its kind."""
    shown = json.loads((VECTORS / "vc_di_ecdsa" / "derived-credential.json").read_bytes())
    proof = shown.pop("proof")
    key = vc.PublicKey.from_multibase(proof["verificationMethod"].partition("#")[2])
    value = multibase.u(b"\xd9\x5d\x01" + data)
    vc.SUITES["ecdsa-sd-2023"].check(shown, proof | {"proofValue": value}, key, inline())


def _disclosure_seeds() -> list[bytes]:
    shown = json.loads((VECTORS / "vc_di_ecdsa" / "derived-credential.json").read_bytes())
    return [multibase.decode_u(shown["proof"]["proofValue"])[3:]]


def _disclosure_attacks() -> list[bytes]:
    good = cbor2.loads(_disclosure_seeds()[0])
    return [
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xbb\x00\x00\x00\x00\x7f\xff\xff\xff",
        b"\x81" * 300_000,
        b"\xc1" * 300_000,
        b"\x9f" * 300_000,
        b"\xc2\x58\xff" + b"\xff" * 255,
        cbor2.dumps([*good[:3], {(number, number): bytes(32) for number in range(5_000)}, good[4]]),
        cbor2.dumps([*good[:4], cbor2.CBORTag(30, [2**1_000_001 - 1, 2**1_000_003 - 1])]),
        cbor2.dumps([*good[:2], [good[2][0]] * 4_000, *good[3:]]),
        cbor2.dumps([*good[:4], list(range(100_000))]),
        cbor2.dumps([*good[:3], {number: bytes(32) for number in range(9_000)}, good[4]]),
    ]


def _present(data: bytes) -> None:
    value = loose(data)
    vc.is_presentation(value)
    vc.unwrapped(value)
    members = _companions(vc.presented(value))
    vc.presentation_problems(value)
    if vc.unfit(value) is not None:
        return
    keys = {UNIVERSITY.subject: vc.Found(UNIVERSITY.document)}
    vc.proven_holder(value, vc.check_presentation(value, keys, rules().contexts, NOW, challenge="c", domain="d"))
    report = badges.judge_presentation(value, keys, rules=rules(), now=NOW, challenge=None, domain=None)
    badges.with_members(report, members).to_json()


def _present_seeds() -> list[bytes]:
    shown = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": SELF_ISSUED.subject,
        "verifiableCredential": [
            signed(badge(), UNIVERSITY),
            {
                "@context": "https://www.w3.org/ns/credentials/v2",
                "type": "EnvelopedVerifiableCredential",
                "id": f"data:application/vc+jwt,{tokens()[0]}",
            },
        ],
    }
    return [written(shown), written(signed(shown | {"verifiableCredential": []}, SELF_ISSUED))]


# ── Meaning and model ────────────────────────────────────────────────────────────────────────────────────────────────
def _canonize(data: bytes) -> None:
    vc.canonize(loose(data), rules().contexts)


def _canonize_inline(data: bytes) -> None:
    value = loose(data)
    vc.canonize(value, inline(), "sha384")


def _inline_seeds() -> list[bytes]:
    v2 = "https://www.w3.org/ns/credentials/v2"
    terms = {"@version": 1.1, "@vocab": "https://a.example/", "T": {"@id": "urn:T", "@context": {"x": "urn:x"}}}
    terms |= {"y": {"@id": "urn:y", "@type": "@json"}, "z": {"@reverse": "urn:z"}}
    terms |= {"l": {"@id": "urn:l", "@container": "@list"}}
    said = {"type": ["VerifiableCredential", "T"], "x": 1, "y": {"a": [1]}, "l": [1, [2, "a"]], "z": {"id": "urn:1"}}
    many = {f"t{number}": {"@id": f"t{number + 1}:x"} for number in range(150)}
    return [
        written({"@context": [v2, terms], **said, "credentialSubject": {"@context": {"q": "urn:q"}, "q": said}}),
        written({"@context": [v2, {"@context": terms}], "id": "urn:0", "type": "VerifiableCredential"}),
        written({"@context": [v2, many], "type": "VerifiableCredential", "t3": 1}),
        *proof_seeds()[-3:],
    ]


def _model(data: bytes) -> None:
    value = loose(data)
    vc.data_model(value)
    vc.model_problems(value, secured=True)
    vc.model_problems(value, secured=False)
    vc.presentation_problems(value)
    if isinstance(value, dict):
        if vc.unfit(value) is None:
            badges.structure(value, rules().schemas)
            badges.nonconformities(value, rules().schemas)
            badges.record_problems(value)
        badges.refresh_need(value)


def _skills(data: bytes) -> None:
    value = loose(data)
    json.dumps(badges.skills(value)).encode()
    badges.same_person(value, badge(), among=value)
    if vc.unfit(value) is None:
        badges.is_same(badges.exhibit(value), badge())
        badges.is_newer(badges.exhibit(value), badge())


def _bind(data: bytes) -> None:
    value = loose(data)
    expected = badges.expectation(member(value, "expected"))
    bound = badges.bind(member(value, "document"), expected, proven_did="did:example:1")
    badges.recipient_finding(bound)
    bound.to_json()


def _bind_seeds() -> list[bytes]:
    email = {"type": "emailAddress", "value": "Ann@Example.org"}
    expected = {"identifiers": ["ann@example.org", email, {"type": "name", "value": "Ann Lee"}], "did": "did:example:1"}
    return [written({"document": badge(), "expected": expected})]


def _policy(data: bytes) -> None:
    value = loose(data)
    (badges.policies_of if isinstance(value, list) else badges.policy_of)(value)


def _policy_seeds() -> list[bytes]:
    one = {"name": "ours", "version": "1", "based_on": "strict/1", "issuer": "any", "reject": ["revoked"]}
    return [b'"standard/1"', written(one | {"accept": ["issuer_unknown"], "recipient": "required"}), written([one])]


def _derivation(data: bytes) -> None:
    value = loose(data)
    if isinstance(value, dict):
        badges.derivation_of(value)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _jwk(data: bytes) -> None:
    key = vc.PublicKey.from_jwk(loose(data))
    assert vc.PublicKey.from_jwk(key.jwk()) == key == vc.PublicKey.from_multibase(key.multibase)
    key.verify(b"x" * 96, b"message")
    _ = key.thumbprint


def _method(data: bytes) -> None:
    """Look a key up in a document about keys, which may be anything."""
    document = loose(data)
    for named in (UNIVERSITY.verification_method, text(data[:40])):
        vc.resolve_method(document, named, at=NOW)
        vc.resolve_method(document, named, purpose="authentication")


def _method_seeds() -> list[bytes]:
    method = {"id": UNIVERSITY.verification_method, "controller": UNIVERSITY.subject, "type": "JsonWebKey"}
    document = {"id": UNIVERSITY.subject, "verificationMethod": [method | {"publicKeyJwk": jwk("ES256")}]}
    older = method | {"type": "Ed25519VerificationKey2018", "publicKeyBase58": "1" * 44}
    older |= {"expires": "2026-11-01T10:00:00Z"}
    return [
        written(UNIVERSITY.document),
        written(document | {"assertionMethod": [method["id"]], "authentication": [older]}),
        written(document | {"assertionMethod": [older]}),
    ]


def _jwk_seeds() -> list[bytes]:
    return [written(jwk(alg)) for alg in ("EdDSA", "ES256", "ES384", "RS256")]


def _jwk_attacks() -> list[bytes]:
    even = "A" * 682
    return [
        written({"kty": "RSA", "n": "_" * 10_000_000, "e": "AQAB"}),
        written({"kty": "RSA", "n": "_" * 680, "e": "_" * 680}),
        written({"kty": "RSA", "n": f"gA{even[:600]}", "e": "AQAB"}),
        written({"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}),
        written({"kty": ["RSA"], "crv": {}}),
    ]


TARGETS: tuple[Target, ...] = (
    Target("credential", _judge, (), lambda: [*vectors("valid", "proof", "status"), written(case().document)], _large),
    Target("record", _judge, (), _clr_seeds),
    Target("status", _status, (), _status_seeds, _status_attacks),
    Target("proofs", _proofs, (), proof_seeds, _large),
    Target("disclosure", _disclosure, (), _disclosure_seeds, _disclosure_attacks),
    Target("presentation", _present, (), _present_seeds),
    Target("canonical form", _canonize, (vc.CannotCanonize,), proof_seeds, _large),
    Target("inline contexts", _canonize_inline, (vc.CannotCanonize,), _inline_seeds),
    Target("data model", _model, (), lambda: [*proof_seeds(), *_clr_seeds(), *_present_seeds()], _large),
    Target("skills", _skills, (), lambda: [*proof_seeds(), *_clr_seeds()], _large),
    Target("binding", _bind, (badges.BadExpectation,), _bind_seeds),
    Target("policy", _policy, (badges.BadPolicy,), _policy_seeds),
    Target("derivation", _derivation, (ValueError,), _clr_seeds, _large),
    Target("jwk", _jwk, (vc.BadKey,), _jwk_seeds, _jwk_attacks),
    Target("method", _method, (), _method_seeds),
)
