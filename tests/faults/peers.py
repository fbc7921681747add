"""Hosts of other issuers, in every state of disrepair."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, threading.Event], None]

MEBIBYTE = b"x" * 1024 * 1024


class Peer(ThreadingHTTPServer):
    """A web server on this machine; each of its pages answers as it was told to, well or badly."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.pages: dict[str, Answer] = {}
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever asks here hangs up in the middle."""


class _Door(BaseHTTPRequestHandler):
    server: Peer

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.pages[self.path](self, self.server.over)

    def log_message(self, *_: object) -> None:
        """Keep the tests quiet."""


@contextmanager
def running() -> Iterator[Peer]:
    with Peer() as peer:
        thread = threading.Thread(target=peer.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            peer.over.set()
            peer.shutdown()
            thread.join()


def page(body: bytes) -> Answer:
    """Answer as one should."""

    def answer(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
        del over
        _say(door, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body), body)

    return answer


def hang(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Take the request, and never say anything."""
    del door
    over.wait()


def drip(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Say one byte at a time, for ever."""
    _say(door, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not over.wait(0.05):
        _say(door, b" ")


def drip_a_heading(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Never come to the end of the headings."""
    _say(door, b"HTTP/1.1 200 OK\r\nX-More: ")
    while not over.wait(0.05):
        _say(door, b"x")


def talk_nonsense(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    _say(door, bytes(range(256)) * 8)


def send_no_json(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    page(b"<!doctype html><title>Parked domain</title>")(door, over)


def send_too_much(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    """Send more than anybody wants, and do not say how much it will be."""
    _say(door, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not over.is_set():
        _say(door, MEBIBYTE)


def hang_up(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    door.connection.shutdown(socket.SHUT_RDWR)


def hang_up_halfway(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    _say(door, b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"id": ')


def be_out_of_order(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    _say(door, b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")


def send_elsewhere(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    _say(door, b"HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\nContent-Length: 0\r\n\r\n")


def go_in_circles(door: BaseHTTPRequestHandler, over: threading.Event) -> None:
    del over
    _say(door, b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % door.path.encode())


def _say(door: BaseHTTPRequestHandler, *parts: bytes) -> None:
    for part in parts:
        door.wfile.write(part)
    door.wfile.flush()


DISREPAIR = (
    hang,
    drip,
    drip_a_heading,
    talk_nonsense,
    send_no_json,
    send_too_much,
    hang_up,
    hang_up_halfway,
    be_out_of_order,
    send_elsewhere,
    go_in_circles,
)
