"""Verifiable credentials: data integrity, identifiers, status lists, verification.

Pure: knows what the W3C specifies, and nothing of badges, databases or networks. The usual way through it::

    prepared = vc.prepare(document, verification_method=…, created=now, contexts=contexts)
    signed = vc.seal(prepared, signer)

    keys = gather(vc.key_needs(signed))                  # somebody else's work: this package never fetches
    findings = vc.check_proofs(signed, keys, contexts, now)

This is the front door: whoever is outside takes names from here.
"""

from __future__ import annotations

from ler_issuer.vc.canonical import Canonical, HashName, Watch, canonize, canonize_nquads
from ler_issuer.vc.canonical.templates import NotTemplated
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.cose import CoseEnvelope
from ler_issuer.vc.dids import (
    BadDid,
    Method,
    controller_document,
    controller_of,
    did_jwk_document,
    did_key_document,
    is_self_contained,
    key_did,
    key_method,
    resolve_method,
    self_contained_document,
    web_did,
    web_url,
)
from ler_issuer.vc.disclosing import (
    PreparedBase,
    Underivable,
    counted,
    derive,
    disclosed,
    is_base,
    prepare_base,
    seal_base,
)
from ler_issuer.vc.documents import (
    as_list,
    claimed_name,
    id_of,
    issuer_id,
    members,
    surveyed,
    types_of,
    unfit,
    without_proof,
)
from ler_issuer.vc.enclosing import PreparedEnvelope, claims, prepare_envelope, prepare_token, seal_envelope
from ler_issuer.vc.enveloped import Opened, envelope_of, enveloped, opened
from ler_issuer.vc.envelopes import check_envelope, check_presented, envelope_needs
from ler_issuer.vc.federation import (
    Anchor,
    Chain,
    EntityStatement,
    judge_anchor,
    judge_chain,
    pinned_keys,
    read_entity_statement,
)
from ler_issuer.vc.findings import (
    AMISS,
    PROOF_CHECKS,
    CheckId,
    Finding,
    Known,
    Outcome,
    Standing,
    Verdict,
    authentic,
    finding,
    in_order,
    shown,
    standing,
)
from ler_issuer.vc.instants import SKEW, instant, stamp
from ler_issuer.vc.jwt import Envelope, is_compact, open_envelope, open_presentation
from ler_issuer.vc.keys import BadKey, KeyKind, PublicKey, Signer, public_of
from ler_issuer.vc.lists import check_status, list_holds, listed_at, status_key_needs, status_needs
from ler_issuer.vc.material import Found, Gap, Hole, Material, Source, look_up
from ler_issuer.vc.meaning import check_meaning, check_payload
from ler_issuer.vc.model import data_model, model_problems, presentation_problems
from ler_issuer.vc.multibase import read_digest, write_digest
from ler_issuer.vc.names import suspicious
from ler_issuer.vc.plain import overlooked
from ler_issuer.vc.policies import STANDARD, UNBENDING, Policy
from ler_issuer.vc.presentations import check_presentation, is_presentation, presented, proven_holder, unwrapped
from ler_issuer.vc.problems import CannotCanonize, Problem, problem_type, title_of
from ler_issuer.vc.proofs import NotSealable, Prepared, Unsignable, prepare, seal
from ler_issuer.vc.report import Listing, Member, Report, amended, conclude
from ler_issuer.vc.resolving import Resolution, Wish, read_wish, resolve_locally, resolved
from ler_issuer.vc.sdjwt import SdJwt, is_sd_jwt
from ler_issuer.vc.selecting import Outline, Selection, Unselectable, in_request, select
from ler_issuer.vc.statements import BadStatement, read_statement, sign_statement
from ler_issuer.vc.status import MIN_ENTRIES, BadList, bit, decode, encode, entry, list_credential
from ler_issuer.vc.status_entries import entry_problems
from ler_issuer.vc.suites import SUITES, Cryptosuite, suite_of
from ler_issuer.vc.templates import Filled, Form, Shelf, Slot, Template, read_shape, template
from ler_issuer.vc.validity import check_validity
from ler_issuer.vc.verification import check_proofs, key_needs
from ler_issuer.vc.withholding import standing_not_shown
from ler_issuer.vc.wording import ENGLISH, MESSAGES, SUMMARIES, Words

__all__ = [
    "AMISS",
    "ENGLISH",
    "MESSAGES",
    "MIN_ENTRIES",
    "PROOF_CHECKS",
    "SKEW",
    "STANDARD",
    "SUITES",
    "SUMMARIES",
    "UNBENDING",
    "Anchor",
    "BadDid",
    "BadKey",
    "BadList",
    "BadStatement",
    "CannotCanonize",
    "Canonical",
    "Chain",
    "CheckId",
    "Contexts",
    "CoseEnvelope",
    "Cryptosuite",
    "EntityStatement",
    "Envelope",
    "Filled",
    "Finding",
    "Form",
    "Found",
    "Gap",
    "HashName",
    "Hole",
    "KeyKind",
    "Known",
    "Listing",
    "Material",
    "Member",
    "Method",
    "NotSealable",
    "NotTemplated",
    "Opened",
    "Outcome",
    "Outline",
    "Policy",
    "Prepared",
    "PreparedBase",
    "PreparedEnvelope",
    "Problem",
    "PublicKey",
    "Report",
    "Resolution",
    "SdJwt",
    "Selection",
    "Shelf",
    "Signer",
    "Slot",
    "Source",
    "Standing",
    "Template",
    "Underivable",
    "Unselectable",
    "Unsignable",
    "Verdict",
    "Watch",
    "Wish",
    "Words",
    "amended",
    "as_list",
    "authentic",
    "bit",
    "canonize",
    "canonize_nquads",
    "check_envelope",
    "check_meaning",
    "check_payload",
    "check_presentation",
    "check_presented",
    "check_proofs",
    "check_status",
    "check_validity",
    "claimed_name",
    "claims",
    "conclude",
    "controller_document",
    "controller_of",
    "counted",
    "data_model",
    "decode",
    "derive",
    "did_jwk_document",
    "did_key_document",
    "disclosed",
    "encode",
    "entry",
    "entry_problems",
    "envelope_needs",
    "envelope_of",
    "enveloped",
    "finding",
    "id_of",
    "in_order",
    "in_request",
    "instant",
    "is_base",
    "is_compact",
    "is_presentation",
    "is_sd_jwt",
    "is_self_contained",
    "issuer_id",
    "judge_anchor",
    "judge_chain",
    "key_did",
    "key_method",
    "key_needs",
    "list_credential",
    "list_holds",
    "listed_at",
    "look_up",
    "members",
    "model_problems",
    "open_envelope",
    "open_presentation",
    "opened",
    "overlooked",
    "pinned_keys",
    "prepare",
    "prepare_base",
    "prepare_envelope",
    "prepare_token",
    "presentation_problems",
    "presented",
    "problem_type",
    "proven_holder",
    "public_of",
    "read_digest",
    "read_entity_statement",
    "read_shape",
    "read_statement",
    "read_wish",
    "resolve_locally",
    "resolve_method",
    "resolved",
    "seal",
    "seal_base",
    "seal_envelope",
    "select",
    "self_contained_document",
    "shown",
    "sign_statement",
    "stamp",
    "standing",
    "standing_not_shown",
    "status_key_needs",
    "status_needs",
    "suite_of",
    "surveyed",
    "suspicious",
    "template",
    "title_of",
    "types_of",
    "unfit",
    "unwrapped",
    "web_did",
    "web_url",
    "without_proof",
    "write_digest",
]
