"""Credentials over HTTP: found, opened, and their status changed."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from world import award, publish

WHY = {"reason_code": "issued_in_error", "note": "Ada told us."}


@pytest.fixture
def achievement(rt, tenant):
    return publish(rt, tenant, suspendable=True)


@pytest.fixture
def credential(rt, tenant, achievement):
    return award(rt, tenant, achievement=achievement.key).credential_id


def pages(call, **params):
    """Follow the cursors to the end; give the pages."""
    found, cursor = [], None
    while not found or cursor:
        page = call("GET", "/v1/credentials", params=params | ({"cursor": cursor} if cursor else {})).json()
        found.append(page["items"])
        cursor = page["next_cursor"]
    return found


def ids(call, **params):
    return [line["id"] for page in pages(call, **params) for line in page]


class TestList:
    @pytest.mark.usefixtures("achievement")
    def test_pages_hold_every_credential_once(self, call, rt, tenant, world):
        made = []
        for number in range(7):
            made.append(award(rt, tenant, f"learner-{number}@example.edu").credential_id)
            world.wait(seconds=number % 2)  # some at one instant, some not

        found = pages(call, limit=3)

        assert [len(page) for page in found] == [3, 3, 1]
        assert sorted(line["id"] for page in found for line in page) == sorted(made)

    def test_filters(self, call, rt, tenant, achievement):
        other = publish(rt, tenant, key="listening", name="Listening")
        first, second = (award(rt, tenant, who).credential_id for who in ("ada@example.edu", "bea@example.edu"))
        third = award(rt, tenant, "bea@example.edu", achievement="listening").credential_id
        call("POST", f"/v1/credentials/{first}/revoke", json=WHY)
        bea = call("GET", f"/v1/credentials/{second}").json()["learner_id"]

        assert sorted(ids(call, learner=bea)) == sorted([second, third])
        assert ids(call, achievement=other.id) == [third]
        assert ids(call, achievement="listening") == [third]
        assert ids(call, achievement="juggling") == []
        assert ids(call, learner=bea, achievement=achievement.id) == [second]
        assert ids(call, standing="revoked") == [first]
        assert sorted(ids(call, standing="current")) == sorted([second, third])
        assert ids(call, **{"import": achievement.id}) == []

    @pytest.mark.usefixtures("achievement")
    def test_what_changed_can_be_followed(self, call, rt, tenant, world):
        first = award(rt, tenant, "ada@example.edu").credential_id
        world.wait(hours=1)
        second = award(rt, tenant, "bea@example.edu").credential_id
        world.wait(hours=1)
        call("POST", f"/v1/credentials/{first}/revoke", json=WHY)

        assert ids(call, updated_since="2026-06-01T13:00:00Z") == [second, first]
        assert ids(call, updated_since="2026-06-01T14:00:00+00:00") == [first]
        assert ids(call, updated_since="2026-06-01T14:00:01Z") == []

    def test_time_passes_over_standing(self, call, rt, tenant, world):
        publish(rt, tenant, validity={"months": 1, "counts_from": "issuance"})
        made = award(rt, tenant).credential_id
        assert ids(call, standing="current") == [made]

        world.wait(days=40)

        assert ids(call, standing="expired") == [made]
        assert call("GET", f"/v1/credentials/{made}").json()["standing"] == "expired"

    @pytest.mark.parametrize(
        ("params", "pointer"),
        [
            ({"learner": "ada@example.edu"}, "/learner"),
            ({"import": "1"}, "/import"),
            ({"standing": "excellent"}, "/standing"),
            ({"updated_since": "0"}, "/updated_since"),
            ({"updated_since": "2026-06-01T14:00:00"}, "/updated_since"),
            ({"updated_since": "0001-01-01T00:00:00+14:00"}, "/updated_since"),
            ({"limit": "0"}, "/limit"),
            ({"limit": "1001"}, "/limit"),
            ({"limit": "many"}, "/limit"),
            ({"cursor": "\x00"}, "/cursor"),
            ({"cursor": "bm8"}, "/cursor"),
            ({"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OSB4"}, "/cursor"),
        ],
    )
    def test_a_question_of_the_wrong_shape_is_malformed(self, call, params, pointer):
        told = problem(call("GET", "/v1/credentials", params=params), 400, "malformed")

        assert {place for place, _ in places(told)} == {pointer}


class TestOne:
    def test_it_has_its_document_its_trace_and_its_history(self, call, credential):
        opened = call("GET", f"/v1/credentials/{credential}").json()

        assert opened["document"]["id"] == f"urn:uuid:{credential}"
        assert opened["document"]["proof"]
        assert opened["trace"]["met"] is True
        assert (opened["standing"], opened["history"]) == ("current", [])

    def test_it_is_found_by_its_urn_too(self, call, credential):
        assert call("GET", f"/v1/credentials/urn:uuid:{credential}").json()["id"] == credential

    @pytest.mark.parametrize("wrong", ["11111111-2222-4333-8444-555555555555", "x", "%00", "urn:uuid:", "1" * 300])
    def test_what_is_not_there_is_missing(self, call, wrong):
        problem(call("GET", f"/v1/credentials/{wrong}"), 404, "missing")


class TestStatus:
    def test_a_revocation_is_for_good_and_keeps_its_note_private(self, call, credential):
        path = f"/v1/credentials/{credential}"
        revoked = call("POST", f"{path}/revoke", json=WHY)

        assert (revoked.status_code, revoked.json()["standing"]) == (200, "revoked")
        assert call("GET", path).json()["history"] == [
            {"act": "revoke", "reason_code": "issued_in_error", "at": "2026-06-01T12:00:00Z"}
        ]
        assert "Ada told" not in call("GET", path).text
        for act in ("revoke", "suspend", "reinstate"):
            problem(call("POST", f"{path}/{act}", json=WHY), 409, "conflict")

    def test_a_suspension_can_be_lifted(self, call, credential):
        path = f"/v1/credentials/{credential}"

        assert call("POST", f"{path}/suspend", json=WHY).json()["standing"] == "suspended"
        problem(call("POST", f"{path}/suspend", json=WHY), 409, "conflict")
        assert call("POST", f"{path}/reinstate", json={"reason_code": "cleared"}).json()["standing"] == "current"
        problem(call("POST", f"{path}/reinstate", json=WHY), 409, "conflict")
        assert [act["act"] for act in call("GET", path).json()["history"]] == ["suspend", "reinstate"]

    def test_only_what_is_suspendable_can_be_suspended(self, call, rt, tenant):
        publish(rt, tenant)
        made = award(rt, tenant).credential_id

        told = problem(call("POST", f"/v1/credentials/{made}/suspend", json=WHY), 422, "unacceptable")

        assert "suspendable" in told["detail"]

    @pytest.mark.parametrize("act", ["revoke", "suspend", "reinstate"])
    @pytest.mark.parametrize(
        ("reason", "pointer"),
        [
            ({}, "/reason_code"),
            ({"reason_code": ""}, "/reason_code"),
            ({"reason_code": "because Ada said so"}, "/reason_code"),
            ({"reason_code": "x" * 65}, "/reason_code"),
            ({"reason_code": 1}, "/reason_code"),
            ({"reason_code": "x", "note": ""}, "/note"),
            ({"reason_code": "x", "notes": "y"}, "/notes"),
        ],
    )
    def test_a_reason_is_a_code(self, call, credential, act, reason, pointer):
        told = problem(call("POST", f"/v1/credentials/{credential}/{act}", json=reason), 400, "malformed")

        assert {place for place, _ in places(told)} == {pointer}
        assert call("GET", f"/v1/credentials/{credential}").json()["standing"] == "current"
