"""The codes that the checks of this package answer, each with the sentence a recruiter reads.

The same rules as in `vc.wording` hold: one cause, one code, one sentence; codes are stable, sentences may improve.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ler_issuer.vc import MESSAGES as VC_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTEXT = {
    "contexts_in_order": "The credential uses the vocabularies that the standard requires, in the right order.",
    "context_missing": "The document does not say which vocabularies it uses.",
    "context_too_few": "The credential leaves out a vocabulary that the standard requires: {detail}",
    "context_order": "The credential names its vocabularies in the wrong order; in this place belongs {detail}",
    "context_version": "The credential uses an older version of its vocabulary: {detail}",
    "context_alias": "The credential uses another name of its vocabulary: {detail}",
    "vc11": "The credential is written in version 1.1 of the data model; today's version is 2.0.",
}

_TYPE = {
    "types_present": "The document says that it is a verifiable credential, and of which kind.",
    "not_a_credential": "The document does not say that it is a verifiable credential.",
    "badge_type_missing": "The document speaks of an achievement, but does not say that it is an Open Badge.",
}

_SCHEMA = {
    "schema_fits": "The credential has the form that its standard requires.",
    "schema_violation": "The credential does not have the form that Open Badges requires: {detail}",
    "schema_unreadable": "The form of the credential cannot be checked: {detail}",
    "schema_unavailable": "The form was checked only roughly, because no schema for this kind of credential is here.",
    "status_array": "The credential names several statuses, where Open Badges allows one; all of them are checked.",
    "vc11_model": "The form was checked only roughly, because the credential uses an older data model.",
    "member_missing": "The credential leaves out a part that every credential needs: {detail}",
    "member_malformed": "A part of the credential is not of the form that it needs: {detail}",
    "declared_schema_fits": "The credential has the form of the further schema that it names.",
    "no_declared_schema": "Not looked at, because the credential names no further schema.",
    "declared_schema_violation": "The credential does not have the form of the further schema that it names: {detail}",
    "declared_schema_malformed": "The credential names a further schema in a form that cannot be understood.",
    "unchecked": "The credential names a further schema that is not here, so that it was not checked: {detail}",
}

_SUBJECT = {
    "subject_sound": "The credential says whom it is about and what was achieved.",
    "subject_missing": "The credential does not say whom it is about.",
    "subject_not_single": "The credential is about several persons at once.",
    "subject_type": "What the credential says about the learner is not marked as {detail}.",
    "subject_unidentified": "The credential names its learner neither by an id nor by an identifier.",
    "identifier_type": "An identifier of the learner is not marked as IdentityObject.",
    "result_type": "A result is not marked as Result.",
    "source_type": "The person or body who assessed is not marked as Profile.",
    "achievement_missing": "The credential does not say what was achieved.",
    "achievement_type": "What was achieved is not marked as Achievement.",
    "criteria_empty": "The achievement does not say what it takes.",
    "result_description_type": "The description of a result is not marked as ResultDescription.",
    "rubric_level_type": "A level of a rubric is not marked as RubricCriterionLevel.",
}

_PARTS = {
    "evidence_sound": "The evidence is marked as evidence.",
    "no_evidence": "Not looked at, because the credential names no evidence.",
    "evidence_type": "A piece of evidence is not marked as Evidence.",
    "issuer_sound": "The issuer describes itself in the form that Open Badges requires.",
    "issuer_uri": "The issuer is named only by its address, which not every verifier accepts.",
    "issuer_type": "The issuer is not marked as Profile.",
    "issuer_identifier_type": "An identifier of the issuer is not marked as IdentifierEntry.",
    "issuer_parent_type": "The parent organisation of the issuer is not marked as Profile.",
    "not_a_badge": "Not looked at, because the document is not a badge.",
}

_RESULTS = {
    "results_agree": "Every result agrees with the description of the achievement.",
    "no_results": "Not looked at, because the credential tells no results.",
    "result_description_unknown": "A result refers to a description that the achievement does not have: {detail}",
    "level_unknown": "A result claims a level that its description does not have: {detail}",
    "required_level_unknown": "The achievement requires a level that it does not describe: {detail}",
    "result_status_missing": "A result about a status does not say which.",
    "value_out_of_range": "The value of a result lies outside the range that the achievement gives: {detail}",
    "value_not_allowed": "The value of a result is not one that the achievement allows: {detail}",
}

_BESIDES = {
    "not_strict_json": "The file is not JSON that every program reads alike: {detail}.",
    "refresh_not_followed": "The issuer may offer a newer copy of this credential, which was not asked for.",
    "endorsement_unchecked": "The credential carries an endorsement by somebody else, which was not checked.",
    "members_unchecked": "The credential bundles other credentials, which were not checked one by one.",
}

MESSAGES: Mapping[str, str] = MappingProxyType(
    {**VC_MESSAGES, **_CONTEXT, **_TYPE, **_SCHEMA, **_SUBJECT, **_PARTS, **_RESULTS, **_BESIDES}
)
"""Code → sentence, for every check of `vc` and of `badges`."""
