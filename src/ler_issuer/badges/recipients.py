"""Whom credentials are about: whether two of them name the same person.

A person is named by an id or by identifiers, which are mostly hashed with a salt. The same hash under the same salt is
the same identifier; different salts tell nothing. So two credentials can be known to be about one person, or it stays
open; nothing in them ever proves that they are about two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer.badges.composing import identity_hash
from ler_issuer.vc import as_list, id_of

if TYPE_CHECKING:
    from ler_issuer.types import Json

MOST_IDENTIFIERS = 50
"""Identifiers of one subject that are looked at."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything by which a credential names its subject: ids, identifiers in the open, and (hash, salt) pairs."""

    ids: frozenset[str]
    plain: frozenset[str]
    hashed: frozenset[tuple[str, str]]

    def share(self, other: Names) -> bool:
        """Say whether some name is the same here and there, be it in the open on one side and hashed on the other."""
        if (self.ids | self.plain) & (other.ids | other.plain) or self.hashed & other.hashed:
            return True
        return _reveals(self, other) or _reveals(other, self)


def _reveals(known: Names, hidden: Names) -> bool:
    values = known.plain | known.ids
    return any(identity_hash(value, salt) == digest for value in values for digest, salt in hidden.hashed)


def names_of(credential: Json) -> Names:
    """Read whom a credential is about; of anything else, nobody."""
    subject = credential.get("credentialSubject") if isinstance(credential, dict) else None
    if not isinstance(subject, dict):
        return Names(frozenset(), frozenset(), frozenset())
    named = id_of(subject)
    plain: set[str] = set()
    hashed: set[tuple[str, str]] = set()
    for one in as_list(subject.get("identifier"))[:MOST_IDENTIFIERS]:
        value, salt = (one.get("identityHash"), one.get("salt", "")) if isinstance(one, dict) else (None, "")
        if not isinstance(value, str) or not isinstance(salt, str):
            continue
        if one.get("hashed") is True:
            hashed.add((value.lower(), salt))
        else:
            plain.add(value)
    return Names(frozenset([named] if named else []), frozenset(plain), frozenset(hashed))


def same_person(one: Json, other: Json, *, among: Json = None) -> bool:
    """Say whether two credentials are known to be about the same person.

    They are when they share a name, or when the record `among` whose members they are names its learner by both.
    """
    first, second = names_of(one), names_of(other)
    if first.share(second):
        return True
    bridge = names_of(among)
    return bridge.share(first) and bridge.share(second)
