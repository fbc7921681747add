"""Achievements and the Open Badges 3.0 credentials that are about them. Pure: no files, no clock, no network."""

from ler_issuer.badges.achievements import (
    CONTEXTS,
    Circumstance,
    PublishedAchievement,
    achievement_document,
    achievement_resource,
)
from ler_issuer.badges.composing import (
    AwardFacts,
    Circumstances,
    HashedIdentifier,
    IssuerProfile,
    Subject,
    compose,
    identity_hash,
    pseudonym,
    told_score,
    valid_until,
)
from ler_issuer.badges.conformance import Schemas, nonconformities, structure
from ler_issuer.badges.consequences import AwardState, Consequence, consequence
from ler_issuer.badges.holdings import HoldingFacts, holding_of
from ler_issuer.badges.model import (
    ACHIEVEMENT_TYPES,
    AchievementDefinition,
    Alignment,
    BetterAttempt,
    Correction,
    CountsFrom,
    Criteria,
    Earned,
    HttpsUrl,
    Image,
    Translation,
    Validity,
)
from ler_issuer.badges.verification import Proved, Rulebook, judge, judge_proof, unreadable
from ler_issuer.badges.wording import MESSAGES

__all__ = [
    "ACHIEVEMENT_TYPES",
    "CONTEXTS",
    "MESSAGES",
    "AchievementDefinition",
    "Alignment",
    "AwardFacts",
    "AwardState",
    "BetterAttempt",
    "Circumstance",
    "Circumstances",
    "Consequence",
    "Correction",
    "CountsFrom",
    "Criteria",
    "Earned",
    "HashedIdentifier",
    "HoldingFacts",
    "HttpsUrl",
    "Image",
    "IssuerProfile",
    "Proved",
    "PublishedAchievement",
    "Rulebook",
    "Schemas",
    "Subject",
    "Translation",
    "Validity",
    "achievement_document",
    "achievement_resource",
    "compose",
    "consequence",
    "holding_of",
    "identity_hash",
    "judge",
    "judge_proof",
    "nonconformities",
    "pseudonym",
    "structure",
    "told_score",
    "unreadable",
    "valid_until",
]
