"""Check that all of a document means something, to JSON-LD and to a plain reader alike.

A signature that is right says nothing about what is on display unless both read the same in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ler_issuer.vc.canonical import Canonical, canonize
from ler_issuer.vc.documents import without_proof
from ler_issuer.vc.findings import CheckId, Finding, Outcome, finding
from ler_issuer.vc.plain import overlooked
from ler_issuer.vc.problems import CannotCanonize, Problem

if TYPE_CHECKING:
    from ler_issuer.jsontext import Survey
    from ler_issuer.types import JsonObject
    from ler_issuer.vc.contexts import Contexts

_CONTEXT_CODES = ("unknown_context", "inline_context", "malformed_context")


def check_meaning(
    document: JsonObject, contexts: Contexts, found: Survey | None = None
) -> tuple[Canonical | None, tuple[Finding, ...]]:
    """Make the check `jsonld.safe`; an unknown context is a finding of `context.order` instead.

    Gives the canonical form of the document without its proofs, but only when nothing is lost in it, so that nothing
    else is ever compared with a signature. Expects a document that `documents.unfit` has nothing against; `found` is
    what `documents.surveyed` gave for it.
    """
    check = CheckId.JSONLD_SAFE
    problem = overlooked(document, found)
    if problem is not None:
        return None, (_failed(check, problem),)
    try:
        canonical = canonize(without_proof(document), contexts, found=found)
    except CannotCanonize as error:
        if error.problem.code not in _CONTEXT_CODES:
            return None, (_failed(check, error.problem),)
        skipped = finding(check, Outcome.SKIPPED, "context_not_known")
        return None, (_failed(CheckId.CONTEXT_ORDER, error.problem), skipped)
    if canonical.lost:
        return None, tuple(_failed(check, problem) for problem in canonical.lost)
    return canonical, (finding(check, Outcome.PASS, "terms_defined"),)


def check_payload(document: JsonObject, contexts: Contexts, found: Survey | None = None) -> tuple[Finding, ...]:
    """Make the check `jsonld.safe` of the payload of a JWT, whose signature covers every word of it.

    So what has no meaning in linked data was not smuggled in: it is a blemish (a warning) and no fault.
    """
    canonical, findings = check_meaning(document, contexts, found)
    if canonical is not None:
        return findings
    return tuple(_blemish(found) if found.code in _LOSSES else found for found in findings)


_LOSSES = frozenset({"term_dropped", "value_dropped", "reference_dropped", "index_dropped", "direction_dropped"})


def _blemish(found: Finding) -> Finding:
    return finding(found.id, Outcome.WARNING, "terms_undefined", found.pointer, detail=found.detail)


def _failed(check: CheckId, problem: Problem) -> Finding:
    return finding(check, Outcome.FAIL, problem.code, problem.pointer, detail=problem.detail)
