"""API keys: scopes, expiry, revocation, last use; one issuer each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ler_issuer.errors import Denied, Missing, SignInFirst, Unacceptable
from ler_issuer.services import access
from ler_issuer.services.access import Scope
from records import deeds
from world import found


def make(rt, *scopes, lifetime=None, slug="biology"):
    return access.create_key(rt, slug, name="lms", scopes=scopes, actor="cli:test", lifetime=lifetime)


def test_a_key_opens_its_issuer_with_its_scopes(any_rt):
    tenant = found(any_rt)
    key, secret = make(any_rt, Scope.RESULTS_WRITE)

    caller = access.authenticate(any_rt, secret)

    assert (caller.issuer_id, caller.actor) == (tenant.issuer.id, f"key:{key.id}")
    caller.require(Scope.RESULTS_WRITE)
    with pytest.raises(Denied, match="credentials:read"):
        caller.require(Scope.CREDENTIALS_READ)


def test_the_first_key_may_do_everything(rt, tenant):
    assert access.authenticate(rt, tenant.key).scopes == set(Scope)


@pytest.mark.parametrize(
    "change", [str.upper, str.strip, lambda s: s[:-1], lambda s: s + "x", lambda _: "", lambda _: "ler_"]
)
def test_no_other_text_opens_anything(rt, tenant, change):
    tried = change(tenant.key)
    if tried == tenant.key:
        assert access.authenticate(rt, tried).issuer_id == tenant.issuer.id
        return
    with pytest.raises(SignInFirst, match="not known"):
        access.authenticate(rt, tried)


@pytest.mark.usefixtures("tenant")
def test_a_key_ends_when_it_said(rt, world):
    _, secret = make(rt, lifetime=timedelta(days=1))
    world.wait(hours=23, minutes=59, seconds=59)
    assert access.authenticate(rt, secret)

    world.wait(seconds=1)

    with pytest.raises(SignInFirst, match="expired"):
        access.authenticate(rt, secret)


def test_a_key_ends_when_it_is_revoked_and_keeps_its_first_time(rt, tenant, world):
    key, secret = make(rt)
    access.revoke_key(rt, key.id, actor="cli:test")
    ended = world.time
    world.wait(days=1)
    access.revoke_key(rt, key.id, actor="cli:test")

    with pytest.raises(SignInFirst, match="revoked"):
        access.authenticate(rt, secret)
    assert [one.revoked_at for one in access.list_keys(rt, "biology") if one.id == key.id] == [ended]
    assert deeds(rt, tenant.caller, "api_key.") == ["api_key.created", "api_key.revoked", "api_key.revoked"]


@pytest.mark.usefixtures("tenant")
def test_last_use_is_noted_to_the_minute(rt, world):
    key, secret = make(rt)

    def last_used():
        return next(one.last_used_at for one in access.list_keys(rt, "biology") if one.id == key.id)

    assert last_used() is None
    access.authenticate(rt, secret)
    first = world.time
    world.wait(seconds=59)
    access.authenticate(rt, secret)
    assert last_used() == first

    world.wait(seconds=1)
    access.authenticate(rt, secret)
    assert last_used() == world.time


@pytest.mark.usefixtures("tenant")
def test_the_secret_is_kept_nowhere(rt):
    _, secret = make(rt)

    kept = access.list_keys(rt, "biology")

    assert secret not in str(kept)
    assert secret.removeprefix(access.PREFIX) not in str(kept)
    assert len({one.secret_hash for one in kept}) == 2


@pytest.mark.usefixtures("tenant")
def test_there_is_no_such_scope_issuer_or_key(rt):
    with pytest.raises(Unacceptable, match="results:write"):
        make(rt, "results:wriet")
    with pytest.raises(Missing):
        make(rt, slug="chemistry")
    with pytest.raises(Missing):
        access.list_keys(rt, "chemistry")
    with pytest.raises(Missing):
        access.revoke_key(rt, "no such key", actor="cli:test")
    assert len(access.list_keys(rt, "biology")) == 1
