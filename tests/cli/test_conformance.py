"""`serve --conformance`: an open installation as a process of its own, over http and https."""

from __future__ import annotations

import ipaddress
import json
import os
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from installation import PATIENCE, free_port, is_listening

V1, V2 = "https://www.w3.org/2018/credentials/v1", "https://www.w3.org/ns/credentials/v2"


@contextmanager
def program(folder, *words, **settings):
    """Run `serve` with these words, wait until it listens, and give its first line, a client's address and itself."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LER_", "TMP"))}
    with (folder / "stderr.txt").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "ler_issuer.cli", "serve", "--port", str(port), *map(str, words)],
            env=inherited | {"TMPDIR": str(folder)} | settings,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        told = process.stdout.readline()
        end = time.monotonic() + PATIENCE
        while not is_listening(port) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert process.poll() is None, (folder / "stderr.txt").read_text()
        yield told, port, process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only itself vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    made = builder.add_extension(host, critical=False).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*private))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def opened(tmp_path_factory, certificate):
    """An open installation over https: what it told, a client, and where its passing files lie."""
    folder = tmp_path_factory.mktemp("open")
    words = ("--conformance", "--json", "--ssl-certfile", certificate[0], "--ssl-keyfile", certificate[1])
    with program(folder, *words) as (told, port, process):
        trusted = ssl.create_default_context(cafile=certificate[0])
        headers = {"Accept": "application/ld+json, application/json"}
        base_url = f"https://127.0.0.1:{port}"
        with httpx.Client(base_url=base_url, verify=trusted, headers=headers, timeout=60, trust_env=False) as client:
            yield json.loads(told), client, process, folder
    assert not list(folder.glob("ler-conformance-*"))
    assert "OPEN" in (folder / "stderr.txt").read_text()


def test_the_first_line_tells_the_issuers(opened):
    told, *_ = opened

    assert told.keys() == {"practice", "issuers", "default", "resolver"}
    assert (told["practice"], told["default"]) == ("conformance", "ed25519")
    assert [(one["slug"], one["key_type"]) for one in told["issuers"]] == [
        ("ed25519", "Ed25519"),
        ("p256", "P-256"),
        ("p384", "P-384"),
    ]
    assert [one["cryptosuites"] for one in told["issuers"]] == [
        ["eddsa-rdfc-2022", "eddsa-jcs-2022", "Ed25519Signature2020", "jose"],
        ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023", "jose"],
        ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "jose"],
    ]
    for one, prefix in zip(told["issuers"], ("z6Mk", "zDn", "z82"), strict=True):
        assert one.keys() == {"slug", "did", "key_type", "cryptosuites"}
        assert one["did"].startswith(f"did:key:{prefix}")


def test_the_resolver_that_is_told_resolves_the_issuers_that_are(opened):
    told, client, *_ = opened
    for one in told["issuers"]:
        answer = client.get(f"{told['resolver']}/{quote(one['did'], safe='')}")

        assert answer.json()["didDocument"]["id"] == one["did"]


def test_everybody_may_issue_by_every_suite_and_verify(opened):
    told, client, *_ = opened
    for one in told["issuers"]:
        for suite in one["cryptosuites"]:
            credential = {
                "@context": [V2],
                "type": ["VerifiableCredential"],
                "issuer": {"id": one["did"]},
                "credentialSubject": {"id": "did:example:a", "name": "Alice"},
            }
            body = {"credential": credential, "options": {"cryptosuite": suite}}
            answer = client.post(f"/issuers/{one['slug']}/credentials/issue", json=body)
            assert answer.status_code == 201, answer.text
            signed = answer.json()["verifiableCredential"]
            shown = signed
            if suite == "ecdsa-sd-2023":
                asked = {"verifiableCredential": signed, "options": {"selectivePointers": [""]}}
                shown = client.post("/credentials/derive", json=asked).json()["verifiableCredential"]
            assert client.post("/credentials/verify", json={"verifiableCredential": shown}).status_code == 200
            if suite == "jose":
                assert signed["id"].startswith("data:application/vc+jwt,")
                continue
            assert signed["proof"].get("cryptosuite", signed["proof"]["type"]) == suite
            entry = signed["credentialStatus"]
            listed = client.get(entry["statusListCredential"])
            assert "json" in listed.headers["content-type"]
            assert isinstance(listed.json()["issuer"], str)
            assert isinstance(listed.json()["proof"], dict)


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": [V1], "issuanceDate": "2020-01-01T00:00:00Z"},
        {"@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"], "anything": "goes"},
        {"@context": [V2, {"own": "https://example.org/own"}], "own": "x"},
        {"@context": [V2, {"@context": {"own": "https://example.org/own"}}], "own": "x"},
    ],
    ids=["1.1", "examples", "inline", "nested"],
)
def test_it_is_lenient_where_the_suites_ask_for_it(opened, changes):
    told, client, *_ = opened
    credential = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": told["issuers"][0]["did"],
        "credentialSubject": {"id": "did:example:a"},
    } | changes

    answer = client.post("/credentials/issue", json={"credential": credential})

    assert answer.status_code == 201, answer.text
    signed = answer.json()["verifiableCredential"]
    assert signed["@context"][: len(credential["@context"])] == credential["@context"]
    assert client.post("/credentials/verify", json={"verifiableCredential": signed, "options": {}}).status_code == 200


def test_a_status_is_changed_without_a_key(opened):
    told, client, *_ = opened
    credential = {
        "@context": [V2],
        "id": "urn:example:1",
        "type": ["VerifiableCredential"],
        "issuer": told["issuers"][0]["did"],
        "credentialSubject": {"id": "did:example:a"},
    }
    signed = client.post("/credentials/issue", json={"credential": credential}).json()["verifiableCredential"]
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    body = {"credentialId": "urn:example:1", "credentialStatus": entry, "status": True}

    assert client.post("/credentials/status", json=body).status_code == 200

    assert client.post("/credentials/verify", json={"verifiableCredential": signed}).status_code == 400
    assert client.get("/v1/credentials").status_code == 401


def test_an_installation_of_ones_own_is_kept_and_may_move(tmp_path):
    database = f"sqlite:///{tmp_path}/own.sqlite"
    told = []
    for _ in range(2):
        with program(tmp_path, "--conformance", LER_DATABASE_URL=database) as (line, port, _):
            told.append(json.loads(line))
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
                credential = {
                    "@context": [V2],
                    "type": ["VerifiableCredential"],
                    "issuer": told[-1]["issuers"][0]["did"],
                    "credentialSubject": {"id": "did:example:a"},
                }
                signed = client.post("/credentials/issue", json={"credential": credential}).json()
                listed = signed["verifiableCredential"]["credentialStatus"]["statusListCredential"]
                assert listed.startswith(f"http://127.0.0.1:{port}/status/")
                assert client.post("/credentials/verify", json=signed).status_code == 200

    assert told[0]["issuers"] == told[1]["issuers"]
    assert (tmp_path / "own.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["--conformance"], {"LER_ENV": "production"}, "LER_ENV=production"),
        (["--ssl-certfile", "x.pem"], {}, "go together"),
        (["--ssl-certfile", "x.pem", "--ssl-keyfile", "y.pem"], {}, "x.pem"),
    ],
)
def test_what_may_not_be_does_not_start(desk, monkeypatch, words, settings, said):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    done = desk.run("serve", *words, code=1)

    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not desk.database.exists()
