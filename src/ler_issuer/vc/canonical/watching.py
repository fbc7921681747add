"""Trust, and check: now and then what the compiled path gave is worked out again by the general path.

Tests compare the two on many documents; documents of real senders are the ones that no test thought of. The general
path costs many times as much, so only a sample is looked at, and how large it is decides whoever starts the service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ler_issuer.types import JsonObject
from ler_issuer.vc.canonical.form import Canonical
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.problems import CannotCanonize

MAX_WATCHED: Final = 256 * 1024
"""Characters of statements; the general path would make the sender of a larger document wait for seconds."""

_ENDED_EARLY: Final = {"work_bound", "too_large"}


@dataclass(frozen=True)
class Watch:
    """Looks at a sample of canonical forms; for `Contexts.watch`.

    `drawn` says of each whether it belongs to the sample. `told` hears whether the two paths agreed, and the SHA-256 of
    what the compiled one gave: enough to find the document again, and nothing that says what is in it. `contexts` are
    the same ones again, with a memory of their own and without a watch.
    """

    contexts: Contexts
    drawn: Callable[[], bool]
    told: Callable[[bool, str], None]

    def __call__(self, document: JsonObject, canonical: Canonical) -> None:
        """Look at one canonical form if it is drawn; raises nothing."""
        if not self.drawn():
            return
        agreed = agree(document, canonical, self.contexts)
        if agreed is not None:
            self.told(agreed, hashlib.sha256(canonical.nquads.encode()).hexdigest())


def agree(document: JsonObject, canonical: Canonical, contexts: Contexts) -> bool | None:
    """Say whether the general path gives this canonical form too; None when it would take too long to tell."""
    from ler_issuer.vc.canonical.general import canonize_generally  # noqa: PLC0415 - PyLD: only if needed

    if len(canonical.nquads) > MAX_WATCHED:
        return None
    try:
        return canonize_generally(document, contexts, canonical.algorithm) == canonical
    except CannotCanonize as refused:
        return None if refused.problem.code in _ENDED_EARLY else False
