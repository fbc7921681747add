"""Parts of documents that come again: what was said of an issuer or an achievement is said again without a walk.

A fragment is what an object says that has a name of its own and mentions no blank node by one. So nothing outside of it
mentions its blank nodes either, and in the same scope it says the same wherever it stands. It is known by its JSON
text, and by being equal to that: a value that is no JSON, such as a tuple, may be written alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import orjson

from ler_issuer.jsontext import JSON_ONLY
from ler_issuer.vc.canonical.dataset import Description
from ler_issuer.vc.canonical.rdfc import Ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.types import JsonObject
    from ler_issuer.vc.canonical.compiling import Scope
    from ler_issuer.vc.canonical.dataset import Link, Term
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.memory import Memory

MAX_FRAGMENT: Final = 16_000
"""Bytes of a part that is remembered; of the texts that it becomes, so many characters four times."""

DEEPEST: Final = 4
"""Level of a document down to which its parts are looked at; what is deeper belongs to one of those."""

_LEAST: Final = 160
"""Bytes of a part that is worth the look."""

Key: TypeAlias = "tuple[Scope, int, bytes]"
"""All that decides what a part says and what it may cost: its scope, its level and its text."""


class Fragment(NamedTuple):
    """What a part of a document says, with its blank nodes numbered from 1."""

    element: JsonObject
    subject: str
    ready: Ready
    made: int
    scopes: frozenset[Scope]
    parts: Sequence[tuple[Term, list[str], list[Link]]]

    def descriptions(self, before: int) -> list[Description]:
        """Say it again one by one, its blank nodes coming after so many others."""
        return [_described(*part, before) for part in self.parts]


def is_due(walked: Memory[Key, int], key: Key) -> bool:
    """Count a part that is no fragment; say whether it came for the second time, so that one is to be made."""
    times = walked[key]
    if times is None:
        walked.keep(key, 1)
    return times == 1


def note(contexts: Contexts, key: Key, made: Fragment | None) -> None:
    """Remember what became of a part, or that nothing will."""
    if made is None:
        contexts.walked.replace(key, 2)
    else:
        contexts.fragments.keep(key, made)


def key_of(element: JsonObject, scope: Scope, depth: int) -> Key | None:
    """Give what a part is known by; None when it is too small or too large to be kept, or surely no JSON."""
    try:
        text = orjson.dumps(element, option=JSON_ONLY)
    except TypeError:
        return None
    return (scope, depth, text) if _LEAST <= len(text) <= MAX_FRAGMENT else None


def fragment_of(key: Key, said: Sequence[Description], before: int, made: int, scopes: set[Scope]) -> Fragment | None:
    """Make a fragment of what was said of a part, which made so many blank nodes after so many others.

    Gives None if it has no name of its own, says something in other graphs, or says too much to be kept.
    """
    subject = said[0].subject
    if isinstance(subject, int) or any(one.graph for one in said):
        return None
    if sum(len(text) for one in said for text in one.texts) > 4 * MAX_FRAGMENT:
        return None
    parts = [  # copied: to these texts is going to be added what the document says of the same subject elsewhere
        (_moved(one.subject, -before), [*one.texts], [(name, to - before) for name, to in one.links]) for one in said
    ]
    ready = Ready([_described(*part, 0) for part in parts])
    return Fragment(orjson.loads(key[-1]), subject, ready, made, frozenset(scopes), parts)


def _described(subject: Term, texts: list[str], links: list[Link], before: int) -> Description:
    one = Description(_moved(subject, before), "")
    one.texts = texts.copy()
    one.links = [(predicate, number + before) for predicate, number in links]
    return one


def _moved(term: Term, steps: int) -> Term:
    return term + steps if type(term) is int else term
