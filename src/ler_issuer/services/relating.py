"""Relating: what the rules behind stacked credentials say about how achievements relate, as records tell it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from ler_issuer.badges import associations_of, derivation_of
from ler_issuer.services import ruling
from ler_issuer.stacking import PrecedesRule, Selection, walk
from ler_issuer.store import stacking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ler_issuer.badges import Association
    from ler_issuer.stacking import Rule, StackingRule
    from ler_issuer.store.db import Db
    from ler_issuer.types import JsonObject, Url


def associations(db: Db, members: Sequence[JsonObject]) -> Iterator[tuple[Association, ...]]:
    """Give how the achievements of credentials relate: first all that is known, then what is left with less of it.

    One rule may ask for an order, or take for equal, what another rule has the other way round. A record must not
    contradict itself, so whoever writes one takes the first answer that hangs together.
    """
    rules = list(_rules(db, members))
    orders = sorted({pair for rule in rules for pair in _orders(rule)})
    classes = sorted({alike for rule in rules for alike in rule.equivalences})
    yield associations_of(members, precedes=orders, equivalences=classes)
    yield associations_of(members, equivalences=classes)
    yield associations_of(members)
    yield ()


def _rules(db: Db, members: Sequence[JsonObject]) -> Iterator[StackingRule]:
    """Give the rules by which stacked members were earned, each version once."""
    derivations = (derivation_of(one) for one in members)
    for url in sorted({one.rule for one in derivations if one is not None}):
        version = stacking.published_at(db, url)
        if version is not None:
            yield ruling.text_of(version)


def _orders(rule: StackingRule) -> Iterator[tuple[Url, Url]]:
    """Give the achievements that the rule wants earned before others, in pairs."""
    for _, node in walk(rule.rule):
        if isinstance(node, PrecedesRule):
            earlier, later = _selected(node.first), _selected(node.then)
            yield from product(sorted(earlier - later), sorted(later - earlier))


def _selected(rule: Rule) -> set[str]:
    return {name for _, node in walk(rule) if isinstance(node, Selection) for name in node.achievements}
