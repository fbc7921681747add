"""The W3C data model: what a credential or a presentation must look like before anything else is asked.

Verifiable Credentials Data Model 2.0, and 1.1 where a document begins with its context. This is the part of the model
that a program can see in the JSON: which members there are, and of what form. What its terms mean JSON-LD says
(`canonize`), what a badge needs the schemas of 1EdTech say, and whether it is true its proof says.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ler_issuer.vc.documents import as_list, members, types_of, unfit
from ler_issuer.vc.instants import instant
from ler_issuer.vc.problems import RANGE_ERROR, Problem
from ler_issuer.vc.related import related_problems
from ler_issuer.vc.securing import envelope_problems, proof_problems
from ler_issuer.vc.values import described, id_problems, is_url, malformed, text_problems, type_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ler_issuer.types import Json, JsonObject, Pointer, Url

DataModel: TypeAlias = Literal["1.1", "2.0"]

MOST_PROBLEMS: Final = 50
"""Problems that are told of one document; one with more of them is no better understood by reading them."""

_FIRST_CONTEXTS: Final[tuple[tuple[Url, DataModel], ...]] = (
    ("https://www.w3.org/ns/credentials/v2", "2.0"),
    ("https://www.w3.org/2018/credentials/v1", "1.1"),
)
_ENVELOPED_CREDENTIAL: Final = "EnvelopedVerifiableCredential"
_ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"


def data_model(document: Json) -> DataModel | None:
    """Give the version of the data model that a document is written in, by its first context; None is neither."""
    first = as_list(document.get("@context"))[:1] if isinstance(document, dict) else []
    return next((version for url, version in _FIRST_CONTEXTS if first == [url]), None)


def model_problems(document: Json, *, secured: bool) -> tuple[Problem, ...]:
    """Find where a credential departs from the data model; none is sound.

    `secured` asks for proofs too, as verifying does; what is to be signed needs none. An enveloped credential, which is
    but one `data:` URL, is held to its own rules. Total: any JSON gives problems, of which `MOST_PROBLEMS` are told.
    """
    return _told(document, lambda sound: _credential(sound, secured=secured))


def presentation_problems(document: Json, *, secured: bool = True) -> tuple[Problem, ...]:
    """Find where a presentation, or a credential that it shows, departs from the data model.

    `secured` asks for its proofs too; one out of a token has none. The credentials in it have to be secured. Total, as
    `model_problems` is. An enveloped presentation is held to its own rules.
    """
    return _told(document, lambda sound: _presentation(sound, secured=secured))


def _told(document: Json, look: Callable[[JsonObject], Iterator[Problem]]) -> tuple[Problem, ...]:
    problem = unfit(document)
    return tuple(islice(look(document), MOST_PROBLEMS)) if problem is None else (problem,)


def _credential(document: JsonObject, *, secured: bool) -> Iterator[Problem]:
    if _ENVELOPED_CREDENTIAL in types_of(document):
        yield from _envelope(document, _ENVELOPED_CREDENTIAL)
        return
    yield from _context(document)
    yield from _kind(document, "VerifiableCredential", listed=True)
    yield from id_problems(document, "")
    yield from _party(document, "issuer", required=True)
    yield from _subjects(document)
    yield from _period(document)
    yield from _described(document)
    if data_model(document) == "2.0":
        yield from _texts(document)
        yield from related_problems(document)
    if secured:
        yield from proof_problems(document)


def _presentation(document: JsonObject, *, secured: bool) -> Iterator[Problem]:
    if _ENVELOPED_PRESENTATION in types_of(document):
        yield from _envelope(document, _ENVELOPED_PRESENTATION)
        return
    yield from _context(document)
    yield from _kind(document, "VerifiablePresentation", listed=False)
    yield from id_problems(document, "")
    yield from _party(document, "holder", required=False)
    yield from described(document, "termsOfUse")
    if secured:
        yield from proof_problems(document)
    for pointer, shown in members(document, "verifiableCredential"):
        if isinstance(shown, dict):
            yield from (problem.within(pointer) for problem in _credential(shown, secured=True))
        elif not isinstance(shown, str) or data_model(document) != "1.1":  # a JWT as text is of the older model
            yield malformed("member_malformed", "a presentation holds credentials as objects", pointer)


def _context(document: JsonObject) -> Iterator[Problem]:
    """Check `@context`: an array that begins with the context of the data model (VCDM 2.0 §4.3, 1.1 §4.1)."""
    contexts = document.get("@context")
    if not isinstance(contexts, list):
        detail = "a document names its contexts in an array"
        yield malformed("context_malformed", detail, "/@context" if "@context" in document else "")
        return
    if data_model(document) is None:
        detail = f"the first context is {_FIRST_CONTEXTS[0][0]}"
        yield malformed("context_order", detail, "/@context/0" if contexts else "/@context")
    for number, context in enumerate(contexts):
        if not (is_url(context) or isinstance(context, dict)):
            yield malformed("context_malformed", "a context is a URL or an object", f"/@context/{number}")


def _envelope(document: JsonObject, kind: str) -> Iterator[Problem]:
    """Check an object that is nothing but an envelope: of version 2 and of its one type (VCDM 2.0 §4.13.1)."""
    if isinstance(document.get("@context"), str):  # the data model shows it so, although of nothing else
        document = document | {"@context": [document["@context"]]}
    yield from _context(document)
    if data_model(document) == "1.1":
        yield malformed("context_order", f"the first context is {_FIRST_CONTEXTS[0][0]}", "/@context/0")
    if as_list(document["type"]) != [kind]:
        yield malformed("type_unfit", f"its one type is {kind}", "/type")
    yield from envelope_problems(document)


def _kind(document: JsonObject, needed: str, *, listed: bool) -> Iterator[Problem]:
    odd = list(type_problems(document, "", listed=listed))
    yield from odd
    if not odd and needed not in types_of(document):
        yield malformed("type_unfit", f"one of its types is {needed}", "/type")


def _party(document: JsonObject, name: str, *, required: bool) -> Iterator[Problem]:
    """Check the issuer or the holder: a URL, or an object with an id that is one (VCDM 2.0 §4.7, §4.13)."""
    party = document.get(name)
    if name not in document:
        if required:
            yield malformed("member_missing", f"it names no {name}", "")
    elif isinstance(party, dict):
        yield from id_problems(party, f"/{name}", required=True)
    elif not is_url(party):
        yield malformed(f"{name}_malformed", f"the {name} is a URL, or an object with an id", f"/{name}")


def _subjects(document: JsonObject) -> Iterator[Problem]:
    """Check `credentialSubject`: one or more objects that say something (VCDM 2.0 §4.8)."""
    name = "credentialSubject"
    if name not in document:
        yield malformed("member_missing", f"it has no {name}", "")
    elif not as_list(document[name]):
        yield malformed("subject_malformed", "it is about nobody and nothing", f"/{name}")
    for pointer, subject in members(document, name):
        if not isinstance(subject, dict) or not subject:
            yield malformed("subject_malformed", "a subject is an object that says something", pointer)
        else:
            yield from id_problems(subject, pointer)


def _period(document: JsonObject) -> Iterator[Problem]:
    """Check the dates (VCDM 2.0 §4.9; 1.1 §4.6, where the older names and forms are used, and the first is needed)."""
    older = data_model(document) == "1.1"
    since, until = ("issuanceDate", "expirationDate") if older else ("validFrom", "validUntil")
    if older and since not in document:
        yield malformed("member_missing", f"it has no {since}", "")
    moments = [instant(_zoned(document.get(name)) if older else document.get(name)) for name in (since, until)]
    for name, moment in zip((since, until), moments, strict=True):
        if name in document and moment is None:
            yield malformed("date_malformed", f"{name} is a date and time with an offset", f"/{name}")
    start, end = moments
    if start is not None and end is not None and end < start:
        yield Problem("period_reversed", f"it ends before {since}", f"/{until}", RANGE_ERROR)


def _zoned(value: Json) -> Json:
    """Read a time without an offset as UTC: the older model allows it (XML Schema `dateTime`)."""
    return f"{value}Z" if isinstance(value, str) and instant(value) is None else value


_OLDER_WITH_ID: Final = ("credentialStatus", "credentialSchema", "refreshService")
_WITH_ID: Final = ("credentialSchema",)


def _described(document: JsonObject) -> Iterator[Problem]:
    """Check the members whose objects must say what they are (VCDM 2.0 §4.5, §4.10, §4.11, §5.4 to §5.6)."""
    with_id = _OLDER_WITH_ID if data_model(document) == "1.1" else _WITH_ID
    for name in ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence"):
        yield from described(document, name, id_required=name in with_id)


def _texts(document: JsonObject) -> Iterator[Problem]:
    issuer = document.get("issuer")
    parties: list[tuple[JsonObject, Pointer]] = [(document, "")]
    if isinstance(issuer, dict):
        parties.append((issuer, "/issuer"))
    yield from chain.from_iterable(
        text_problems(party, name, pointer) for party, pointer in parties for name in ("name", "description")
    )
