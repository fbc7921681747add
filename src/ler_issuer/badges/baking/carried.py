"""What a picture can carry, and why one is refused: the words that the two containers share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_PICTURE = 8 * 1024 * 1024
"""Most bytes of a picture that is read, or baked into."""

MAX_TEXT = 4 * 1024 * 1024
"""Longest credential that is taken out of a picture or baked into one: as much as is read of JSON that comes alone."""

MAX_INFLATED = 1024 * 1024
"""Longest credential that is taken out of a picture where it stands compressed."""


class Carried(StrEnum):
    """Which kind of credential a picture says that it carries."""

    BADGE = "badge"
    CLR = "clr"


class Container(StrEnum):
    """The kinds of picture that can carry a credential."""

    PNG = "png"
    SVG = "svg"


@dataclass(frozen=True, slots=True)
class Unbaked:
    """What was taken out of a picture: the JSON text or the compact JWS of a credential, without space around it."""

    text: str
    kind: Carried
    container: Container


class Unbakeable(ValueError):
    """Nothing can be taken out of a picture, or baked into it; `code` is a code of `badges.MESSAGES`."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Name the fault by its code, and by what the message for people needs besides."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def only(found: list[tuple[Carried, str]], container: Container, *, older: bool) -> Unbaked:
    """Give the one credential that was found.

    With several, which of them is shown would depend on the reader; so nobody is shown any.

    Raises:
        Unbakeable: there is none, or there are several.
    """
    if len(found) > 1:
        raise Unbakeable("baked_twice", str(len(found)))
    if not found:
        raise Unbakeable("baked_older" if older else "nothing_baked")
    kind, text = found[0]
    if not text.strip():
        raise Unbakeable("baked_malformed", "it is empty")
    return Unbaked(text.strip(), kind, container)


def fits(picture: bytes, text: str) -> None:
    """Make sure that a picture and what goes into it are of bearable size.

    Raises:
        Unbakeable: one of them is not, so that we would not read the outcome ourselves.
    """
    if len(picture) > MAX_PICTURE:
        raise Unbakeable("picture_too_large", f"{MAX_PICTURE} bytes")
    if len(text.encode()) > MAX_TEXT:
        raise Unbakeable("baked_too_large", f"{MAX_TEXT} bytes")
