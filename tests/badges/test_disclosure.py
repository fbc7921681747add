"""What of a badge is always shown, and what a report says of a part of it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from badges import samples
from ler_issuer import vc
from ler_issuer.badges import (
    FLOOR,
    LANGUAGES,
    POLICIES,
    AchievementDefinition,
    disclosure_findings,
    judge,
    mandatory_for,
    nonconformities,
    unmatched_pointers,
)
from ler_issuer.badges.achievements import Circumstance
from ler_issuer.vc import CheckId, Known, Outcome, Standing, Verdict, multibase
from ler_issuer.vc.documents import as_list
from signing import INDEX, LIST_URL, NOW, P256, STRANGER, badge, based, rules, signed, status_list

TYPES = "https://a.edu/types#"
RUBRIC = "/credentialSubject/achievement/resultDescription"
MOST_RESULTS = 4 + len(Circumstance)
"""Results that a badge of `samples.published()` can have: two criteria, the overall level, the score, circumstances."""


def view(*chosen, document=None, mandatory=None):
    return vc.derive(based(document or badge(P256.subject), mandatory=mandatory), chosen, rules().contexts)


def report_on(document, *, raised=(), known=Known.HERE, now=NOW, policy=POLICIES["standard"]):
    material = {LIST_URL: vc.Found(status_list(raised, P256))}
    return judge(document, material, rules=rules(), known=known, now=now, policy=policy)


def told(report):
    return {found.code: found for found in report.checks if found.id is CheckId.DISCLOSURE}


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


# ── What is always shown ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_floor_is_what_there_is_of_it():
    document = badge()
    assert mandatory_for(document, ()) == (
        "/issuer",
        "/validFrom",
        "/validUntil",
        "/credentialStatus",
        "/credentialSubject/identifier",
        "/credentialSubject/achievement",
    )
    assert "/validUntil" not in mandatory_for(without(document, "validUntil"), ())


def test_what_an_achievement_names_comes_after_the_floor_once_and_where_it_is():
    named = ["/name", "/evidence/0", "/evidence/7", "/issuer", "/name", "/nothing"]
    assert mandatory_for(badge(), named)[-2:] == ("/name", "/evidence/0")
    assert mandatory_for(badge(), named).count("/issuer") == 1


def test_the_least_view_is_a_badge_of_one_person_that_can_be_withdrawn():
    shown = view("/name")
    assert list(nonconformities(shown, rules().schemas)) == []
    report = report_on(shown)

    assert (report.verdict, report.standing, report.authentic) == (Verdict.ACCEPTED, Standing.CURRENT, True)
    assert shown["credentialSubject"]["identifier"] == badge()["credentialSubject"]["identifier"]
    assert not {"result", "creditsEarned"} & shown["credentialSubject"].keys()
    assert not {"evidence", "awardedDate"} & shown.keys()
    assert report_on(shown, raised=[INDEX]).standing is Standing.REVOKED
    assert report_on(shown, now=NOW + timedelta(days=2_000)).standing is Standing.EXPIRED


@pytest.mark.parametrize("pointer", FLOOR)
def test_nothing_of_the_floor_can_be_left_out(pointer):
    document = badge(P256.subject) | {
        "credentialSchema": [{"id": "https://a.edu/schema", "type": f"{TYPES}Schema"}],
        "refreshService": {"id": "https://a.edu/refresh", "type": f"{TYPES}Refresh"},
        "termsOfUse": [{"type": f"{TYPES}Terms"}],
        "relatedResource": [{"id": "https://a.edu/part", "digestMultibase": multibase.write_digest("00" * 32)}],
    }
    assert pointer in mandatory_for(document, ())
    here, there = view("/name", document=document), document
    for name in pointer.split("/")[1:]:
        here, there = here[name], there[name]
    assert here == there


@pytest.mark.parametrize("rated", [("purpose", "delivery"), ("delivery",), ("purpose",), ()])
def test_what_a_result_is_about_names_it_wherever_it_stands(rated):
    award = dataclasses.replace(samples.AWARD, levels=dict.fromkeys(rated, "developing"), overall=None)
    document = samples.badge(award)
    results = document["credentialSubject"]["result"]

    places = mandatory_for(document, ["#criterion/delivery", "#overall", "#ext/hours"])[
        len(mandatory_for(document, ())) :
    ]

    about = [results[int(place.rpartition("/")[2])]["resultDescription"] for place in places]
    assert about == [f"{samples.ID}#criterion/delivery"] * ("delivery" in rated) + [f"{samples.ID}#ext/hours"]
    assert all(place.startswith("/credentialSubject/result/") for place in places)


# ── What an achievement may name ─────────────────────────────────────────────────────────────────────────────────────
def named(*pointers, **changes):
    return unmatched_pointers(samples.published(disclosure={"mandatory": pointers}, **changes), samples.ISSUER)


@pytest.mark.parametrize("pointer", FLOOR)
def test_what_is_always_shown_may_be_named_again(pointer):
    assert named(pointer) == ()


def test_without_a_wish_nothing_is_missing():
    assert unmatched_pointers(samples.published(disclosure=None), samples.ISSUER) == ()
    assert named() == ()


@pytest.mark.parametrize(
    "pointer",
    [
        "/name",
        "/awardedDate",
        "/validUntil",
        "/credentialSubject/role",
        "/credentialSubject/achievement/tag",
        f"{RUBRIC}/0/name",
        "/credentialSubject/result/0",
        "/credentialSubject/result",
        "/credentialSubject/result/0/value",
        f"/credentialSubject/result/{MOST_RESULTS - 1}/achievedLevel",
        "/credentialSubject/narrative",
        "#overall",
        "#score",
        "#criterion/delivery",
        "#ext/hours",
        "#ext/evaluatedAt",
        "/evidence/3/name",
        "/relatedResource/0",
    ],
)
def test_what_its_badges_have_or_may_have(pointer):
    assert named(pointer) == ()


@pytest.mark.parametrize(
    ("pointer", "changes"),
    [
        ("/nmae", {}),
        ("/resultat", {}),
        ("/credentialSubject/results", {}),
        ("/evidences", {}),
        ("/credentialSubject/achievement/tag/2", {}),
        ("/credentialSubject/achievement/tag/-1", {}),
        ("/credentialSubject/achievement/tag/00", {}),
        (f"/credentialSubject/result/{MOST_RESULTS}", {}),
        (f"/credentialSubject/result/{MOST_RESULTS - 1}", {"score": None, "award": None}),
        ("/credentialSubject/result/0/rating", {}),
        ("#criterion/style", {}),
        ("#delivery", {}),
        ("#mean", {}),
        ("#overall", {"rubric": None, "award": None}),
        ("#score", {"score": None, "award": None}),
        ("/credentialSubject/achievement/alignment", {"alignments": None}),
    ],
)
def test_what_none_of_its_badges_could_have(pointer, changes):
    assert named(pointer, "/name", **changes) == (pointer,)


@pytest.mark.parametrize(
    "pointer",
    ["", "name", "/a/~2", "/~", "/@context", "/@context/0", "/proof", "/proof/created", 5, "#", "#a b", "#a/b/c"],
)
def test_what_is_no_pointer_to_a_part(pointer):
    with pytest.raises(ValidationError):
        samples.published(disclosure={"mandatory": [pointer]})


def test_an_achievement_that_says_nothing_is_written_as_before():
    said = AchievementDefinition.model_validate(without(samples.EVERYTHING, "disclosure"))
    assert "disclosure" not in said.model_dump(mode="json", exclude_none=True)
    with pytest.raises(ValidationError):
        AchievementDefinition.model_validate(samples.EVERYTHING | {"disclosure": {"mandatory": ["/name"] * 51}})
    with pytest.raises(ValidationError):
        AchievementDefinition.model_validate(samples.EVERYTHING | {"disclosure": {"optional": []}})


# ── What a report says of a view ─────────────────────────────────────────────────────────────────────────────────────
def test_a_report_says_that_it_is_a_view_and_what_may_be_missing():
    report = report_on(view("/name"))
    codes = told(report)

    assert {code: found.outcome for code, found in codes.items()} == {
        "view_of_holder": Outcome.PASS,
        "results_not_shown": Outcome.WARNING,
        "optional_parts_not_shown": Outcome.PASS,
    }
    always, chosen = map(int, codes["view_of_holder"].detail.split(" + "))
    assert (always, chosen) == vc.counted(view("/name")["proof"][0])
    assert chosen == 1
    assert codes["results_not_shown"].detail == "Assessment level"
    assert codes["results_not_shown"].pointer == "/credentialSubject/result"
    missing = codes["optional_parts_not_shown"].detail
    assert missing == "when it was awarded, evidence, the credits earned, when the activity took place"
    ids = [found.id for found in report.checks]
    assert ids[ids.index(CheckId.DISCLOSURE) - 1] is CheckId.PROOF_SIGNATURE


def test_a_result_that_is_shown_is_not_missed():
    assert "results_not_shown" not in told(report_on(view("/credentialSubject/result")))
    assert "results_not_shown" in told(report_on(view("/credentialSubject/creditsEarned")))


@pytest.mark.parametrize("part", ["resultDescription", "type"])
def test_what_a_result_is_about_does_not_tell_how_it_went(part):
    assert "results_not_shown" in told(report_on(view(f"/credentialSubject/result/0/{part}")))


def test_all_of_it_is_a_view_too():
    codes = told(report_on(view("")))
    assert codes["optional_parts_not_shown"].detail == "when the activity took place"
    document = badge(P256.subject)
    document["credentialSubject"] |= {"activityEndDate": "2026-10-01T00:00:00Z"}
    assert told(report_on(view("", document=document))).keys() == {"view_of_holder"}


def test_what_is_told_of_results_is_told_once():
    document = badge(P256.subject)
    del document["credentialSubject"]["achievement"]["resultDescription"]
    codes = told(report_on(view("/name", document=document)))
    assert "results_not_shown" not in codes
    assert "results" in codes["optional_parts_not_shown"].detail.split(", ")


IN_PART = {"en": "there may be more to it", "es": "puede haber más"}


@pytest.mark.parametrize("language", IN_PART)
def test_the_summary_says_that_it_is_a_part(language):
    def summary(report):
        return report.summary_in(LANGUAGES[language])

    said = IN_PART[language]
    for pointer in ("/name", ""):
        assert said in summary(report_on(view(pointer)))
        assert said in summary(report_on(view(pointer), raised=[INDEX]))
    assert said not in summary(report_on(signed(badge(P256.subject), P256)))
    assert said not in summary(report_on({**view("/name"), "name": "forged"}))
    shown = report_on(view("/name"))
    for member, is_told in ((shown, True), (report_on({**view("/name"), "name": "forged"}), False)):
        whole = dataclasses.replace(report_on(signed(badge(P256.subject), P256)), members=(vc.Member("/0", member),))
        assert (said in summary(whole)) is is_told


def test_policies_may_ask_for_results():
    strict = POLICIES["strict"]
    assert "results_not_shown" in strict.review
    shown = view("/name")
    assert report_on(shown).verdict is Verdict.ACCEPTED
    assert report_on(shown, policy=vc.Policy("own", "1", review=frozenset({"results_not_shown"}))).verdict is (
        Verdict.REVIEW
    )


@pytest.mark.parametrize("names", [("credentialStatus",), ("validUntil",), ("credentialStatus", "validUntil")])
def test_where_others_let_the_standing_be_withheld_it_is_for_a_person(names):
    floor = [pointer for pointer in mandatory_for(badge(), ()) if pointer[1:] not in names]
    shown = view("/name", mandatory=floor)
    report = report_on(shown, known=Known.REGISTRY)

    found = told(report)["standing_not_shown"]
    words = {"credentialStatus": "where its status is kept", "validUntil": "when it ends"}
    assert (found.outcome, found.detail) == (Outcome.WARNING, ", ".join(words[name] for name in names))
    summary = report.summary_in(LANGUAGES["es"])
    assert ("dónde consta su estado" in summary, "cuándo caduca" in summary) == tuple(name in names for name in words)
    assert "puede haber más" not in summary, "it was said already"
    assert (report.authentic, report.verdict) == (True, Verdict.REVIEW)
    assert not any("publishes no status" in one.message for one in report.checks)
    verdicts = {report_on(shown, known=Known.REGISTRY, policy=one).verdict for one in POLICIES.values()}
    assert verdicts == {Verdict.REVIEW}
    everything = view("", mandatory=floor)
    assert report_on(everything, known=Known.REGISTRY).verdict is Verdict.ACCEPTED


def test_contexts_in_the_proof_of_a_part_are_refused():
    shown = view("/name")
    shown["proof"] = [{**one, "@context": {"note": "a doctor, too"}} for one in as_list(shown["proof"])]
    assert not report_on(shown).authentic


def test_where_we_issue_what_ends_never_is_no_question():
    shown = view("/name", document=without(badge(P256.subject), "validUntil"))
    assert "standing_not_shown" not in told(report_on(shown))
    assert report_on(shown).verdict is Verdict.ACCEPTED
    assert told(report_on(shown, known=Known.REGISTRY))["standing_not_shown"].detail == "when it ends"


def test_nothing_is_said_of_a_forged_view_or_of_a_whole_badge():
    assert told(report_on({**view("/name"), "name": "forged"})) == {}
    assert told(report_on(signed(badge(P256.subject), P256))) == {}
    assert told(report_on(based(badge(P256.subject)))) == {}
    assert told(report_on({**view("/name"), "issuer": {"id": STRANGER.subject, "type": ["Profile"]}})) == {}


def test_it_is_told_in_spanish_too():
    spanish = LANGUAGES["es"]
    for found in told(report_on(view("/name", mandatory=["/issuer"]), known=Known.NO)).values():
        said = spanish.say(found.code, found.detail, "")
        assert said != found.message
        assert (found.detail in said) is (found.code not in spanish.phrases)


def test_of_what_is_no_badge_only_that_it_is_a_view():
    document = {
        "@context": badge()["@context"],
        "type": ["VerifiableCredential"],
        "issuer": P256.subject,
        "name": "A pass",
        "credentialSubject": {"id": "did:example:ada", "name": "Ada"},
    }
    shown = view("/name", document=document, mandatory=["/issuer"])
    assert [found.code for found in disclosure_findings(shown)] == ["view_of_holder", "standing_not_shown"]
    assert [found.code for found in disclosure_findings(shown, Known.HERE)] == ["view_of_holder"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "type", "achievement", "result", "resultDescription", "proof"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(subject=ANY, more=ANY)
@settings(max_examples=200, deadline=None)
def test_whatever_a_view_holds_is_answered(subject, more):
    proof = PROVEN["proof"][0]
    document = {"credentialSubject": subject, "proof": [more, proof]}
    assert next(disclosure_findings(document)).code == "view_of_holder"
    assert list(disclosure_findings({"credentialSubject": subject, "proof": more})) == []


PROVEN = view("/name")
