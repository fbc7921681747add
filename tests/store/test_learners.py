"""Persons: learners who were merged, however many steps there are between them."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from ler_issuer.store import learners, tables
from world import found


@pytest.fixture
def forest(any_rt):
    """Twelve learners, most of them merged into one who came before: (whom each was merged into, by id)."""
    issuer_id = found(any_rt).issuer.id
    chance = random.Random(20_261_121)
    into: dict[str, str | None] = {}
    with any_rt.db.begin() as db:
        for _ in range(12):
            one = any_rt.new_id()
            into[one] = chance.choice([None, *into]) if into else None
            db.add(
                tables.learner,
                id=one,
                issuer_id=issuer_id,
                salt="0" * 32,
                pseudonym_key="0" * 64,
                directory_hold=False,
                merged_into_id=into[one],
                created_at=any_rt.now(),
            )
    return into


def root_of(into, one):
    return one if into[one] is None else root_of(into, into[one])


def is_below(into, one, top):
    return one == top or (into[one] is not None and is_below(into, into[one], top))


def test_a_person_is_everybody_with_the_same_root(any_rt, forest):
    with any_rt.db.read() as db:
        for one in forest:
            root = root_of(forest, one)
            others = sorted(who for who in forest if who != root and root_of(forest, who) == root)
            assert learners.person(db, one) == [root, *others]
            assert learners.root_of(db, one) == root
            assert learners.together(db, [one]) == {root, *others}


def test_everybody_is_in_one_person(any_rt, forest):
    with any_rt.db.read() as db:
        everybody = list(learners.persons(db))
        assert everybody == [learners.person(db, root) for root in sorted(one for one in forest if not forest[one])]
    assert sorted(one for person in everybody for one in person) == sorted(forest)


def test_who_was_merged_into_a_learner_goes_with_them(any_rt, forest):
    with any_rt.db.read() as db:
        for top in forest:
            first, *others = learners.with_absorbed(db, top)
            assert first == top
            assert others == sorted(who for who in forest if who != top and is_below(forest, who, top))


def test_a_link_is_seen_at_once(any_rt, forest):
    one, other, *_ = (who for who, into in forest.items() if into is None)

    with any_rt.db.begin() as db:
        assert other not in learners.person(db, one)
        learners.link(db, other, one)
        assert other in learners.person(db, one)
        learners.link(db, other, None)
        assert other not in learners.person(db, one)


def test_nobody_is_no_person(any_rt):
    with any_rt.db.read() as db:
        assert learners.person(db, any_rt.new_id()) == []
        assert list(learners.persons(db)) == []


@pytest.mark.postgres
def test_a_lock_on_one_is_a_lock_on_the_person(pg_rt):
    issuer_id = found(pg_rt).issuer.id
    ids = sorted(pg_rt.new_id() for _ in range(3))
    known = {"salt": "0" * 32, "pseudonym_key": "0" * 64, "directory_hold": False, "created_at": pg_rt.now()}
    with pg_rt.db.begin() as db:
        for one, into in zip(ids, [None, ids[0], None], strict=True):
            db.add(tables.learner, id=one, issuer_id=issuer_id, merged_into_id=into, **known)

    with pg_rt.db.begin() as db, pg_rt.db.begin() as other:
        learners.lock(db, [ids[1]])
        free = sa.select(tables.learner.c.id).with_for_update(skip_locked=True)
        assert list(other.run(free).scalars()) == [ids[2]]
