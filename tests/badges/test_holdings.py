"""What a stacking rule reads from a credential alone: of ours everything, of others what their terms go as far as."""

import copy
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from badges.samples import ASSESSED, BADGE_ID, CIRCUMSTANCES, ID, ISSUER, NOW, badge
from badges.stacks import STACK, stack
from ler_issuer.badges import Circumstances, HoldingFacts, holding_of

FOREIGN = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": "https://elsewhere.example/credentials/7",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": "did:web:elsewhere.example",
    "validFrom": "2026-05-01T02:00:00+02:00",
    "credentialSubject": {
        "id": "did:example:learner",
        "type": "AchievementSubject",
        "achievement": {
            "id": "https://elsewhere.example/badges/talks",
            "type": "Achievement",
            "name": "Talks",
            "description": "Gives talks.",
            "criteria": {"narrative": "Was seen to."},
            "alignment": {"type": "Alignment", "targetName": "Talk", "targetUrl": "https://case.example.org/items/9"},
            "resultDescription": {
                "id": "https://elsewhere.example/rd/1",
                "type": "ResultDescription",
                "name": "Stars",
                "resultType": "RawScore",
            },
        },
        "result": {"type": "Result", "resultDescription": "https://elsewhere.example/rd/1", "value": "★★★"},
    },
    "evidence": {"type": "Evidence", "genre": "video"},
}


def altered(change):
    made = badge()
    change(made)
    return made


def overall(made):
    wanted = f"{ID}#overall"
    described = made["credentialSubject"]["achievement"]["resultDescription"]
    return next(one for one in described if one["id"] == wanted)


class TestOurs:
    def test_everything_a_rule_can_read_is_read_from_the_credential_alone(self):
        assert holding_of(badge()) == HoldingFacts(
            id=BADGE_ID,
            achievement=ID,
            version="2026.1",
            issuer=ISSUER.id,
            awarded_at=ASSESSED,
            valid_from=NOW.replace(microsecond=0),
            valid_until=datetime(2029, 10, 30, 23, 15, tzinfo=UTC),
            overall="proficient",
            scale=("beginning", "developing", "proficient"),
            levels={"purpose": "developing", "delivery": "proficient"},
            score=Decimal("72.25"),
            credits=Decimal("1.5"),
            circumstances=CIRCUMSTANCES,
            genres=("video",),
            alignments=("https://case.example.org/items/9",),
        )

    def test_the_order_of_levels_is_that_of_their_ranks(self):
        """The order of an array is not signed: whoever turns it around has not turned the scale around."""

        def turn_around(made):
            overall(made)["rubricCriterionLevel"].reverse()

        assert holding_of(altered(turn_around)).scale == ("beginning", "developing", "proficient")

    @pytest.mark.parametrize("ranks", [("1", "1", "2"), ("1", "2", "best"), ("1", "2", None)])
    def test_levels_without_an_order_are_no_scale(self, ranks):
        def rank(made):
            for level, said in zip(overall(made)["rubricCriterionLevel"], ranks, strict=True):
                level["level"] = said

        assert holding_of(altered(rank)).scale == ()

    def test_what_is_told_twice_and_differently_says_nothing(self):
        """Results are not signed in order either, so that neither of them can be *the* one."""

        def claim_more(made):
            hours = next(one for one in made["credentialSubject"]["result"] if one.get("value") == "12.5")
            made["credentialSubject"]["result"] += [{**hours, "value": "1250"}, copy.deepcopy(made["evidence"][0])]

        assert holding_of(altered(claim_more)).circumstances.hours is None
        assert holding_of(altered(claim_more)).score == Decimal("72.25")

    def test_what_a_stack_was_derived_from_is_not_evidence_of_the_learner(self):
        assert holding_of(stack()).genres == ()
        assert holding_of(stack()).achievement == STACK.id_url

    def test_evidence_keeps_its_genre_where_nothing_was_derived(self):
        def name_genre(made):
            made["evidence"][0]["genre"] = "Part"

        assert holding_of(altered(name_genre)).genres == ("Part",)


class TestForeign:
    def test_an_open_badge_of_others_is_read_as_far_as_its_terms_go(self):
        assert holding_of(FOREIGN) == HoldingFacts(
            id="https://elsewhere.example/credentials/7",
            achievement="https://elsewhere.example/badges/talks",
            version=None,
            issuer="did:web:elsewhere.example",
            awarded_at=None,
            valid_from=datetime(2026, 5, 1, tzinfo=UTC),
            valid_until=None,
            overall=None,
            scale=(),
            levels={},
            score=None,
            credits=None,
            circumstances=Circumstances(),
            genres=("video",),
            alignments=("https://case.example.org/items/9",),
        )

    def test_a_badge_of_version_11_tells_its_dates_under_other_names(self):
        old = {name: value for name, value in FOREIGN.items() if name != "validFrom"}
        held = holding_of(old | {"issuanceDate": "2025-01-01T00:00:00Z", "expirationDate": "2027-01-01T00:00:00Z"})
        assert held.valid_from == datetime(2025, 1, 1, tzinfo=UTC)
        assert held.valid_until == datetime(2027, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize("name", ["validUntil", "awardedDate", "validFrom", "expirationDate"])
    def test_a_date_that_cannot_be_read_is_not_taken_for_none(self, name):
        with pytest.raises(ValueError, match=name):
            holding_of(FOREIGN | {name: "next year"})

    @pytest.mark.parametrize(
        "lacking",
        [
            {},
            {"credentialSubject": []},
            {name: value for name, value in FOREIGN.items() if name != "id"},
            {name: value for name, value in FOREIGN.items() if name != "validFrom"},
            FOREIGN | {"issuer": {"name": "Nobody"}},
            FOREIGN | {"credentialSubject": {"id": "did:example:learner"}},
        ],
    )
    def test_what_does_not_say_which_it_is_is_refused(self, lacking):
        with pytest.raises(ValueError, match="not a credential"):
            holding_of(lacking)

    def test_kinds_and_numbers_that_are_not_known_here_say_nothing(self):
        achieved = FOREIGN["credentialSubject"]["achievement"]["id"]

        def told(fragment, value):
            return {"type": ["Result"], "resultDescription": f"{achieved}#{fragment}", "value": value}

        subject = FOREIGN["credentialSubject"] | {
            "creditsEarned": "3",
            "activityStartDate": "2026-05-01",
            "activityEndDate": "2026-05-02T00:00:00Z",
            "role": 7,
            "result": [
                told("ext/experienceKind", "moon_landing"),
                told("ext/assessorKind", "oracle"),
                told("ext/hours", "many"),
                told("score", "NaN"),
                told("ext/partner", "p"),
                "nonsense",
            ],
        }
        held = holding_of(FOREIGN | {"credentialSubject": subject})
        assert held.circumstances == Circumstances(ended_on=date(2026, 5, 2), partner="p")
        assert (held.score, held.credits) == (None, None)
