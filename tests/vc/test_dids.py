from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.vc import BadDid, Problem, PublicKey
from signing import NOW, PROFILE_URL, SELF_ISSUED, STRANGER, UNIVERSITY

KEY = SELF_ISSUED.public


@pytest.mark.parametrize(
    ("url", "did", "document"),
    [
        ("https://example.edu", "did:web:example.edu", "https://example.edu/.well-known/did.json"),
        ("https://example.edu/", "did:web:example.edu", "https://example.edu/.well-known/did.json"),
        ("https://a.edu/issuers/x", "did:web:a.edu:issuers:x", "https://a.edu/issuers/x/did.json"),
        ("https://a.edu:8443/i", "did:web:a.edu%3A8443:i", "https://a.edu:8443/i/did.json"),
        (
            "http://localhost:8000/issuers/x",
            "did:web:localhost%3A8000:issuers:x",
            "http://localhost:8000/issuers/x/did.json",
        ),
        ("http://127.0.0.1:80/i", "did:web:127.0.0.1%3A80:i", "http://127.0.0.1:80/i/did.json"),
    ],
)
def test_web_addresses_and_dids_name_each_other(url: str, did: str, document: str) -> None:
    assert vc.web_did(url) == did
    assert vc.web_url(did, scheme=url.partition(":")[0]) == document


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.edu",
        "https://user@a.edu",
        "https://a.edu/x?y=1",
        "https://a.edu/x#y",
        "https://a.edu/x/../y",
        "https://a.edu/x y",
        "https://a.edu:99999",
        "https://192.0.2.7/i",
        "https://[::1]/i",
        "https://",
        "nonsense",
    ],
)
def test_other_addresses_have_no_did(url: str) -> None:
    with pytest.raises(BadDid):
        vc.web_did(url)


@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6Mk",
        "did:web:",
        "did:web:a.edu:",
        "did:web:a.edu::x",
        "did:web:a.edu:..:x",
        "did:web:a.edu:.",
        "did:web:a.edu:%2e%2e",
        "did:web:a.edu%2Fx",
        "did:web:a.edu:x%2Fy",
        "did:web:a.edu/x",
        "did:web:a.edu?x",
        "did:web:a.edu#x",
        "did:web:user%40a.edu",
        "did:web:user@a.edu",
        "did:web:a.edu%3a80",
        "did:web:a.edu%3A0",
        "did:web:a.edu%3A080",
        "did:web:a.edu%3A65536",
        "did:web:a.edu%3A80%3A80",
        "did:web:a.edu%3A",
        "did:web:A.edu",
        "did:web:a..edu",
        "did:web:a.edu.",
        "did:web:-a.edu",
        "did:web:exämple.edu",
        "did:web:192.0.2.7",
        "did:web:3221225991",
        "did:web:0x7f.1",
        "did:web:127.0x1",
        "did:web:" + "a" * 64,
        "did:web:" + ".".join(["a" * 60] * 5),
        "did:web:a.edu\n",
    ],
)
def test_a_did_that_could_be_read_in_two_ways_is_refused(did: str) -> None:
    with pytest.raises(BadDid):
        vc.web_url(did)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0177.0.0.1", "256.0.0.1", "1.2.3", "1.2.3.4.5"])
def test_even_in_development_an_address_is_written_plainly(host: str) -> None:
    with pytest.raises(BadDid):
        vc.web_url(f"did:web:{host}", scheme="http")


@given(st.text(max_size=40))
def test_whatever_becomes_a_url_stays_on_its_host(rest: str) -> None:
    try:
        url = vc.web_url(f"did:web:{rest}")
    except BadDid:
        return
    host, _, path = rest.partition(":")
    assert url.startswith(f"https://{host.replace('%3A', ':')}/")
    assert url.endswith("/did.json")
    assert ".." not in url.removeprefix("https://").partition("/")[2].split("/")
    assert not {"@", "?", "#", "\\", "%"} & {*url}
    assert path.replace(":", "/") in url


def test_a_did_key_is_its_own_document() -> None:
    did = vc.key_did(KEY)
    document = vc.did_key_document(did)
    assert isinstance(document, dict)
    assert document["id"] == did
    assert vc.resolve_method(document, vc.key_method(KEY)) == KEY


@pytest.mark.parametrize("did", ["did:key:", "did:key:z6Mk", "did:key:u7QE", "did:web:a.edu", KEY.multibase])
def test_what_is_no_did_key_has_no_document(did: str) -> None:
    assert isinstance(vc.did_key_document(did), Problem)


def test_a_controller_document_can_carry_a_profile() -> None:
    profile = {"@context": ["https://example.edu/context"], "id": "overruled", "type": ["Profile"], "name": "U"}
    document = vc.controller_document(PROFILE_URL.subject, [PROFILE_URL.method], profile=profile)
    assert document["id"] == PROFILE_URL.subject
    assert document["name"] == "U"
    assert document["@context"][-1] == "https://example.edu/context"
    assert vc.resolve_method(document, PROFILE_URL.verification_method) == PROFILE_URL.public


def resolved(change: dict, **members: object) -> PublicKey | str:
    document = UNIVERSITY.document | change
    document["verificationMethod"] = [document["verificationMethod"][0] | members]
    key = vc.resolve_method(document, UNIVERSITY.verification_method, at=NOW)
    return key.code if isinstance(key, Problem) else key


def test_a_method_counts_when_all_of_its_document_agrees() -> None:
    assert resolved({}) == UNIVERSITY.public
    assert resolved({}, type=["Multikey"]) == UNIVERSITY.public
    assert resolved({"assertionMethod": UNIVERSITY.verification_method}) == UNIVERSITY.public
    assert resolved({}, expires=vc.stamp(NOW)) == UNIVERSITY.public


def test_each_disagreement_has_its_own_name() -> None:
    assert resolved({"id": STRANGER.subject}) == "controller_document_foreign"
    assert resolved({}, id="did:web:cred.example.edu:issuers:1#other") == "key_unknown"
    assert resolved({"assertionMethod": []}) == "key_not_for_assertion"
    assert resolved({"assertionMethod": 7}) == "key_not_for_assertion"
    assert resolved({}, controller=STRANGER.subject) == "key_controller_differs"
    assert resolved({}, revoked=vc.stamp(NOW + timedelta(days=1))) == "key_revoked"
    assert resolved({}, expires=vc.stamp(NOW - timedelta(seconds=1))) == "key_expired"
    assert resolved({}, expires="never") == "controller_document_malformed"
    assert resolved({}, publicKeyMultibase=7) == "key_malformed"
    assert resolved({}, publicKeyMultibase="zzz") == "key_malformed"
    assert resolved({}, type="JsonWebKey") == "key_malformed"


def test_a_key_described_in_two_ways_is_refused() -> None:
    document = UNIVERSITY.document
    document["assertionMethod"] = [{**STRANGER.method.to_json(), "id": UNIVERSITY.verification_method}]
    key = vc.resolve_method(document, UNIVERSITY.verification_method)
    assert isinstance(key, Problem)
    assert key.code == "controller_document_malformed"


def test_a_method_is_published_with_its_end() -> None:
    method = vc.Method(UNIVERSITY.verification_method, UNIVERSITY.subject, UNIVERSITY.public, NOW, NOW)
    body = method.to_json()
    assert (body["revoked"], body["expires"]) == (vc.stamp(NOW), vc.stamp(NOW))
    assert UNIVERSITY.method.to_json().keys() == {"id", "type", "controller", "publicKeyMultibase"}
