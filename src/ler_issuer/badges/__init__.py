"""Achievements and the Open Badges 3.0 credentials that are about them. Pure: no files, no clock, no network."""

from ler_issuer.badges.achievements import (
    CONTEXTS,
    Circumstance,
    PublishedAchievement,
    achievement_document,
    achievement_resource,
)
from ler_issuer.badges.baking import (
    MAX_PICTURE,
    Carried,
    Container,
    Unbakeable,
    Unbaked,
    bake_png,
    bake_svg,
    container_of,
    unbake,
)
from ler_issuer.badges.binding import (
    BadExpectation,
    Binding,
    BindingMethod,
    BindingOutcome,
    Expectation,
    ExpectedIdentifier,
    bind,
    expectation,
    recipient_finding,
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
from ler_issuer.badges.drawing import drawn_png, drawn_svg
from ler_issuer.badges.endorsing import MOST_ENDORSEMENTS, endorsements
from ler_issuer.badges.exhibits import Exhibit, exhibit, exhibit_needs
from ler_issuer.badges.holdings import HoldingFacts, holding_of
from ler_issuer.badges.languages import LANGUAGES
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
from ler_issuer.badges.policies import POLICIES, BadPolicy, policies_of, policy_of
from ler_issuer.badges.presenting import judge_presentation
from ler_issuer.badges.probes import Fault
from ler_issuer.badges.recipients import same_person
from ler_issuer.badges.records import (
    RECORD_CONTEXTS,
    Association,
    AssociationType,
    associations_of,
    compose_record,
)
from ler_issuer.badges.refreshing import is_newer, is_same, refresh_finding, refresh_need
from ler_issuer.badges.relations import record_problems
from ler_issuer.badges.skills import skills
from ler_issuer.badges.verification import Proved, Rulebook, judge, judge_proof, unavailable, unreadable
from ler_issuer.badges.wording import MESSAGES

__all__ = [
    "ACHIEVEMENT_TYPES",
    "CONTEXTS",
    "LANGUAGES",
    "MAX_PICTURE",
    "MESSAGES",
    "MOST_ENDORSEMENTS",
    "MOST_MEMBERS",
    "POLICIES",
    "RECORD_CONTEXTS",
    "AchievementDefinition",
    "Alignment",
    "Association",
    "AssociationType",
    "AwardFacts",
    "AwardState",
    "BadExpectation",
    "BadPolicy",
    "BetterAttempt",
    "Binding",
    "BindingMethod",
    "BindingOutcome",
    "Carried",
    "Circumstance",
    "Circumstances",
    "Consequence",
    "Container",
    "Correction",
    "CountsFrom",
    "Criteria",
    "Derivation",
    "Earned",
    "Exhibit",
    "Expectation",
    "ExpectedIdentifier",
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
    "Unbakeable",
    "Unbaked",
    "Validity",
    "achievement_document",
    "achievement_resource",
    "associations_of",
    "bake_png",
    "bake_svg",
    "bind",
    "bundled",
    "companion",
    "compose",
    "compose_record",
    "consequence",
    "container_of",
    "derivation_of",
    "drawn_png",
    "drawn_svg",
    "endorsements",
    "exhibit",
    "exhibit_needs",
    "expectation",
    "holding_of",
    "identity_hash",
    "is_newer",
    "is_same",
    "judge",
    "judge_presentation",
    "judge_proof",
    "nonconformities",
    "part_digest",
    "policies_of",
    "policy_of",
    "pseudonym",
    "recipient_finding",
    "record_problems",
    "refresh_finding",
    "refresh_need",
    "same_person",
    "skills",
    "structure",
    "told_score",
    "unavailable",
    "unbake",
    "unreadable",
    "valid_until",
]
