"""Verifiable credentials: data integrity, identifiers, status lists, verification.

Pure: knows what the W3C specifies, and nothing of badges, databases or networks. The usual way through it::

    prepared = vc.prepare(document, verification_method=…, created=now, contexts=contexts)
    signed = vc.seal(prepared, signer)

    keys = gather(vc.key_needs(signed))                  # somebody else's work: this package never fetches
    findings = vc.check_proofs(signed, keys, contexts, now)

This is the front door: whoever is outside takes names from here.
"""

from __future__ import annotations

from ler_issuer.vc.canonical import Canonical, canonize
from ler_issuer.vc.contexts import Contexts
from ler_issuer.vc.dids import (
    BadDid,
    Method,
    controller_document,
    controller_of,
    did_key_document,
    key_did,
    key_method,
    resolve_method,
    web_did,
    web_url,
)
from ler_issuer.vc.documents import as_list, claimed_name, id_of, issuer_id, members, types_of, unfit, without_proof
from ler_issuer.vc.keys import BadKey, PublicKey, Signer, public_of
from ler_issuer.vc.lists import check_status, status_needs
from ler_issuer.vc.material import Found, Gap, Hole, Material, Source, look_up
from ler_issuer.vc.multibase import read_digest, write_digest
from ler_issuer.vc.problems import CannotCanonize, Problem
from ler_issuer.vc.proofs import NotSealable, Prepared, Unsignable, prepare, seal
from ler_issuer.vc.report import (
    PROOF_CHECKS,
    CheckId,
    Finding,
    Known,
    Member,
    Outcome,
    Report,
    Standing,
    Verdict,
    amended,
    authentic,
    conclude,
    finding,
    in_order,
    shown,
    standing,
)
from ler_issuer.vc.status import MIN_ENTRIES, BadList, bit, decode, encode, entry, list_credential
from ler_issuer.vc.suites import SUITES
from ler_issuer.vc.validity import SKEW, check_validity, instant, stamp
from ler_issuer.vc.verification import check_proofs, key_needs
from ler_issuer.vc.wording import MESSAGES

__all__ = [
    "MESSAGES",
    "MIN_ENTRIES",
    "PROOF_CHECKS",
    "SKEW",
    "SUITES",
    "BadDid",
    "BadKey",
    "BadList",
    "CannotCanonize",
    "Canonical",
    "CheckId",
    "Contexts",
    "Finding",
    "Found",
    "Gap",
    "Hole",
    "Known",
    "Material",
    "Member",
    "Method",
    "NotSealable",
    "Outcome",
    "Prepared",
    "Problem",
    "PublicKey",
    "Report",
    "Signer",
    "Source",
    "Standing",
    "Unsignable",
    "Verdict",
    "amended",
    "as_list",
    "authentic",
    "bit",
    "canonize",
    "check_proofs",
    "check_status",
    "check_validity",
    "claimed_name",
    "conclude",
    "controller_document",
    "controller_of",
    "decode",
    "did_key_document",
    "encode",
    "entry",
    "finding",
    "id_of",
    "in_order",
    "instant",
    "issuer_id",
    "key_did",
    "key_method",
    "key_needs",
    "list_credential",
    "look_up",
    "members",
    "prepare",
    "public_of",
    "read_digest",
    "resolve_method",
    "seal",
    "shown",
    "stamp",
    "standing",
    "status_needs",
    "types_of",
    "unfit",
    "web_did",
    "web_url",
    "without_proof",
    "write_digest",
]
