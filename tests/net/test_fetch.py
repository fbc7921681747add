from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer.net.fetch import LONGEST_URL, Fetched, FetchPolicy, GuardedFetcher, Unreachable

DESK = FetchPolicy.for_env("development")
WORLD = FetchPolicy.for_env("production")
PUBLIC = "93.184.216.34"


class Host(ThreadingHTTPServer):
    """A real web server on this machine; a page is a function that writes the answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        def answer(door: BaseHTTPRequestHandler) -> None:
            door.send_response(status)
            for name, value in headers.items():
                door.send_header(name.replace("_", "-"), value)
            door.send_header("Content-Length", str(len(body)))
            door.end_headers()
            door.wfile.write(body)

        self.pages[path] = answer

    def drip(self, path: str, head: bytes) -> None:
        """Send the head, then one byte every 20 ms for as long as anybody listens."""

        def answer(door: BaseHTTPRequestHandler) -> None:
            try:
                door.wfile.write(head)
                while not self.closing.wait(0.02):
                    door.wfile.write(b"x")
                    door.wfile.flush()
            except OSError:
                door.close_connection = True

        self.pages[path] = answer

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients here hang up in the middle on purpose."""


class _Door(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.pages[self.path](self)

    def log_message(self, *_: object) -> None:
        """Keep the tests quiet."""


@pytest.fixture
def host() -> Iterator[Host]:
    server = Host()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


class Wire(httpcore.SyncBackend):
    """Records which address is connected to; connects to `port` on this machine, or to nothing."""

    def __init__(self, port: int | None = None, dead: frozenset[str] = frozenset()) -> None:
        self.connected: list[str] = []
        self._port = port
        self._dead = dead

    def connect_tcp(self, host, _port, timeout=None, *_):
        self.connected.append(host)
        if self._port is None or host in self._dead:
            raise httpcore.ConnectError("nobody there")
        return super().connect_tcp("127.0.0.1", self._port, timeout)


class Names:
    """A resolver that gives one answer after another, the last one for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def failure(fetcher: GuardedFetcher, url: str) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        fetcher.get(url, accept="application/json")
    return caught.value


# ── What is fetched ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_exact_bytes_come_back(host: Host):
    body = '{"id": "ß"}\n'.encode()
    host.page("/did.json?v=1", body, Content_Type="Application/DID+JSON; charset=utf-8")
    found = GuardedFetcher(DESK).get(host.url("/did.json?v=1#key-1"), accept="application/did+json")
    assert (found.body, found.media_type) == (body, "application/did+json")


def test_the_request_says_no_more_than_it_must(host: Host, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    host.page("/", Set_Cookie="a=b")
    fetcher = GuardedFetcher(DESK)
    fetcher.get(host.url(), accept="application/json")
    fetcher.get(host.url(), accept="application/json")
    expected = {
        "Host": f"127.0.0.1:{host.port}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "ler-issuer",
    }
    assert host.asked == [("/", expected), ("/", expected)]


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_found"), (410, "not_found"), (500, "bad_status"), (401, "bad_status"), (204, "bad_status")],
)
def test_any_answer_but_200_is_a_failure(host: Host, status: int, code: str):
    host.page("/", status=status)
    assert failure(GuardedFetcher(DESK), host.url()).code == code


def test_compression_is_not_accepted(host: Host):
    host.page("/", b"\x1f\x8b", Content_Encoding="gzip")
    assert failure(GuardedFetcher(DESK), host.url()).code == "unreachable"


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert failure(GuardedFetcher(DESK), url).code == "unreachable"


def test_what_is_not_http_is_unreachable(host: Host):
    host.pages["/"] = lambda door: door.wfile.write(b"220 mail.example.org ESMTP\r\n\r\n") and None
    assert failure(GuardedFetcher(DESK), host.url()).code == "unreachable"


def test_an_unknown_name_is_unreachable():
    def unknown(*_: object) -> tuple[str, ...]:
        raise socket.gaierror(-2, "Name or service not known")

    assert failure(GuardedFetcher(WORLD, resolve=unknown), "https://nowhere.example/").code == "unreachable"
    assert failure(GuardedFetcher(WORLD, resolve=Names(())), "https://nowhere.example/").code == "unreachable"


# ── Caps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_size_is_capped_to_the_byte(host: Host):
    host.page("/fits", b"x" * 1000)
    host.page("/over", b"x" * 1001)
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True, allow_loopback=True, max_bytes=1000))
    assert len(fetcher.get(host.url("/fits"), accept="*/*").body) == 1000
    assert failure(fetcher, host.url("/over")).code == "too_large"


def test_an_endless_answer_is_cut_at_the_cap(host: Host):
    host.drip("/", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000)
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True, allow_loopback=True, max_bytes=1000))
    assert failure(fetcher, host.url()).code == "too_large"


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 20"], ids=["body", "head", "status"]
)
def test_a_slow_drip_is_cut_by_the_total_time(host: Host, head: bytes):
    host.drip("/", head)
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True, allow_loopback=True, seconds=0.3))
    begun = time.monotonic()
    assert failure(fetcher, host.url()).code == "timed_out"
    assert time.monotonic() - begun < 3


def test_a_name_server_that_keeps_silent_is_cut_too():
    silent = threading.Event()

    def resolve(*_: object) -> tuple[str, ...]:
        silent.wait(10)
        return (PUBLIC,)

    wire = Wire()
    fetcher = GuardedFetcher(FetchPolicy(seconds=0.1), resolve=resolve, wire=wire)
    begun = time.monotonic()
    assert failure(fetcher, "https://slow.example/").code == "timed_out"
    assert time.monotonic() - begun < 3
    silent.set()
    assert wire.connected == []


# ── Redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_redirect_on_the_same_host_is_followed(host: Host):
    host.page("/a", status=301, Location="/b")
    host.page("/b", status=307, Location=host.url("/c"))
    host.page("/c", b"here")
    assert GuardedFetcher(DESK).get(host.url("/a"), accept="*/*") == Fetched(host.url("/c"), b"here", "")


def test_three_redirects_are_too_many(host: Host):
    for here, there in ("ab", "bc", "cd"):
        host.page(f"/{here}", status=302, Location=f"/{there}")
    host.page("/d", b"here")
    assert failure(GuardedFetcher(DESK), host.url("/a")).code == "refused"
    assert [path for path, _ in host.asked] == ["/a", "/b", "/c"]


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/", "http://localhost:{port}/b", "http://127.0.0.1:1/", "//other.example/", "https:/b",
     "http://user@127.0.0.1:{port}/b", "file:///etc/passwd", "http://[/", "http://127.0.0.1:{port}/\x7f"],
)  # fmt: skip
def test_a_redirect_elsewhere_is_refused(host: Host, location: str):
    host.page("/a", status=302, Location=location.format(port=host.port))
    host.page("/b", b"here")
    wire = Wire(host.port)
    assert failure(GuardedFetcher(DESK, wire=wire), host.url("/a")).code == "refused"
    assert wire.connected == ["127.0.0.1"]


def test_a_redirect_meets_the_guard_again(host: Host):
    """The name pointed to the internet at first, and to this machine when the redirect is followed."""
    host.page("/a", status=302, Location="/b")
    names, wire = Names((PUBLIC,), ("127.0.0.1",)), Wire(host.port)
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True), resolve=names, wire=wire)
    assert failure(fetcher, "http://rebind.example/a").code == "refused"
    assert wire.connected == [PUBLIC]


# ── Attacks, as production meets them ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:5432",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",  # noqa: S104 - nothing is bound to it
        "[::]",
        "0",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "localhost",
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_no_connection_is_opened_to_what_is_not_public(scheme: str, host: str):
    wire = Wire()
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True), wire=wire)
    assert failure(fetcher, f"{scheme}://{host}/latest/meta-data").code == "refused"
    assert wire.connected == []


@pytest.mark.parametrize("addresses", [("127.0.0.1",), (PUBLIC, "10.0.0.7"), ("::1", PUBLIC)])
def test_a_name_with_any_private_address_is_refused(addresses: tuple[str, ...]):
    wire = Wire()
    fetcher = GuardedFetcher(WORLD, resolve=Names(addresses), wire=wire)
    assert failure(fetcher, "https://innocent.example/did.json").code == "refused"
    assert wire.connected == []


def test_the_connection_goes_to_the_address_that_was_judged(host: Host):
    """DNS rebinding: a second look-up would lead to this machine, and there is none."""
    host.page("/", b"here")
    names, wire = Names((PUBLIC,), ("127.0.0.1",)), Wire(host.port)
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True), resolve=names, wire=wire)
    assert fetcher.get("http://rebind.example/", accept="*/*").body == b"here"
    assert (names.asked, wire.connected) == (["rebind.example"], [PUBLIC])
    assert host.asked[0][1]["Host"] == "rebind.example"


def test_the_next_address_is_tried_when_one_is_dead(host: Host):
    host.page("/", b"here")
    wire = Wire(host.port, dead=frozenset({"2606:4700::1"}))
    fetcher = GuardedFetcher(FetchPolicy(allow_http=True), resolve=Names(("2606:4700::1", PUBLIC)), wire=wire)
    assert fetcher.get("http://two.example/", accept="*/*").body == b"here"
    assert wire.connected == ["2606:4700::1", PUBLIC]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "did:web:a.example",
        "//a.example/",
        "/etc/passwd",
        "file:///etc/passwd",
        "gopher://a.example/",
        "ftp://a.example/",
        "http://a.example/",
        "https:///path",
        "https://user:secret@a.example/",
        "https://a.example\\@127.0.0.1/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://.example/",
        "https://a..example/",
        "https://a%00.example/",
        "https://a b.example/",
        "https://[fe80::1%25lo]/",
        "https://a.example/\x00",
        "https://\ud800.example/",
        f"https://a.example/{'x' * LONGEST_URL}",
    ],
)
def test_production_refuses_before_it_asks_for_a_name(url: str):
    names = Names((PUBLIC,))
    assert failure(GuardedFetcher(WORLD, resolve=names, wire=Wire()), url).code == "refused"
    assert names.asked == []


NOWHERE = GuardedFetcher(FetchPolicy(allow_http=True), resolve=Names((PUBLIC,)), wire=Wire())


@settings(max_examples=150)
@given(st.text() | st.from_regex(r"https?://[^/]{0,20}(/.{0,20})?", fullmatch=True))
def test_whatever_the_url_only_unreachable_is_raised(url: str):
    assert failure(NOWHERE, url).code in {"refused", "unreachable"}


def test_only_development_relaxes_the_guard():
    assert FetchPolicy.for_env("production") == FetchPolicy.for_env("") == FetchPolicy()
    assert (WORLD.allow_http, WORLD.allow_loopback) == (False, False)
    assert (DESK.allow_http, DESK.allow_loopback) == (True, True)


def test_a_failure_does_not_write_the_url_into_the_log():
    refused = failure(GuardedFetcher(WORLD, wire=Wire()), "https://10.0.0.1/learner/42")
    assert "42" not in str(refused)
    assert "10.0.0.1" not in str(refused)
    assert refused.url == "https://10.0.0.1/learner/42"
