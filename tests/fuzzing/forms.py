"""Targets that read forms, and the files that an institution hands in."""

from __future__ import annotations

import asyncio
import base64
import logging
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from starlette.requests import Request

from assessments.reading import DATA, PLAIN
from fuzzing.target import Target, loose, written
from fuzzing.texts import yaml_attacks
from ler_issuer import jsontext, yamltext
from ler_issuer.api import oauth, uploads
from ler_issuer.assessments.readers import READERS, declare
from ler_issuer.badges import reading as achievements
from ler_issuer.demo import papers
from ler_issuer.errors import Malformed, Refusal
from ler_issuer.net import registries
from ler_issuer.services.tokens import NotGranted
from ler_issuer.stacking import reading as stacks
from pictures import PNG
from signing import badge

TEXT = jsontext.canonical(badge()).decode()
_UNREADABLE = (jsontext.NotJsonError, yamltext.NotYamlError)


logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


def _request(body: bytes, *headers: tuple[bytes, bytes]) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}, receive)


def _upload(data: bytes) -> None:
    """Read a form; the first line is its Content-Type."""
    kind, _, body = data.partition(b"\n")
    asyncio.run(uploads.read(_request(body, (b"content-type", kind)), texts={"challenge", "domain"}, limit=4_194_304))


_FORM = b"multipart/form-data; boundary=x\n"


def _part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value + b"\r\n"


def _upload_seeds() -> list[bytes]:
    file = _part(b"credential", PNG, b'; filename="a.png"\r\nContent-Type: image/png')
    whole = file + _part(b"policy", b'"standard"') + _part(b"challenge", b"c") + b"--x--\r\n"
    return [_FORM + whole, _FORM + _part(b"credential", TEXT.encode()) + b"--x--", b"application/json\n{}"]


def _upload_attacks() -> list[bytes]:
    return [
        _FORM + _part(b"a", b"1") * 40_000,
        _FORM + _part(b"credential", b"x" * 4_000_000),
        _FORM + b"--x\r\n" + b"A: b\r\n" * 600_000,
        _FORM + b"--x\r\nA" + b"a" * 4_000_000,
        _FORM + b"--x\r\nContent-Disposition: form-data; " + b'a="' * 1_000_000,
        _FORM + b"\r\n--" * 1_000_000,
        _FORM + b"-" * 4_000_000,
        b"multipart/form-data; boundary=" + b"a" * 100_000 + b"\n" + b"--" + b"a" * 100_000,
        b"multipart/form-data; " + b"a=b;" * 100_000 + b"\n--x",
        b'multipart/form-data; boundary="' + b"\\" * 100_000 + b"\n--x",
    ]


def _token_request(data: bytes) -> None:
    """Read a request for a token; the first line is what authorizes it."""
    authorization, _, body = data.partition(b"\n")
    request = _request(body, (b"content-type", oauth.FORM.encode()), (b"authorization", authorization))
    oauth._client(request, oauth._form(request, body))


def _token_seeds() -> list[bytes]:
    basic = b"Basic " + base64.b64encode(b"id:se%20cret")
    return [
        basic + b"\ngrant_type=client_credentials&scope=results%3Awrite",
        b"\ngrant_type=client_credentials&client_id=a&client_secret=b",
    ]


def _token_form_attacks() -> list[bytes]:
    return [b"\n" + b"a=b&" * 4_000, b"\n" + b"%" * 16_000, b"Basic " + b"=" * 16_000 + b"\n", b"\n" + b"&" * 16_000]


# ── Files of an institution ───
@cache
def _mappings() -> tuple[Any, Any]:
    return declare(PLAIN), declare(PLAIN | {"format": "jsonlines"})


def _results(data: bytes) -> None:
    mapping = _mappings()[data[:1] == b"{"]
    for _ in READERS[mapping.format].read(BytesIO(data), mapping, {}).rows:
        pass


def _results_seeds() -> list[bytes]:
    return [
        b'id,who,score\n1,ann,5\n2,"b""o,b",6.5\r\n',
        b'{"id":"1","who":"ann","score":5}\n{"id":"2","who":"bob","score":null}\n',
        (DATA / "marks.csv").read_bytes(),
    ]


def _results_attacks() -> list[bytes]:
    return [
        b"id,who,score\n" + b'"' * 60_000,
        b"," * 60_000,
        b",".join(b"c%d" % number for number in range(12_000)),
        b"id,who,score\n" + b"\0" * 60_000,
        b"id,who,score\n1,a," + b"9" * 60_000,
        b"id,who,score\n1,a,1e999999999",
        b'{"id":' + b"[" * 60_000,
        b'{"id":"1","who":"a","score":' + b"9" * 60_000 + b"}",
    ]


def _stacks(data: bytes) -> None:
    """Read files of rules and of holdings; the first byte says whether they are JSON."""
    name = "x.json" if data[:1] in {b"{", b"["} else "x.yaml"
    for read in (stacks.read_rule, stacks.read_definitions, stacks.read_holdings):
        try:
            read(data, name)
        except Malformed:
            continue


def _stacks_seeds() -> list[bytes]:
    node = {"type": "at_least", "count": 2, "rules": [{"type": "holding", "achievements": ["survey"], "times": 2}] * 3}
    held = {"id": "a", "achievement": "survey", "awarded_at": "2025-03-01T00:00:00Z"}
    definition = {"key": "researcher", "achievement": "field-researcher", "rule": node}
    return [
        written(node),
        written({"rules": [definition]}),
        written({"holdings": [held]}),
        Path(papers.__file__).with_name("rules.yaml").read_bytes(),
    ]


def _stacks_attacks() -> list[bytes]:
    deep = b'{"type":"all","rules":[' * 30 + b'{"type":"holding","achievements":["x"]}' + b"]}" * 30
    odd = b'{"type":"any","rules":[{"type":"x"}' + b',{"type":"holding","achievements":[0]}' * 1_500 + b"]}"
    held = {"id": "a", "achievement": "survey", "awarded_at": "2025-03-01T00:00:00Z"}
    return [deep, odd, written([held] * 800), *yaml_attacks()]


def _achievements(data: bytes) -> None:
    try:
        document = yamltext.parse(data.decode()) if data[:1] != b"{" else jsontext.parse(data)
    except UnicodeDecodeError:
        return
    achievements.read_definitions(document, lambda _: PNG)


def _achievements_seeds() -> list[bytes]:
    file = Path(papers.__file__).with_name("achievements.yaml").read_bytes()
    return [file, written(yamltext.parse(file.decode()))]


def _registry(data: bytes) -> None:
    document = registries.parse(data, "here")
    registries.own_name(document)
    (registries.read_known if isinstance(document, list) else _members)(document, "here")


def _members(document: Any, where: str) -> None:
    registries.read(document, where, registry="x")


def _registry_seeds() -> list[bytes]:
    entry = {"name": "Ada College", "url": "https://ada.example", "location": "Here"}
    known = {"type": "dcc-legacy", "name": "A", "url": "https://a.example/list.json"}
    federation = {"type": "oidf", "name": "B", "trustAnchorEC": "https://b.example"}
    return [written({"meta": {"name": "M"}, "registry": {"did:web:ada.example": entry}}), written([known, federation])]


TARGETS: tuple[Target, ...] = (
    Target("upload", _upload, (Refusal,), _upload_seeds, _upload_attacks),
    Target("token request", _token_request, (NotGranted,), _token_seeds, _token_form_attacks, most=16 * 1024),
    Target("results", _results, (Refusal,), _results_seeds, _results_attacks),
    Target("mapping", lambda data: declare(loose(data)), (Refusal,), lambda: [written(PLAIN)]),
    Target("stacks", _stacks, (), _stacks_seeds, _stacks_attacks, most=32 * 1024),
    Target("achievements", _achievements, (Refusal, *_UNREADABLE), _achievements_seeds, yaml_attacks, most=32 * 1024),
    Target("registry", _registry, (registries.BadRegistry,), _registry_seeds),
)
