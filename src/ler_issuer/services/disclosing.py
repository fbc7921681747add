"""Disclosing: a part of a credential, chosen by its learner, under a proof of the issuer over every statement in it.

The credential itself stays what it is. Beside it a form is signed from which such parts are derived (`forms`);
nobody but the learner, by a link, and the issuer gets to ask for them, and what they get is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Place, Unacceptable
from ler_issuer.services import forms, handing, signing
from ler_issuer.store import credentials, issuers
from ler_issuer.vc import Underivable, derive, disclosed, in_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.types import JsonObject, Pointer


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of a credential, and which parts of the credential that is and which it is not."""

    document: JsonObject
    shown: tuple[Pointer, ...]
    withheld: tuple[Pointer, ...]


def derive_credential(rt: Runtime, caller: Caller, credential_id: str, selective: Sequence[Pointer]) -> View:
    """Derive a part of a credential of the caller's issuer: what is always shown, and what JSON Pointers name.

    Raises:
        Missing: no such credential of the caller's issuer.
        Unacceptable: learners cannot show parts of this achievement (`not_disclosable`); the issuer has no key for
            that, or has had none since its own was revoked (`key_revoked`); a pointer names nothing in the credential,
            or a part of one statement or list; or in production, the issuer's public address is plain http or local.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    with rt.db.read() as db:
        credential = credentials.owned_by(db, credential_id, caller.issuer_id)
    return _view(rt, credential, selective, actor=caller.actor)


def derive_by_link(rt: Runtime, credential_id: str, key: str, selective: Sequence[Pointer]) -> View:
    """Derive a part of a credential for whoever has the key of a link to it that still stands.

    Raises:
        Missing: wrong key, or a link that expired or was revoked: one answer for all, which tells nothing.
        Unacceptable: as `derive_credential`.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    credential, actor = handing.follow(rt, credential_id, key)
    try:
        return _view(rt, credential, selective, actor=actor)
    except Unacceptable as refused:
        if all(problem.code != "key_missing" for problem in refused.problems):
            raise
    detail = "the issuer has not set up yet what parts are signed with; the whole credential can be shown meanwhile"
    raise Unacceptable(detail, problems=[Place("", "key_missing", detail)])


def _view(rt: Runtime, credential: Credential, selective: Sequence[Pointer], *, actor: str) -> View:
    base = jsontext.parse(forms.in_form(rt, credential, "ldp_sd", actor=actor))
    try:
        outline = disclosed(base, selective)
        document = derive(base, selective, rt.rules.contexts)
    except Underivable as error:
        problems = in_request(error.problems, selective, "/selectivePointers")
        places = [Place(one.pointer, one.code, one.detail) for one in problems]
        raise Unacceptable("this part of the credential cannot be shown", problems=places) from None
    with rt.db.read() as db:
        signing.require_authentic(db, rt, issuers.get(db, credential.issuer_id), document, rt.now())
    return View(document, outline.shown, outline.withheld)
