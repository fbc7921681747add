"""Enlisting: which registries this installation goes by, in which order, and fetching them by hand.

A registry is known by its name, which reports show beside every issuer that it lists. The first one goes before the
others. Adding one fetches it at once, so that a wrong address shows while somebody is looking.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ler_issuer import jsontext
from ler_issuer.errors import Conflict, Malformed, Place, Unacceptable, Upstream
from ler_issuer.net import registries as lists
from ler_issuer.net.registries import BadRegistry
from ler_issuer.services import federating, trusting
from ler_issuer.store import journal, registries
from ler_issuer.store.journal import Deed
from ler_issuer.store.registries import Registry

if TYPE_CHECKING:
    from typing import Literal

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import Json

LONGEST_NAME = 200
LONGEST_LOCATION = 700
MOST_REGISTRIES = 50
LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of a list that is kept: as much as would be fetched."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one entry of a list of registries: it was added, or why not."""

    name: str
    kind: str
    location: str
    left_out: str | None = None


def add_file(rt: Runtime, name: str, text: bytes, path: str, *, actor: str) -> Registry:
    """Go by a list of issuers from a file; its bytes are kept, the file is not read again by itself.

    Raises:
        Unacceptable: the name, the path or the list is not what it must be.
        Conflict: the name is taken, or there are too many registries.
    """
    body = _checked_file(name, text, path)
    return _add(rt, replace(_new(rt, name, "file", path, actor), body=body, fetched_at=rt.now()))


def add_list(rt: Runtime, name: str, url: str, *, actor: str) -> Registry:
    """Go by a list of issuers that is fetched.

    Raises:
        Upstream: it cannot be had, or is no such list; then nothing was added.
        Unacceptable: the name or the URL is not what it must be.
        Conflict: the name is taken, or there are too many registries.
    """
    wanted = _new(rt, name, "dcc", url, actor)
    (fetched,), failures = trusting.refresh(rt, [wanted], [wanted])
    if failures:
        raise Upstream(f"{url}: {failures[wanted.id]}")
    return _add(rt, fetched)


def add_federation(rt: Runtime, name: str, anchor: str, keys: Json, *, actor: str) -> Registry:
    """Go by an OpenID Federation whose trust anchor holds one of `keys`, a JWK Set.

    Raises:
        Upstream: the anchor cannot be asked, or does not hold one of the keys; then nothing was added.
        Unacceptable: the name, the anchor or the keys are not what they must be.
        Conflict: the name is taken, or there are too many registries.
    """
    wanted = replace(_new(rt, name, "oidf", federating.anchor_id(anchor), actor), anchor_keys=keys)
    body = federating.greet(rt, wanted)
    return _add(rt, replace(wanted, body=body, fetched_at=rt.now()))


def import_known(rt: Runtime, text: bytes, where: str, *, actor: str) -> list[Imported]:
    """Add the lists that a list of registries names, in its order; federations are left out, for want of their keys.

    Raises:
        Malformed: it is no list of registries in the form of the DCC.
    """
    try:
        known = lists.read_known(lists.parse(text, where), where)
    except BadRegistry as error:
        raise Malformed(str(error)) from None
    return [_imported(rt, one, actor) for one in known]


def _imported(rt: Runtime, one: lists.KnownRegistry, actor: str) -> Imported:
    if one.kind == "oidf":
        why = "a federation needs the keys of its anchor: registries add --federation … --anchor-keys …"
        return Imported(one.name, one.kind, one.location, why)
    try:
        add_list(rt, one.name, one.location, actor=actor)
    except (Conflict, Upstream, Unacceptable) as refused:
        return Imported(one.name, one.kind, one.location, refused.detail)
    return Imported(one.name, one.kind, one.location)


def list_all(rt: Runtime) -> list[Registry]:
    """Give the registries of this installation; the first one goes before the others."""
    with rt.db.read() as db:
        return registries.everyone(db)


def named(rt: Runtime, name: str) -> Registry:
    """Give the registry of this name.

    Raises:
        Missing: there is none.
    """
    with rt.db.read() as db:
        return registries.named(db, name)


def remove(rt: Runtime, name: str, *, actor: str) -> None:
    """Go by a registry no longer.

    Raises:
        Missing: there is none of this name.
    """
    with rt.db.begin() as db:
        found = registries.named(db, name)
        registries.remove(db, found.id)
        journal.audit(db, _deed(found, "registry.removed", rt, actor))


def renew(rt: Runtime, rows: Sequence[Registry]) -> dict[str, str]:
    """Fetch these registries now, whatever the age of their copies; give why some failed, by name.

    Files are not fetched: `renew_file` brings one again.
    """
    _, failures = trusting.refresh(rt, rows, [row for row in rows if row.kind == "dcc"])
    failed = {row.name: failures[row.id] for row in rows if row.id in failures}
    for row in rows:
        if row.kind == "oidf":
            try:
                trusting.keep(rt, {row.id: federating.greet(rt, row)}, rt.now())
            except Upstream as refused:
                failed[row.name] = refused.detail
    return failed


def renew_file(rt: Runtime, row: Registry, text: bytes) -> None:
    """Take in the file of a registry again.

    Raises:
        Unacceptable: it is no list of issuers; the old one stays.
    """
    trusting.keep(rt, {row.id: _checked_file(row.name, text, row.location)}, rt.now())


def _checked_file(name: str, text: bytes, path: str) -> bytes:
    if len(text) > LARGEST_FILE:
        raise _wrong("/file", f"{path}: larger than {LARGEST_FILE // 1024 // 1024} MiB")
    try:
        document = lists.parse(text, path)
        lists.read(document, path, registry=name)
    except BadRegistry as error:
        raise _wrong("/file", str(error)) from None
    return json.dumps(document, ensure_ascii=False).encode()


def _new(rt: Runtime, name: str, kind: Literal["file", "dcc", "oidf"], location: str, actor: str) -> Registry:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise _wrong("/name", f"a name has 1 to {LONGEST_NAME} characters that can be printed")
    if not location or len(location) > LONGEST_LOCATION or not location.isprintable():
        raise _wrong("/location", f"an address has 1 to {LONGEST_LOCATION} characters that can be printed")
    return Registry(
        id=rt.new_id(),
        name=name.strip(),
        kind=kind,
        location=location,
        anchor_keys=None,
        body=None,
        fetched_at=None,
        tried_at=None,
        position=0,
        added_at=rt.now(),
        added_by=actor,
    )


def _add(rt: Runtime, wanted: Registry) -> Registry:
    with rt.db.begin() as db:
        if len(registries.everyone(db)) >= MOST_REGISTRIES:
            raise Conflict(f"an installation goes by at most {MOST_REGISTRIES} registries")
        made = replace(wanted, position=registries.next_position(db))
        registries.add(db, made)
        journal.audit(db, _deed(made, "registry.added", rt, made.added_by))
    return made


def _deed(row: Registry, act: str, rt: Runtime, actor: str) -> Deed:
    about = {"name": row.name, "kind": row.kind, "location": row.location}
    if row.anchor_keys is not None:
        about["anchor_keys_sha256"] = jsontext.digest(row.anchor_keys)
    return Deed(issuer_id=None, actor=actor, act=act, object_id=row.id, at=rt.now(), data=about)


def _wrong(pointer: str, detail: str) -> Unacceptable:
    return Unacceptable(detail, problems=[Place(pointer, "bad_registry", detail)])
