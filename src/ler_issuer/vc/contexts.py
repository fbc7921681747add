"""The closed world of JSON-LD contexts.

A context decides what a document means, so whoever could change one could change the meaning of what was signed. All
contexts are therefore known beforehand and pinned; one that is not known is a finding, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ler_issuer.types import Json, JsonObject, Url
from ler_issuer.vc.memory import Memory

MAX_REMEMBERED: Final = 256
"""Processed contexts, and as many more, that are kept; a service that issues and judges credentials needs fewer than a
hundred, and no document can have more than 150 worked out."""

MAX_PLACES: Final = 2 * MAX_REMEMBERED
"""Ways to scopes that are kept, and as many more: about two to each."""

MAX_TYPED: Final = 1_024
"""Lists of types that are kept, and as many more, over all scopes."""

MAX_FRAGMENTS: Final = 128
"""Parts of documents that are kept, and as many more; so are parts that came only once so far."""

MAX_SPELLINGS: Final = 256
"""Ways of saying the options of a proof, but for the time, that are kept, and as many more."""

ActiveContext: TypeAlias = Mapping[str, Any]
"""What the terms of a document mean at one place in it (JSON-LD 1.1 API §4.1)."""


class ProcessedContexts:
    """Remembers what came of applying a context at a place, which is most of the work of JSON-LD.

    An entry is found by the *identity* of the active context that it was made from and holds on to that context, so an
    identity cannot be given to another one while the entry lives. Two threads that work out the same entry get the one
    that was stored first.
    """

    def __init__(self) -> None:
        """Begin with nothing remembered."""
        self._entries: Memory[tuple[object, ...], tuple[ActiveContext, Json, ActiveContext]] = Memory(MAX_REMEMBERED)

    def __len__(self) -> int:
        return len(self._entries.everything())

    def get(
        self, active: ActiveContext, local: Json, flags: tuple[bool, ...], process: Callable[[], ActiveContext]
    ) -> ActiveContext:
        """Give the context that `local` makes of `active` under `flags`, calling `process` only for the first asker."""
        key = self.key(active, local, flags)
        entry = self._entries[key]
        if entry is None:
            entry = self._entries.keep(key, (active, local, process()))
        return entry[2]

    @staticmethod
    def key(active: ActiveContext, local: Json, flags: tuple[bool, ...]) -> tuple[object, ...]:
        """Name one application of a context: URLs by what they say, the objects inside contexts by identity."""
        urls = (local,) if isinstance(local, str) else local
        named = isinstance(urls, list | tuple) and all(isinstance(url, str) for url in urls)
        return (id(active), tuple(urls) if named else id(local), *flags)


@dataclass(frozen=True, eq=False)
class Contexts:
    """All contexts there are, as parsed JSON, each under the URL that documents name it by.

    Make one and keep it: what has been worked out about the contexts is remembered in here. With `inline`, a document
    may also bring contexts that are written out in it, within the limits of `canonical.inline`: that is for public
    conformance runs, since such a document can give its words any meaning. With `undirected`, the direction of a text
    may go unsigned: VCDM 2.0 §11.1 allows one, and RDF has no word for it. `watch` is told each document with its
    canonical form, when the compiled path gave it (`canonical.watching`). By the `clock`, in seconds, the general path
    ends its work on a document that takes it too long; without one, only the other bounds do.
    """

    documents: Mapping[Url, JsonObject]
    inline: bool = False
    watch: Callable[[JsonObject, Any], None] | None = None
    clock: Callable[[], float] | None = None
    undirected: bool = False
    options: Memory[tuple[Json, ...], tuple[str, str]] = field(
        default_factory=lambda: Memory(MAX_SPELLINGS), init=False, repr=False
    )
    processed: ProcessedContexts = field(default_factory=ProcessedContexts, init=False, repr=False)
    scopes: Memory[Any, Any] = field(default_factory=lambda: Memory(MAX_PLACES), init=False, repr=False)
    typed: Memory[Any, Any] = field(default_factory=lambda: Memory(MAX_TYPED), init=False, repr=False)
    fragments: Memory[tuple[Any, ...], Any] = field(
        default_factory=lambda: Memory(MAX_FRAGMENTS), init=False, repr=False
    )
    walked: Memory[Any, int] = field(default_factory=lambda: Memory(MAX_FRAGMENTS), init=False, repr=False)

    def known(self, url: Json) -> bool:
        """Say whether a value is the URL of one of these contexts."""
        return isinstance(url, str) and url in self.documents
