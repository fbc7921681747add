"""Further forms of our credentials: the same credential as a signed token, through the same ceremony.

A token says what the credential says, under the same id and with the same status entry, so that revoking the one
revokes the other. It is signed when it is first asked for, judged with our own verifier, and kept as the exact bytes:
whoever asks again gets the same token. A credential that was revoked or replaced can still be had so; its status says
how it stands.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.services import signing
from ler_issuer.services.discrepancies import Discrepancy
from ler_issuer.services.issuing import leaf_of
from ler_issuer.store import credentials, forms, issuers, journal
from ler_issuer.store.failures import again_if_entangled
from ler_issuer.store.forms import Form
from ler_issuer.store.journal import Deed
from ler_issuer.vc import without_proof

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db


HOLDER = "link:holder"
"""Who asks for a form when nobody else is named: whoever has a link to the credential."""


@again_if_entangled
def as_jwt(rt: Runtime, caller: Caller, credential_id: str) -> bytes:
    """Give a credential of the caller's issuer as a token: the bytes of a compact JWS.

    Raises:
        Missing: no such credential of the caller's issuer.
        Unacceptable: in production, the issuer's public address is plain http or local.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    with rt.db.read() as db:
        credential = credentials.owned_by(db, credential_id, caller.issuer_id)
        kept = forms.find(db, credential.id, "jwt")
    if kept is not None:
        return kept.body
    with rt.db.begin() as db:
        return jwt_step(db, rt, credential, actor=caller.actor)


def jwt_step(db: Db, rt: Runtime, credential: Credential, *, actor: str = HOLDER) -> bytes:
    """Give a credential as a token: the one that is kept, or a new one, which is kept.

    Raises:
        Unacceptable: in production, the issuer's public address is plain http or local.
        NonconformingError: our own verifier does not find the token authentic.
        KeyLocked: the passphrase is not the one that sealed the key.
    """
    db.advisory_lock([f"form {credential.id}"])
    kept = forms.find(db, credential.id, "jwt")
    if kept is not None:
        return kept.body
    now, issuer = rt.now(), issuers.get(db, credential.issuer_id)
    document = without_proof(jsontext.parse(credential.body))
    made = signing.enclose(db, rt, issuer, document, now)
    body = made.token.encode()
    form = Form(credential.id, "jwt", made.signing_key_id, body, hashlib.sha256(body).hexdigest(), now)
    forms.add(db, form)
    deed = Deed(
        issuer_id=issuer.id,
        actor=actor,
        act="credential.form_signed",
        object_id=credential.id,
        at=now,
        data={"format": form.format, "digest": form.digest},
    )
    journal.audit(db, deed)
    journal.add_leaf(db, issuer.id, leaf_of(credential.log_salt, body))
    return body


def check(db: Db, credential: Credential) -> Iterator[Discrepancy]:
    """Hold the kept forms of a credential against their digests and the log."""
    for form in forms.of_credential(db, credential.id):
        if hashlib.sha256(form.body).hexdigest() != form.digest:
            yield Discrepancy("bytes_altered", credential.id, f"the stored bytes of its form {form.format} are others")
        if not journal.has_leaf(db, credential.issuer_id, leaf_of(credential.log_salt, form.body)):
            yield Discrepancy("leaf_missing", credential.id, f"the log has no leaf for its form {form.format}")
