"""Opening the installation that the settings name, and saying who asks."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ler_issuer import logs, runtime
from ler_issuer.badges import BadPolicy
from ler_issuer.net.registries import BadRegistry
from ler_issuer.resources import AlteredResourceError
from ler_issuer.runtime import STRICT
from ler_issuer.services import founding
from ler_issuer.services.access import Caller
from ler_issuer.settings import InsecureSettings, Settings
from ler_issuer.store.opening import UNUSABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.runtime import Practice, Runtime


_OPENED: ContextVar[list[Runtime] | None] = ContextVar("opened", default=None)


class CannotStart(Exception):
    """The installation cannot be opened; the words say what to change."""


def settings() -> Settings:
    """Read the settings.

    Raises:
        CannotStart: one of them is not what it must be.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = (f"LER_{'_'.join(str(part) for part in one['loc']).upper()}: {one['msg']}" for one in error.errors())
        raise CannotStart("the settings cannot be used: " + "; ".join(wrong)) from None


def installation(chosen: Settings | None = None, practice: Practice = STRICT) -> Runtime:
    """Open the installation, its database brought to the newest schema, to work by a practice.

    Raises:
        CannotStart: the settings are not safe, the database cannot be opened, or what travels with us was altered.
    """
    chosen = settings() if chosen is None else chosen
    logs.configure_own(chosen.log_level)
    try:
        rt = runtime.build(chosen, practice)
    except (InsecureSettings, AlteredResourceError, BadPolicy, BadRegistry) as error:
        raise CannotStart(str(error)) from None
    except UNUSABLE as error:
        raise CannotStart(f"the database cannot be opened: {_in_one_line(error)}") from None
    except OSError as error:
        raise CannotStart(f"{error.filename or 'the database'}: {error.strerror or error}") from None
    opened = _OPENED.get()
    if opened is not None:
        opened.append(rt)
    return rt


@contextmanager
def keeping_track() -> Iterator[list[Runtime]]:
    """Give the installations that are opened while the block lasts."""
    opened: list[Runtime] = []
    before = _OPENED.set(opened)
    try:
        yield opened
    finally:
        _OPENED.reset(before)


def _in_one_line(error: Exception) -> str:
    """Give the driver's own words, without SQLAlchemy's around them."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def actor() -> str:
    """Say who runs the command, for the audit trail."""
    try:
        return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:  # a container may run under a number that has no name
        return f"cli:{os.getuid()}"


def caller(rt: Runtime, slug: str) -> Caller:
    """Act for an issuer: whoever may run commands here may do everything.

    Raises:
        Missing: no such issuer.
    """
    return Caller(founding.issuer_named(rt, slug).id, actor())
