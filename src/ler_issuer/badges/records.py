"""Learner records: Comprehensive Learner Records 2.0, which bundle credentials and say how their achievements relate.

A record is as strong as its members: the proof around it covers what they state together, but not which of them states
what (openbadges-clr.md §0.3), so each member carries its own proof and is judged by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.badges.achievements import CREDENTIALS_V2, OPEN_BADGES, given
from ler_issuer.badges.composing import identity, profile
from ler_issuer.badges.derivations import derivation_of
from ler_issuer.badges.probes import CLR
from ler_issuer.vc import id_of, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from ler_issuer.badges.composing import IssuerProfile, Subject
    from ler_issuer.types import JsonObject, Url

RECORD_CONTEXTS = (CREDENTIALS_V2, CLR, OPEN_BADGES)
"""The contexts of a learner record, in the order that CLR requires."""


class AssociationType(StrEnum):
    """How one achievement relates to another; read it as *source … target*."""

    EXACT_MATCH_OF = "exactMatchOf"
    IS_CHILD_OF = "isChildOf"
    IS_PARENT_OF = "isParentOf"
    IS_PART_OF = "isPartOf"
    IS_PEER_OF = "isPeerOf"
    IS_RELATED_TO = "isRelatedTo"
    PRECEDES = "precedes"
    REPLACED_BY = "replacedBy"


@dataclass(frozen=True, slots=True, order=True)
class Association:
    """A relation between two achievements, which are named by their ids."""

    type: AssociationType
    source: Url
    target: Url


def compose_record(  # noqa: PLR0913 - what a record is made of
    *,
    record_id: str,
    name: str,
    issuer: IssuerProfile,
    subjects: Sequence[Subject],
    members: Sequence[JsonObject],
    associations: Sequence[Association],
    entries: Sequence[JsonObject],
    partial: bool,
    now: datetime,
) -> JsonObject:
    """Write the unsigned CLR 2.0 credential that bundles `members` as they were signed (openbadges-clr.md §6.2).

    `subjects` are all the ways in which members name the learner: the first DID among them becomes the id, and every
    identifier is carried, so that each member can be seen to be about the same person. `partial` says that this is a
    selection; a record that does not say so is read as all that the issuer knows. `entries` are as for `draft`.

    Raises:
        ValueError: there is nobody whom it is about, no member, a member without its own proof, or no status entry.

    """
    if not subjects or not members or not entries:
        raise ValueError("a record needs a subject, a member, and a status entry")
    if not all(member.get("proof") for member in members):
        raise ValueError("a member of a record carries its own proof")
    named = dict.fromkeys(name for one in subjects for name in (one.identifier, *one.further) if name is not None)
    return given(
        **{"@context": list(RECORD_CONTEXTS)},
        id=record_id,
        type=["VerifiableCredential", "ClrCredential"],
        name=name,
        issuer=profile(issuer),
        validFrom=stamp(now),
        partial=partial or None,
        credentialSubject=given(
            id=next((one.did for one in subjects if one.did is not None), None),
            type=["ClrSubject"],
            identifier=[identity(one) for one in named],
            verifiableCredential=list(members),
            association=[_association(one) for one in dict.fromkeys(associations)],
        ),
        credentialStatus=entries[0] if len(entries) == 1 else list(entries),
    )


def _association(association: Association) -> JsonObject:
    return {
        "type": "Association",
        "associationType": str(association.type),
        "sourceId": association.source,
        "targetId": association.target,
    }


def associations_of(
    members: Iterable[JsonObject],
    *,
    precedes: Iterable[tuple[Url, Url]] = (),
    equivalences: Iterable[Iterable[Url]] = (),
) -> tuple[Association, ...]:
    """Say how the achievements of members relate, each relation once, in order; none names an absent achievement.

    What a stacked member was derived from is part of it, as far as the parts are members too. `precedes` are pairs of
    achievements of which the first comes before the second, `equivalences` are classes of achievements that count as
    the same one.

    Raises:
        ValueError: a member tells a derivation that does not hang together.

    """
    told = list(members)
    present = {achieved for one in told if (achieved := achievement_of(one)) is not None}
    earned = {named: achieved for one in told if (named := id_of(one)) and (achieved := achievement_of(one))}
    stated = {
        *_parts(told, earned),
        *(Association(AssociationType.PRECEDES, first, then) for first, then in precedes),
        *(one for alike in equivalences for one in _alike(present.intersection(alike))),
    }
    return tuple(sorted(one for one in stated if one.source != one.target and {one.source, one.target} <= present))


def _parts(members: Iterable[JsonObject], earned: dict[str, Url]) -> Iterator[Association]:
    for member in members:
        stack, derivation = achievement_of(member), derivation_of(member)
        if stack is not None and derivation is not None:
            for part in derivation.parts:
                if part.id in earned:
                    yield Association(AssociationType.IS_PART_OF, earned[part.id], stack)


def _alike(achievements: Iterable[Url]) -> Iterator[Association]:
    """Relate every achievement of a class to one of them: an exact match of the same is one of each other."""
    first, *others = (*sorted(achievements), "")
    return (Association(AssociationType.EXACT_MATCH_OF, one, first) for one in others if one)


def achievement_of(member: JsonObject) -> Url | None:
    """Give the id of the achievement that a credential is about, or None."""
    subject = member.get("credentialSubject")
    return id_of(subject.get("achievement")) if isinstance(subject, dict) else None
