"""Badges of which their holders show parts: derived proofs of `ecdsa-sd-2023`, good and otherwise."""

from __future__ import annotations

from functools import cache

from ler_issuer import vc
from ler_issuer.types import Json, JsonObject
from ler_issuer.vc.suites.disclosure_values import DerivedValue, read_derived
from scenarios.changes import Change, Scenes
from signing import LIST_URL, UNIVERSITY, Case, Key, badge, based, rules, status_list

ISSUER = Key("university p-256", UNIVERSITY.controller, "P-256")


@cache
def _base() -> JsonObject:
    """Give a badge as the holder has it, with the issuer's proof over each of its statements."""
    return based(badge(), ISSUER)


def _case(document: Json) -> Case:
    published = vc.controller_document(UNIVERSITY.subject, [UNIVERSITY.method, ISSUER.method])
    return Case(document, {UNIVERSITY.subject: vc.Found(published), LIST_URL: vc.Found(status_list())})


def _view(*pointers: str, change: Change = lambda _: None) -> Case:
    document = vc.derive(_base(), pointers, rules().contexts)
    change(document)
    return _case(document)


def _valued(value: Json) -> Case:
    return _view("/name", change=lambda document: document["proof"][0].update(proofValue=value))


def _value_of(scene: Case) -> DerivedValue:
    return read_derived(scene.document["proof"][0]["proofValue"])


def good_views() -> Scenes:
    """Yield views that hold."""
    results = "/credentialSubject/result"
    yield "view", ("", "A part of a badge, with a proof that its holder derived.", _view("/name", results))
    yield "view_of_all", ("", "The whole of it, shown with a derived proof.", _view(""))


def bad_views() -> Scenes:
    """Yield views whose proofs do not hold."""
    yield "view_underived", ("proof_not_derived", "The issuer's own proof to the holder was shown.", _case(_base()))
    yield (
        "view_altered",
        (
            "signature_wrong",
            "What is shown was changed.",
            _view("/name", change=lambda one: one.update(name="X")),
        ),
    )
    yield (
        "view_with_more",
        (
            "signature_wrong",
            "Something was added that the badge says, and the holder did not show.",
            _view("/name", change=lambda one: one.update(validUntil="2029-12-01T10:00:00Z")),
        ),
    )
    yield (
        "view_with_less",
        (
            "signature_wrong",
            "What is always shown was left out: when the badge ends.",
            _view("/name", change=lambda one: one.pop("validUntil")),
        ),
    )
    value = _value_of(_view("/name"))
    other = _view("/name", "/awardedDate", change=lambda one: one["proof"][0].update(proofValue=value.write()))
    yield "view_of_another", ("signature_wrong", "The proof of another view of the same badge.", other)
    stranger = value._replace(public=Key("stranger once", kind="P-256").public)
    yield (
        "view_key_changed",
        ("signature_wrong", "The issuer vouched for another key of the statements.", _valued(stranger.write())),
    )
    nodes = {number: label for number, label in value.labels.items() if number}
    yield (
        "view_label_missing",
        (
            "signature_wrong",
            "What the issuer calls one of the things shown was left out.",
            _valued(value._replace(labels=nodes).write()),
        ),
    )
    beyond = (*value.mandatory, 10_000)
    yield (
        "view_statement_beyond",
        (
            "signature_wrong",
            "A statement is said to be always shown that is not there.",
            _valued(value._replace(mandatory=beyond).write()),
        ),
    )
    yield (
        "view_cut",
        ("proof_value_malformed", "The value of the derived proof is cut off.", _valued(value.write()[:-8])),
    )
    yield (
        "view_respelled",
        (
            "proof_value_malformed",
            "The value of the derived proof is in another base than that of its suite.",
            _valued("z" + value.write()[1:]),
        ),
    )
