"""Sample achievements, awards and badges, and strategies that make many of them."""

from __future__ import annotations

import base64
import string
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.assessments import AssessorKind, Evidence, ExperienceKind, Identifier
from ler_issuer.badges import (
    AchievementDefinition,
    AwardFacts,
    Circumstances,
    IssuerProfile,
    PublishedAchievement,
    Subject,
    draft,
)
from pictures import PNG

NOW = datetime(2026, 11, 1, 10, 0, 0, 999_999, tzinfo=UTC)
ASSESSED = datetime(2026, 10, 30, 23, 15, tzinfo=UTC)
ID = "https://cred.example.edu/achievements/01J9"
BADGE_ID = "urn:uuid:0b9e7f0a-3f6c-4f0e-9c57-3a6f1b1f7f11"
ISSUER = IssuerProfile(
    id="did:web:cred.example.edu:issuers:biology",
    name="Biology",
    url="https://biology.example.edu/",
    email="badges@example.edu",
    image="https://cred.example.edu/images/logo.png",
)
LEARNER = Subject.hashed(Identifier(type="emailAddress", value="Ada@Example.edu"), salt="1f0c9a7b")

RUBRIC = {
    "criteria": [{"id": "purpose", "name": "Purpose"}, {"id": "delivery", "name": "Delivery"}],
    "levels": [
        {"id": "beginning", "name": "Beginning", "points": 1, "description": "With help"},
        {"id": "developing", "name": "Developing", "points": "2.50"},
        {"id": "proficient", "name": "Proficient", "points": 4},
    ],
}

EVERYTHING = {
    "key": "oral-communication",
    "name": "Oral communication",
    "description": "Speaks so that a mixed audience follows.",
    "criteria": {"narrative": "Rated on two criteria.", "id": "https://example.edu/criteria#oral"},
    "tags": ["communication", "NACE"],
    "alignments": [
        {
            "target_name": "Communication",
            "target_url": "https://case.example.org/items/9",
            "target_code": "C-9",
            "target_description": "Exchange information clearly.",
            "target_framework": "Career readiness",
            "target_type": "CFItem",
        }
    ],
    "image": {"caption": "A speech bubble", "data": base64.b64encode(PNG).decode()},
    "credits": "1.50",
    "rubric": RUBRIC,
    "score": {},
    "award": {
        "conditions": [
            {"type": "criteria", "level": "developing"},
            {"type": "criteria", "level": "beginning"},
            {"type": "overall", "level": "proficient"},
            {"type": "score", "minimum": 40},
        ]
    },
    "suspendable": True,
    "validity": {"months": 36},
    "disclosure": {"mandatory": ["/name"]},
}

CIRCUMSTANCES = Circumstances(
    role="Presenter",
    term="2026 autumn",
    course="BIO-101",
    section="BIO-101-2",
    session="2026-autumn",
    assessment="final-talk",
    started_on=date(2026, 9, 1),
    ended_on=date(2026, 10, 30),
    hours=Decimal("12.50"),
    experience_kind=ExperienceKind.SERVICE_LEARNING,
    experience="e" * 32,
    partner="b" * 32,
    assessor_kind=AssessorKind.COMMUNITY_PARTNER,
    assessor="a" * 32,
    recognition="transfer",
    recognised_achievement="https://elsewhere.example/badges/talks",
    recognised_issuer="did:web:elsewhere.example",
)

AWARD = AwardFacts(
    assessed_at=ASSESSED,
    overall="proficient",
    levels={"delivery": "proficient", "purpose": "developing"},
    score=Decimal("72.250"),
    circumstances=CIRCUMSTANCES,
    evidence=(
        Evidence(
            id="urn:uuid:5d1b2f6e-8c51-4f1f-8f60-8f0d9e5f8f10",
            name="Recording",
            genre="video",
            disclosure="in_credential",
        ),
        Evidence(name="Private notes", genre="notes", disclosure="internal"),
        Evidence(name="Draft", genre="text", disclosure="on_request"),
    ),
)


def published(**changes):
    """Publish the definition that uses everything, with members replaced; None leaves one out."""
    stated = {name: value for name, value in (EVERYTHING | changes).items() if value is not None}
    return PublishedAchievement(
        id_url=ID,
        version="2026.1",
        version_url=f"{ID}/versions/2026.1",
        definition=AchievementDefinition.model_validate(stated),
        image_url="https://cred.example.edu/images/f00d.png" if "image" in stated else None,
    )


def entry(purpose="revocation", index=94567):
    """Make a status entry."""
    return vc.entry(f"https://cred.example.edu/status/{purpose}", index, purpose)


def badge(award=AWARD, *, achievement=None, subject=LEARNER, entries=None, now=NOW):
    """Compose a badge, by default one that uses everything but a second status entry."""
    return drafted(award, achievement=achievement, subject=subject, entries=entries, now=now).whole()


def drafted(award=AWARD, *, achievement=None, subject=LEARNER, entries=None, now=NOW, credential_id=BADGE_ID):
    """Draft a badge, as `badge` composes it."""
    return draft(
        award,
        achievement=achievement or published(),
        issuer=ISSUER,
        subject=subject,
        entries=[entry()] if entries is None else entries,
        credential_id=credential_id,
        now=now,
    )


keys = st.text("abz09._-", min_size=1, max_size=6).filter(lambda key: key[0] in "abz09")
names = st.text(string.ascii_letters + " äß漢\"'<>&\\{}|#%😀", min_size=1, max_size=12).filter(str.strip)
texts = st.text(string.printable.replace("\x0b", "").replace("\x0c", "") + "é漢😀", min_size=1, max_size=30)
scores = st.decimals(0, 100, places=4)


@st.composite
def definitions(draw):
    """Draw definitions of every kind: with and without rubric, score, credits, award, with every kind of condition."""
    rubric = draw(st.none() | rubrics())
    levels = [level["id"] for level in rubric["levels"]] if rubric else []
    conditions = []
    if levels:
        conditions += draw(
            st.lists(
                st.fixed_dictionaries(
                    {"type": st.sampled_from(["criteria", "overall"]), "level": st.sampled_from(levels)}
                ),
                min_size=1,
                max_size=3,
            )
        )
    scored = not levels or draw(st.booleans())
    if scored:
        conditions += draw(
            st.lists(
                st.fixed_dictionaries({"type": st.sampled_from(["score", "mean"]), "minimum": scores}),
                min_size=0 if conditions else 1,
                max_size=2,
            )
        )
    return AchievementDefinition.model_validate(
        {
            "key": draw(keys),
            "name": draw(names),
            "description": draw(texts),
            "criteria": {"narrative": draw(texts)},
            "achievement_type": draw(st.sampled_from(["MicroCredential", "Competency", "ext:Skill"])),
            "language": draw(st.sampled_from(["en", "de-AT", "yue"])),
            "tags": draw(st.lists(names, max_size=2)),
            "alignments": [
                {"target_name": draw(names), "target_url": "https://case.example.org/9"}
                for _ in range(draw(st.integers(0, 2)))
            ],
            "credits": draw(st.none() | st.decimals("0.01", 10_000, places=2)),
            "rubric": rubric,
            "score": {"minimum": draw(st.sampled_from([0, -5])), "maximum": 100} if scored else None,
            "award": draw(st.none() | st.just({"conditions": conditions})),
            "suspendable": draw(st.booleans()),
            "validity": draw(
                st.none()
                | st.fixed_dictionaries(
                    {"months": st.integers(2, 1_200), "counts_from": st.sampled_from(["assessment", "issuance"])}
                )
            ),
        }
    )


@st.composite
def rubrics(draw):
    """Draw rubrics: names differ, and levels carry rising points or none."""
    criteria = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    levels = draw(st.lists(keys, min_size=2, max_size=4, unique=True))
    points = sorted(draw(st.lists(scores, min_size=len(levels), max_size=len(levels), unique=True)))
    pointed = draw(st.booleans())
    return {
        "criteria": [{"id": key, "name": f"{draw(names)} {rank}"} for rank, key in enumerate(criteria)],
        "levels": [
            {
                "id": key,
                "name": f"{draw(names)} {rank}",
                "description": draw(st.none() | texts),
                "points": points[rank] if pointed else None,
            }
            for rank, key in enumerate(levels)
        ],
    }


@st.composite
def awards(draw, definition):
    """Draw awards of one achievement."""
    rubric = definition.rubric
    levels = st.sampled_from([level.id for level in rubric.levels]) if rubric else st.nothing()
    return AwardFacts(
        assessed_at=ASSESSED,
        overall=draw(st.none() | levels) if rubric else None,
        levels={criterion.id: draw(levels) for criterion in rubric.criteria if draw(st.booleans())} if rubric else {},
        score=draw(st.none() | st.decimals(0, 100, places=9)) if definition.score else None,
        circumstances=draw(circumstances),
        evidence=tuple(
            draw(
                st.lists(
                    st.builds(
                        Evidence,
                        id=st.none() | st.sampled_from(["urn:x:1", "https://example.edu/evidence/2"]),
                        name=st.none() | texts,
                        genre=st.none() | names,
                        disclosure=st.sampled_from(["in_credential", "internal"]),
                    ),
                    max_size=2,
                )
            )
        ),
    )


circumstances = st.builds(
    Circumstances,
    role=st.none() | names,
    term=st.none() | names,
    course=st.none() | names,
    section=st.none() | names,
    session=st.none() | names,
    assessment=st.none() | names,
    started_on=st.none() | st.dates(),
    ended_on=st.none() | st.dates(),
    hours=st.none() | st.decimals(0, 100_000, places=2),
    experience_kind=st.none() | st.sampled_from(ExperienceKind),
    experience=st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
    partner=st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
    assessor_kind=st.none() | st.sampled_from(AssessorKind),
    assessor=st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
    recognition=st.none() | st.sampled_from(["transfer", "prior_learning"]),
    recognised_achievement=st.none() | st.sampled_from(["https://elsewhere.example/badges/talks", "urn:x:9"]),
    recognised_issuer=st.none() | st.just("did:web:elsewhere.example"),
)
