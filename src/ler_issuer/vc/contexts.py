"""The closed world of JSON-LD contexts.

A context decides what a document means, so whoever could change one could change the meaning of what was signed. All
contexts are therefore known beforehand and pinned; one that is not known is a finding, and nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ler_issuer.types import Json, JsonObject, Url

MAX_REMEMBERED: Final = 512
"""Processed contexts that are kept; a service that issues and judges credentials needs fewer than a hundred."""

ActiveContext: TypeAlias = Mapping[str, Any]
"""What the terms of a document mean at one place in it (JSON-LD 1.1 API §4.1)."""


class ProcessedContexts:
    """Remembers what came of applying a context at a place, which is most of the work of JSON-LD.

    An entry is found by the *identity* of the active context that it was made from and holds on to that context, so an
    identity cannot be given to another one while the entry lives. Needs no lock: every step is one operation on a
    dictionary, and two threads that work out the same entry get the one that was stored first.
    """

    def __init__(self) -> None:
        """Begin with nothing remembered."""
        self._entries: dict[tuple[object, ...], tuple[ActiveContext, Json, ActiveContext]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(
        self, active: ActiveContext, local: Json, flags: tuple[bool, ...], process: Callable[[], ActiveContext]
    ) -> ActiveContext:
        """Give the context that `local` makes of `active` under `flags`, calling `process` only for the first asker."""
        key = self.key(active, local, flags)
        entry = self._entries.get(key)
        if entry is None:
            made = process()
            if len(self._entries) >= MAX_REMEMBERED:  # only absurd documents get here; the ordinary ones come back soon
                self._entries.clear()
            entry = self._entries.setdefault(key, (active, local, made))
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
    conformance runs, since such a document can give its words any meaning. `watch` is told each document with its
    canonical form, when the compiled path gave it (`canonical.watching`). By the `clock`, in seconds, the general path
    ends its work on a document that takes it too long; without one, only the other bounds do.
    """

    documents: Mapping[Url, JsonObject]
    inline: bool = False
    watch: Callable[[JsonObject, Any], None] | None = None
    clock: Callable[[], float] | None = None
    options: dict[tuple[Json, ...], tuple[str, str]] = field(default_factory=dict, init=False, repr=False)
    processed: ProcessedContexts = field(default_factory=ProcessedContexts, init=False, repr=False)
    scopes: dict[int, Any] = field(default_factory=dict, init=False, repr=False)
    fragments: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False)

    def known(self, url: Json) -> bool:
        """Say whether a value is the URL of one of these contexts."""
        return isinstance(url, str) and url in self.documents
