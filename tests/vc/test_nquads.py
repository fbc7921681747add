"""N-Quads read strictly, and canonical forms of statements as the W3C's own cases have them."""

from __future__ import annotations

import random
import time

import pyoxigraph
import pytest

from ler_issuer.vc import CannotCanonize, canonize_nquads
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.rdfc import MAX_QUADS, Quad

P = "<http://example.org/vocab#p>"


def graph(neighbours, name="e"):
    """Write the statements that lead from each node to its neighbours."""
    return "".join(f"_:{name}{one} {P} _:{name}{other} .\n" for one, all_ in neighbours.items() for other in all_)


def refusal(text):
    with pytest.raises(CannotCanonize) as refused:
        nquads.read(text)
    return refused.value.problem.code


@pytest.mark.parametrize(
    ("line", "quad"),
    [
        ("<a:s> <a:p> <a:o> .", Quad("<a:s>", "<a:p>", "<a:o>")),
        ("<a:s><a:p><a:o><a:g>.", Quad("<a:s>", "<a:p>", "<a:o>", "<a:g>")),
        ("\t<a:s>  <a:p>\t_:b1   _:g  . # why", Quad("<a:s>", "<a:p>", "_:b1", "_:g")),
        ("_:a.b <a:p> _:1.", Quad("_:a.b", "<a:p>", "_:1")),
        ('_:é <a:p> "x" .', Quad("_:é", "<a:p>", '"x"')),
        ('_:b-· <a:p> "x"@en .', Quad("_:b-·", "<a:p>", '"x"@en')),
        ('<a:s> <a:p> "x"@en-GB-oed <a:g> .', Quad("<a:s>", "<a:p>", '"x"@en-GB-oed', "<a:g>")),
        ('<a:s> <a:p> "1"^^<a:\\u0074> .', Quad("<a:s>", "<a:p>", '"1"^^<a:t>')),
        ('<a:s> <a:p> "x"^^<http://www.w3.org/2001/XMLSchema#string> .', Quad("<a:s>", "<a:p>", '"x"')),
        (r'<a:s> <a:p> "\t\b\n\r\f\"\'\\A\U0001F303" .', Quad("<a:s>", "<a:p>", r'"\t\b\n\r\f\"' + "'" + r'\\A🌃"')),
        (r'<a:s> <a:p> "\u0000\u007F\uFFFE" .', Quad("<a:s>", "<a:p>", r'"\u0000\u007F\uFFFE"')),
        ('<a:s> <a:p> "_:b <a:o> . # no comment" .', Quad("<a:s>", "<a:p>", '"_:b <a:o> . # no comment"')),
        ("<a:\u00a0> <a:p\\u00e9> <a:\\U0001F303> .", Quad("<a:\u00a0>", "<a:pé>", "<a:🌃>")),
    ],
)
def test_statements_in_all_their_spellings(line, quad):
    assert nquads.read(line) == (quad,)
    assert nquads.read(f"\n# a comment\r\n{line}\r \t# another\n") == (quad,)
    assert nquads.read(nquads.write(quad)) == (quad,)


@pytest.mark.parametrize(
    "line",
    [
        "junk",
        ".",
        "<a:s> <a:p> .",
        "<a:s> <a:p> <a:o>",
        "<a:s> <a:p> <a:o> <a:g> <a:h> .",
        "<a:s> <a:p> <a:o> . <a:s> <a:p> <a:o> .",
        "<a:s> _:p <a:o> .",
        '"s" <a:p> <a:o> .',
        '<a:s> "p" <a:o> .',
        '<a:s> <a:p> <a:o> "g" .',
        "<a:s> <a:p> 'o' .",
        '<a:s> <a:p> "o .',
        '<a:s> <a:p> "o"" .',
        '<a:s> <a:p> "o"@ .',
        '<a:s> <a:p> "o"@1 .',
        '<a:s> <a:p> "o"^^"t" .',
        '<a:s> <a:p> "o"^^ .',
        r'<a:s> <a:p> "\x" .',
        r'<a:s> <a:p> "\u12" .',
        r'<a:s> <a:p> "\uD800" .',
        r'<a:s> <a:p> "\U00110000" .',
        r"<a:\u0020> <a:p> <a:o> .",
        r"<a:\u003e> <a:p> <a:o> .",
        "<a: b> <a:p> <a:o> .",
        "<a:{b}> <a:p> <a:o> .",
        "_: <a:p> <a:o> .",
        "_:.a <a:p> <a:o> .",
        "_:-a <a:p> <a:o> .",
        "<a:s> <a:p> <a:o> .\x0b",
        "\ufeff<a:s> <a:p> <a:o> .",
    ],
)
def test_other_lines_are_none(line):
    assert refusal(line) == "not_nquads"


def test_the_line_is_named():
    with pytest.raises(CannotCanonize, match="line 3"):
        nquads.read("<a:s> <a:p> <a:o> .\n\njunk\n")


def test_nothing_is_nothing():
    assert nquads.read("") == nquads.read("# nothing\n\n \t\n") == ()
    assert canonize_nquads("") == ""


def test_more_than_is_handled():
    line = "<a:s> <a:p> <a:o> .\n"
    assert refusal(line * (MAX_QUADS + 1)) == "too_large"
    assert refusal("#" * (nquads.MAX_CHARACTERS + 1)) == "too_large"


@pytest.mark.parametrize(
    "line",
    [
        "_:" + "a." * 150_000 + "!",
        "<a:s> <a:p> " + "_:a" * 100_000 + "!",
        '<a:s> <a:p> "' + "\\t" * 150_000,
        '<a:s> <a:p> "x"@a' + "-a" * 150_000 + "-",
        "<" + "\\u0041" * 150_000,
        " " * 1_000_000 + "!",
    ],
)
def test_no_line_keeps_the_reader_busy(line):
    started = time.process_time()
    assert refusal(line) == "not_nquads"
    assert time.process_time() - started < 2


# Symmetric graphs of the W3C's rdf-canon test suite (045, 046, 075), as lists of neighbours, each with its outcome.
TEST_045 = {
    0: (1, 2, 3),
    1: (0, 4, 5),
    2: (0, 4, 5),
    3: (0, 4, 5),
    4: (1, 2, 3),
    5: (1, 2, 3),
    6: (7, 8, 9),
    7: (6, 9, 10),
    8: (6, 10, 11),
    9: (6, 7, 11),
    10: (7, 8, 11),
    11: (9, 8, 10),
}
TEST_046 = {
    0: (1, 2, 3),
    1: (0, 9, 8),
    2: (3, 8, 0),
    3: (0, 2, 9),
    4: (5, 6, 7),
    5: (10, 4, 11),
    6: (4, 11, 10),
    7: (10, 11, 4),
    8: (1, 2, 9),
    9: (8, 3, 1),
    10: (6, 7, 5),
    11: (5, 6, 7),
}
WITH_SHA256 = {
    0: (1, 2, 3),
    1: (0, 4, 5),
    10: (7, 8, 9),
    11: (7, 8, 9),
    2: (0, 3, 5),
    3: (0, 2, 4),
    4: (1, 3, 5),
    5: (1, 2, 4),
    6: (7, 8, 9),
    7: (10, 11, 6),
    8: (10, 11, 6),
    9: (10, 11, 6),
}
WITH_SHA384 = {
    0: (1, 2, 3),
    1: (0, 4, 5),
    10: (11, 7, 8),
    11: (10, 7, 9),
    2: (0, 4, 5),
    3: (0, 4, 5),
    4: (1, 2, 3),
    5: (1, 2, 3),
    6: (7, 8, 9),
    7: (10, 11, 6),
    8: (10, 6, 9),
    9: (11, 6, 8),
}


@pytest.mark.parametrize(
    ("given", "algorithm", "expected"),
    [(TEST_045, "sha256", WITH_SHA256), (TEST_046, "sha256", WITH_SHA256), (TEST_045, "sha384", WITH_SHA384)],
    ids=["045", "046", "075"],
)
def test_symmetric_graphs_have_the_published_form(given, algorithm, expected):
    wanted = graph(expected, "c14n")
    assert canonize_nquads(graph(given), algorithm) == wanted
    chance = random.Random(45)
    for _ in range(3):
        others = chance.sample(range(12), 12)
        renamed = {others[one]: tuple(others[other] for other in all_) for one, all_ in given.items()}
        assert canonize_nquads(graph(renamed, "x"), algorithm) == wanted


def test_escapes_have_the_published_form():
    """As in case 060: each line of the input, and what becomes of it."""
    cases = {
        r"<urn:ex:s:000:s\u20701> <urn:p> <urn:ex:\u0065\u0078> <urn:ex:\u221e> .": (
            "<urn:ex:s:000:s⁰1> <urn:p> <urn:ex:ex> <urn:ex:∞> ."
        ),
        r'<urn:s> <urn:p> "\t\b\n\r\f\"\'\\" .': r'<urn:s> <urn:p> "\t\b\n\r\f\"' + "'" + r'\\" .',
        r'<urn:s> <urn:p> "\u0022\u005c" .': r'<urn:s> <urn:p> "\"\\" .',
        r'<urn:s> <urn:p> "\\u0039" .': r'<urn:s> <urn:p> "\\u0039" .',
        r'<urn:s> <urn:p> "\uf600"^^<urn:ex:\u1f43> .': '<urn:s> <urn:p> "\uf600"^^<urn:ex:ὃ> .',
        r'<urn:s> <urn:p> "\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e" .': (
            r'<urn:s> <urn:p> "\u0007\b\t\n\u000B\f\r\u000E" .'
        ),
        r'<urn:s> <urn:p> "\u007e\u007f\u0080" .': '<urn:s> <urn:p> "~\\u007F\x80" .',
        r'<urn:s> <urn:p> "\u0009\u0020<>\"{}|^`\\" .': r'<urn:s> <urn:p> "\t <>\"{}|^`\\" .',
    }
    for given, wanted in cases.items():
        assert canonize_nquads(given) == f"{wanted}\n"


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
def test_random_graphs_have_the_form_that_oxigraph_gives_them(algorithm):
    chance = random.Random(algorithm)
    subjects = ["_:a", "_:b", "_:c", "_:d", "<urn:s>"]
    objects = [*subjects, '"x"', '"y"@en']
    graphs = ["", "", "<urn:g>", "_:a"]
    for _ in range(60):
        lines = {
            f"{chance.choice(subjects)} <urn:{chance.choice('pq')}> {chance.choice(objects)} {chance.choice(graphs)} ."
            for _ in range(chance.randint(1, 8))
        }
        text = "\n".join(lines)
        assert canonize_nquads(text, algorithm) == by_oxigraph(text, algorithm)


def test_a_poison_graph_is_refused_soon():
    clique = graph({one: tuple(other for other in range(12) if other != one) for one in range(12)})
    for algorithm in ("sha256", "sha384"):
        with pytest.raises(CannotCanonize) as refused:
            canonize_nquads(clique, algorithm)
        assert refused.value.problem.code == "work_bound"
        assert refused.value.problem.type.endswith("PROOF_TRANSFORMATION_ERROR")


def by_oxigraph(text, algorithm):
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    algorithms = pyoxigraph.CanonicalizationAlgorithm
    dataset.canonicalize(algorithms.RDFC_1_0_SHA_384 if algorithm == "sha384" else algorithms.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in map(str, dataset)))


def test_half_a_character_is_refused():
    assert refusal('<a:s> <a:p> "\ud800" .') == "lone_surrogate"
