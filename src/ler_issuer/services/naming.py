"""Naming: achievements in a stacking rule, which an administrator calls by key, and everybody else by address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ler_issuer.errors import Place
from ler_issuer.services import definitions
from ler_issuer.stacking.foreseeing import in_order
from ler_issuer.stacking.rules import Selection, StackDefinition, walk
from ler_issuer.store import achievements, stacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.badges import AchievementDefinition
    from ler_issuer.stacking.holdings import Holding
    from ler_issuer.store.achievements import Achievement
    from ler_issuer.store.db import Db
    from ler_issuer.store.issuers import Issuer
    from ler_issuer.types import Json, JsonObject, Pointer

Names: TypeAlias = Callable[[str], str]


def resolved(db: Db, issuer: Issuer, definition: StackDefinition) -> tuple[StackDefinition, list[Place]]:
    """Give a definition with every achievement by its address, and the places that name what there is not.

    Sentences call the issuer's achievements by their names, unless the definition says otherwise.
    """
    said = definition.model_dump(mode="json", exclude_none=True)

    def address(name: str) -> str:
        own = _own(db, issuer, name)
        return name if own is None else own.uri

    named = {
        **said,
        "achievement": address(definition.achievement),
        "rule": _in_node(said["rule"], address),
        "equivalences": [[address(name) for name in one] for one in said["equivalences"]],
        "names": {address(name): words for name, words in definition.names.items()},
        "examples": [
            {**one, "holdings": [_in_holding(each, address) for each in one["holdings"]]} for one in said["examples"]
        ],
    }
    problems = [*_unknown(db, issuer, definition), *_unknown_levels(db, issuer, definition)]
    made = StackDefinition.model_validate(named)
    return made.model_copy(update={"names": _own_names(db, issuer, made) | made.names}), problems


def as_issued(db: Db, issuer: Issuer, holdings: Sequence[Holding]) -> list[Holding]:
    """Give holdings of an example with what those that we issue tell, where the example leaves it out.

    That is the issuer, and the scale that a level stands on.
    """
    return [_as_issued(db, issuer, one) for one in holdings]


@dataclass(frozen=True, slots=True)
class _Written:
    """A definition by what it earns and reads; `rule_id` is its key."""

    definition: StackDefinition
    rule_id: str
    achievement: str
    mentions: frozenset[str]
    reads_all: bool


def parts_first(db: Db, issuer: Issuer, wanted: Sequence[StackDefinition]) -> list[StackDefinition]:
    """Put definitions that build on what others of them earn after those."""
    written = []
    for one in wanted:
        named, _ = resolved(db, issuer, one)
        written.append(_Written(one, one.key, named.achievement, named.mentions(), named.reads_all()))
    return [one.definition for one in in_order(written)]


def key_of(db: Db, issuer: Issuer, name: str) -> str:
    """Give the issuer's own key for an achievement, or the name itself when it is another's."""
    own = _own(db, issuer, name)
    return name if own is None else own.key


def _own(db: Db, issuer: Issuer, name: str) -> Achievement | None:
    return db.once(("achievement named", issuer.id, name), lambda: achievements.named(db, issuer.id, name))


def _own_names(db: Db, issuer: Issuer, resolved: StackDefinition) -> dict[str, str]:
    owned = ((uri, _own(db, issuer, uri)) for uri in sorted(resolved.mentions()))
    return {uri: _newest(db, own).name for uri, own in owned if own is not None}


def _newest(db: Db, achievement: Achievement) -> AchievementDefinition:
    said = db.once(("newest version", achievement.id), lambda: achievements.versions(db, achievement.id)[-1])
    return definitions.of(said)


def _as_issued(db: Db, issuer: Issuer, holding: Holding) -> Holding:
    own = _own(db, issuer, holding.achievement)
    if own is None or holding.recognised is not None:
        return holding
    told: dict[str, object] = {} if holding.issuer is not None else {"issuer": issuer.did}
    scale = _scale(_newest(db, own))
    if not holding.scale and holding.level in scale:
        told["scale"] = scale
    return holding.model_copy(update=told)


def _scale(definition: AchievementDefinition) -> tuple[str, ...]:
    return () if definition.rubric is None else tuple(level.id for level in definition.rubric.levels)


def _in_node(node: JsonObject, address: Names) -> JsonObject:
    named = {member: _in_member(member, value, address) for member, value in node.items()}
    return named if "achievements" not in node else {**named, "achievements": [*map(address, node["achievements"])]}


def _in_member(member: str, value: Json, address: Names) -> Json:
    if member == "rules":
        return [_in_node(one, address) for one in value]
    return _in_node(value, address) if member in {"rule", "first", "then"} else value


def _in_holding(holding: JsonObject, address: Names) -> JsonObject:
    named = {**holding, "achievement": address(holding["achievement"])}
    origin: Mapping[str, str] = holding.get("recognised", {})
    if "achievement" in origin:
        named["recognised"] = {**origin, "achievement": address(origin["achievement"])}
    return named


# ── What there is not ────────────────────────────────────────────────────────────────────────────────────────────────
def _unknown(db: Db, issuer: Issuer, definition: StackDefinition) -> Iterator[Place]:
    for pointer, name in _places(definition):
        if _own(db, issuer, name) is None and not _is_anothers(db, issuer, name):
            detail = f"there is no achievement {name!r}; one of another issuer is named by its address"
            yield Place(pointer, "unknown_achievement", detail)


def _places(definition: StackDefinition) -> Iterator[tuple[Pointer, str]]:
    for pointer, node in walk(definition.rule):
        if isinstance(node, Selection):
            yield from ((f"{pointer}/achievements/{number}", name) for number, name in enumerate(node.achievements))
    for number, names in enumerate(definition.equivalences):
        yield from ((f"/equivalences/{number}/{place}", name) for place, name in enumerate(names))


def _is_anothers(db: Db, issuer: Issuer, name: str) -> bool:
    """Say whether a name can be the id of another issuer's achievement: an address, and if here, one with something."""
    ours = name.startswith(f"{issuer.public_url}/achievements/")
    return stacking.knows_achievement(db, name) if ours else ":" in name


def _unknown_levels(db: Db, issuer: Issuer, definition: StackDefinition) -> Iterator[Place]:
    """Name levels that are on no scale: neither on that of an achievement that is asked for, nor among `levels`."""
    for pointer, node in walk(definition.rule):
        if not isinstance(node, Selection) or node.level is None or node.level in definition.levels:
            continue
        owned = ((name, _own(db, issuer, name)) for name in node.achievements)
        without = [name for name, own in owned if own is not None and node.level not in _scale(_newest(db, own))]
        if without:
            detail = f"{node.level!r} is no level of {' and '.join(map(repr, without))}"
            yield Place(f"{pointer}/level", "unknown_level", detail)
