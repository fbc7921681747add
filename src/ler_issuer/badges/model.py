"""Achievements as administrators write them: the definition that a published version freezes.

One model serves REST bodies and YAML or JSON files. Open Badges terms (`achievement`, `resultDescription`,
`requiredLevel`) are derived from it in `badges.composing`.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from xml.etree import ElementTree as ET

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, field_validator, model_validator

from ler_issuer.assessments import (
    AwardRule,
    Condition,
    CriteriaAtLeast,
    Key,
    MeanAtLeast,
    Moment,
    Name,
    OverallAtLeast,
    Rubric,
    Score,
    ScoreAtLeast,
    ScoreScale,
    Text,
    Value,
)
from ler_issuer.mistakes import broken, in_words

HttpsUrl = Annotated[
    str, StringConstraints(pattern=r'^https?://[^\s#<>"{}|\\^`]+(#[^\s#<>"{}|\\^`]*)?$', max_length=2_000)
]
"""An absolute http or https URL without the characters that no IRI may have."""

ACHIEVEMENT_TYPES = frozenset(
    {
        "Achievement",
        "ApprenticeshipCertificate",
        "Assessment",
        "Assignment",
        "AssociateDegree",
        "Award",
        "Badge",
        "BachelorDegree",
        "Certificate",
        "CertificateOfCompletion",
        "Certification",
        "CommunityService",
        "Competency",
        "Course",
        "CoCurricular",
        "Degree",
        "Diploma",
        "DoctoralDegree",
        "Fieldwork",
        "GeneralEducationDevelopment",
        "JourneymanCertificate",
        "LearningProgram",
        "License",
        "Membership",
        "ProfessionalDoctorate",
        "QualityAssuranceCredential",
        "MasterCertificate",
        "MasterDegree",
        "MicroCredential",
        "ResearchDoctorate",
        "SecondarySchoolDiploma",
    }
)
"""The `achievementType` values of Open Badges 3.0; others are written `ext:…`."""


class Earned(StrEnum):
    """How often one learner can earn an achievement."""

    ONCE = "once"
    PER_ASSESSMENT = "per_assessment"
    PER_EXPERIENCE = "per_experience"


class BetterAttempt(StrEnum):
    """What a later or better attempt does to an award already made."""

    KEEP_FIRST = "keep_first"
    REPLACE = "replace"
    KEEP_BEST = "keep_best"


class Correction(StrEnum):
    """What happens to a credential whose facts turn out wrong.

    `reissue` replaces and revokes it (or revokes it when nothing is earned any more); `suspend` puts it under review;
    `revoke` withdraws it until its facts change again; `keep` leaves it and records that the facts changed.
    """

    KEEP = "keep"
    REISSUE = "reissue"
    SUSPEND = "suspend"
    REVOKE = "revoke"


class CountsFrom(StrEnum):
    """Where a validity period starts."""

    ASSESSMENT = "assessment"
    ISSUANCE = "issuance"


class Criteria(Value):
    """What it takes, in words for people (Markdown) or at a URL; at least one of the two."""

    narrative: Text | None = None
    id: HttpsUrl | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.narrative is None and self.id is None:
            raise broken('criteria need a "narrative" or an "id"')
        return self


class Alignment(Value):
    """A node of an outside framework that the achievement corresponds to (CASE, CTDL, ESCO, RSD)."""

    target_name: Name
    target_url: HttpsUrl
    target_code: Name | None = None
    target_description: Text | None = None
    target_framework: Name | None = None
    target_type: Name | None = None


def _is_png(body: bytes) -> bool:
    """Say whether bytes begin and end as a PNG does (PNG §5.2, §11.2)."""
    return body.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and body.endswith(b"\x00\x00\x00\x00IEND\xaeB`\x82")


def _is_svg(body: bytes) -> bool:
    """Say whether bytes are an SVG that shows itself alone: no entities, no script, nothing fetched from elsewhere."""
    if b"<!" in body.replace(b"<!--", b"") or b"@import" in body:
        return False
    try:
        root = ET.fromstring(body)  # noqa: S314 - without a document type there are no entities
    except ET.ParseError:
        return False
    return root.tag == "{http://www.w3.org/2000/svg}svg" and not any(map(_is_active, root.iter()))


def _is_active(element: ET.Element) -> bool:
    """Say whether an element runs something, or leads out of the picture."""
    name = element.tag.rpartition("}")[2].lower()
    if name in {"script", "foreignobject"} or "url(" in (element.text or "").replace("url(#", ""):
        return True
    for attribute, value in element.attrib.items():
        plain = attribute.rpartition("}")[2].lower()
        leads_out = plain == "href" and not value.strip().startswith(("#", "data:image/"))
        if plain.startswith("on") or leads_out or "url(" in value.replace("url(#", ""):
            return True
    return False


class Image(Value):
    """A picture with its caption. `data` is Base64; files name a `file` beside them, which is read on the way in."""

    caption: Text
    media_type: Annotated[str, StringConstraints(pattern=r"^image/(png|svg\+xml)$")] = "image/png"
    data: Annotated[str, StringConstraints(max_length=1_400_000)]

    @field_validator("data")
    @classmethod
    def _base64(cls, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("not Base64") from None
        return value

    @model_validator(mode="after")
    def _is_what_it_says(self) -> Self:
        looks_right = _is_png(self.bytes()) if self.media_type == "image/png" else _is_svg(self.bytes())
        if not looks_right:
            raise broken(f"the data is no {self.media_type} that is fit to show", "/data")
        return self

    def bytes(self) -> bytes:
        """Give the picture itself."""
        return base64.b64decode(self.data)


class Validity(Value):
    """How long a credential is valid, in calendar months."""

    months: Annotated[StrictInt, Field(ge=1, le=1_200)]
    counts_from: CountsFrom = CountsFrom.ASSESSMENT


class Translation(Value):
    """The words of an achievement in another language."""

    name: Name
    description: Text
    criteria: Text | None = None


def _showable(pointer: str) -> str:
    if pointer.split("/")[:2] in (["", "@context"], ["", "proof"]):
        raise ValueError(f"{pointer!r} leads into a context or a proof, and those are no parts that are shown or not")
    return pointer


ShownPart = Annotated[
    str,
    StringConstraints(pattern=r"^((/([^~/\x00-\x1f]|~[01])*)+|#[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?)$", max_length=2_000),
    AfterValidator(_showable),
    in_words(
        "JSON Pointer to a part of a credential: that is names with '/' before each (/credentialSubject/result/0), "
        "and in a name ~0 for '~' and ~1 for '/'; nor what a result is about (#overall, #criterion/style)"
    ),
]
"""What of a credential is always shown, not all of it: a JSON Pointer (RFC 6901), or what a result is about.

The latter is the fragment of the id of its result description: `#overall`, `#score`, `#criterion/style`, `#ext/hours`.
"""


class Disclosure(Value):
    """That learners may show parts of their credentials, and what they always show along.

    That is named by JSON Pointers into them, or by what a result is about (`#overall`, `#criterion/style`). A few
    things are always shown anyway (`badges.disclosure.FLOOR`).
    """

    mandatory: Annotated[tuple[ShownPart, ...], Field(max_length=50)] = ()


class AchievementDefinition(Value):
    """What an achievement is, what earns it, and what follows when its facts change. A published version never changes.

    `key` is the issuer's own name for it; `in_force_from` says from which time of assessment a version applies (the
    first version applies to everything before, too). Without `award` no result earns it: a stacking rule does, or the
    recognition of something earned elsewhere. With `disclosure` learners may show parts of what they earned.
    """

    key: Key
    name: Name
    description: Text
    criteria: Criteria
    achievement_type: Annotated[str, StringConstraints(max_length=60)] = "MicroCredential"
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = "en"
    translations: dict[str, Translation] = Field(default_factory=dict)
    tags: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    alignments: Annotated[tuple[Alignment, ...], Field(max_length=50)] = ()
    image: Image | None = None
    credits: Annotated[Score, Field(gt=0, le=10_000, max_digits=7, decimal_places=2)] | None = None
    rubric: Rubric | None = None
    score: ScoreScale | None = None
    award: AwardRule | None = None
    earned: Earned = Earned.ONCE
    better_attempt: BetterAttempt = BetterAttempt.KEEP_FIRST
    correction: Correction = Correction.REISSUE
    suspendable: StrictBool = False
    validity: Validity | None = None
    in_force_from: Moment | None = None
    release_at: Moment | None = None
    disclosure: Disclosure | None = None

    @field_validator("achievement_type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        ours = value.startswith("ext:") and value[4:].isalnum() and value.isascii()
        if value not in ACHIEVEMENT_TYPES and not ours:
            raise ValueError("not an Open Badges achievementType (for example MicroCredential, Competency, ext:Skill)")
        return value

    @field_validator("in_force_from", "release_at")
    @classmethod
    def _whole_seconds(cls, value: datetime | None) -> datetime | None:
        return value if value is None else value.replace(microsecond=0)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.correction is Correction.SUSPEND and not self.suspendable:
            raise broken(
                "the correction policy suspend needs a suspendable achievement: set suspendable to true", "/correction"
            )
        levels = {level.id for level in self.rubric.levels} if self.rubric else set()
        for condition in self.conditions:
            match condition:
                case CriteriaAtLeast(level=level) | OverallAtLeast(level=level):
                    if level not in levels:
                        raise broken(
                            f"the award rule asks for the level {level!r}, which the rubric does not have",
                            "/award/conditions",
                        )
                case ScoreAtLeast(minimum=minimum) | MeanAtLeast(minimum=minimum):
                    if self.score is None:
                        raise broken(
                            "the award rule asks for a score, but the achievement declares no score range", "/score"
                        )
                    if minimum > self.score.maximum:
                        raise broken(
                            f"the award rule asks for {minimum}, more than a score can be", "/award/conditions"
                        )
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the award rule; none without one."""
        return () if self.award is None else self.award.conditions
