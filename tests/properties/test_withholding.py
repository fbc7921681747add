"""Withholding: nobody gets a withheld figure back out of the total and the figures that are told."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.services.withholding import FEWEST, Column

_person = st.integers(0, 30).map(str)
_rows = st.lists(st.lists(_person, min_size=1, max_size=12), max_size=8)
"""Groups of awards: for each award the learner whose it is."""


def possible(total, told, hidden, *, least):
    """Give the whole numbers that each of `hidden` rows can be, for whoever sees the total and the figures told.

    They know that each is at least `least`, and that they and the figures told add up to the total.
    """
    if total is None:
        return None
    left = total - sum(told)
    most = left - least * (hidden - 1)
    return range(least, most + 1) if hidden > 1 else range(left, left + 1)


@given(_rows)
def test_numbers_of_awards_cannot_be_worked_out(rows):
    persons = [set(row) for row in rows]
    found = Column(persons, [len(row) for row in rows]).withheld()

    told = [len(row) for number, row in enumerate(rows) if number not in found.rows]
    total = None if found.total else sum(map(len, rows))
    values = possible(total, told, len(found.rows), least=1)

    assert all(number in found.rows for number, one in enumerate(persons) if len(one) < FEWEST)
    if found.rows and values is not None:
        assert len(values) >= 2
        assert all(len(rows[number]) in values for number in found.rows)


@given(_rows)
def test_what_is_left_is_no_small_figure_either(rows):
    persons = [set(row) for row in rows]
    found = Column(persons, [len(row) for row in rows]).withheld()
    everybody = set().union(*persons)

    assert found.total or not rows or len(everybody) >= FEWEST
    if found.rows and not found.total:
        assert len(set().union(*(persons[number] for number in found.rows))) >= FEWEST


@given(_rows, st.data())
def test_amounts_cannot_be_worked_out(rows, data):
    """Hours: some rows have none, and rows whose heads are withheld are withheld here too."""
    heads = Column([set(row) for row in rows], [len(row) for row in rows]).withheld()
    hours = {person: data.draw(st.integers(0, 3), label=person) for person in {one for row in rows for one in row}}
    persons = [{one for one in row if hours[one]} for row in rows]
    amounts = [sum(hours[one] for one in row) for row in persons]
    found = Column(persons).withheld(besides=heads.rows)

    told = [amount for number, amount in enumerate(amounts) if number not in found.rows]
    values = possible(None if found.total or heads.total else sum(amounts), told, len(found.rows), least=0)

    assert found.rows >= heads.rows
    assert all(number in found.rows for number, one in enumerate(persons) if 0 < len(one) < FEWEST)
    if found.rows and values is not None and any(amounts):
        assert len(values) >= 2


@given(st.lists(st.integers(0, 12), max_size=6))
def test_no_more_is_withheld_than_that_takes(sizes):
    """With persons of their own in every row, no smaller choice of rows that holds all the small ones would do."""
    persons = [{f"{row}-{number}" for number in range(size + 1)} for row, size in enumerate(sizes)]
    column = Column(persons, [len(one) for one in persons])
    found = column.withheld()
    small = {row for row, one in enumerate(persons) if len(one) < FEWEST}

    assert bool(found.rows) == bool(small)
    if not found.total and small:
        for count in range(len(found.rows) - len(small)):
            for more in combinations(set(range(len(persons))) - small, count):
                assert not column._is_safe(small | set(more))


@pytest.mark.parametrize(
    ("sizes", "rows", "total"),
    [
        ([], set(), False),
        ([4], {0}, True),
        ([5], set(), False),
        ([5, 6, 7], set(), False),
        ([9, 2, 6, 8], {1, 2}, False),
        ([9, 2, 3, 8], {1, 2}, False),
        ([9, 1, 1, 8], {1, 2, 3}, False),
        ([9, 2], {0, 1}, False),
        ([1, 1, 1, 1, 1], {0, 1, 2, 3, 4}, True),
        ([2, 2], {0, 1}, True),
        ([3, 3], {0, 1}, False),
    ],
)
def test_examples(sizes, rows, total):
    persons = [{f"{row}-{number}" for number in range(size)} for row, size in enumerate(sizes)]

    found = Column(persons, sizes).withheld()

    assert (found.rows, found.total) == (rows, total)


def test_a_row_withheld_for_other_reasons_is_not_withheld_alone():
    persons = [{f"{row}-{number}" for number in range(size)} for row, size in enumerate((8, 7, 6))]

    assert Column(persons).withheld(besides={0}).rows == {0, 2}


def test_where_nobody_has_anything_nothing_more_is_withheld():
    assert Column([set(), set(), set()]).withheld(besides={0, 1}) == Column([set(), set()]).withheld(besides={0, 1})
    assert Column([set(), set()]).withheld(besides={0, 1}).total is False
