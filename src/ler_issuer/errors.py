"""Refusals: the errors that a client can act on.

A *verdict* about a document is a value (`vc.Report`). A *refusal* of a request is an exception, one of::

    Refusal
    ├─ Malformed      the request cannot be read
    ├─ Unacceptable   readable, but it breaks a rule
    ├─ Denied         who you are does not allow it
    │  └─ SignInFirst nobody said who you are
    ├─ Missing        no such thing, for you
    ├─ Conflict       it contradicts what already stands
    ├─ TooLarge       more than one request may carry
    ├─ Upstream       a host that we had to ask failed us
    └─ Unavailable    not now: nothing was done, and the same request may succeed later

Everything else is a bug, stays an ordinary exception and reaches the client as a bare 500.
No HTTP in here: `api/problems.py` maps each class to a status and a problem type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Place:
    """One thing wrong with a request, and where.

    `pointer` is a JSON Pointer (RFC 6901) into the request; `code` is stable and in snake_case.
    """

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """Refuse a request in words that its sender can act on."""

    def __init__(self, detail: str, *, problems: Iterable[Place] = ()) -> None:
        """Say what is refused, and the places that are to blame."""
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)


class Malformed(Refusal):
    """The request cannot be read: not JSON, wrong shape, unknown member."""


class Unacceptable(Refusal):
    """The request can be read and breaks a rule of the service or of a standard."""


class Denied(Refusal):
    """The caller is known and may not do this."""


class SignInFirst(Denied):
    """The caller is not known: no key, or one that is wrong, expired or revoked."""


class Missing(Refusal):
    """There is no such thing, or none that the caller may see."""


class Conflict(Refusal):
    """The request contradicts what already stands."""


class TooLarge(Refusal):
    """The request carries more than one request may."""


class Upstream(Refusal):
    """A host that had to be asked did not answer as it should."""


class Unavailable(Refusal):
    """What the service needs to do it, such as space on a disk, is not to be had now; nothing was done."""
