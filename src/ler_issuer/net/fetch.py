"""The one client for other hosts: what a stranger's document names is asked here, guarded, or not at all.

The guard stands where the connection is made. A host name is resolved once; unless every address it has is public,
nothing is opened; then the connection goes to an address that was judged, while TLS goes on checking the name. So a
name cannot point somewhere else between the judgement and the connection (DNS rebinding), and a redirect, which may
only stay on its own host, meets the same guard. Proxies, cookies, credentials and environment variables do not exist
here, because this speaks through httpx's wire layer alone. Size and time are capped, the time over everything together.

Any port may be asked: over https to public addresses that tells an attacker nothing he could not ask himself.
"""

from __future__ import annotations

import queue
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

import httpcore
import httpx
from typing_extensions import override

from ler_issuer.net.addresses import addresses_of, is_loopback, is_public
from ler_issuer.types import Url

Failure: TypeAlias = Literal["refused", "unreachable", "not_found", "too_large", "timed_out", "bad_status"]
"""Why nothing was fetched.

`refused`: our guard forbids asking · `unreachable`: no usable answer (unknown name, no connection, TLS, protocol) ·
`not_found`: the host says 404 or 410 · `bad_status`: it says something else than 200 · `too_large`, `timed_out`: over
the caps.
"""

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host and port, as text; raises OSError for an unknown name."""

USER_AGENT = "ler-issuer"
LONGEST_URL = 2048
MOST_REDIRECTS = 2
MOST_ADDRESSES = 4
"""How many of a host's addresses are tried before giving up; all of them are judged."""

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})


class Unreachable(Exception):
    """Nothing was fetched; `code` and `why` say what stood in the way. Its text, for the logs' sake, has no URL."""

    def __init__(self, url: Url, code: Failure, why: str) -> None:
        """Say which URL, by which code, in which words."""
        super().__init__(why)
        self.url = url
        self.code = code
        self.why = why


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a host answered: the URL that answered, the exact body, the media type without parameters ("" for none)."""

    url: Url
    body: bytes
    media_type: str


class Fetcher(Protocol):
    """Whoever can get a document from another host."""

    def get(self, url: Url, *, accept: str) -> Fetched:
        """Get one document.

        Raises:
            Unreachable: it could not be had, for whatever reason.
        """


class Elsewhere(Exception):
    """What is asked for is to be had of another host, and none is asked now."""


class NobodyAsked:
    """A fetcher that stays at home: whoever cannot go on without another host learns it at once."""

    def get(self, url: Url, *, accept: str) -> Fetched:
        """Raise `Elsewhere`."""
        del url, accept
        raise Elsewhere


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What the guard allows. The defaults are those of production.

    `seconds` is the time for one document, from the name look-up to the last byte, redirects included.
    """

    allow_http: bool = False
    allow_loopback: bool = False
    max_bytes: int = 2 * 1024 * 1024
    seconds: float = 5.0

    @classmethod
    def for_env(cls, env: str) -> FetchPolicy:
        """Give the policy of an environment: only development may ask plain http, and this machine itself."""
        at_a_desk = env == "development"
        return cls(allow_http=at_a_desk, allow_loopback=at_a_desk)

    def objection(self, url: httpx.URL) -> str | None:
        """Say what is wrong with a URL before anything is asked, or None."""
        host = url.raw_host.decode("ascii")
        if url.scheme != "https" and not (self.allow_http and url.scheme == "http"):
            return "only https is asked"
        if url.userinfo:
            return "it carries credentials"
        if not _HOST.fullmatch(host) or not all(host.removesuffix(".").split(".")):
            return "its host is not a host name"
        if url.port is not None and not 0 < url.port < 2**16:
            return "its port is not a port"
        return None


class GuardedFetcher:
    """Fetches what strangers name, within a policy; one use is one connection, so threads may share it."""

    def __init__(
        self,
        policy: FetchPolicy,
        *,
        resolve: Resolver = addresses_of,
        wire: httpcore.NetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Hold the policy. `resolve`, `wire` and `tls` are this machine's own, unless tests bring theirs."""
        self._policy = policy
        self._resolve = resolve
        self._wire = wire or httpcore.SyncBackend()
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context(trust_env=False)

    def get(self, url: Url, *, accept: str) -> Fetched:
        """Get one document over a connection of its own, within the policy's time and size.

        Raises:
            Unreachable: the guard refused, or the host did not answer 200 with an acceptable body in time.
        """
        target = self._admitted(url)
        wire = _GuardedWire(self._policy, self._resolve, self._wire, _Deadline(self._policy.seconds))
        with httpcore.ConnectionPool(ssl_context=self._tls, network_backend=wire) as pool:
            for _ in range(1 + MOST_REDIRECTS):
                answer = self._ask(pool, target, accept)
                if isinstance(answer, Fetched):
                    return answer
                target = answer
        raise Unreachable(url, "refused", f"it redirects more than {MOST_REDIRECTS} times")

    def _admitted(self, url: Url) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise Unreachable(url, "refused", "it is not a URL") from None
        objection = self._policy.objection(target) if len(url) <= LONGEST_URL else "it is too long"
        if objection:
            raise Unreachable(url, "refused", objection)
        return target

    def _ask(self, pool: httpcore.ConnectionPool, target: httpx.URL, accept: str) -> Fetched | httpx.URL:
        """Send one request; give the document, or the place on the same host that the answer points to."""
        url = str(target)
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", target.netloc),
            ("Accept", accept),
            ("Accept-Encoding", "identity"),
            ("User-Agent", USER_AGENT),
        ]
        place = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        with _translated(url), pool.stream("GET", place, headers=headers) as answer:
            if answer.status in _REDIRECTS:
                return self._same_host(target, _header(answer, b"location"))
            if answer.status in _GONE:
                raise Unreachable(url, "not_found", f"the host answered {answer.status}")
            if answer.status != httpx.codes.OK:
                raise Unreachable(url, "bad_status", f"the host answered {answer.status}")
            if _header(answer, b"content-encoding").lower() not in {"", "identity"}:
                raise Unreachable(url, "unreachable", "the host compressed its answer, which nobody asked for")
            media_type = _header(answer, b"content-type").partition(";")[0].strip().lower()
            return Fetched(url, self._body(answer, url), media_type)

    def _same_host(self, target: httpx.URL, location: str) -> httpx.URL:
        try:
            onward = target.join(location)
        except (httpx.InvalidURL, ValueError):
            raise Unreachable(str(target), "refused", "it redirects to what is not a URL") from None
        if (onward.scheme, onward.raw_host, onward.port) != (target.scheme, target.raw_host, target.port):
            raise Unreachable(str(target), "refused", "it redirects to another host")
        return self._admitted(str(onward))

    def _body(self, answer: httpcore.Response, url: Url) -> bytes:
        body = bytearray()
        for part in answer.iter_stream():
            body += part
            if len(body) > self._policy.max_bytes:
                raise Unreachable(url, "too_large", f"the answer is longer than {self._policy.max_bytes} bytes")
        return bytes(body)


def _header(answer: httpcore.Response, name: bytes) -> str:
    """Give a header of an answer; several of one name are one, as RFC 9110 §5.3 reads them."""
    return ", ".join(value.decode("latin-1") for key, value in answer.headers if key.lower() == name)


class _Refused(Exception):
    """The guard does not allow this connection."""


@contextmanager
def _translated(url: Url) -> Iterator[None]:
    """Turn whatever the wire raises into the one error of this module."""
    try:
        yield
    except _Refused as refusal:
        raise Unreachable(url, "refused", str(refusal)) from None
    except httpcore.TimeoutException:
        raise Unreachable(url, "timed_out", "the host did not answer in time") from None
    except httpcore.ProtocolError:
        raise Unreachable(url, "unreachable", "the host does not speak HTTP as it should") from None
    except (httpcore.NetworkError, OSError, ValueError) as error:
        told = (
            f": {error}" if "SSL" in str(error) or "certificate" in str(error) else ""
        )  # no word of what listens where
        raise Unreachable(url, "unreachable", f"no connection to the host{told}") from None


class _Deadline:
    """One moment by which everything is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that remain, more than none.

        Raises:
            httpcore.ReadTimeout: none remain.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _GuardedWire(httpcore.NetworkBackend):
    """Opens connections to judged addresses only, and none that outlives the deadline."""

    def __init__(
        self, policy: FetchPolicy, resolve: Resolver, wire: httpcore.NetworkBackend, deadline: _Deadline
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._wire = wire
        self._deadline = deadline

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers, each with its share of the time."""
        addresses = self._judged(host, port)[:MOST_ADDRESSES]
        for tries_left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                stream = self._wire.connect_tcp(address, port, self._deadline.left() / tries_left)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tries_left == 1:
                    raise
        raise httpcore.ConnectError("the name has no address")

    def _judged(self, host: str, port: int) -> Sequence[str]:
        """Resolve the name, once, and refuse it for any address that is not public.

        An attacker who mixes public and private addresses would otherwise only have to wait for the right order.
        """
        addresses = self._resolved(host, port)
        if not all(map(self._may_be_asked, addresses)):
            raise _Refused("its host is not on the public internet")
        return addresses

    def _may_be_asked(self, address: str) -> bool:
        return is_public(address) or (self._policy.allow_loopback and is_loopback(address))

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """Resolve the name in a thread of its own: the system's resolver keeps no deadline of ours."""
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except (OSError, ValueError) as error:  # ValueError: a label that IDNA cannot carry
                answers.put(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            answer = answers.get(timeout=self._deadline.left())
        except queue.Empty:
            raise httpcore.ConnectTimeout from None
        if isinstance(answer, Exception):
            raise httpcore.ConnectError("its name is not known")
        return answer


class _TimedStream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left())

    @override
    def close(self) -> None:
        self._stream.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left()
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
