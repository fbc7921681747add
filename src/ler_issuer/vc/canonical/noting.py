"""A walk that takes notes: the same statements once more, for a document that the first walk found something lost in.

So a document pays for the notes only if there are any to take, and then little: it need not go the general path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from ler_issuer.vc.canonical.bounds import measure
from ler_issuer.vc.canonical.compiling import root_scope
from ler_issuer.vc.canonical.expansion import Trace
from ler_issuer.vc.canonical.members import NotCovered, Relative
from ler_issuer.vc.canonical.walking import Said, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ler_issuer.types import JsonObject
    from ler_issuer.vc.canonical.compiling import Scope
    from ler_issuer.vc.canonical.dataset import Description, Term
    from ler_issuer.vc.contexts import Contexts
    from ler_issuer.vc.problems import Problem


def statements_and_losses(document: JsonObject, contexts: Contexts) -> tuple[Said, tuple[Problem, ...]]:
    """Give the statements that a document makes, and what it says and they do not.

    Raises:
        NotCovered: the document has something in it that only the general path can read, or explain.
        CannotCanonize: it is beyond the bounds of `bounds.py`.

    """
    measure(document)  # exactly: what stands inside of something lost is not walked through
    walk = _NotingWalk(document, contexts)
    walk.node(document, root_scope(contexts), "")
    if walk.trace.full:  # which of them are told depends on the order in which they are met
        raise NotCovered
    return Said(walk.descriptions, walk.said), walk.trace.lost


class _NotingWalk(Walk):
    def __init__(self, document: JsonObject, contexts: Contexts) -> None:
        super().__init__(document, contexts)
        self.trace = Trace()
        self.trace.root = document
        self._deepest = 0  # a fragment would take no notes
        self._open: list[JsonObject] = []

    @override
    def node(self, element: JsonObject, scope: Scope, graph: Term) -> Description:
        self._open.append(element)
        here = super().node(element, scope, graph)
        self._open.pop()
        return here

    @override
    def named(self, read: Callable[[str], str], text: str) -> Term:
        try:
            return super().named(read, text)
        except Relative as lost:
            self.lose_references([lost.iri])
            return f"<{lost.iri}>"

    @override
    def lose_term(self, name: str) -> None:
        self.trace.lose_term(self._open[-1], name)

    @override
    def lose_references(self, iris: Sequence[str]) -> None:
        element = self._open[-1]
        self.trace.link(element, element)
        for iri in iris:
            self.trace.lose_reference(element, iri)
