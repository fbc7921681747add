"""The past: what a report answers as of an instant, and what only as of today."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ler_issuer.services import disclosing, exporting, keyring, verifying
from ler_issuer.services.exporting import Form
from ler_issuer.services.verifying import Asked
from ler_issuer.store import tables
from ler_issuer.vc import Verdict
from records import document, tamper
from world import award, publish

SHOWN = {
    "whole": lambda rt, _tenant, held: document(rt, held),
    "part": lambda rt, tenant, held: disclosing.derive_credential(rt, tenant.caller, held, ["/name"]).document,
    "token": lambda rt, tenant, held: exporting.export(rt, tenant.caller, held, Form.JWT).decode(),
}


def test_a_form_that_was_signed_since_is_no_alarm(rt, tenant, world):
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    publish(rt, tenant, disclosure={"mandatory": []})
    held = award(rt, tenant).credential_id
    hired = world.time + timedelta(hours=1)
    world.wait(days=2)
    part = SHOWN["part"](rt, tenant, held)

    report = verifying.verify(rt, part, asked=Asked(as_of=hired))

    assert report.verdict is Verdict.ACCEPTED
    assert "created_in_future" not in {found.code for found in report.checks}


def test_a_clock_that_is_wrong_is_an_alarm_for_the_past_too(rt, tenant, world):
    publish(rt, tenant)
    held = document(rt, award(rt, tenant).credential_id)
    world.time -= timedelta(days=1)

    report = verifying.verify(rt, held, asked=Asked(as_of=world.time - timedelta(hours=1)))

    assert "created_in_future" in {found.code for found in report.checks}


@pytest.mark.parametrize("shown", SHOWN)
def test_a_key_of_ours_that_was_revoked_is_judged_as_it_was(rt, tenant, world, shown):
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    keyring.add_jwt_key(rt, "biology", "ES256", actor="cli:test")
    publish(rt, tenant, disclosure={"mandatory": []})
    one = SHOWN[shown](rt, tenant, award(rt, tenant).credential_id)
    before = world.time
    world.wait(days=1)
    of_ours = tables.signing_key.c.issuer_id == tenant.issuer.id
    tamper(rt, sa.update(tables.signing_key).where(of_ours).values(revoked_at=world.time))
    after = world.time + timedelta(hours=1)
    world.wait(days=1)

    then, later = (verifying.verify(rt, one, asked=Asked(as_of=at)) for at in (before, after))
    assert (then.authentic, then.verdict) == (True, Verdict.ACCEPTED)
    assert (later.authentic, later.verdict) == (False, Verdict.REJECTED)
    assert "key_revoked" in {found.code for found in later.checks}
    for report in (then, later):
        told = dict(report.about)["as_of"]
        assert "proof.key" in told["historical"], told
