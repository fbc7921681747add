"""Further forms of credentials: the same credential, signed again in another form, kept as the exact bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Form:
    """A credential in another form, and the key that signed it so.

    `format` is `jwt`, or `ldp_sd` for the one with a base proof, from which a learner derives others; both are signed
    of their own. Pictures carry a signed form and are not kept.
    """

    credential_id: str
    format: str
    signing_key_id: str
    body: bytes
    digest: str
    created_at: datetime


_FORM = sa.select(*columns(tables.credential_form, Form))


def add(db: Db, form: Form) -> None:
    """Keep a form; a credential has one of each format."""
    db.keep(tables.credential_form, form)


def find(db: Db, credential_id: str, wanted: str) -> Form | None:
    """Give a credential in a form, or None when it was never signed so by a key that was not revoked since."""
    row, key = tables.credential_form.c, tables.signing_key.c
    standing = _FORM.join(tables.signing_key, key.id == row.signing_key_id).where(key.revoked_at.is_(None))
    return db.first(Form, standing.where(row.credential_id == credential_id, row.format == wanted))


def forget(db: Db, credential_id: str, wanted: str) -> bool:
    """Drop a form, so that another can take its place; tell whether there was one."""
    row = tables.credential_form.c
    forgetting = sa.delete(tables.credential_form).where(row.credential_id == credential_id, row.format == wanted)
    return db.run(forgetting).rowcount > 0


def of_credential(db: Db, credential_id: str) -> list[Form]:
    """Give every form of a credential."""
    row = tables.credential_form.c
    return db.all(Form, _FORM.where(row.credential_id == credential_id).order_by(row.format))
