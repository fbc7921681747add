"""TLS goes on checking the name, although the connection goes to an address."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ler_issuer.net.fetch import FetchPolicy, GuardedFetcher, Unreachable

PUBLIC = "93.184.216.34"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for issuer.example, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("issuer.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "issuer.pem"
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(pem, form, serialization.NoEncryption()) + signed.public_bytes(pem),
    )
    return path


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *_: object) -> None:
        """Keep the tests quiet."""


class _Quiet(HTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that do not trust the certificate hang up."""


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    server = _Quiet(("127.0.0.1", 0), _Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


class _Home(httpcore.SyncBackend):
    def __init__(self, port: int) -> None:
        self._port = port

    def connect_tcp(self, host, port, timeout=None, *_):
        assert (host, port) == (PUBLIC, 443)
        return super().connect_tcp("127.0.0.1", self._port, timeout)


def fetcher(port: int, trusted: Path | None) -> GuardedFetcher:
    tls = ssl.create_default_context(cafile=trusted) if trusted else None
    return GuardedFetcher(FetchPolicy(), resolve=lambda *_: (PUBLIC,), wire=_Home(port), tls=tls)


def test_the_certificate_is_checked_for_the_name(port: int, certificate: Path):
    found = fetcher(port, certificate).get("https://issuer.example/did.json", accept="*/*")
    assert found.body == b"issuer.example"


def test_a_certificate_for_another_name_is_no_connection(port: int, certificate: Path):
    with pytest.raises(Unreachable) as caught:
        fetcher(port, certificate).get("https://other.example/did.json", accept="*/*")
    assert caught.value.code == "unreachable"
    assert "Hostname mismatch" in caught.value.why


def test_a_certificate_that_nobody_vouches_for_is_no_connection(port: int):
    with pytest.raises(Unreachable) as caught:
        fetcher(port, trusted=None).get("https://issuer.example/did.json", accept="*/*")
    assert caught.value.code == "unreachable"
    assert "self-signed" in caught.value.why
