"""Exporting: a credential of ours in each form that others take it in.

The JSON is the bytes that were signed. The JWT, and the JSON whose proof the learner derives others from, are signed
once each, by the same ceremony, and kept (`forms`). A picture is
that of the achievement in the version that was awarded, with the JSON baked into it: the proof is in there, so nothing
has to be signed again, and nothing is kept.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ler_issuer.badges import Container, Unbakeable, bake_png, bake_svg, drawn_png, drawn_svg
from ler_issuer.services import definitions, forms
from ler_issuer.store import achievements, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.runtime import Runtime
    from ler_issuer.services.access import Caller
    from ler_issuer.store.credentials import Credential
    from ler_issuer.store.db import Db

_MEDIA_TYPES = {Container.PNG: "image/png", Container.SVG: "image/svg+xml"}


class Form(StrEnum):
    """The forms in which a credential is given out."""

    JSONLD = "jsonld"
    JWT = "jwt"
    PNG = "png"
    SVG = "svg"
    LDP_SD = "ldp_sd"


def export(rt: Runtime, caller: Caller, credential_id: str, form: Form) -> bytes:
    """Give a credential to its issuer in one of its forms, whatever has become of it since.

    Raises:
        Missing: no such credential of the caller's issuer.
        Unacceptable: as `written`.
    """
    with rt.db.read() as db:
        credential = credentials.owned_by(db, credential_id, caller.issuer_id)
    return written(rt, credential, form, actor=caller.actor)


def written(rt: Runtime, credential: Credential, form: Form, *, actor: str) -> bytes:
    """Give a credential in one of its forms; `actor` is who has it signed, if it was not signed in that form yet.

    Raises:
        Unacceptable: a form cannot be signed, because others could not reach the issuer's public address, or the
            achievement does not let learners show parts of its credentials, or the issuer has no key for that.
    """
    match form:
        case Form.JSONLD:
            return credential.body
        case Form.JWT:
            return forms.in_form(rt, credential, "jwt", actor=actor)
        case Form.LDP_SD:
            return forms.in_form(rt, credential, "ldp_sd", actor=actor)
        case Form.PNG | Form.SVG:
            with rt.db.read() as db:
                return _baked(db, credential, Container(form))


def _baked(db: Db, credential: Credential, container: Container) -> bytes:
    text = credential.body.decode()
    for picture in _pictures(db, credential, container):
        try:
            return bake_png(picture, text) if container is Container.PNG else bake_svg(picture, text, is_jwt=False)
        except Unbakeable:  # what an issuer uploaded need not be sound in all its parts; what is drawn here is
            continue
    raise AssertionError("a picture of our own making cannot be baked into")


def _pictures(db: Db, credential: Credential, container: Container) -> Iterator[bytes]:
    """Yield the picture of the achievement, when it is of this kind, and one that is drawn."""
    version = achievements.version(db, credential.achievement_version_id)
    if version.image_digest is not None:
        picture = achievements.image(db, version.image_digest)
        if picture.media_type == _MEDIA_TYPES[container]:
            yield picture.body
    name, seed = definitions.of(version).name, credential.achievement_id
    yield drawn_png(seed) if container is Container.PNG else drawn_svg(name, seed)
