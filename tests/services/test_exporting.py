"""A credential of ours in every form: the same one, in the picture of what was achieved, and kept once it is signed."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from openbadgeslib import baking as peer

from ler_issuer.badges import Carried, unbake
from ler_issuer.errors import Missing
from ler_issuer.services import exporting, handing, keyring, revoking
from ler_issuer.services.exporting import Form
from ler_issuer.services.marking import Reason
from pictures import PNG, SVG
from records import credential, deeds, discrepancies
from world import award, found, publish


def image(body, media_type="image/png"):
    return {"caption": "A pen", "media_type": media_type, "data": base64.b64encode(body).decode()}


@pytest.fixture
def badge(rt, tenant):
    publish(rt, tenant)
    return award(rt, tenant).credential_id


@pytest.fixture
def export(rt, tenant, badge):
    return lambda form, credential_id=badge: exporting.export(rt, tenant.caller, credential_id, Form(form))


def payload(token):
    return json.loads(base64.urlsafe_b64decode(token.split(b".")[1] + b"=="))


def test_json_is_what_was_signed(rt, badge, export):
    assert export("jsonld") == credential(rt, badge).body


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_holds_exactly_what_was_signed(rt, badge, export, form):
    out = unbake(export(form))

    assert out.text.encode() == credential(rt, badge).body
    assert (out.container, out.kind) == (form, Carried.BADGE)
    assert export(form) == export(form)


def test_others_find_it_in_the_picture(rt, badge, export):
    said = credential(rt, badge).body.decode()

    assert peer.extract_png(export("png"), keyword=peer.ITXT_KEYWORD_OB3) == said
    assert peer.extract_svg(export("svg"), element=peer.SVG_ELEMENT_OB3, text_fallback=True) == said


@pytest.mark.parametrize(("body", "media_type", "form"), [(PNG, "image/png", "png"), (SVG, "image/svg+xml", "svg")])
def test_the_picture_is_that_of_the_achievement(rt, tenant, export, body, media_type, form):
    publish(rt, tenant, key="drawing", image=image(body, media_type))
    made = award(rt, tenant, achievement="drawing").credential_id
    other = "svg" if form == "png" else "png"

    assert body[-20:] in export(form, made)
    assert len(export(form, made)) < len(body) + len(export("jsonld", made)) + 200
    assert unbake(export(other, made)).text == unbake(export(form, made)).text


def test_a_picture_that_is_not_sound_is_replaced_by_a_drawn_one(rt, tenant, export):
    broken = bytearray(PNG)
    broken[30] ^= 1  # a checksum: what begins and ends as a PNG was taken as one
    publish(rt, tenant, key="drawing", image=image(bytes(broken)))
    made = award(rt, tenant, achievement="drawing").credential_id

    assert unbake(export("png", made)).text == export("jsonld", made).decode()


@pytest.mark.parametrize("name", ["A <b> & \"B\" 'C' ]]>", "漢字" * 60, "\u202ekcab", "x" * 200])
def test_any_name_can_be_drawn(rt, tenant, export, name):
    publish(rt, tenant, key="drawing", name=name)
    made = award(rt, tenant, achievement="drawing").credential_id
    drawn = export("svg", made)

    assert json.loads(unbake(drawn).text)["name"] == name
    assert "\u202e" not in drawn.decode().partition("<title>")[2].partition("</title>")[0]


def test_the_jwt_is_signed_once_and_kept(rt, tenant, badge, export):
    token = export("jwt")
    document = json.loads(export("jsonld"))

    assert export("jwt") == token
    assert payload(token)["id"] == document["id"]
    assert payload(token)["credentialStatus"] == document["credentialStatus"]
    assert "proof" not in payload(token)
    assert deeds(rt, tenant.caller, "credential.form") == ["credential.form_signed"]
    assert discrepancies(rt) == []
    assert badge in payload(token)["id"]


@pytest.fixture
def divisible(rt, tenant):
    """Give a credential that has all forms there are."""
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    publish(rt, tenant, key="divisible", disclosure={})
    return award(rt, tenant, achievement="divisible").credential_id


def test_a_link_leads_to_every_form(rt, tenant, divisible, export):
    link = handing.create_link(rt, tenant.caller, divisible, timedelta(hours=1))
    key = parse_qs(urlsplit(link.url).query)["key"][0]

    got = {form: handing.fetch(rt, divisible, key, form) for form in reversed(Form)}

    assert got == {form: export(form, divisible) for form in Form}
    handing.revoke_link(rt, tenant.caller, link.link_id)
    for form in Form:
        with pytest.raises(Missing):
            handing.fetch(rt, divisible, key, form)


def test_what_was_revoked_can_still_be_had(rt, tenant, divisible, export):
    revoking.revoke(rt, tenant.caller, divisible, Reason("misconduct"))

    assert all(export(form, divisible) for form in Form)


@pytest.mark.parametrize("form", Form)
def test_another_issuer_gets_none(rt, badge, form):
    stranger = found(rt, "chemistry").caller

    with pytest.raises(Missing):
        exporting.export(rt, stranger, badge, form)
    with pytest.raises(Missing):
        exporting.export(rt, stranger, "no such credential", form)
