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
    "schema_violation": "The credential does not have the form that its standard requires: {detail}",
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
    "file_of_another_kind": "This is {detail}, which carries no credential: ask for the file as it was issued.",
    "input_unavailable": "The credential could not be fetched from its address, so nothing can be said of it: {detail}",
    "not_strict_json": "The file is not JSON that every program reads alike: {detail}.",
    "refresh_not_followed": "The issuer may offer a newer copy of this credential, which was not asked for.",
    "refreshed": "The issuer offers a newer copy of this credential; that copy is what was judged.",
    "refresh_none_newer": "The issuer offers no newer copy of this credential.",
    "refresh_unavailable": "A newer copy that the issuer may offer could not be fetched; this one was judged: {detail}",
    "refresh_not_authentic": "What the issuer's address gave as the newer copy did not verify, so this one was judged.",
    "refresh_not_valid": "The newer copy that the issuer offers is not valid now, so this one was judged.",
    "refresh_foreign": "What the address gave as the newer copy is another credential, so this one was judged.",
    "presentation_missing": "A presentation by its holder was asked for; this is a mere credential and may be a copy.",
    "presentation_unsigned": "The presentation is not signed, so it does not show who hands it over.",
    "presentation_empty": "The presentation holds no credential.",
    "presented_accepted": "A credential that is presented is genuine and stands.",
    "presented_for_review": "A credential that is presented needs a person's judgement.",
    "presented_rejected": "A credential that is presented cannot be accepted.",
    "endorsement_unchecked": "The credential carries an endorsement by somebody else, which was not checked.",
    "endorsement_verified": "An endorsement by somebody else is genuine and stands.",
    "endorsement_genuine": "An endorsement by somebody else is genuine, but who that is was not confirmed.",
    "endorsement_not_authentic": "An endorsement did not verify: nothing proves that anybody endorsed this.",
    "endorsement_unacceptable": "An endorsement is genuine, but not fit to be accepted.",
    "endorsement_revoked": "An endorsement was revoked by whoever gave it.",
    "endorsement_suspended": "An endorsement is suspended for now by whoever gave it.",
    "endorsement_expired": "An endorsement has expired.",
    "endorsement_not_yet_valid": "An endorsement is not valid yet.",
    "endorsement_open": "An endorsement could not be checked in every respect.",
    "endorsement_on_target": "An endorsement is about what carries it.",
    "endorsement_target_differs": "An endorsement is about something else than what carries it: {detail}",
}

_MEMBERS = {
    "member_verified": "A credential that the record bundles is genuine and stands.",
    "member_not_authentic": "A credential that the record bundles did not verify: nothing proves that its issuer "
    "signed it as it is.",
    "member_unacceptable": "A credential that the record bundles is genuine, but not fit to be accepted.",
    "member_revoked": "A credential that the record bundles is genuine, but its issuer has revoked it.",
    "member_suspended": "A credential that the record bundles is genuine, but its issuer has suspended it for now.",
    "member_expired": "A credential that the record bundles is genuine, but has expired.",
    "member_not_yet_valid": "A credential that the record bundles is genuine, but not valid yet.",
    "member_issuer_unknown": "A credential that the record bundles is genuine, but its issuer is not known here.",
    "member_for_review": "A credential that the record bundles is genuine, but needs a person's judgement.",
    "member_open": "A credential that the record bundles could not be checked in every respect.",
    "member_of_other_kind": "A credential that the record bundles is genuine, but of a kind whose content is not "
    "checked here.",
    "member_subject_differs": "A credential that the record bundles is, for all that can be told, about somebody else.",
    "members_unchecked": "The credential bundles other credentials, which were not checked one by one.",
    "associations_sound": "How the achievements of the record relate to each other hangs together.",
    "no_associations": "Not looked at, because the record does not say how its achievements relate.",
    "too_many_members": "The credential bundles more credentials than are checked here ({detail}).",
}

_ASSOCIATIONS = {
    "member_id_reused": "Two credentials that the record bundles have the same id: {detail}",
    "association_unknown": "The record relates an achievement that none of its credentials is about: {detail}",
    "association_self": "The record relates an achievement to itself: {detail}",
    "association_contradiction": "The record relates two achievements in ways that exclude each other: {detail}",
    "association_cycle": "The record relates achievements in a circle, where one must come before another: {detail}",
}

_DERIVATION = {
    "parts_not_shown": "Not looked at, because the parts that the credential rests on were not shown.",
    "derivation_absent": "The credential does not say that it rests on parts, so those that were shown were not "
    "weighed.",
    "derivation_malformed": "What the credential says about the parts that it rests on cannot be understood: {detail}",
    "part_verified": "A part that the credential rests on was shown, and is genuine: {detail}",
    "part_not_supplied": "A part that the credential rests on was not shown: {detail}",
    "part_not_bundled": "A part that the credential rests on is not in this record: {detail}",
    "part_not_named": "Something was shown that this credential does not rest on, and was left aside: {detail}",
    "part_not_authentic": "A part that was shown did not verify, so that it proves nothing: {detail}",
    "part_unacceptable": "A part that was shown is genuine, but not fit to be accepted: {detail}",
    "part_open": "The signature of a part that was shown could not be checked: {detail}",
    "part_standing_open": "Whether a part that was shown still stands could not be checked: {detail}",
    "part_revoked": "The issuer has revoked a part that the credential rests on: {detail}",
    "part_suspended": "The issuer has suspended a part that the credential rests on for now: {detail}",
    "part_expired": "A part that the credential rests on has expired by now: {detail}",
    "part_not_yet_valid": "A part that the credential rests on is not valid yet: {detail}",
    "part_issuer_unknown": "The issuer of a part is not known here and in no registry that you trust: {detail}",
    "part_subject_open": "It cannot be told whether a part is about the same person as the credential: {detail}",
    "part_unreadable": "What a part tells cannot be read, so that the rule could not be applied again: {detail}",
    "digests_same": "Every part that was shown is the very one that the credential names.",
    "part_digest_differs": "A part that was shown is not the one that the credential names: {detail}",
    "rule_same": "The rule is still published word for word as the credential names it.",
    "rule_differs": "The rule that is published is not the one by which the credential says it was earned.",
    "rule_of_another": "The rule earns something else than this credential says: {detail}",
    "rule_unreadable": "The rule could not be applied again, because it is not written in a form known here: {detail}",
    "rule_unreachable": "The rule could not be checked, because where it is published could not be reached: {detail}",
    "rule_refused": "The rule could not be checked, because its address may not be visited: {detail}",
    "rule_not_found": "The rule could not be checked, because it is not published where it should be: {detail}",
    "rule_too_large": "The rule could not be checked, because the answer was far too long: {detail}",
    "rule_not_json": "The rule could not be checked, because the answer was not JSON: {detail}",
    "rule_not_asked": "The rule could not be checked, because it was not asked for: {detail}",
    "outcome_same": "Applied again to the parts alone, the rule comes to the same outcome.",
    "outcome_otherwise": "Applied again to the parts alone, the rule is met, but by other parts than the credential "
    "says.",
    "outcome_differs": "Applied again to the parts alone, the rule is not met: {detail}",
    "outcome_undecided": "Applied again to the parts alone, the rule could not be decided within the work that is "
    "done here.",
    "derivation_open": "Not looked at, because not the rule and every part are at hand, genuine and unchanged.",
    "too_many_derivations": "Not looked at, because more derivations came together than are checked here ({detail}).",
}

_DISCLOSURE = {
    "view_of_holder": "The holder chose what to show of the credential ({detail} statements: those always shown, and "
    "those chosen). The issuer signed each part shown; what was left out cannot be known.",
    "results_not_shown": "The achievement describes results that are not shown, because they were withheld or never "
    "recorded: {detail}",
    "optional_parts_not_shown": "Such a credential may tell more than is shown; this was withheld or never recorded: "
    "{detail}",
}

_RECIPIENT = {
    "recipient_holds_key": "The credential is about the person who presented it: they showed that they hold its key.",
    "recipient_matches": "The credential names the person whom you expect ({detail}).",
    "recipient_weak_hash": "The credential names the person whom you expect, but by a kind of hash that can be forged.",
    "recipient_name_only": "The name in the credential is that of the person whom you expect; many people may have it.",
    "recipient_differs": "The credential is about somebody other than the one who is expected: the person whom you "
    "named or, if you named nobody, the one who presented it.",
    "recipient_unsaid": "Whether it is the applicant's is asked for, and nobody said who applies.",
    "recipient_open": "It cannot be told from the credential whether it is about the one who is expected: the person "
    "whom you named or, if you named nobody, the one who presented it.",
}

_BAKING = {
    "picture_unknown": "The file is neither a PNG nor an SVG picture.",
    "picture_too_large": "The picture is larger than is read here ({detail}).",
    "png_damaged": "The picture is damaged or was altered, so that nothing in it can be relied on: {detail}.",
    "svg_malformed": "The picture cannot be read: {detail}.",
    "svg_entities": "The picture uses abbreviations of its own, which can hide other text, so it is not read.",
    "svg_active": "The picture does more than show something, so it is not read: {detail}",
    "nothing_baked": "The picture carries no credential; perhaps it was lost when the picture was saved or sent.",
    "baked_twice": "The picture carries several credentials ({detail}); it cannot be told which one is meant.",
    "baked_older": "The picture carries a badge of an older standard than Open Badges 3.0, which is not checked here.",
    "baked_malformed": "The credential in the picture cannot be read: {detail}.",
    "baked_too_large": "The credential in the picture is longer than is read here ({detail}).",
}

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        **VC_MESSAGES,
        **_CONTEXT,
        **_TYPE,
        **_SCHEMA,
        **_SUBJECT,
        **_PARTS,
        **_RESULTS,
        **_BESIDES,
        **_MEMBERS,
        **_ASSOCIATIONS,
        **_DERIVATION,
        **_DISCLOSURE,
        **_BAKING,
        **_RECIPIENT,
    }
)
"""Code → sentence, for every check of `vc` and of `badges`."""
