"""Resolving DIDs for anybody: keys from their text, our issuers from the database, the rest by the guarded client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.services.gathering import Aid, collect
from ler_issuer.vc import resolve_locally, resolved

if TYPE_CHECKING:
    from ler_issuer.runtime import Runtime
    from ler_issuer.vc import Resolution, Wish


def resolve(rt: Runtime, wish: Wish) -> Resolution:
    """Resolve a DID, or the part of its document that is asked for."""
    found = resolve_locally(wish)
    return resolved(wish, collect(rt, [wish.did], Aid())[wish.did]) if found is None else found
