"""What a badge says that somebody can do, in one form for all issuers: complete, plain, bounded, and nothing more."""

from __future__ import annotations

import copy
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badges.samples import BADGE_ID, ID, badge
from ler_issuer.badges import skills

ACHIEVED = {"type": ["Achievement"], "id": "urn:x:1", "name": "Welding"}


def credential(subject=None, **members):
    """Give a badge of somebody else's, with an achievement of hardly any words."""
    return {
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {"achievement": ACHIEVED} | (subject or {}),
    } | members


def only(document):
    (skill,) = skills(document)
    return skill


@pytest.fixture
def ours():
    return only(badge())


class TestOurOwn:
    def test_what_was_achieved(self, ours):
        assert ours["achievement"] == {
            "id": ID,
            "name": "Oral communication",
            "type": "MicroCredential",
            "description": "Speaks so that a mixed audience follows.",
            "criteria": {"id": "https://example.edu/criteria#oral", "narrative": "Rated on two criteria."},
            "version": "2026.1",
            "language": "en",
            "tags": ["communication", "NACE"],
            "field_of_study": None,
            "specialization": None,
            "code": None,
            "credits_available": 1.5,
        }
        assert (ours["issuer_id"], ours["credits_earned"]) == ("did:web:cred.example.edu:issuers:biology", 1.5)

    def test_when_and_in_which_role(self, ours):
        assert (ours["awarded_at"], ours["valid_from"]) == ("2026-10-30T23:15:00Z", "2026-11-01T10:00:00Z")
        assert ours["valid_until"].startswith("2029-10-30")
        assert (ours["role"], ours["term"]) == ("Presenter", "2026 autumn")
        assert (ours["started_at"], ours["ended_at"]) == ("2026-09-01T00:00:00Z", "2026-10-30T00:00:00Z")

    def test_results_with_their_levels(self, ours):
        by_name = {result["name"]: result for result in ours["results"]}

        purpose, score = by_name["Purpose"], by_name["Score"]
        assert purpose["type"] == "RubricCriterionLevel"
        assert purpose["value"] is None
        assert purpose["level"] == {
            "id": f"{ID}#criterion/purpose/developing",
            "name": "Developing",
            "description": None,
            "level": "2",
            "points": "2.5",
            "rank": 2,
            "of": 3,
            "alignments": [],
        }
        assert purpose["required"]["level"]["name"] == "Developing"
        assert (score["value"], score["minimum"], score["maximum"]) == ("72.25", "0", "100")
        assert score["required"] == {"value": "40", "level": None}
        assert (by_name["Hours"]["type"], by_name["Hours"]["value"]) == ("ext:hours", "12.5")

    def test_alignments_and_evidence(self, ours):
        assert ours["alignments"] == [
            {
                "name": "Communication",
                "url": "https://case.example.org/items/9",
                "code": "C-9",
                "description": "Exchange information clearly.",
                "framework": "Career readiness",
                "type": "CFItem",
            }
        ]
        assert ours["evidence"] == [
            {
                "id": "urn:uuid:5d1b2f6e-8c51-4f1f-8f60-8f0d9e5f8f10",
                "name": "Recording",
                "description": None,
                "narrative": None,
                "genre": "video",
                "audience": None,
            }
        ]

    def test_nothing_is_said_about_the_person(self, ours):
        told = json.dumps(ours)

        assert "identityHash" not in told
        assert BADGE_ID not in told


class TestOthers:
    def test_every_skill_has_the_same_members(self, ours):
        bare = only(credential())

        assert bare.keys() == ours.keys()
        assert bare["achievement"].keys() == ours["achievement"].keys()
        assert (bare["achievement"]["name"], bare["results"], bare["text_format"]) == ("Welding", [], "plain")

    def test_a_badge_of_the_older_data_model(self):
        told = only(
            credential(
                issuanceDate="2020-01-01T01:00:00+01:00",
                expirationDate="2021-01-01T00:00:00Z",
                issuer={"id": "https://edu.example"},
            )
        )

        assert (told["valid_from"], told["valid_until"]) == ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")
        assert told["issuer_id"] == "https://edu.example"

    @pytest.mark.parametrize(
        "name",
        [
            "Welding",
            {"@value": "Welding", "@language": "en"},
            [{"@value": "Schweißen", "@language": "de"}, {"@value": "Welding", "@language": "en-GB"}],
            [{"@value": "Welding"}],
            {"de": "Schweißen", "en": "Welding"},
            {"fr": ["Welding", "Soudage"]},
            " Weld\u202eing\r\n".replace("\u202e", ""),
        ],
    )
    def test_languages_are_read_however_they_are_named(self, name):
        assert only(credential({"achievement": ACHIEVED | {"name": name}}))["achievement"]["name"] == "Welding"

    def test_ranks_come_from_numbers_never_from_the_order(self):
        def rank(*levels):
            described = {
                "id": "urn:d",
                "rubricCriterionLevel": [{"id": f"urn:l:{n}", "level": level} for n, level in enumerate(levels)],
            }
            subject = {
                "achievement": ACHIEVED | {"resultDescription": [described]},
                "result": {"resultDescription": "urn:d", "achievedLevel": "urn:l:0"},
            }
            level = only(credential(subject))["results"][0]["level"]
            return level["rank"], level["of"]

        assert rank("3", "1", "2") == (3, 3)
        assert rank("10", "9") == (2, 2)
        assert rank("A", "B") == (None, None)
        assert rank("1", "1") == (None, None)
        assert rank("1", "x") == (None, None)
        assert rank(None) == (None, None)

    def test_a_result_whose_description_is_not_there_is_told_as_far_as_it_goes(self):
        (result,) = only(
            credential({"result": [{"resultDescription": "urn:gone", "value": "A", "status": "Completed"}]})
        )["results"]

        assert (result["value"], result["status"], result["name"], result["required"]) == ("A", "Completed", None, None)

    @pytest.mark.parametrize("kind", ["ClrCredential", "EndorsementCredential", "BitstringStatusListCredential"])
    def test_only_badges_tell_skills(self, kind):
        """Those of a record's members are told by the members: the record's signature does not bind them."""
        assert skills(credential() | {"type": ["VerifiableCredential", kind]}) == ()


class TestHostile:
    @pytest.mark.parametrize(
        "address",
        [
            "javascript:alert(1)",
            "JavaScript://x/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
            "https://edu.example/<script>",
            "https://edu.example/a b",
            "https://edu.example/\u202egpj.exe",
            "https://edu.example/" + "a" * 2_000,
            "//edu.example",
            "",
            17,
        ],
    )
    def test_an_address_that_could_do_something_is_left_out(self, address):
        achievement = ACHIEVED | {"id": address, "criteria": {"id": address}, "alignment": [{"targetUrl": address}]}
        told = only(credential({"achievement": achievement}, evidence=[{"id": address}]))

        assert told["achievement"]["id"] is None
        assert told["achievement"]["criteria"]["id"] is None
        assert told["alignments"][0]["url"] is None
        assert told["evidence"][0]["id"] is None

    def test_text_shows_all_there_is_and_no_more_than_can_be_read(self):
        said = {
            "name": "Weld\u202e\x00ing\ninside " + "x" * 500,
            "description": "<b>as it is</b>\r\n\tand on" + "y" * 6_000,
        }
        told = only(credential({"achievement": ACHIEVED | said}))["achievement"]

        assert told["name"].startswith("Weld��ing inside x")
        assert len(told["name"]) == 300
        assert told["description"].startswith("<b>as it is</b>\n\tand ony")
        assert len(told["description"]) == 5_000

    def test_a_document_that_refers_to_itself_a_thousand_times_stays_small(self):
        many = [{"targetName": "n" * 900, "targetDescription": "d" * 9_000}] * 900
        levels = [{"id": "urn:l", "level": "1", "alignment": many, "description": "d" * 9_000}] * 900
        described = [{"id": "urn:d", "rubricCriterionLevel": levels, "alignment": many, "requiredLevel": "urn:l"}] * 900
        results = [{"resultDescription": "urn:d", "achievedLevel": "urn:l", "alignment": many}] * 900
        subject = {
            "achievement": [ACHIEVED | {"resultDescription": described, "alignment": many}] * 900,
            "result": results,
        }
        started = time.perf_counter()

        told = skills(credential() | {"credentialSubject": [subject] * 900})

        assert time.perf_counter() - started < 5
        assert len(told) == 5
        assert len(json.dumps(told)) < 20_000_000

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_whatever_stands_there_an_answer_comes_out(self, data):
        document = copy.deepcopy(badge())
        anything = st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5) | st.just("@value"), inner),
            max_leaves=4,
        )
        for _ in range(3):
            place = document
            while isinstance(place, dict | list) and place:
                key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
                if data.draw(st.booleans()) and key != "type":
                    place[key] = data.draw(anything)
                    break
                place = place[key]
        told = skills(document)

        assert json.loads(json.dumps(told, allow_nan=False)) == list(told)

    @pytest.mark.parametrize("document", [None, [], "text", 1, {}, {"type": "OpenBadgeCredential"}])
    def test_of_what_is_no_badge_nothing_is_told(self, document):
        assert skills(document) == ()
