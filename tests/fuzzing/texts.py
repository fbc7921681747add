"""Targets that read text: JSON, YAML, identifiers, keys, status lists, statements of RDF."""

from __future__ import annotations

import gzip

from fuzzing.target import MOST_BYTES, Target, text
from ler_issuer import jsontext, vc, yamltext
from ler_issuer.vc import multibase
from ler_issuer.vc.multibase import BadMultibase
from ler_issuer.vc.status import decode_2021
from signing import SELF_ISSUED, UNIVERSITY, badge, rules
from tokens import encoded, jwk

TEXT = jsontext.canonical(badge()).decode()
WEB = "did:web:cred.example.edu:issuers:1"


def _json(data: bytes) -> None:
    value = jsontext.parse(data)
    if len(data) <= MOST_BYTES:
        jsontext.parse(jsontext.canonical(value))


def _json_seeds() -> list[bytes]:
    return [TEXT.encode(), b'{"a":[1,2.5e-3,null,true,"\\u00e9\\ud83c\\udf93"],"b":{}}', b"[]", b'"x"', b"-0"]


def _yaml_seeds() -> list[bytes]:
    return [
        b"a: 1\nb: [x, 2.5, true, null]\nc: {d: 'e', f: \"g\"}\n",
        b"- &a {x: y}\n- *a\n- |\n  text\n",
        TEXT.encode(),
    ]


def _json_attacks() -> list[bytes]:
    return [
        b"[" * 4_000_000,
        b'{"a":' * 600_000,
        b'{"a":' * 63 + b"1" + b"}" * 63,
        b"9" * 4_000_000,
        b"1e" + b"9" * 4_000_000,
        b"0." + b"9" * 4_000_000,
        b'"' + b"\\ud800" * 600_000 + b'"',
        b"[" + b"0," * 1_900_000 + b"0]",
        b"[" + b"{}," * 1_300_000 + b"0]",
        b"{" + b",".join(b'"%d":0' % number for number in range(300_000)) + b"}",
        b"{" + b'"a":0,' * 600_000 + b'"a":0}',
        b'"' + "é".encode() * 2_000_000 + b'"',
        b"[" + ",".join(['"\u00e9"'] * 700_000).encode() + b"]",
    ]


def yaml_attacks() -> list[bytes]:
    laughs = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    laughs += [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)]
    return [
        b"\n".join(laughs),
        b"&a [*a]",
        b"&a {x: *a}",
        b"a: &a\n  b: *a",
        b"[" * 30_000,
        b"- " * 15_000 + b"x",
        b"{a: " * 15_000,
        b"? " * 15_000,
        b"a: !!python/object/apply:os.system [ls]",
        b"!!binary x",
        b"!!timestamp x",
        b"!!set {a, b}",
        b"!!int 0b" + b"1" * 30_000,
        b"9" * 30_000,
        b"!!int " + b"1:" * 15_000 + b"1",
        b"<<: *x",
        b"a: &x {b: 1}\n<<: *x",
        b"\xff\xfe" * 100,
        b"%YAML 9.9\n---\nx",
        b"'" + b"''" * 15_000,
        b'"' + b"\\x41" * 15_000 + b'"',
        b"|\n" + b" x\n" * 10_000,
        b"a: " + b"b: " * 10_000,
        b"#" * 30_000,
        b"&" + b"a" * 30_000 + b" x",
        b"".join(b"k%d: v\n" % number for number in range(3_000)),
    ]


# ── Status lists, identifiers, names ─────────
def _list(data: bytes) -> None:
    said = text(data)
    try:
        vc.decode(said)
    finally:
        decode_2021(said)


def _list_attacks() -> list[bytes]:
    return [b"u" * 8_000_000, b"uH4sI" + b"A" * 2_000_000, b"u" + b"=" * 2_000_000]


def _packed_list(data: bytes) -> None:
    vc.decode(multibase.u(data))


def _packed_seeds() -> list[bytes]:
    return [gzip.compress(bytes(16_384), mtime=0), gzip.compress(bytes(100), mtime=0)]


def _packed_attacks() -> list[bytes]:
    member = gzip.compress(bytes(16_384), mtime=0)
    return [gzip.compress(bytes(50_000_000), mtime=0), member * 2_000, member + bytes(1_000_000)]


def _multibase(data: bytes) -> None:
    said = text(data)
    for read in (
        lambda: multibase.decode_u(said),
        lambda: multibase.decode_z(said, length=64),
        lambda: multibase.decode_z_within(said, most=600),
        lambda: vc.read_digest(said),
    ):
        try:
            read()
        except BadMultibase:
            continue


def _multibase_seeds() -> list[bytes]:
    return [multibase.z(bytes(range(64))).encode(), multibase.u(b"abc").encode(), vc.write_digest("ab" * 32).encode()]


def _did(data: bytes) -> None:
    said = text(data)
    for read in (vc.web_url, vc.web_did):
        try:
            read(said)
        except vc.BadDid:
            continue
    vc.controller_of(said)
    vc.did_key_document(said)
    vc.did_jwk_document(said)
    if vc.is_self_contained(said):
        vc.self_contained_document(said)
    try:
        key = vc.PublicKey.from_multibase(said.rpartition(":")[2])
    except vc.BadKey:
        return
    assert vc.PublicKey.from_multibase(key.multibase) == key
    key.verify(b"x" * 64, b"message")


def _did_seeds() -> list[bytes]:
    keys = [vc.key_did(jwk_key.public) for jwk_key in (UNIVERSITY, SELF_ISSUED)]
    rsa = vc.key_did(vc.PublicKey.from_jwk(jwk("RS256")))
    names = [
        *keys,
        rsa,
        WEB,
        "did:web:a.edu%3A8443:x",
        "https://a.edu:8443/issuers/x",
        f"did:jwk:{encoded(jwk('ES256'))}",
    ]
    return [name.encode() for name in names]


def _did_attacks() -> list[bytes]:
    return [
        b"did:key:z" + b"6" * 4_000_000,
        b"did:jwk:" + b"A" * 4_000_000,
        b"did:web:" + b"a." * 2_000_000 + b"a",
        b"did:web:a" + b":a" * 2_000_000,
        b"did:web:a%3A" + b"9" * 4_000_000,
        b"https://" + b"[" * 4_000_000,
        b"https://a/\xed\xa0\x80",
        b"https://a:" + b"9" * 4_000_000,
    ]


def _name_attacks() -> list[bytes]:
    return [
        b"a" * 1_000_000,
        "\u0430 a".encode() * 300_000,
        b"9" * 1_000_000,
        b"2026-01-01T00:00:00." + b"1" * 1_000_000,
    ]


def _name(data: bytes) -> None:
    said = text(data)
    vc.suspicious(said)
    vc.shown(said)
    vc.instant(said)


# ── Statements of RDF ───
def _nquads(data: bytes) -> None:
    once = vc.canonize_nquads(text(data))
    assert vc.canonize_nquads(once) == once


def _nquads_seeds() -> list[bytes]:
    return [
        vc.canonize(badge(), rules().contexts).nquads.encode(),
        b'_:a <http://p> "x\\u0041\\n"^^<http://t> <http://g> .\n_:a <http://p> "y"@en-GB .# so\n',
    ]


def _graph(data: bytes) -> None:
    """Take each two bytes for an edge between two of sixteen nodes: graphs whose nodes look much alike."""
    lines = (
        f"_:b{one >> 4} <http://p{other >> 6}> _:b{one & 15} {f'_:b{other & 15} ' if other & 32 else ''}."
        for one, other in zip(data[::2], data[1::2], strict=False)
    )
    vc.canonize_nquads("\n".join(lines))


def _graph_attacks() -> list[bytes]:
    ring = bytes(byte for node in range(16) for byte in (node << 4 | (node + 1) % 16, 0))
    whole = bytes(byte for one in range(16) for other in range(16) for byte in (one << 4 | other, 0))
    return [ring, whole, whole[:200], bytes(20_000), ring + whole]


def _long_graphs() -> list[bytes]:
    chain = "\n".join(f"_:b{n} <http://p> _:b{n + 1} ." for n in range(9_000))
    star = "\n".join(f"_:hub <http://p> _:b{n} ." for n in range(9_000))
    pairs = "\n".join(f"_:a{n} <http://p> _:b{n} .\n_:b{n} <http://p> _:a{n} ." for n in range(4_900))
    grid = "\n".join(f"_:b{n} <http://p> _:b{n + 1} .\n_:b{n} <http://q> _:b{n + 70} ." for n in range(4_900))
    long = "\n".join(f'_:b{n} <http://p> "{"x" * 800}" .' for n in range(9_000))
    literal = '_:a <http://p> "' + "\\u0041" * 300_000 + '" .'
    dots = f"_:a{'.' * 60_000}\n" * 10
    spaces = f"_:a{' ' * 60_000}<p\n" * 10
    language = f'_:a <http://p> "x"@{"a-" * 60_000}.\n' * 5
    return [made.encode() for made in (chain, star, pairs, grid, long, literal, dots, spaces, language)]


TARGETS: tuple[Target, ...] = (
    Target("json", _json, (jsontext.NotJsonError,), _json_seeds, _json_attacks),
    Target(
        "yaml",
        lambda data: yamltext.parse(text(data)),
        (yamltext.NotYamlError,),
        _yaml_seeds,
        yaml_attacks,
        most=32 * 1024,
    ),
    Target("status list", _list, (vc.BadList,), lambda: [vc.encode([5]).encode()], _list_attacks),
    Target("packed status list", _packed_list, (vc.BadList,), _packed_seeds, _packed_attacks),
    Target("multibase", _multibase, (), _multibase_seeds),
    Target("did", _did, (), _did_seeds, _did_attacks),
    Target(
        "name",
        _name,
        (),
        lambda: [b"Ada \xd0\xb0 College", "Universit\u00e9 \u202e \U0001f393".encode()],
        _name_attacks,
    ),
    Target("n-quads", _nquads, (vc.CannotCanonize,), _nquads_seeds, _long_graphs),
    Target("graph", _graph, (vc.CannotCanonize,), _graph_attacks, most=2_000),
)
