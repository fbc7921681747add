"""Templates: signing many documents that differ only in the texts of known places.

A template is compiled from one document that went through `prepare`. It keeps everything that is the same for the next
one, as text with holes: the canonical statements that get signed, and the JSON that is kept (RFC 8785). For the next
document the values are checked, written into both, and hashed; no linked data is read.

What may vary is said by a `Form`: a picture of the document with a `Slot` in each place that a template fills. All the
rest, and which slots there are, is the *shape* of a document; a template serves documents of the very same shape. In a
slot it takes only what means the same to every reader, so each value passes the checks that `prepare` would make of it;
whatever it does not know it refuses (`NotTemplated`), and the caller takes the general path.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar, Union

from ler_issuer import jsontext
from ler_issuer.vc.canonical import canonize, nquads
from ler_issuer.vc.canonical.templates import NotTemplated, Statements, Stencil, parted
from ler_issuer.vc.instants import stamp
from ler_issuer.vc.problems import CannotCanonize
from ler_issuer.vc.proofs import Fixed, prepare, proof_value

if TYPE_CHECKING:
    from ler_issuer.types import Json, JsonObject
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.keys import KeyKind, Signer
    from ler_issuer.vc.proofs import Prepared

MAX_FILLING: Final = 64 * 1024
"""Characters of all values of one document; more of them take the general path."""

MAX_KEPT: Final = 512
"""Templates in each half of a shelf, together with the shapes that were seen once."""

SUITES_BY_TEMPLATE: Final = frozenset({"eddsa-rdfc-2022", "ecdsa-rdfc-2019"})
KINDS_BY_TEMPLATE: Final[frozenset[KeyKind]] = frozenset({"Ed25519", "P-256"})
"""What templates are made for: proofs over canonical statements, hashed with SHA-256."""


class Slot(Enum):
    """What may stand in a place that varies."""

    IRI = "iri"
    INSTANT = "instant"
    TEXT = "text"


Form: TypeAlias = Mapping[str, Union[Slot, "Form"]]
"""Where a document varies: members that vary, or that have such in them. Arrays are looked into by themselves."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as a template sees it: the shape, and what stands in its slots."""

    shape: tuple[Hashable, ...]
    slots: tuple[Slot, ...]
    values: tuple[str, ...]


class Mark(Enum):
    """Where objects and arrays begin and end, in a shape: no value of a document is equal to these."""

    OBJECT = 1
    ARRAY = 2
    END = 3


def read_shape(document: JsonObject, form: Form) -> Reading:
    """Tell the shape of a document from the values in its slots.

    Raises:
        NotTemplated: there is something in a slot that is no text.

    """
    reader = _Reader()
    reader.object(document, form)
    return Reading(tuple(reader.shape), tuple(reader.slots), tuple(reader.values))


class _Reader:
    def __init__(self) -> None:
        self.shape: list[Hashable] = []
        self.slots: list[Slot] = []
        self.values: list[str] = []

    def object(self, document: JsonObject, form: Form) -> None:
        shape = self.shape
        for name, value in document.items():
            shape.append(name)
            asked = form.get(name)
            if asked is None:
                shape.append(value if isinstance(value, str) else (repr(value),))  # tells 1 from true, unlike hashes
            else:
                self._within(value, asked)
        shape.append(Mark.END)

    def _within(self, value: Json, asked: Slot | Form) -> None:
        if isinstance(asked, Slot):
            self._slot(value, asked)
        elif isinstance(value, dict):
            self.shape.append(Mark.OBJECT)
            self.object(value, asked)
        elif isinstance(value, list):
            self.shape.append(Mark.ARRAY)
            for item in value:
                self._within(item, asked)
            self.shape.append(Mark.END)
        else:
            self.shape.append((repr(value),))

    def _slot(self, value: Json, asked: Slot) -> None:
        if not isinstance(value, str):
            raise NotTemplated("there is no text in a slot")
        self.shape.append(_scheme(value) if asked is Slot.IRI else asked)
        self.slots.append(asked)
        self.values.append(value)


def _scheme(iri: str) -> str:
    """Give how an IRI begins: a context might take its scheme for a prefix of names, unless two slashes follow."""
    scheme, colon, rest = iri.partition(":")
    return f"{scheme}{colon}//" if rest.startswith("//") else f"{scheme}{colon}"


def marked(document: JsonObject, form: Form, marks: Iterator[str]) -> JsonObject:
    """Give a document with a mark in each slot, in the order in which `read_shape` finds them."""
    return {name: _marked(value, form.get(name), marks) for name, value in document.items()}


def _marked(value: Json, asked: Slot | Form | None, marks: Iterator[str]) -> Json:
    if isinstance(asked, Slot):
        return next(marks)
    if asked is not None and isinstance(value, dict):
        return marked(value, asked, marks)
    if asked is not None and isinstance(value, list):
        return [_marked(item, asked, marks) for item in value]
    return value


# RFC 3986, and of it what no program has been seen to read differently. Anything else is for the general path.
_CHARACTERS: Final = r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]*+(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~!$&'()*+,;=:@/?-]*+)*+"
_IRI: Final = re.compile(
    rf"(?:https?://[A-Za-z0-9.-]++(?::\d{{1,5}})?(?:[/?]{_CHARACTERS})?|(?:urn|did):(?=[^#]){_CHARACTERS})(?:#{_CHARACTERS})?",
    re.ASCII,
)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DELIMITERS: Final = str.maketrans({'"': r"\"", "\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _iri(value: str) -> str:
    if not _IRI.fullmatch(value):
        raise NotTemplated("this is no IRI of the plain kind")
    return value


def _instant(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise NotTemplated("this is no instant") from None
    if not _INSTANT.fullmatch(value):
        raise NotTemplated("this is no instant in UTC, to the second")
    return value


def _text(value: str) -> str:
    """Escape a text; N-Quads and RFC 8785 do it alike, except for characters that `prepare` refuses."""
    if value.isprintable():
        if '"' not in value and "\\" not in value:
            return value
    elif _UNFIT.search(value):
        raise NotTemplated("control characters are not signed alike everywhere")
    return value.translate(_DELIMITERS)


_WRITTEN: Final[Mapping[Slot, Callable[[str], str]]] = {Slot.IRI: _iri, Slot.INSTANT: _instant, Slot.TEXT: _text}


class Filled(Fixed):
    """A document that a template was filled with, fixed for signing. Made by `Template.fill` only."""

    def __init__(self, template: Template, values: Sequence[str], created: str, digest: bytes) -> None:
        """Hold the values, escaped, and the time of the proof."""
        super().__init__(template.proof, template.suite, digest, template.kind)
        self._template = template
        self._values = (*values, created)

    def seal(self, signer: Signer) -> bytes:
        """Sign, and write the signed document (RFC 8785); this is spent by it.

        Raises:
            NotSealable: it was spent before, or filled for another verification method or kind of key.

        """
        return self._template.write((*self._values, proof_value(self, signer)))


class Template:
    """Everything that documents of one shape have in common when they are signed with one key. See `template`."""

    def __init__(
        self, prepared: Prepared, blank: JsonObject, slots: Sequence[Slot], marks: _Marks, contexts: Contexts
    ) -> None:
        """Take a document apart; `blank` is the same one with a mark in each slot."""
        options = {**prepared.proof, "created": marks.created}
        self.proof, self.suite, self.kind = prepared.proof, prepared.suite, prepared.kind
        self._written = tuple(_WRITTEN[slot] for slot in slots)
        self._statements = _statements(blank, marks.slots, marks.stem, contexts)
        about = {"@context": blank["@context"], **options}
        self._options = _statements(about, (marks.created,), marks.stem, contexts)
        sealed = jsontext.canonical({**blank, "proof": [{**options, "proofValue": marks.value}]}).decode()
        self._json = Stencil(parted(sealed, (*marks.slots, marks.created, marks.value)))

    def fill(self, values: Sequence[str], created: datetime) -> Filled:
        """Check values for the slots, and fix what will be signed; `created` is an aware time, cut to whole seconds.

        Raises:
            NotTemplated: a value may need more than a template knows; the general path says whether it can be signed.
            ValueError: `created` has no time zone, or there are not as many values as slots.

        """
        if sum(map(len, values)) > MAX_FILLING:
            raise NotTemplated("these are long texts")
        written = [write(value) for write, value in zip(self._written, values, strict=True)]
        at = stamp(created)
        options = hashlib.sha256(self._options.fill((at,))).digest()
        return Filled(self, written, at, options + hashlib.sha256(self._statements.fill(written)).digest())

    def write(self, fillings: Sequence[str]) -> bytes:
        """Write the signed document: the values, escaped, then the time and the value of the proof."""
        return self._json.write(fillings).encode()


@dataclass(frozen=True, slots=True)
class _Marks:
    """The marks of one document: those of its slots, and those of the time and value of the proof."""

    stem: str
    slots: tuple[str, ...]

    @property
    def created(self) -> str:
        return f"{self.stem}.created."

    @property
    def value(self) -> str:
        return f"{self.stem}.value."


def _marks_for(document: JsonObject, reading: Reading) -> _Marks:
    """Make marks that stand nowhere in a document; an IRI keeps its scheme, which may decide how it is read."""
    text = jsontext.canonical(document)
    stem = f"slot{hashlib.sha256(text).hexdigest()}"
    if stem.encode() in text:
        raise NotTemplated("there is no room for marks")
    schemes = (_scheme(v) if slot is Slot.IRI else "" for slot, v in zip(reading.slots, reading.values, strict=True))
    return _Marks(stem, tuple(f"{scheme}{stem}.{place}." for place, scheme in enumerate(schemes)))


def _statements(document: JsonObject, marks: Sequence[str], stem: str, contexts: Contexts) -> Statements:
    try:
        canonical = canonize(document, contexts)
    except CannotCanonize as error:
        raise NotTemplated(error.problem.detail) from None
    if canonical.lost:
        raise NotTemplated("something would be lost")
    return Statements(nquads.read(canonical.nquads), marks, stem)


def template(  # noqa: PLR0913 - what `prepare` asks for, and where the document varies
    short: JsonObject,
    *,
    form: Form,
    whole: Callable[[JsonObject], JsonObject],
    cryptosuite: str,
    kind: KeyKind,
    verification_method: str,
    created: datetime,
    contexts: Contexts,
) -> Template:
    """Compile a template from the first document of a shape.

    `short` is the part of the document that is read with `form`, and `whole` makes a document of such a part; it must
    do so without looking at what stands in a slot. The template is compared with the general path on this document.

    Raises:
        NotTemplated: there can be no template for documents of this shape, or for this suite.
        Unsignable, ValueError: as `prepare` raises them.

    """
    if cryptosuite not in SUITES_BY_TEMPLATE or kind not in KINDS_BY_TEMPLATE:
        raise NotTemplated(f"no template is signed by {cryptosuite} with keys of the kind {kind}")
    reading = read_shape(short, form)
    document = whole(short)
    prepared = prepare(
        document,
        cryptosuite=cryptosuite,
        kind=kind,
        verification_method=verification_method,
        created=created,
        contexts=contexts,
    )
    marks = _marks_for(document, reading)
    made = Template(prepared, whole(marked(short, form, iter(marks.slots))), reading.slots, marks, contexts)
    if made.fill(reading.values, created).spend() != prepared.spend():
        raise NotTemplated("the template does not give what it was made from")
    return made


Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """What was made for the shapes that come again, each made at the second asking; the longest unused goes first.

    Most documents have the shape of many others, and the rest are not worth the making. When as much is kept as may be,
    it becomes the old half, from which only what is asked for again is taken over. Needs no lock: every step is one
    operation on a dictionary, and what two threads do at the same time is done twice at worst.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._young: dict[Hashable, Kept | _Absent] = {}
        self._old: dict[Hashable, Kept | _Absent] = {}

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept | None:
        """Give what is kept under a key, or None when it is asked for the first time, or cannot be made.

        That `make` raised `NotTemplated` is remembered; whatever else it raises is let through.
        """
        kept = self._young.get(key)
        if kept is None or kept is _Absent.UNMADE:
            kept = _next(kept or self._old.get(key), make)
            if len(self._young) >= MAX_KEPT:
                self._old, self._young = self._young, {}
            self._young[key] = kept
        return None if isinstance(kept, _Absent) else kept


class _Absent(Enum):
    """Why there is nothing under a key that was asked for before."""

    UNMADE = 1
    IMPOSSIBLE = 2


def _next(kept: Kept | _Absent | None, make: Callable[[], Kept]) -> Kept | _Absent:
    """Give what is to be kept after another asking."""
    if kept is None:
        return _Absent.UNMADE
    if kept is not _Absent.UNMADE:
        return kept
    try:
        return make()
    except NotTemplated:
        return _Absent.IMPOSSIBLE
