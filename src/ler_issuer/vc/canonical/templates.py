"""Canonical statements with holes: canonized once for all documents that differ only in what fills the holes.

Of a document in which marks stand for what varies, the statements are taken apart into text and holes. What RDFC-1.0
does with them is worked out beforehand as far as no hole has a part in it: the order of the lines, and the first-degree
hashes (rdf-canon §4.6) of blank nodes that stand next to no hole. The rest is done anew each time.

That gives the canonical form only as long as the filled document says the same things of the same nodes. Wherever this
could end (two nodes with one name, two lines that are alike, blank nodes that only the whole graph could tell apart)
nothing is given, and the caller takes the way that is right for every document.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ler_issuer.vc.canonical.rdfc import Quad

_REWRITTEN: Final = (
    '"^^<http://www.w3.org/2001/XMLSchema#double>',
    '"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>',
)
"""The datatypes of which JSON-LD does not take the text as it is (JSON-LD 1.1 API §8.6)."""


_BETWEEN: Final = "\0"
"""Stands between passages that are written at once; canonical statements have no such character."""


class NotTemplated(Exception):
    """A template does not know what comes out here; the general path does."""


class Text(NamedTuple):
    """Text with holes: one after each piece but the last, named by the place of what fills it."""

    pieces: tuple[str, ...]
    holes: tuple[int, ...] = ()


def joined(texts: Iterable[Text]) -> Text:
    """Write texts one after the other."""
    pieces = [""]
    holes: list[int] = []
    for text in texts:
        pieces[-1] += text.pieces[0]
        pieces += text.pieces[1:]
        holes += text.holes
    return Text(tuple(pieces), tuple(holes))


def parted(text: str, marks: Sequence[str]) -> Text:
    """Make holes of the marks in a text."""
    places = {mark: place for place, mark in enumerate(marks)}
    found = re.split(f"({'|'.join(map(re.escape, marks))})", text)
    return Text(tuple(found[::2]), tuple(places[mark] for mark in found[1::2]))


class Stencil:
    """A text with holes, made ready to be filled quickly."""

    __slots__ = ("_parts", "_pick")

    def __init__(self, text: Text) -> None:
        """Lay out the pieces with room between them."""
        self._parts = [part for piece in text.pieces for part in (piece, "")][:-1]
        self._pick = _picker(text.holes)

    def write(self, fillings: Sequence[str]) -> str:
        """Fill the holes."""
        parts = self._parts.copy()
        parts[1::2] = self._pick(fillings)
        return "".join(parts)


def _picker(holes: tuple[int, ...]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Give what picks the fillings of holes; `itemgetter` is quickest, and gives a single one bare."""
    return itemgetter(*holes) if len(holes) > 1 else lambda fillings: [fillings[hole] for hole in holes]


class _Passage(NamedTuple):
    """Lines to be written in code point order, the same `lead` before each."""

    lead: Text
    lines: Sequence[Text]

    @property
    def varies(self) -> bool:
        """Whether there is a hole anywhere in it."""
        return bool(self.lead.holes) or any(line.holes for line in self.lines)


class _Passages:
    """Passages that are written all at once, each in order whatever fills its lines.

    Most lines have their place by what stands before their first hole. Those that do not are sorted when filled, and
    what comes of them fills a hole of its own.
    """

    def __init__(self, passages: Iterable[_Passage], fillings: int, *, alike: bool) -> None:
        """Order the lines; `fillings` is how many there will be, and `alike` says whether two lines may be equal."""
        self._fillings = fillings
        self._alike = alike
        self._loose: list[tuple[Stencil, ...]] = []
        texts = [self._ordered(passage) for passage in passages]
        self._stencil = Stencil(joined(piece for text in texts for piece in (Text((_BETWEEN,)), text)))

    def _ordered(self, passage: _Passage) -> Text:
        ordered: list[Text] = []
        for group in _groups(passage.lines):
            lines = [joined((passage.lead, line)) for line in group]
            if len(group) > 1 and any(line.holes for line in group):
                lines = [Text(("", ""), (self._fillings + len(self._loose),))]
                self._loose.append(tuple(Stencil(joined((passage.lead, line))) for line in group))
            ordered += lines
        return joined(ordered)

    def write(self, fillings: Sequence[str]) -> list[str]:
        """Write the passages.

        Raises:
            NotTemplated: two lines are equal that must not be.

        """
        if self._loose:
            fillings = [*fillings, *[self._sorted(group, fillings) for group in self._loose]]
        return self._stencil.write(fillings).split(_BETWEEN)[1:]

    def _sorted(self, group: tuple[Stencil, ...], fillings: Sequence[str]) -> str:
        lines = sorted([line.write(fillings) for line in group])
        if not self._alike and len(set(lines)) < len(lines):
            raise NotTemplated("one thing is said twice")
        return "".join(lines)


def _groups(lines: Iterable[Text]) -> Iterator[list[Text]]:
    """Yield lines in order, those together whose order depends on what fills them.

    Two lines have a fixed order if neither of their beginnings, up to the first hole, begins the other. Sorted by these
    beginnings, all that begin like one of them stand behind it.
    """
    group: list[Text] = []
    for line in sorted(lines, key=lambda line: line.pieces[0]):
        if group and not line.pieces[0].startswith(group[0].pieces[0]):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


class _Triple(NamedTuple):
    """One statement; of a blank node there is a name, of anything else a text with at most one hole."""

    subject: Text | str
    predicate: str
    object: Text | str


class Statements:
    """The statements of a document with marks, ready to be filled and written in canonical form."""

    def __init__(self, quads: Iterable[Quad], marks: Sequence[str], stem: str) -> None:
        """Take the statements apart; `stem` is text that stands in every mark and nowhere else.

        Raises:
            NotTemplated: a mark is only part of a term, came out as something that depends on more than its text, or
                did not come out at all; or a statement stands in a named graph.

        """
        read = _Reader(marks, stem)
        triples = [read.triple(quad) for quad in dict.fromkeys(quads)]
        if len(read.found) < len(marks):
            raise NotTemplated("not everything that varies is said")
        subjects = {triple.subject for triple in triples}
        named = [subject for subject in subjects if isinstance(subject, Text)]
        self._naming = tuple(sorted(subject.holes[0] for subject in named if subject.holes))
        self._named = frozenset(subject.pieces[0][1:-1] for subject in named if not subject.holes)
        recipes = {node: _recipe(node, mentions) for node, mentions in _nodes_of(triples).items()}
        nodes = sorted(recipes, key=lambda node: recipes[node].varies)
        steady = [recipes[node] for node in nodes if not recipes[node].varies]
        varying = [recipes[node] for node in nodes if recipes[node].varies]
        self._steady = [_hashed(text) for text in _Passages(steady, 0, alike=True).write(())]
        self._varying = _Passages(varying, len(marks), alike=True)
        self._nodes = len(nodes)
        labels = {node: Text(("_:c14n", ""), (len(marks) + place,)) for place, node in enumerate(nodes)}
        self._passages = _Passages(_by_subject(triples, labels), len(marks) + len(nodes), alike=False)

    def fill(self, values: Sequence[str]) -> bytes:
        """Write the canonical N-Quads of the document that has these values, escaped, in the places of the marks.

        Raises:
            NotTemplated: with these values other nodes or lines coincide, or more is needed to tell blank nodes apart.

        """
        names = {values[place] for place in self._naming}
        if len(names) < len(self._naming) or not names.isdisjoint(self._named):
            raise NotTemplated("two things have one name")
        return "".join(sorted(self._passages.write([*values, *self._numbers(values)]))).encode()

    def _numbers(self, values: Sequence[str]) -> Iterable[str]:
        """Give the number of each blank node in the canonical order, which is that of their hashes (§4.4.3 step 4)."""
        if self._nodes == 1:
            return ("0",)
        hashes = [*self._steady, *map(_hashed, self._varying.write(values))]
        rank = {digest: str(place) for place, digest in enumerate(sorted(hashes))}
        if len(rank) < self._nodes:
            raise NotTemplated("two blank nodes look alike")
        return [rank[digest] for digest in hashes]


class _Reader:
    """Reads statements whose terms may be marks."""

    def __init__(self, marks: Sequence[str], stem: str) -> None:
        self._places = {mark: place for place, mark in enumerate(marks)}
        self._stem = stem
        self.found: set[int] = set()

    def triple(self, quad: Quad) -> _Triple:
        subject, predicate, object_, graph = quad
        if graph or self._stem in predicate:
            raise NotTemplated("a statement in a named graph, or a predicate that varies")
        return _Triple(self._term(subject), predicate, self._term(object_))

    def _term(self, term: str) -> Text | str:
        if term[0] == "_":
            return term
        if self._stem not in term:
            return Text((term,))
        end = term.rindex(">" if term[0] == "<" else '"')
        before, inner, after = term[0], term[1:end], term[end:]
        place = self._places.get(inner)
        if place is None or after in _REWRITTEN:
            raise NotTemplated("what varies is only part of a term, or does not come out as it goes in")
        self.found.add(place)
        return Text((before, after), (place,))


def _nodes_of(triples: Iterable[_Triple]) -> Mapping[str, list[_Triple]]:
    """List the blank nodes, each with the statements that mention it."""
    mentions: defaultdict[str, list[_Triple]] = defaultdict(list)
    for triple in triples:
        for node in {term for term in (triple.subject, triple.object) if isinstance(term, str)}:
            mentions[node].append(triple)
    return mentions


def _recipe(node: str, mentions: Iterable[_Triple]) -> _Passage:
    """Give what is hashed to tell a blank node from others in the first place (rdf-canon §4.6)."""
    return _Passage(Text(("",)), [_mention(triple, node) for triple in mentions])


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _mention(triple: _Triple, node: str) -> Text:
    """Write a statement with one blank node called `_:a` and all others `_:z`."""
    subject, said = (
        Text(("_:a" if term == node else "_:z",)) if isinstance(term, str) else term
        for term in (triple.subject, triple.object)
    )
    return joined((subject, _rest(triple.predicate, said)))


def _rest(predicate: str, said: Text) -> Text:
    """Write what follows the subject of a statement."""
    return joined((Text((f" {predicate} ",)), said, Text((" .\n",))))


def _by_subject(triples: Iterable[_Triple], labels: Mapping[str, Text]) -> Iterator[_Passage]:
    """Group statements by subject, blank nodes under their labels.

    No subject begins another together with the space behind it, so the lines of one stay together when all are sorted.
    """
    lines: defaultdict[Text, list[Text]] = defaultdict(list)
    for triple in triples:
        lead, said = (labels[one] if isinstance(one, str) else one for one in (triple.subject, triple.object))
        lines[lead].append(_rest(triple.predicate, said))
    for lead, rests in lines.items():
        yield _Passage(lead, rests)
