from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer import vc
from signing import NOW

V1 = ["https://www.w3.org/2018/credentials/v1"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-15T12:00:00Z", NOW),
        ("2026-11-15T14:00:00+02:00", NOW),
        ("2026-11-14T22:00:00-14:00", NOW),
        ("2026-11-15T12:00:00.0Z", NOW),
        ("2026-11-15T12:00:00.5Z", NOW + timedelta(milliseconds=500)),
        ("2026-11-15T12:00:00.1234567899Z", NOW + timedelta(microseconds=123456)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_are_read(text: str, moment: datetime) -> None:
    assert vc.instant(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-15",
        "2026-11-15T12:00:00",
        "2026-11-15T12:00Z",
        "2026-11-15 12:00:00Z",
        "2026-11-15t12:00:00z",
        "2026-11-15T12:00:00+0200",
        "2026-11-15T12:00:00+14:30",
        "2026-11-15T12:00:00.Z",
        "2026-11-15T24:00:00Z",
        "2026-11-15T12:00:60Z",
        "2026-02-30T12:00:00Z",
        "2026-11-15T12:00:00Z ",
        "٢٠٢٦-11-15T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "-2026-11-15T12:00:00Z",
        "",
        7,
        None,
        ["2026-11-15T12:00:00Z"],
        {"@value": "2026-11-15T12:00:00Z"},
    ],
)
def test_anything_else_is_no_instant(text: object) -> None:
    assert vc.instant(text) is None


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=-5)))))
def test_stamps_are_read_back(moment: datetime) -> None:
    if moment.year in {1, 9999}:
        return
    assert vc.instant(vc.stamp(moment)) == moment.replace(microsecond=0)


def test_a_time_without_a_zone_is_not_stamped() -> None:
    with pytest.raises(ValueError, match="time zone"):
        vc.stamp(NOW.replace(tzinfo=None))


def codes(**document: object) -> list[str]:
    return [found.code for found in vc.check_validity(document, NOW)]


def test_the_period_is_checked_with_a_minute_to_spare() -> None:
    assert codes(validFrom="2026-11-15T12:01:00Z") == ["valid_from_past", "valid_until_absent"]
    assert codes(validFrom="2026-11-15T12:01:01Z")[0] == "not_yet_valid"
    assert codes(validFrom="2026-11-01T00:00:00Z", validUntil="2026-11-15T11:59:00Z")[1] == "valid_until_future"
    assert codes(validFrom="2026-11-01T00:00:00Z", validUntil="2026-11-15T11:58:59Z")[1] == "expired"
    assert codes(validFrom=None, validUntil=[]) == ["valid_from_absent", "valid_until_malformed"]
    assert codes(validFrom="2026-11-15T12:00:30Z", validUntil="2026-11-15T12:00:00Z")[1] == "period_reversed"


def test_a_document_of_version_1_has_its_own_names_and_cannot_hide_the_new_ones() -> None:
    old = {"@context": V1, "issuanceDate": "2020-01-01T00:00:00Z"}
    assert codes(**old, expirationDate="2021-01-01T00:00:00Z") == ["valid_from_past", "expired"]
    assert codes(**old, validUntil="2021-01-01T00:00:00Z") == ["valid_from_past", "expired"]
    assert codes(issuanceDate="2020-01-01T00:00:00Z")[0] == "valid_from_absent"
    assert codes(**{"@context": V1})[0] == "valid_from_missing"
