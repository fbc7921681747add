"""Every code that a check of this package can answer, with the sentence a recruiter reads.

One cause, one code, one sentence: whoever reads a report learns whether a credential was changed, is out of date, or
merely could not be checked, and never takes one for the other. Codes are stable and may be relied on; sentences may be
improved. `{detail}` and its like are filled in by `report.finding`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DOCUMENT = {
    "readable": "The document can be read as a credential.",
    "not_an_object": "The document is not a credential: it is not a JSON object.",
    "too_deep": "The document nests its parts too deeply to be read safely.",
    "too_large": "The document has more parts than one credential may have.",
    "lone_surrogate": "The document contains broken characters, which different programs would read differently.",
    "number_out_of_range": "The document contains a number that different programs would read differently.",
    "not_a_json_value": "The document contains something that is not JSON.",
    "unreadable": "Not looked at, because the document could not be read as a credential.",
}

_MEANING = {
    "terms_defined": "Everything in the credential has a defined meaning and is covered by the signature.",
    "terms_undefined": "A part of the credential has no meaning that other programs could know: {detail}",
    "unknown_context": "The credential uses a vocabulary that is not known here: {detail}",
    "context_not_known": "Not looked at, because the credential uses a vocabulary that is not known here.",
    "inline_context": "The credential brings a vocabulary of its own, which could give its words any meaning: {detail}",
    "malformed_context": "The credential does not say properly which vocabulary it uses: {detail}",
    "work_bound": "The credential is built in a way that would take too long to check: {detail}",
    "not_json_ld": "The credential cannot be read as linked data, so its signature covers nothing certain: {detail}",
    "no_statements": "The credential says nothing that a signature could cover.",
    "value_dropped": "A value in the credential has no defined meaning, so no signature protects it: {detail}",
    "reference_dropped": "The credential names something without saying anything of it: {detail}",
    "index_dropped": "The credential numbers its parts in a way that no signature protects: {detail}",
    "direction_dropped": "The writing direction of a text is not protected by the signature: {detail}",
    "malformed_iri": "The credential contains an identifier that is not well formed: {detail}",
    "malformed_language": "The credential names a language by a code that is none: {detail}",
    "not_plain": "A part of the credential is written so that ordinary programs would overlook it: {detail}",
    "described_twice": "The credential describes itself or its learner in a second place, which is easily overlooked.",
    "term_dropped": "A part of the credential has no defined meaning, so no signature protects it: {detail}",
    "relative_iri": "A part of the credential names something only relatively, so its meaning is not fixed: {detail}",
}

_PROOF = {
    "proof_found": "The credential carries a signature.",
    "proof_missing": "The credential is not signed, so anybody could have written it.",
    "proof_malformed": "What stands in the place of the signature is not a signature.",
    "too_many_proofs": "The credential carries more signatures than are checked here ({detail}).",
    "no_proof": "Not looked at, because the credential carries no signature that could be read.",
    "suite_supported": "The kind of signature is supported.",
    "proof_type_unknown": "The kind of signature is not one that is accepted here: {detail}",
    "suite_unknown": "The signature was made by a method that is not accepted here: {detail}",
    "suite_not_supported": "Not looked at, because this kind of signature is not accepted here.",
    "proof_not_derived": "The signature is the one given to the holder, which is not meant to be shown to others.",
    "suite_does_not_sign": "Signatures of this kind are read here, but not made: {detail}",
    "purpose_wrong": "The signature was made for another purpose than to issue credentials: {detail}",
    "purpose_not_presenting": "The signature was made for another purpose than to present credentials: {detail}",
    "created_malformed": "The time of signing cannot be read, so the signature cannot be relied on.",
    "created_missing": "The signature does not say when it was made, as a signature of this kind must.",
    "expires_malformed": "The signature says that it expires, but its end date cannot be read.",
    "created_in_future": "The time of signing lies in the future ({detail}); a clock may be wrong.",
    "proof_expired": "The signature itself was only valid until {detail}.",
    "proof_id_malformed": "The name of the signature is neither a web address nor another identifier.",
    "proof_id_repeated": "Two signatures of the credential go by the same name: {detail}",
    "previous_proof_malformed": "The signature does not say properly which other signatures it builds on.",
    "previous_proof_unknown": "The signature builds on another signature that is not there: {detail}",
    "proof_chain_circular": "The signature builds on itself, in a circle.",
    "proof_context_differs": "The signature was made with another vocabulary than the credential now uses.",
    "context_unsigned": "Vocabulary was added after signing, and it changes what the credential says: {detail}",
    "proof_option_malformed": "What the signature says about the occasion on which it was made cannot be read.",
    "challenge_differs": "The signature does not answer what was asked for here; it may be a copy of an older answer.",
    "domain_differs": "The signature was made for somebody else to receive: {detail}",
    "signature_holds": "The signature is right: nothing was changed since the credential was signed.",
    "signature_wrong": "The signature is wrong: the credential was changed after signing, or signed with another key.",
    "proof_value_malformed": "The signature is damaged: its value cannot be read.",
    "key_not_available": "The signature was not checked, because there is no key that could vouch for it.",
    "key_of_another": "Not looked at further, because somebody else controls the key.",
    "meaning_not_fixed": "The signature was not checked, because it is not certain what it would cover.",
}

_KEY = {
    "key_listed": "The issuer publishes the key and allows it to sign credentials.",
    "key_listed_to_present": "The presenter publishes the key and allows it to sign in.",
    "key_wrong_kind": "A key of this kind cannot have made this kind of signature: {detail}",
    "key_in_fragment": "The signature carries its own key, but no publication of the issuer names it: {detail}",
    "method_malformed": "The signature does not name the key it was made with.",
    "method_without_fragment": "The signature does not say which of the issuer's keys it was made with.",
    "method_bare": "The signer is the issuer, named by its key alone.",
    "did_malformed": "The identifier of the signer is not well formed: {detail}",
    "did_method_unknown": "The key could not be looked up, since identifiers of this kind are not supported: {detail}",
    "key_unreachable": "The issuer's key could not be checked, because its website could not be reached: {detail}",
    "key_refused": "The issuer's key could not be checked, because its address may not be visited: {detail}",
    "key_not_found": "The issuer's key could not be checked, because its website does not publish it: {detail}",
    "key_too_large": "The issuer's key could not be checked, because its website answered far too much: {detail}",
    "key_not_json": "The issuer's key could not be checked, because its website did not answer with JSON: {detail}",
    "key_not_asked": "The issuer's key could not be checked, because it was not asked for: {detail}",
    "key_rolled_back": "The issuer's key could not be checked, because its website gave an older list: {detail}",
    "key_not_historical": "The issuer's key could not be checked as it was at the time that was asked for: {detail}",
    "controller_document_malformed": "What the issuer publishes about its keys cannot be understood.",
    "controller_document_foreign": "What is published about the issuer's keys belongs to somebody else: {detail}",
    "key_unknown": "The issuer does not publish the key that the signature names.",
    "key_not_for_assertion": "The issuer publishes the key, but does not allow it to sign credentials.",
    "key_not_for_authentication": "The presenter publishes the key, but does not allow it to sign in.",
    "key_controller_differs": "The issuer publishes the key, but says that somebody else controls it: {detail}",
    "key_malformed": "The issuer's key is of a kind, or in a form, that is not accepted here: {detail}",
    "key_revoked": "The issuer has withdrawn the key that signed this credential.",
    "key_expired": "The key had already expired when the credential was signed.",
    "controller_is_issuer": "The signer is the issuer.",
    "controller_foreign": "The credential was signed by somebody other than its issuer: {detail}",
    "controller_foreign_accepted": "Somebody other than its issuer signed the credential; you allowed that: {detail}",
    "signed_by_another": "Besides the issuer, somebody else signed the credential too: {detail}",
    "controller_is_holder": "Whoever presents the credentials holds the key of the person whom they name as holder.",
    "holder_absent": "The presentation does not say who presents it; it was signed by {detail}.",
    "holder_malformed": "The presentation does not say properly who presents it.",
    "holder_differs": "The presentation was signed by somebody other than the one it names: {detail}",
    "issuer_missing": "The credential does not say who issued it.",
    "method_unbound": "The signature names a bare key, which does not tie it to the issuer.",
}

_TOKEN = {
    "token_found": "The credential comes as a token that carries a signature.",
    "token_parts_withheld": "The holder shows the credential in part: {detail} of its parts are not shown, at most.",
    "standing_not_shown": "The holder shows the credential in part, without this: {detail}. The issuer may have "
    "signed it, so whether the credential was withdrawn or has ended cannot be known from what is shown.",
    "token_header_more": "The token says further things about its key, which were left aside: {detail}",
    "jwt_malformed": "The token cannot be read as a signed credential: {detail}",
    "jwt_not_signed": "The token is not signed, so anybody could have written it: {detail}",
    "jwt_alg_unknown": "The token was signed by a method that is not accepted here: {detail}",
    "jwt_critical": "The token demands that rules be followed that are not known here: {detail}",
    "jwt_type_wrong": "The token says that it is something else than a credential: {detail}",
    "jwt_mixed": "The token mixes two versions of the data model: {detail}",
    "jwt_key_malformed": "The token brings a key along that is not accepted here: {detail}",
    "jwt_key_unnamed": "The token does not name the key it was signed with.",
    "jwt_alg_differs": "The token was signed by a method that its key is not for: {detail}",
    "envelope_malformed": "The object around the signed credential is more than an envelope, or is none: {detail}",
    "envelope_unknown": "The signed credential comes in an envelope of a kind that is not read here: {detail}",
    "cose_malformed": "The signed object cannot be read as a signed credential: {detail}",
    "cose_type_wrong": "The signed object says that it is something else than a credential: {detail}",
    "sd_jwt_malformed": "The token, or a part that is shown beside it, cannot be read: {detail}",
    "sd_digest_unknown": "A part is shown beside the token that the issuer did not sign: {detail}",
    "sd_key_binding": "The token is bound to a key of its holder in a way that is not checked here.",
    "jwk_differs": "The token names one key and brings another along.",
    "jwk_readable": "The key that the token was signed with can be read.",
    "jwk_at_issuer": "The key lies on the issuer's own website.",
    "jwk_listed": "The issuer publishes the key.",
    "jwk_ambiguous": "The issuer publishes several keys under the name that the token gives: {detail}",
    "jwk_of_another": "The key belongs to somebody other than the issuer: {detail}",
    "jwk_self_asserted": "The key comes with the credential itself, and nothing that the issuer publishes says that "
    "it is the issuer's: {detail}",
    "claims_agree": "What the token says about the credential agrees with the credential.",
    "claim_absent": "The token does not repeat all that it should of the credential: {detail}",
    "claim_missing": "The token leaves out something that every signed badge has to say: {detail}",
    "claim_malformed": "What the token says about the credential cannot be read: {detail}",
    "claim_differs": "The token says something else than the credential in it: {detail}",
}

_PRESENTATION = {
    "presentation_fresh": "The credentials were presented in answer to this request.",
    "presentation_unasked": "Nothing was asked of the presenter, so this may be a copy of an earlier presentation.",
    "presentation_not_proven": "Not looked at, because nothing proves who presents the credentials.",
    "not_a_presentation": "The document is not a presentation of credentials.",
}

_STATUS = {
    "status_absent": "The credential, as it is shown, names no status, so there is none to look up.",
    "status_clear": "The issuer has not raised this status ({detail}).",
    "status_clear_2021": "The issuer has not raised this status ({detail}), by a list of an older kind.",
    "status_clear_unsigned": "The issuer's list of revoked credentials does not name this one; but such lists are "
    "not signed.",
    "status_message": "The issuer says of this credential: {detail}",
    "refresh_available": "The issuer has a newer copy of this credential.",
    "status_repeated": "The credential names the same status twice ({detail}); it was looked up once.",
    "status_twice": "The credential names two places for one status ({detail}); both were looked at.",
    "status_unnamed": "The status could not be checked, because the list goes by ids and the credential has none.",
    "index_malformed": "The place of the credential in the status list is no number: {detail}",
    "revoked": "The issuer has revoked this credential.",
    "suspended": "The issuer has suspended this credential for now; it may come back.",
    "status_malformed": "What the credential says about its status cannot be understood: {detail}",
    "too_many_statuses": "The credential names more statuses than are checked here ({detail}).",
    "status_type_unknown": "The status could not be checked, because it is of a kind not supported here: {detail}",
    "status_size_unsupported": "The status could not be checked, because it has more bits than are read here: {detail}",
    "status_purpose_unknown": "The issuer also publishes something that does not bear on validity: {detail}",
    "proof_not_held": "Not looked at, because the signature does not hold or could not be checked.",
    "list_unreachable": "The status could not be checked, because the issuer's list could not be reached: {detail}",
    "list_refused": "The status could not be checked, because the list's address may not be visited: {detail}",
    "list_not_found": "The status could not be checked, because the issuer's list is not there any more: {detail}",
    "list_too_large": "The status could not be checked, because the issuer's list is far too long: {detail}",
    "list_not_json": "The status could not be checked, because the answer was not a status list: {detail}",
    "list_not_asked": "The status could not be checked, because the issuer's list was not asked for: {detail}",
    "list_rolled_back": "The status could not be checked, because the issuer's website gave an older list than before: "
    "{detail}",
    "list_not_historical": "The status could not be checked as it was at the time that was asked for: {detail}",
    "list_proof_open": "The status could not be checked, because the signature of the list could not be checked.",
    "list_wrong_type": "What is published as the status list is not a status list.",
    "list_wrong_id": "The status list is not the one that the credential names.",
    "list_foreign_issuer": "The status list was issued by somebody other than the issuer of the credential.",
    "list_bad_proof": "The signature of the status list does not hold, so the list may have been tampered with.",
    "list_unsigned": "The status list is not signed, so anybody could have written it.",
    "list_bad_dates": "The dates of the status list cannot be read.",
    "list_expired": "The status could not be checked, because the issuer's list is out of date since {detail}.",
    "list_not_yet_valid": "The status could not be checked, because the issuer's list is only valid from {detail}.",
    "list_wrong_purpose": "The status list is about something else than the credential says: {detail}",
    "list_malformed": "The content of the status list cannot be understood.",
    "list_damaged": "The content of the status list is damaged: {detail}",
    "list_bomb": "The status list unpacks to more than any status list may hold.",
    "list_multi_member": "The status list holds several lists in one, which different programs would read differently.",
    "list_trailing": "Something stands behind the status list that different programs would read differently: {detail}",
    "list_too_short": "The status list is shorter than the standard allows: {detail}",
    "index_out_of_range": "The status list has no place for this credential: {detail}",
}

_TIME = {
    "valid_from_past": "The credential is already valid.",
    "valid_from_absent": "The credential does not say from when it is valid, so it counts from the beginning.",
    "valid_from_missing": "The credential does not say from when it is valid.",
    "valid_from_malformed": "The date from which the credential is valid cannot be read.",
    "not_yet_valid": "The credential is not valid before {detail}.",
    "valid_until_future": "The credential has not expired.",
    "valid_until_absent": "The credential has no end date.",
    "valid_until_malformed": "The end date of the credential cannot be read.",
    "expired": "The credential expired on {detail}.",
    "period_reversed": "The end date of the credential lies before the date from which it is valid.",
}

_TRUST = {
    "issuer_here": "The issuer is known: this service issues for it.",
    "issuer_in_registry": "The issuer is known: it is listed in a registry that you trust.",
    "issuer_unknown": "The issuer is not known here and in no registry that you trust; who it is must be checked.",
    "registry_unasked": "Whether the issuer is known is not certain, as a registry could not be asked: {detail}",
    "issuer_not_proven": "Whether the issuer is known was not weighed, because nothing proves that it signed this.",
}

MESSAGES: Mapping[str, str] = MappingProxyType(
    _DOCUMENT | _MEANING | _PROOF | _KEY | _PRESENTATION | _TOKEN | _STATUS | _TIME | _TRUST
)
"""Code → sentence, for every check of `vc`. `badges` adds the codes of its own checks."""

SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "The credential is genuine and stands: its issuer signed it, and nothing was changed since.",
        "review": "The credential needs a person's judgement.",
        "rejected": "The credential cannot be accepted.",
        "open": "Not every check could be made.",
        "listed": "The issuer is listed as {detail}.",
        "unconfirmed": "Who the issuer is was not confirmed by anybody.",
        "in_part": "The holder chose what to show, so there may be more to it.",
        "notice": "This says whether the credential is genuine and stands, not whether what it says is true or fits a "
        "purpose. It concerns one person: use it for what they gave it for, and pass it on only with their consent.",
    }
)
"""The sentences that summaries are made of."""


@dataclass(frozen=True, slots=True)
class Words:
    """A language: the sentence for each code, where it is not the one that findings carry, and those of summaries.

    `phrases` has, for each code whose details are words of ours, these words in the language, by the English ones.
    """

    language: str
    summaries: Mapping[str, str]
    messages: Mapping[str, str] | None = None
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def say(self, code: str, detail: str, english: str) -> str:
        """Give the sentence for a code; `english` is what it says in English."""
        if self.messages is None:
            return english
        if code in self.phrases:
            detail = ", ".join(self.phrases[code].get(phrase, phrase) for phrase in detail.split(", "))
        return self.messages[code].format(detail=detail)


ENGLISH = Words("en", SUMMARIES)
