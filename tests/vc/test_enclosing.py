"""Tokens of our own making: prepared, sealed once, and read by others."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from ler_issuer.net.private_keys import PrivateKey
from ler_issuer.vc import (
    Envelope,
    Found,
    Method,
    NotSealable,
    PublicKey,
    Unsignable,
    check_envelope,
    claims,
    controller_document,
    open_envelope,
    open_presentation,
    prepare_envelope,
    prepare_token,
    seal_envelope,
)
from ler_issuer.vc.enclosing import bare_claims
from signing import badge, rules
from tokens import compact, jwk, key

DID = "did:web:cred.example.edu:issuers:1"
KID = f"{DID}#1"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
ALGORITHMS = ["RS256", "ES256", "ES384", "EdDSA"]


@dataclass(frozen=True)
class Signer:
    verification_method: str
    _key: PrivateKey = field(repr=False)

    @property
    def public(self):
        return self._key.public

    def sign(self, message):
        return self._key.sign(message)


def sealed(alg, document=None):
    prepared = prepare_envelope(document or badge(), alg=alg, kid=KID, contexts=rules().contexts)
    return seal_envelope(prepared, Signer(KID, key(alg)))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_is_sealed_is_read_back_and_holds(alg):
    read = open_envelope(sealed(alg))
    assert isinstance(read, Envelope)
    assert read.document == badge()
    assert read.header == {"alg": alg, "kid": KID, "typ": "JWT"}
    document = controller_document(DID, [Method(KID, DID, key(alg).public, as_jwk=True)])
    assert {one.outcome.value for one in check_envelope(read, {DID: Found(document)}, NOW)} == {"pass"}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_others_find_it_right_and_we_find_theirs_right(alg):
    read = jws.deserialize_compact(sealed(alg), import_key(jwk(alg)), algorithms=[alg])
    assert json.loads(read.payload) == claims(badge())

    theirs = generated(alg)
    header = {"alg": alg, "kid": KID, "typ": "JWT"}
    token = jws.serialize_compact(header, json.dumps(claims(badge())), theirs, algorithms=[alg])
    public = PublicKey.from_jwk(theirs.as_dict(private=False))
    document = controller_document(DID, [Method(KID, DID, public, as_jwk=True)])
    assert {one.outcome.value for one in check_envelope(open_envelope(token), {DID: Found(document)}, NOW)} == {"pass"}


def generated(alg):
    made = {"RS256": (RSAKey, 2048), "ES256": (ECKey, "P-256"), "ES384": (ECKey, "P-384"), "EdDSA": (OKPKey, "Ed25519")}
    kind, size = made[alg]
    return kind.generate_key(size)


@pytest.mark.parametrize("alg", ["ES256", "ES384", "EdDSA"])
def test_the_same_credential_gives_the_same_token(alg):
    assert sealed(alg) == sealed(alg)


def test_the_claims_repeat_the_credential():
    subject = badge()["credentialSubject"] | {"id": "did:example:ada"}
    document = badge() | {"credentialSubject": subject}
    assert claims(document | {"proof": []}) == document | {
        "iss": DID,
        "jti": document["id"],
        "sub": "did:example:ada",
        "nbf": 1_793_527_200,
        "exp": 1_888_221_600,
    }
    endless = {name: value for name, value in badge().items() if name != "validUntil"}
    assert claims(endless).keys() - endless.keys() == {"iss", "jti", "nbf"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"validFrom": "2026-11-01T10:00:00.5Z"}, "not_whole_seconds"),
        ({"validUntil": "never"}, "not_whole_seconds"),
        ({"validFrom": "1969-11-01T10:00:00Z"}, "not_whole_seconds"),
        ({"issuer": None}, "issuer_missing"),
        ({"id": None}, "id_missing"),
        ({"sub": "did:example:eve"}, "claim_taken"),
    ],
)
def test_what_a_claim_cannot_repeat_is_not_signed(changes, code):
    with pytest.raises(Unsignable) as caught:
        claims({name: value for name, value in (badge() | changes).items() if value is not None})
    assert [problem.code for problem in caught.value.problems] == [code]


def test_what_could_not_be_sealed_with_a_proof_is_no_token_either():
    with pytest.raises(Unsignable) as caught:
        sealed("ES256", badge() | {"undefinedTerm": "lost"})
    assert [problem.code for problem in caught.value.problems] == ["term_dropped"]
    with pytest.raises(ValueError, match="HS256"):
        prepare_envelope(badge(), alg="HS256", kid=KID, contexts=rules().contexts)


def test_what_was_prepared_is_sealed_once_and_by_its_own_key():
    prepared = prepare_envelope(badge(), alg="ES256", kid=KID, contexts=rules().contexts)
    for other in (Signer(f"{DID}#2", key("ES256")), Signer(KID, key("EdDSA"))):
        with pytest.raises(NotSealable):
            seal_envelope(prepared, other)
    seal_envelope(prepared, Signer(KID, key("ES256")))
    with pytest.raises(NotSealable):
        seal_envelope(prepared, Signer(KID, key("ES256")))


def test_the_public_key_is_no_password():
    """Algorithm confusion: a token keyed with the text of a public key is of no algorithm that is accepted."""
    forged = compact({"alg": "RS256", "kid": KID}, claims(badge())).split(".")
    for alg in ("HS256", "HS384", "HS512"):
        head = compact({"alg": alg, "kid": KID}, {}, key("ES256")).split(".")[0]
        assert open_envelope(".".join((head, *forged[1:]))).code == "jwt_alg_unknown"


def bare(form, document, alg="ES256"):
    return seal_envelope(
        prepare_token(document, form=form, alg=alg, kid=KID, contexts=rules().contexts), Signer(KID, key(alg))
    )


def test_a_token_of_vc_jose_cose_repeats_only_who_signed_and_the_id():
    read = open_envelope(bare("vc+jwt", badge() | {"proof": []}))
    assert read.header == {"alg": "ES256", "kid": KID, "typ": "vc+jwt", "cty": "vc"}
    assert read.payload == badge() | {"iss": DID, "jti": badge()["id"]}
    short = {name: value for name, value in badge().items() if name not in {"id", "validFrom", "validUntil"}}
    assert open_envelope(bare("vc+jwt", short)).payload == short | {"iss": DID}


def test_a_presentation_names_its_holder_or_nobody():
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"]}
    read = open_presentation(bare("vp+jwt", document))
    assert read.header == {"alg": "ES256", "kid": KID, "typ": "vp+jwt", "cty": "vp"}
    assert (read.payload, read.presents, read.party) == (document, True, None)
    held = document | {"holder": {"id": "did:example:me"}}
    assert open_presentation(bare("vp+jwt", held)).payload["iss"] == "did:example:me"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (badge() | {"issuer": None}, "issuer_missing"),
        (badge() | {"undefinedTerm": "lost"}, "term_dropped"),
        (badge() | {"@context": ["https://www.w3.org/2018/credentials/v1"]}, "context_order"),
    ],
)
def test_what_others_could_not_read_is_no_token_of_any_form(document, code):
    for form in ("JWT", "vc+jwt"):
        with pytest.raises(Unsignable) as caught:
            bare(form, {name: value for name, value in document.items() if value is not None})
        assert code in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"])
def test_no_member_has_the_name_of_a_claim(name):
    with pytest.raises(Unsignable) as caught:
        bare_claims(badge() | {name: "x"})
    assert [problem.code for problem in caught.value.problems] == ["claim_taken"]
