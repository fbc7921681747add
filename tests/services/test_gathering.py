"""Gathering what this installation publishes itself: in one transaction, and never as it was before a wait."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

import signing
from ler_issuer.services import revoking, verifying
from ler_issuer.services.gathering import Aid, Gathering
from ler_issuer.services.marking import Reason
from ler_issuer.store.db import Database
from ler_issuer.vc import Found, Verdict, check_status, status_needs
from records import document
from signing import UNIVERSITY
from world import award, publish

DID_URL = "https://cred.example.edu/issuers/1/did.json"


@pytest.fixture
def credential(rt, tenant):
    """A credential of ours, whose status list was looked at before."""
    publish(rt, tenant)
    told = award(rt, tenant)
    assert verifying.verify(rt, document(rt, told.credential_id)).verdict is Verdict.ACCEPTED
    return told.credential_id


def test_one_transaction_looks_up_all_that_a_credential_of_ours_needs(rt, credential, monkeypatch):
    ours, opened = document(rt, credential), []

    @contextmanager
    def counted(database, read=Database.read):
        opened.append(database)
        with read(database) as db:
            yield db

    monkeypatch.setattr(Database, "read", counted)
    report = verifying.verify(rt, ours)

    assert report.verdict is Verdict.ACCEPTED
    assert len(opened) == 1


def test_what_was_looked_up_ahead_is_looked_up_again_after_others_were_asked(rt, tenant, credential, world):
    world.host(DID_URL, UNIVERSITY.document)
    ours = document(rt, credential)
    gathered = Gathering(rt, Aid(), now=rt.now())
    gathered.ask([tenant.issuer.did], ahead=status_needs(ours))

    revoking.revoke(rt, tenant.caller, credential, Reason("x"))
    gathered.ask([UNIVERSITY.subject])
    gathered.look_at_lists(status_needs(ours))

    assert isinstance(gathered.material[UNIVERSITY.subject], Found)
    found = check_status(ours, gathered.material, gathered.material, rt.rules.contexts, rt.now())
    assert [one.code for one in found] == ["revoked"]


def test_others_are_not_asked_ahead(rt, world):
    gathered = Gathering(rt, Aid(), now=rt.now())

    gathered.ask(["did:web:nobody.example"], ahead=[signing.LIST_URL])

    assert world.asked == ["https://nobody.example/.well-known/did.json"]
    assert signing.LIST_URL not in gathered.material
