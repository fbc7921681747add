"""Learners who are merged: made, joined, parted, and what they hold."""

from __future__ import annotations

from typing import Any

from ler_issuer.runtime import Runtime
from ler_issuer.services import merging
from ler_issuer.services.intake import Receipt
from ler_issuer.services.people import Known
from ler_issuer.store import awards
from records import learner_of
from services.sending import about, send
from world import Tenant

Name = tuple[str, str]

ADA, BOB, CYD = ("emailAddress", "ada@b.c"), ("emailAddress", "bob@b.c"), ("emailAddress", "cyd@b.c")


def whose(rt: Runtime, receipt: Receipt) -> str:
    return learner_of(rt, receipt.result_id).id


def task(rt: Runtime, tenant: Tenant, who: Name, name: str, **changes: Any) -> Receipt:
    """Send the result of an assessment that names no achievement."""
    return send(rt, tenant, about(who, achievement=None, assessment=name, **changes))


def somebody(rt: Runtime, tenant: Tenant, who: Name) -> str:
    """Make a learner of whom a result is known that earns nothing."""
    return whose(rt, task(rt, tenant, who, "lunch"))


def merge(rt: Runtime, tenant: Tenant, learner: str, into: str, **more: Any) -> Known:
    return merging.merge(rt, tenant.caller, learner, into, **more)


def unmerge(rt: Runtime, tenant: Tenant, learner: str) -> Known:
    return merging.unmerge(rt, tenant.caller, learner)


def held(rt: Runtime, *learner_ids: str) -> list[tuple[str, str, str]]:
    """Give (learner, basis, state) of each award of these learners."""
    with rt.db.read() as db:
        return [(one.learner_id, one.basis, one.state) for one in awards.of_learner(db, list(learner_ids))]
