"""Achievements and the Open Badges 3.0 credentials that are about them. Pure: no files, no clock, no network."""

from ler_issuer.badges.achievements import (
    CONTEXTS,
    Circumstance,
    PublishedAchievement,
    achievement_document,
    achievement_resource,
)
from ler_issuer.badges.bundles import MOST_MEMBERS, bundled, companion
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
from ler_issuer.badges.derivations import Derivation, Part, Requirement, derivation_of, part_digest
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
from ler_issuer.badges.probes import Fault
from ler_issuer.badges.recipients import same_person
from ler_issuer.badges.records import (
    RECORD_CONTEXTS,
    Association,
    AssociationType,
    associations_of,
    compose_record,
)
from ler_issuer.badges.relations import record_problems
from ler_issuer.badges.verification import Proved, Rulebook, judge, judge_proof, unreadable
from ler_issuer.badges.wording import MESSAGES

__all__ = [
    "ACHIEVEMENT_TYPES",
    "CONTEXTS",
    "MESSAGES",
    "MOST_MEMBERS",
    "RECORD_CONTEXTS",
    "AchievementDefinition",
    "Alignment",
    "Association",
    "AssociationType",
    "AwardFacts",
    "AwardState",
    "BetterAttempt",
    "Circumstance",
    "Circumstances",
    "Consequence",
    "Correction",
    "CountsFrom",
    "Criteria",
    "Derivation",
    "Earned",
    "Fault",
    "HashedIdentifier",
    "HoldingFacts",
    "HttpsUrl",
    "Image",
    "IssuerProfile",
    "Part",
    "Proved",
    "PublishedAchievement",
    "Requirement",
    "Rulebook",
    "Schemas",
    "Subject",
    "Translation",
    "Validity",
    "achievement_document",
    "achievement_resource",
    "associations_of",
    "bundled",
    "companion",
    "compose",
    "compose_record",
    "consequence",
    "derivation_of",
    "holding_of",
    "identity_hash",
    "judge",
    "judge_proof",
    "nonconformities",
    "part_digest",
    "pseudonym",
    "record_problems",
    "same_person",
    "structure",
    "told_score",
    "unreadable",
    "valid_until",
]
