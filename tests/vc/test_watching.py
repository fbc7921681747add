"""The sampled self-check: what one path made is made again by the other, and a difference does not stay quiet."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from ler_issuer import runtime
from ler_issuer.metrics import Metrics
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Contexts, Watch, canonize
from ler_issuer.vc.canonical.watching import MAX_WATCHED, agree
from samples import badge, clr

CLOSED = Contexts(load_closed_world().contexts)


class Ear(list):
    """Hears what a watch tells."""

    def __call__(self, agreed, digest):
        self.append((agreed, digest))


def watched(ear, *, drawn=lambda: True):
    return Contexts(CLOSED.documents, watch=Watch(CLOSED, drawn, ear))


@pytest.mark.parametrize("document", [badge(), clr()])
def test_what_is_drawn_is_made_again_and_agrees(document):
    ear = Ear()
    canonical = canonize(document, watched(ear))
    assert ear == [(True, hashlib.sha256(canonical.nquads.encode()).hexdigest())]


def test_what_is_not_drawn_is_not_looked_at():
    ear = Ear()
    answers = iter([False, True, False])
    contexts = watched(ear, drawn=lambda: next(answers))
    for _ in range(3):
        canonize(badge(), contexts)
    assert len(ear) == 1


def test_what_the_general_path_made_is_not_made_again():
    ear = Ear()
    assert canonize(badge(colour="red"), watched(ear)).lost
    assert ear == []


def test_a_difference_is_told():
    ear = Ear()
    altered = replace(canonize(badge(), CLOSED), nquads="<urn:a> <urn:p> <urn:b> .\n")
    Watch(CLOSED, lambda: True, ear)(badge(), altered)
    assert ear == [(False, hashlib.sha256(altered.nquads.encode()).hexdigest())]


def test_losses_that_only_one_path_notices_are_a_difference():
    blind = replace(canonize(badge(colour="red"), CLOSED), lost=())
    assert agree(badge(colour="red"), blind, CLOSED) is False


def test_a_document_that_only_one_path_accepts_is_a_difference():
    assert agree(badge(issuer="https://a.example/#b#c"), canonize(badge(), CLOSED), CLOSED) is False


def test_what_would_take_too_long_is_left_alone():
    large = replace(canonize(badge(), CLOSED), nquads="x" * (MAX_WATCHED + 1))
    assert agree(badge(), large, CLOSED) is None
    hard = badge(type=["VerifiableCredential"] * 10_000)
    assert agree(hard, canonize(badge(), CLOSED), CLOSED) is None


def test_one_in_so_many_is_drawn_by_the_chance_of_the_installation():
    numbers = iter([b"\x00", b"\x40", b"\x80", b"\xc0"] * 2)
    drawn = runtime.watch(CLOSED, 4, lambda _: next(numbers), Metrics()).drawn
    assert [drawn() for _ in range(8)] == [True, False, False, False] * 2


def test_an_alarm_names_no_content():
    figures = Metrics()
    watch = runtime.watch(CLOSED, 1, bytes, figures)
    with capture_logs() as logs:
        watch(badge(), canonize(badge(), CLOSED))
        watch(badge(name="Ada"), replace(canonize(badge(), CLOSED), nquads="Ada"))
    digest = hashlib.sha256(b"Ada").hexdigest()
    assert logs == [{"event": "canonical_difference", "log_level": "error", "sha256": digest}]
    assert "ler_canonical_checks_total 2.0" in figures.text().decode()
    assert "ler_canonical_differences_total 1.0" in figures.text().decode()
