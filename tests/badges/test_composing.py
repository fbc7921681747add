from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.samples import (
    ASSESSED,
    AWARD,
    BADGE_ID,
    EVERYTHING,
    ID,
    ISSUER,
    LEARNER,
    NOW,
    RUBRIC,
    awards,
    badge,
    definitions,
    entry,
    published,
)
from ler_issuer.assessments import Identifier
from ler_issuer.badges import (
    AwardFacts,
    Circumstance,
    PublishedAchievement,
    Subject,
    Validity,
    achievement_document,
    achievement_resource,
    holding_of,
    identity_hash,
    nonconformities,
    pseudonym,
    told_score,
    valid_until,
)
from ler_issuer.vc import canonize

SECOND = timedelta(seconds=1)


def described(achievement, fragment):
    wanted = f"{ID}#{fragment}"
    return next(one for one in achievement_document(achievement)["resultDescription"] if one["id"] == wanted)


def result(credential, fragment):
    wanted = f"{ID}#{fragment}"
    return next(one for one in credential["credentialSubject"]["result"] if one["resultDescription"] == wanted)


class TestIdentity:
    @pytest.mark.parametrize(
        ("value", "salt", "expected"),
        [
            ("a@example.com", "Kosher", "b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"),
            (
                "jjefferson18@example.com",
                "FleurDeSel",
                "658625b25ab3d75d613ca97d9a5a77f70e2192feca5557f4ad09a4d4f121f5fc",
            ),
        ],
    )
    def test_the_published_check_values_come_out(self, value, salt, expected):
        assert identity_hash(value, salt) == f"sha256${expected}"

    def test_an_identifier_is_hashed_in_its_normalised_form(self):
        assert badge()["credentialSubject"]["identifier"] == [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": identity_hash("ada@example.edu", "1f0c9a7b"),
                "identityType": "emailAddress",
                "salt": "1f0c9a7b",
            }
        ]

    def test_a_bound_learner_is_named_by_did_alone(self):
        subject = badge(subject=Subject(did="did:key:z6Mk"))["credentialSubject"]
        assert subject["id"] == "did:key:z6Mk"
        assert "identifier" not in subject

    def test_a_learner_may_be_named_in_further_ways(self):
        other = Subject.hashed(Identifier(type="emailAddress", value="ada@example.org"), salt="s").identifier
        subject = badge(subject=Subject(did="did:key:z6Mk", further=(other,)))["credentialSubject"]
        assert subject["id"] == "did:key:z6Mk"
        assert [one["identityHash"] for one in subject["identifier"]] == [identity_hash("ada@example.org", "s")]

    def test_a_subject_is_somebody(self):
        with pytest.raises(ValueError, match="DID or an identifier"):
            Subject()

    def test_a_pseudonym_depends_on_key_kind_and_value(self):
        made = {
            pseudonym(kind, who, key=key) for kind in ("assessor", "partner") for who in "ab" for key in (b"1", b"2")
        }
        assert len(made) == 8
        assert pseudonym("assessor", "a", key=b"1") in made


class TestCredential:
    def test_the_frame(self):
        made = badge()
        assert {name: made[name] for name in ("id", "type", "name", "validFrom", "awardedDate", "validUntil")} == {
            "id": BADGE_ID,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Oral communication",
            "validFrom": "2026-11-01T10:00:00Z",
            "awardedDate": "2026-10-30T23:15:00Z",
            "validUntil": "2029-10-30T23:15:00Z",
        }
        assert made["issuer"]["id"] == ISSUER.id
        assert made["issuer"]["type"] == ["Profile"]

    def test_only_evidence_meant_for_the_credential_is_in_it(self):
        assert [item["name"] for item in badge()["evidence"]] == ["Recording"]

    def test_no_name_of_another_person_is_in_it(self):
        assert "source" not in badge()["credentialSubject"]

    def test_one_status_entry_stands_alone_and_two_in_an_array(self):
        both = [entry(), entry("suspension", 5)]
        assert badge()["credentialStatus"] == entry()
        assert badge(entries=both)["credentialStatus"] == both

    def test_what_could_not_be_withdrawn_is_not_composed(self):
        with pytest.raises(ValueError, match="status entry"):
            badge(entries=[])

    def test_what_is_over_already_is_not_composed(self):
        long_ago = AwardFacts(assessed_at=datetime(2020, 1, 1, tzinfo=UTC))
        with pytest.raises(ValueError, match="ended before"):
            badge(long_ago)

    def test_only_descriptions_that_results_use_are_carried_for_circumstances(self):
        plain = badge(AwardFacts(assessed_at=ASSESSED))["credentialSubject"]
        assert not any("#ext/" in one["id"] for one in plain["achievement"]["resultDescription"])
        assert "result" not in plain

    def test_results_are_in_the_order_of_the_rubric(self):
        levels = [one["achievedLevel"] for one in badge()["credentialSubject"]["result"] if "achievedLevel" in one]
        assert levels == [
            f"{ID}#criterion/purpose/developing",
            f"{ID}#criterion/delivery/proficient",
            f"{ID}#overall/proficient",
        ]

    def test_numbers_of_results_are_strings_and_credits_are_numbers(self):
        made = badge()
        assert result(made, "score")["value"] == "72.25"
        assert result(made, "ext/hours")["value"] == "12.5"
        assert made["credentialSubject"]["creditsEarned"] == 1.5

    def test_a_score_without_a_scale_is_not_told(self):
        rule = {"conditions": [{"type": "overall", "level": "proficient"}]}
        made = badge(achievement=published(score=None, award=rule))
        assert not any(
            "value" in one and "#ext/" not in one["resultDescription"] for one in made["credentialSubject"]["result"]
        )


class TestValidity:
    @pytest.mark.parametrize(
        ("start", "months", "end"),
        [
            ((2026, 1, 31), 1, (2026, 2, 28)),
            ((2028, 1, 31), 1, (2028, 2, 29)),
            ((2028, 2, 29), 12, (2029, 2, 28)),
            ((2026, 12, 31), 2, (2027, 2, 28)),
            ((2026, 11, 30), 13, (2027, 12, 30)),
            ((2026, 3, 15), 1_200, (2126, 3, 15)),
        ],
    )
    def test_months_are_calendar_months(self, start, months, end):
        began = datetime(*start, 8, 30, tzinfo=UTC)
        ends = valid_until(Validity(months=months), assessed_at=began, issued_at=NOW)
        assert ends == datetime(*end, 8, 30, tzinfo=UTC)

    def test_the_period_may_count_from_issuance(self):
        counted = valid_until(Validity(months=1, counts_from="issuance"), assessed_at=ASSESSED, issued_at=NOW)
        assert counted == datetime(2026, 12, 1, 10, tzinfo=UTC)

    def test_months_are_counted_in_utc(self):
        local = datetime(2026, 1, 31, 20, tzinfo=timezone(timedelta(hours=-6)))  # already February in UTC
        ends = valid_until(Validity(months=1), assessed_at=local, issued_at=NOW)
        assert ends == datetime(2026, 3, 1, 2, tzinfo=UTC)

    def test_without_a_period_there_is_no_end(self):
        assert valid_until(None, assessed_at=ASSESSED, issued_at=NOW) is None
        assert "validUntil" not in badge(achievement=published(validity=None))


class TestAchievement:
    def test_a_criterion_carries_its_levels_from_low_to_high(self):
        purpose = described(published(), "criterion/purpose")
        assert purpose["resultType"] == "RubricCriterionLevel"
        assert [(one["level"], one["name"]) for one in purpose["rubricCriterionLevel"]] == [
            ("1", "Beginning"),
            ("2", "Developing"),
            ("3", "Proficient"),
        ]
        assert purpose["rubricCriterionLevel"][1]["points"] == "2.5"

    def test_the_highest_level_asked_for_is_required(self):
        assert described(published(), "criterion/delivery")["requiredLevel"] == f"{ID}#criterion/delivery/developing"
        assert described(published(), "overall")["requiredLevel"] == f"{ID}#overall/proficient"

    def test_a_level_that_nobody_asks_for_is_not_required(self):
        rule = {"conditions": [{"type": "criteria", "level": "proficient"}]}
        assert "requiredLevel" not in described(published(award=rule), "overall")

    def test_a_score_says_its_range_and_what_is_required(self):
        score = described(published(), "score")
        assert (score["valueMin"], score["valueMax"], score["requiredValue"]) == ("0", "100", "40")

    def test_a_score_that_no_condition_asks_for_is_described_without_a_threshold(self):
        rule = {"conditions": [{"type": "overall", "level": "proficient"}]}
        assert "requiredValue" not in described(published(award=rule), "score")

    @pytest.mark.parametrize(("weights", "name"), [(None, "Mean score"), ({"a": 1}, "Weighted mean score")])
    def test_a_mean_says_that_it_is_one(self, weights, name):
        rule = {"conditions": [{"type": "mean", "minimum": 40, "weights": weights}], "each_of": list(weights or ())}
        achievement = published(award=rule, rubric=None)
        assert described(achievement, "mean")["name"] == name
        assert described(achievement, "mean")["requiredValue"] == "40"
        assert (
            result(badge(AwardFacts(assessed_at=ASSESSED, score=Decimal(41)), achievement=achievement), "mean")["value"]
            == "41"
        )

    def test_ids_do_not_collide_when_keys_contain_dashes(self):
        rubric = {
            "criteria": [{"id": "a", "name": "A"}, {"id": "a-b", "name": "A-B"}],
            "levels": [{"id": "b-c", "name": "1"}, {"id": "c", "name": "2"}],
        }
        rule = {"conditions": [{"type": "overall", "level": "c"}]}
        document = achievement_document(published(rubric=rubric, award=rule))
        ids = [one["id"] for one in document["resultDescription"]] + [
            level["id"] for one in document["resultDescription"] for level in one.get("rubricCriterionLevel", [])
        ]
        assert len(ids) == len(set(ids))
        assert all(one.count("#") == 1 for one in ids)

    def test_ids_do_not_depend_on_the_version(self):
        first = published()
        second = PublishedAchievement(ID, "2", f"{ID}/versions/2", first.definition)
        ids = [[one["id"] for one in achievement_document(one)["resultDescription"]] for one in (first, second)]
        assert ids[0] == ids[1]

    def test_the_exact_version_can_be_found(self):
        assert achievement_document(published())["related"] == [
            {"id": f"{ID}/versions/2026.1", "type": ["Related"], "version": "2026.1"}
        ]

    def test_without_an_award_rule_nothing_is_required(self):
        document = achievement_document(published(award=None))
        assert not [one for one in document["resultDescription"] if {"requiredLevel", "requiredValue"} & one.keys()]
        assert described(published(award=None), "score")["name"] == "Score"

    def test_an_image_carries_its_caption(self):
        assert achievement_document(published())["image"] == {
            "id": "https://cred.example.edu/images/f00d.png",
            "type": "Image",
            "caption": "A speech bubble",
        }

    def test_the_served_document_describes_every_circumstance(self):
        types = {one["resultType"] for one in achievement_resource(published())["resultDescription"]}
        assert {f"ext:{one}" for one in Circumstance} < types

    def test_the_served_document_is_linked_data_without_loss(self, schemas, contexts):
        problems = nonconformities(achievement_resource(published()), schemas)
        assert canonize(achievement_resource(published()), contexts).lost == ()
        formal = {"not_a_credential", "member_missing"}  # it is no credential; nothing else may be wrong with it
        assert {problem.code for problem in problems} == formal


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_is_composed_conforms_and_can_be_read_back(data, schemas, contexts):
    definition = data.draw(definitions())
    award = data.draw(awards(definition))
    achievement = PublishedAchievement(ID, "1", f"{ID}/versions/1", definition)
    entries = [entry(), entry("suspension", 7)] if definition.suspendable else [entry()]
    subject = data.draw(
        st.sampled_from(
            [LEARNER, Subject(did="did:key:z6Mk"), Subject.hashed(Identifier(type="ext:eppn", value="ada"), salt="é")]
        )
    )

    made = badge(award, achievement=achievement, entries=entries, subject=subject)

    assert nonconformities(made, schemas) == ()
    assert canonize(made, contexts).lost == ()
    held = holding_of(made)
    assert held.circumstances == award.circumstances
    assert (held.overall, held.levels) == (award.overall, award.levels)
    assert held.scale == (tuple(level.id for level in definition.rubric.levels) if definition.rubric else ())
    assert held.score == (None if award.score is None else told_score(award.score))
    assert held.credits == definition.credits
    assert held.genres == tuple(
        item.genre for item in award.evidence if item.genre and item.disclosure == "in_credential"
    )
    ends = valid_until(definition.validity, assessed_at=ASSESSED, issued_at=NOW)
    assert held.valid_until == ends
    assert held.valid_from - NOW < SECOND


def test_a_cut_score_meets_the_same_thresholds():
    almost = Decimal("39.99999999999")
    assert told_score(almost) < 40
    assert told_score(Decimal(2) / Decimal(3)) >= Decimal("0.666666")


def test_the_sample_uses_everything_there_is():
    assert set(EVERYTHING) | {
        "translations",
        "in_force_from",
        "release_at",
        "achievement_type",
        "language",
        "earned",
        "better_attempt",
        "correction",
    } == set(published().definition.model_dump())
    assert AWARD.levels.keys() == {criterion["id"] for criterion in RUBRIC["criteria"]}
