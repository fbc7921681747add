"""Which version of a rule applies to whom: in force when they started, pinned, in grace, migrated."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ler_issuer.stacking import Policy, StackingRule
from ler_issuer.stacking.versions import (
    Because,
    Pin,
    RuleVersion,
    Started,
    Transition,
    applicable,
    catalog_year,
    leading_year,
)

TEXT = StackingRule.model_validate({"rule": {"type": "holding", "achievements": ["a"]}})
GRACE, MIGRATE = Transition.GRACE, Transition.MIGRATE


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = day("2027-03-01")


def version(number, published, **changes):
    published_at = day(published)
    usual = {
        "id": f"v{number}",
        "text": TEXT,
        "policy": Policy.REVIEW,
        "published_at": published_at,
        "in_force_from": None if number == 1 else published_at,
        "catalog_year": catalog_year(published_at.date()),
    }
    return RuleVersion(number=number, **usual | changes)


V1 = version(1, "2025-09-01")
V2 = version(2, "2026-10-01")


def pinned(number, at="2026-01-01"):
    return Pin(f"v{number}", Because.FIRST_HOLDING, day(at))


def choose(*versions, at=NOW, **started):
    return applicable(versions, Started(**started), at)


def own(*versions, at=NOW, **started):
    return choose(*versions, at=at, **started).own.number


def test_without_a_version_nothing_applies():
    assert choose() is None


@pytest.mark.parametrize(("year", "number"), [(2020, 1), (2024, 1), (2025, 1), (2026, 2), (2030, 2)], ids=str)
def test_the_catalog_year_decides(year, number):
    assert own(V1, V2, catalog_year=year) == number
    assert choose(V1, V2, catalog_year=year).because is Because.CATALOG_YEAR


@pytest.mark.parametrize(
    ("held", "number"), [("2019-01-01", 1), ("2026-09-30", 1), ("2026-10-01", 2), ("2027-01-01", 2)], ids=str
)
def test_else_the_first_holding_does(held, number):
    chosen = choose(V1, V2, first_held_at=day(held))

    assert (chosen.own.number, chosen.because) == (number, Because.FIRST_HOLDING)


def test_a_known_catalog_year_goes_before_the_first_holding():
    assert own(V1, V2, catalog_year=2025, first_held_at=day("2027-01-01")) == 1
    assert own(V1, V2, catalog_year=2026, first_held_at=day("2025-10-01")) == 2


def test_who_has_not_started_is_under_what_is_in_force_now():
    chosen = choose(V1, V2)

    assert (chosen.own.number, chosen.because, chosen.to_pin) == (2, Because.NOT_STARTED, False)
    assert own(V1, V2, at=day("2026-09-30")) == 1


def test_a_version_that_is_not_in_force_yet_waits():
    ahead = version(2, "2026-10-01", in_force_from=day("2027-08-01"), catalog_year=2027)

    assert own(V1, ahead, first_held_at=day("2027-02-01")) == 1
    assert own(V1, ahead, catalog_year=2026) == 1
    assert own(V1, ahead, first_held_at=day("2027-08-01"), at=day("2027-09-01")) == 2


def test_a_choice_is_remembered_once_the_learner_has_started():
    assert choose(V1, V2, first_held_at=day("2026-01-01")).to_pin
    assert choose(V1, V2, catalog_year=2026, first_held_at=day("2026-01-01")).to_pin
    assert not choose(V1, V2, catalog_year=2026).to_pin
    assert not choose(V1, V2, first_held_at=day("2026-01-01"), pin=pinned(1)).to_pin


def test_a_pin_outlives_what_becomes_known_later():
    late = {"pin": pinned(2, "2026-11-01"), "first_held_at": day("2025-12-01")}

    assert own(V1, V2, **late) == 2
    assert own(V1, V2, pin=pinned(1, "2026-12-01"), catalog_year=2027) == 1
    assert choose(V1, V2, **late).because is Because.PINNED


def test_a_pin_outlives_a_new_version():
    assert own(V1, V2, pin=pinned(1), first_held_at=day("2025-12-01")) == 1
    assert own(V1, V2, pin=pinned(1), catalog_year=2026, first_held_at=day("2025-12-01")) == 1


def test_a_version_may_reach_back_to_those_who_started_before_it_was_published():
    for_year = version(2, "2026-10-01", catalog_year=2026, names_year=True)
    since = version(2, "2026-10-01", in_force_from=day("2026-01-01"))

    assert own(V1, for_year, pin=pinned(1), catalog_year=2026) == 2
    assert own(V1, for_year, pin=pinned(1), catalog_year=2025) == 1
    assert own(V1, since, pin=pinned(1), first_held_at=day("2026-02-01")) == 2
    assert own(V1, since, pin=pinned(1), first_held_at=day("2025-12-31")) == 1
    assert choose(V1, since, pin=pinned(1), first_held_at=day("2026-02-01")).to_pin


# ── Grace ────────────────────────────────────────────────────────────────────────────────────────────────────────────
WITH_GRACE = version(2, "2026-10-01", transition=GRACE, grace_until=day("2027-06-01"))
STARTED = {"first_held_at": day("2026-01-01")}


def test_until_the_date_either_version_will_do():
    chosen = choose(V1, WITH_GRACE, pin=pinned(1), **STARTED)

    assert [one.number for one in chosen.versions] == [1, 2]
    assert [one.number for one in choose(V1, WITH_GRACE, **STARTED).versions] == [1, 2]
    assert [one.number for one in choose(V1, WITH_GRACE, first_held_at=day("2026-11-01")).versions] == [2]


@pytest.mark.parametrize("at", ["2027-06-01", "2030-01-01"])
def test_afterwards_only_the_new_one_does(at):
    chosen = choose(V1, WITH_GRACE, at=day(at), pin=pinned(1), **STARTED)

    assert [one.number for one in chosen.versions] == [2]
    assert chosen.to_pin


def test_the_last_moment_of_grace_counts():
    assert own(V1, WITH_GRACE, at=day("2027-05-31"), pin=pinned(1), **STARTED) == 1


def test_a_grace_period_goes_on_beside_a_newer_version():
    third = version(3, "2027-01-01")

    assert [one.number for one in choose(V1, WITH_GRACE, third, pin=pinned(1), **STARTED).versions] == [1, 2]
    assert own(V1, WITH_GRACE, third, at=day("2027-07-01"), pin=pinned(1), **STARTED) == 2


# ── Migration ────────────────────────────────────────────────────────────────────────────────────────────────────────
MIGRATED = version(2, "2026-10-01", transition=MIGRATE)


@pytest.mark.parametrize(
    "started",
    [{}, {"pin": pinned(1)}, {"catalog_year": 2020}, STARTED, STARTED | {"pin": pinned(1), "catalog_year": 2020}],
)
def test_everybody_is_under_a_version_that_all_were_migrated_to(started):
    assert [one.number for one in choose(V1, MIGRATED, **started).versions] == [2]


def test_who_was_migrated_stays_there():
    third = version(3, "2027-01-01")

    assert own(V1, MIGRATED, third, pin=pinned(1), **STARTED) == 2
    assert own(V1, MIGRATED, third, pin=pinned(2), **STARTED) == 2
    assert own(V1, MIGRATED, third, first_held_at=day("2027-02-01")) == 3
    assert choose(V1, MIGRATED, third, pin=pinned(1), **STARTED).to_pin


def test_what_was_said_of_the_first_version_has_no_meaning():
    alone = version(1, "2025-09-01", transition=GRACE, grace_until=day("2026-01-01"))

    assert [one.number for one in choose(alone, V2, **STARTED).versions] == [1]


def test_a_pin_to_a_version_that_is_retired_is_chosen_anew():
    assert own(V2, pin=pinned(1), **STARTED) == 2
    assert choose(V2, pin=pinned(1), **STARTED).to_pin


def test_the_order_in_which_versions_come_does_not_matter():
    assert own(MIGRATED, V1, **STARTED) == 2
    assert [one.number for one in choose(WITH_GRACE, V1, **STARTED).versions] == [1, 2]


# ── Years ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "year"),
    [("2026-08-01", 2026), ("2026-12-31", 2026), ("2027-01-01", 2026), ("2027-07-31", 2026), ("2027-08-01", 2027)],
)
def test_a_catalog_year_runs_from_august(text, year):
    assert catalog_year(date.fromisoformat(text)) == year


@pytest.mark.parametrize(
    ("told", "year"),
    [
        ("2026", 2026),
        ("2026-27", 2026),
        ("2026/2027", 2026),
        ("2026–2027", 2026),  # noqa: RUF001 - as registrars write it
        (" 2026 catalog", 2026),
        (None, None),
        ("", None),
        ("Fall 2026", None),
        ("20261", None),
    ],
)
def test_the_leading_year_counts(told, year):
    assert leading_year(told) == year
