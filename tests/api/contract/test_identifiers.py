"""The resolver of DIDs as suites and browsers ask it: percent-encoded, and answered as DID Resolution says."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ler_issuer.api import verification
from ler_issuer.vc import PublicKey
from world import World, address, found, listen, runtime, serving

KNOWN = "z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
DID = f"did:key:{KNOWN}"
AGREEMENT = "z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"
ACCEPT = 'application/ld+json;profile="https://w3id.org/did-resolution"'
EXPERIMENTAL = {"publicKeyFormat": "Ed25519VerificationKey2018", "enableExperimentalPublicKeyTypes": "false"}


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def installation(sqlite_template, tmp_path_factory, world):
    """An ordinary installation, not open to everybody, with an issuer."""
    file = tmp_path_factory.mktemp("identifiers") / "db.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    with listen() as door:
        rt = runtime(f"sqlite:///{file}", world, address(door))
        tenant = found(rt)
        with serving(rt, door) as client:
            yield client, tenant
        rt.db.close()


@pytest.fixture(scope="module")
def get(installation):
    """Ask as the suite's client does: the whole identifier percent-encoded."""
    client, _ = installation

    def ask(text, params=None, *, safe="!'()*~"):
        address = f"/1.0/identifiers/{quote(text, safe=safe)}"
        answer = client.get(address, params=params, headers={"Accept": ACCEPT})
        assert answer.headers["content-type"] == ACCEPT
        body = answer.json()
        assert body.keys() >= {"@context", "didDocument", "didDocumentMetadata"}
        return answer.status_code, body

    return ask


@pytest.mark.parametrize(
    ("text", "params", "member", "error"),
    [
        (f"notDid:key:{KNOWN}", {}, "didResolutionMetadata", "invalidDid"),
        (f"did:key:-4:{KNOWN}", {}, "didResolutionMetadata", "invalidDid"),
        (f"did:key:{KNOWN[1:]}", {}, "didResolutionMetadata", "invalidDid"),
        ("did:key:@", {}, "didResolutionMetadata", "invalidDid"),
        (f"did:experimental:{KNOWN}", {}, "didResolutionMetadata", "methodNotSupported"),
        ("did:key:zTjsVPtY", {}, "didResolutionMetadata", "invalidPublicKeyLength"),
        (DID, {"publicKeyFormat": "unknown"}, "didResolutionMetadata", "unsupportedPublicKeyType"),
        (f"{DID}#{KNOWN}", EXPERIMENTAL, "didDereferencingMetadata", "invalidPublicKeyType"),
        (f"{DID}#{AGREEMENT}", EXPERIMENTAL, "didDereferencingMetadata", "invalidPublicKeyType"),
        (f"{DID}/^bar^/?query=`#{KNOWN}", {}, "didDereferencingMetadata", "invalidDidUrl"),
    ],
)
def test_what_the_suite_wants_refused(get, text, params, member, error):
    status, body = get(text, params)
    assert (status, body[member]["error"]) == (400, error)
    if text == "did:key:@":
        assert body["didDocument"] == {}


def test_what_the_suite_wants_resolved(get):
    status, body = get(f"{DID}#{KNOWN}")
    assert status == 200
    assert body["didDocument"]["controller"] == DID
    assert "error" not in body["didDereferencingMetadata"]

    status, body = get(DID)
    assert (status, body["didDocument"]["id"]) == (200, DID)
    assert [one["id"] for one in body["didDocument"]["keyAgreement"]] == [f"{DID}#{AGREEMENT}"]


def test_sent_as_it_is_it_is_read_alike(get):
    """A colon may stand in an address as it is; what would end the address may not."""
    assert get(DID, safe=":")[1]["didDocument"]["id"] == DID


def test_a_part_that_is_not_there(get):
    status, body = get(f"{DID}#nothing")
    assert (status, body["didDereferencingMetadata"]["error"], body["didDocument"]) == (404, "notFound", None)


def test_nothing_at_all(get):
    assert get("")[0] == 400


def test_our_own_issuer_is_asked_of_nobody(get, installation, world):
    client, tenant = installation
    asked = [*world.asked]
    status, body = get(tenant.issuer.did)

    assert (status, body["didDocument"]) == (200, client.get("/issuers/biology/did.json").json())
    assert "%3A" in tenant.issuer.did  # its port is encoded in the DID, and once more in the address
    assert world.asked == asked
    method = body["didDocument"]["assertionMethod"][0]
    status, body = get(method)
    assert PublicKey.from_multibase(body["didDocument"]["publicKeyMultibase"]).kind == "Ed25519"


def test_an_issuer_elsewhere(get, world):
    document = {"id": "did:web:a.edu:x", "verificationMethod": []}
    world.host("https://a.edu/x/did.json", document)
    assert get("did:web:a.edu:x")[1]["didDocument"] == document
    world.host("https://a.edu/y/did.json", document)
    status, body = get("did:web:a.edu:y")
    assert (status, body["didResolutionMetadata"]["error"]) == (502, "invalidDidDocument")


def test_an_issuer_who_is_not_there(get, world):
    status, body = get("did:web:nowhere.edu")
    assert (status, body["didResolutionMetadata"]["error"]) == (404, "notFound")
    world.unplug("away.edu")
    status, body = get("did:web:away.edu")
    assert (status, body["didResolutionMetadata"]["error"]) == (502, "internalError")


def test_pages_of_any_origin_may_ask(installation):
    client, _ = installation
    assert client.get(f"/1.0/identifiers/{DID}").headers["access-control-allow-origin"] == "*"
    assert client.head(f"/1.0/identifiers/{DID}").status_code == 200
    asking = {"Origin": "https://b.edu", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client.options(f"/1.0/identifiers/{DID}", headers=asking).headers


def test_only_so_many_wait(installation, monkeypatch):
    client, _ = installation
    monkeypatch.setattr(verification.Room, "seat", _full)
    answer = client.get(f"/1.0/identifiers/{DID}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def _full(_room):
    raise verification.Unavailable("too many")


def test_other_methods_are_told_as_json(installation):
    answer = installation[0].post(f"/1.0/identifiers/{DID}")
    assert (answer.status_code, "json" in answer.headers["content-type"]) == (405, True)


@given(text=st.text(max_size=30) | st.text(alphabet="did:keyweb#?/%@zA1.", max_size=30))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_is_answered(get, text):
    status, body = get(text)
    assert status in {200, 400, 404, 502}
    assert body.keys() & {"didResolutionMetadata", "didDereferencingMetadata"}
