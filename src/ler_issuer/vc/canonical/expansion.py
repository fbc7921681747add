"""JSON-LD expansion in a closed world, with an eye on what gets lost.

PyLD does the expanding. Left alone it would drop terms that no context defines, read relative references against an
address of its own choosing, and fetch contexts. Here every such loss is recorded with its place, relative references
come out under a scheme that nobody has (`RELATIVE`), and the only contexts are those of `Contexts`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pyld.context_resolver import ContextResolver
from pyld.iri_resolver import resolve
from pyld.jsonld import JsonLdError, JsonLdProcessor

from ler_issuer.jsontext import escape
from ler_issuer.types import Json, JsonObject, Pointer, Url
from ler_issuer.vc.canonical.bounds import (
    MAX_CONTEXT_STEPS,
    MAX_CONTEXTS_HERE,
    MAX_CONTEXTS_READ,
    MAX_LOST,
    MAX_SECONDS,
)
from ler_issuer.vc.canonical.inline import flattened, inline_fault
from ler_issuer.vc.canonical.literals import RELATIVE
from ler_issuer.vc.contexts import ActiveContext, Contexts, ProcessedContexts
from ler_issuer.vc.problems import PROOF_TRANSFORMATION_ERROR, CannotCanonize, Problem

_BASE: Final = RELATIVE + "/"


@dataclass(frozen=True, slots=True)
class Expanded:
    """A document in expanded form, and the record of how it came about."""

    nodes: list[JsonObject]
    trace: Trace


def expand(document: JsonObject, contexts: Contexts) -> Expanded:
    """Expand a document (JSON-LD 1.1 API §5.1), reading only contexts that are known.

    What was lost on the way stands in `trace.lost`.

    Raises:
        CannotCanonize: a context is unknown or written out in the document, a bound was reached, or PyLD says that this
            is not JSON-LD. On some such input PyLD raises ordinary exceptions; these are let through.

    """
    processor = _Processor(contexts)
    try:
        nodes = processor.expand(document, dict(_OPTIONS))
    except JsonLdError as error:
        raise CannotCanonize(_explained(error, processor.place)) from None
    return Expanded(nodes, processor.trace)


def initial_context() -> ActiveContext:
    """Give the context in which every document begins."""
    initial: ActiveContext = JsonLdProcessor()._get_initial_context(dict(_OPTIONS))  # noqa: SLF001
    return initial


def apply_context(
    active: ActiveContext, local: Json, contexts: Contexts, *, override_protected: bool, propagate: bool
) -> ActiveContext:
    """Give what a context makes of the one in force (JSON-LD 1.1 API §4.1); the same objects always make the same one.

    What it raises is whatever PyLD raises: a caller can only give up.
    """
    processor = _Processor(contexts)
    return processor._process_context(active, local, dict(_OPTIONS), override_protected, propagate)  # noqa: SLF001


def fault(code: str, detail: str, pointer: Pointer = "") -> Problem:
    """Name something that stands between a document and its canonical form."""
    return Problem(code, detail, pointer, PROOF_TRANSFORMATION_ERROR)


class Trace:
    """Knows which object of a document became which node, and what was lost between the two."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.root: Json = None
        self._lost: dict[tuple[str, Pointer], Problem] = {}
        self._searches = 0
        self._sources: dict[int, tuple[JsonObject, JsonObject]] = {}  # the node is kept so that its id stays its own

    @property
    def lost(self) -> tuple[Problem, ...]:
        """What was lost, by place."""
        return tuple(problem for _, problem in sorted(self._lost.items(), key=lambda item: item[0][::-1]))

    @property
    def full(self) -> bool:
        """Whether so much was lost, or so often looked for, that looking for more is idle."""
        return len(self._lost) >= MAX_LOST or self._searches >= 4 * MAX_LOST

    def lose(self, code: str, detail: str, find: Callable[[], Pointer]) -> None:
        """Record a loss, once for each place; `find` says where, and is asked only while that is worth its while."""
        if not self.full:
            self._searches += 1
            pointer = find()
            self._lost.setdefault((code, pointer), fault(code, detail, pointer))

    def lose_term(self, source: JsonObject, name: str) -> None:
        """Record that a member of an object of the document means nothing."""
        detail = f"no context defines the term {name[:80]!r}, so no signature would cover it"
        self.lose("term_dropped", detail, lambda: f"{self.pointer_to(source)}/{escape(name)}")

    def lose_reference(self, node: JsonObject, iri: str) -> None:
        """Record that a reference of a node was relative; `iri` is what became of it."""
        detail = "this is neither absolute nor a term of a context, so what it means depends on the reader"
        self.lose("relative_iri", detail, lambda: self.pointer_of_iri(node, iri))

    def link(self, node: JsonObject, source: JsonObject) -> None:
        """Remember that `node` is what `source` was expanded to."""
        self._sources.setdefault(id(node), (node, source))

    def knows(self, node: JsonObject) -> bool:
        """Say whether a node comes from an object of the document, and not from the name of a thing."""
        return id(node) in self._sources

    def pointer_to(self, source: Json) -> Pointer:
        """Say where an object or array of the document stands."""
        return self._pointers.get(id(source), "")

    def pointer_of(self, node: JsonObject) -> Pointer:
        """Say where the object stands that became `node`."""
        return self.pointer_to(self._source(node))

    def pointer_in(self, source: JsonObject, wanted: Callable[[str, Json], bool]) -> Pointer:
        """Say where in an object the first value is that is `wanted`, looking into arrays; else where the object is."""
        here = self.pointer_to(source)
        for name, value in source.items():
            if name == "@context":
                continue
            if wanted(name, value):
                return f"{here}/{escape(name)}"
            for number, item in enumerate(value if isinstance(value, list) else ()):
                if wanted(name, item):
                    return f"{here}/{escape(name)}/{number}"
        return here

    def pointer_of_member(self, node: JsonObject, name: str) -> Pointer:
        """Say where the member `name` of the object stands that became `node`."""
        return self.pointer_in(self._source(node), lambda key, _: key == name)

    def pointer_of_iri(self, node: JsonObject, iri: Json) -> Pointer:
        """Say which text of the document became the reference `iri` of `node`, as precisely as can be told."""
        return self.pointer_in(self._source(node), lambda _, value: isinstance(value, str) and _became(value, iri))

    def pointer_of_value(self, node: JsonObject, scalar: Json) -> Pointer:
        """Say which value of the document `node` has `scalar` from, as precisely as can be told."""

        def wanted(_: str, value: Json) -> bool:
            return scalar in value.values() if isinstance(value, dict) else bool(value == scalar)

        return self.pointer_in(self._source(node), wanted)

    def _source(self, node: JsonObject) -> JsonObject:
        source: JsonObject = self._sources.get(id(node), (node, self.root))[1]
        return source

    @cached_property
    def _pointers(self) -> dict[int, Pointer]:
        found = {id(self.root): ""}
        stack: list[tuple[Json, Pointer]] = [(self.root, "")]
        while stack:
            value, pointer = stack.pop()
            for key, item in value.items() if isinstance(value, dict) else enumerate(value):
                if isinstance(item, dict | list):
                    found[id(item)] = f"{pointer}/{escape(key)}"
                    stack.append((item, found[id(item)]))
        return found


def _became(text: str, iri: Json) -> bool:
    if not isinstance(iri, str):  # what looks like a keyword but is none expands to nothing
        return text.startswith("@")
    if text == iri:
        return True
    if iri.startswith(RELATIVE):
        return ":" not in text and resolve(text, _BASE) == iri
    prefix, colon, rest = text.partition(":")
    return bool(prefix and colon and rest and iri.endswith(rest))


class _Processor(JsonLdProcessor):  # type: ignore[misc]  # PyLD ships no types
    """PyLD's processor for one document: contexts remembered between documents, losses written into a trace."""

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(on_property_dropped=self._note_drop)
        self.trace = Trace()
        self._contexts = contexts
        self._processed = contexts.processed
        self._steps: dict[tuple[object, ...], tuple[ActiveContext, Json, ActiveContext]] = {}
        self._contexts_read = 0
        self._open: list[tuple[JsonObject, ActiveContext]] = []  # objects being expanded, outermost first
        self._clock = contexts.clock or (lambda: 0.0)
        self._deadline = math.inf

    @property
    def place(self) -> Pointer:
        """Say which object is being expanded."""
        return self.trace.pointer_to(self._open[-1][0] if self._open else self.trace.root)

    # The signatures below are PyLD's.

    def _process_context(  # noqa: PLR0917
        self,
        active_ctx: ActiveContext,
        local_ctx: Json,
        options: dict[str, Any],
        override_protected: bool = False,  # noqa: FBT001, FBT002
        propagate: bool = True,  # noqa: FBT001, FBT002
        validate_scoped: bool = True,  # noqa: FBT001, FBT002
        cycles: set[str] | None = None,
    ) -> ActiveContext:
        """Apply a context, or remember what came of it; the inner steps of applying one are PyLD's own business."""

        def process() -> ActiveContext:
            fresh = {**options, "contextResolver": self._resolver()}
            unwrapped = flattened(local_ctx) if self._contexts.inline else local_ctx
            made: ActiveContext = super(_Processor, self)._process_context(
                active_ctx, unwrapped, fresh, override_protected, propagate, validate_scoped, set()
            )
            return made

        if cycles is not None:
            made: ActiveContext = super()._process_context(
                active_ctx, local_ctx, options, override_protected, propagate, validate_scoped, cycles
            )
            return made
        flags = (override_protected, propagate)
        step = self._processed.key(active_ctx, local_ctx, flags)
        if step not in self._steps:  # kept for this document, whatever is forgotten between documents meanwhile
            self._contexts_read += len(local_ctx) if isinstance(local_ctx, list) else 1
            if len(self._steps) >= MAX_CONTEXT_STEPS or self._contexts_read > MAX_CONTEXTS_READ:
                raise CannotCanonize(fault("work_bound", "its contexts change too often to be followed"))
            made = self._processed.get(active_ctx, local_ctx, flags, process)
            self._steps[step] = (active_ctx, local_ctx, made)
        return self._steps[step][2]

    def _prepare_nested_context(
        self, active_ctx: ActiveContext, element: JsonObject, options: dict[str, Any]
    ) -> tuple[ActiveContext, str | None, ActiveContext]:
        """Let an object bring contexts of its own only if they are known by URL, or may be written out."""
        if "@context" in element:
            self._check_contexts(element)
        prepared: tuple[ActiveContext, str | None, ActiveContext] = super()._prepare_nested_context(
            active_ctx, element, options
        )
        return prepared

    def _expand(
        self, active_ctx: ActiveContext, active_property: str | None, element: Json, *args: object, **kwargs: object
    ) -> Json:
        """Expand a value, and notice when nothing came of something."""
        if self.trace.root is None:
            self.trace.root = element
            self._deadline = self._clock() + MAX_SECONDS
        if self._clock() > self._deadline:
            raise CannotCanonize(fault("work_bound", f"reading it takes more than {MAX_SECONDS:.0f} seconds"))
        expanded = super()._expand(active_ctx, active_property, element, *args, **kwargs)
        if expanded is None and element is not None:
            detail = "this value has no meaning here, so no signature would cover it"
            self.trace.lose("value_dropped", detail, lambda: self._pointer(active_property, element))
        return expanded

    def _expand_object(
        self,
        active_ctx: ActiveContext,
        active_property: str | None,
        expanded_active_property: str | None,
        element: JsonObject,
        expanded_parent: JsonObject,
        *args: object,
        **kwargs: object,
    ) -> None:
        """Expand the members of an object, remembering whose they are."""
        self.trace.link(expanded_parent, element)
        self._open.append((element, active_ctx))
        super()._expand_object(
            active_ctx, active_property, expanded_active_property, element, expanded_parent, *args, **kwargs
        )
        self._open.pop()

    def _note_drop(self, dropped: str | None) -> None:
        """Find the member that PyLD drops; it only says what the name came to, for an unknown term the term itself."""
        element, active = self._open[-1]
        if dropped is not None and dropped in element:
            names: Iterable[str] = (dropped,)
        else:
            names = (name for name in element if name != "@context")
        for name in names:
            if self.trace.full:
                return
            if self._expand_iri(active, name, vocab=True) == dropped:
                self.trace.lose_term(element, name)

    def _pointer(self, name: str | None, value: Json) -> Pointer:
        if isinstance(value, dict) or not self._open:
            return self.trace.pointer_to(value)
        return self.trace.pointer_in(self._open[-1][0], lambda key, item: key == name and item is value)

    def _check_contexts(self, element: JsonObject) -> None:
        named = element["@context"]
        listed = named if isinstance(named, list) else [named]
        if not 0 < len(listed) <= MAX_CONTEXTS_HERE:
            detail = f"an @context lists from one to {MAX_CONTEXTS_HERE} URLs"
            raise CannotCanonize(fault("malformed_context", detail, f"{self.trace.pointer_to(element)}/@context"))
        for number, context in enumerate(listed):
            if not self._contexts.known(context):
                here = f"{self.trace.pointer_to(element)}/@context"
                self._check_inline(context, f"{here}/{number}" if listed is named else here)

    def _check_inline(self, context: Json, pointer: Pointer) -> None:
        """Refuse a context that is not known by URL, unless it is written out and may be."""
        if not (self._contexts.inline and isinstance(context, dict)):
            raise CannotCanonize(_refused_context(context, pointer))
        problem = inline_fault(context, pointer, self._contexts.known)
        if problem is not None:
            raise CannotCanonize(problem)
        if self._processed is self._contexts.processed:  # what a document brings itself is forgotten with it
            self._processed = ProcessedContexts()

    def _resolver(self) -> ContextResolver:
        """Make a resolver for one step; what they remember, threads could not share, and `Contexts` does better."""

        def load(url: Url, _: object) -> JsonObject:
            if not self._contexts.known(url):
                raise CannotCanonize(_refused_context(url, ""))
            document = copy.deepcopy(self._contexts.documents[url])  # PyLD writes into what it is given
            return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

        return ContextResolver({}, load, max_context_urls=len(self._contexts.documents))


def _explained(error: JsonLdError, pointer: Pointer) -> Problem:
    """Say what PyLD refused; a context that is unknown may be the cause of the cause."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, CannotCanonize):
            return cause.problem
        cause = cause.__cause__
    return fault("not_json_ld", f"this is not JSON-LD ({error.code or error.type})", pointer)


def _refused_context(context: Json, pointer: Pointer) -> Problem:
    if isinstance(context, str):
        return fault("unknown_context", f"the context {context[:200]!r} is not one of those known here", pointer)
    if isinstance(context, dict):
        return fault("inline_context", "a context is named by its URL, not written out", pointer)
    return fault("malformed_context", "an @context holds URLs only", pointer)


def _refuse_to_load(url: Url, _: object) -> JsonObject:
    raise CannotCanonize(_refused_context(url, ""))


_OPTIONS: Final = {"base": _BASE, "documentLoader": _refuse_to_load, "isFrame": False, "processingMode": "json-ld-1.1"}
