"""Asking an OpenID Federation: fetching the statements that `vc.judge_chain` judges.

What is read here on the way, such as where the next superior answers, is not trusted yet; the fetcher guards it like
any stranger's word. Nothing comes out but statements, and what is missing is said in words.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ler_issuer.net.fetch import Unreachable
from ler_issuer.vc import BadDid, EntityStatement, read_entity_statement, web_url

if TYPE_CHECKING:
    from ler_issuer.net.fetch import Fetcher
    from ler_issuer.types import Did, Url

ACCEPT_STATEMENT: Final = "application/entity-statement+jwt"
WELL_KNOWN: Final = "/.well-known/openid-federation"

MOST_FETCHES: Final = 100
"""Statements that are fetched in one call, for all issuers together."""

FETCHES_OF_A_CLIMB: Final = 12
"""Statements that are fetched to climb from one issuer to the anchor."""

MOST_SUPERIORS: Final = 4
"""Superiors between an issuer and the anchor, and hints of one entity, that are followed."""

PATIENCE_SECONDS: Final = 10.0
"""After so long no further fetch begins."""


class NoMember(Exception):
    """The federation was asked and does not know the issuer."""


class Unanswered(Exception):
    """It could not be found out; the text says why. `down`: the host did not answer at all."""

    def __init__(self, why: str, *, down: bool = False) -> None:
        """Say why, and whether it is for want of any answer."""
        super().__init__(why)
        self.down = down


@dataclass
class Questions:
    """What may still be asked in one call: a number of fetches within a time."""

    fetch: Fetcher
    left: int = MOST_FETCHES
    end: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)

    def statement(self, url: Url) -> str:
        """Fetch one statement, unchecked.

        Raises:
            NoMember: the host says that there is none.
            Unanswered: it could not be had.
        """
        if self.left <= 0 or time.monotonic() > self.end:
            raise Unanswered("too much had to be asked at once")
        self.left -= 1
        try:
            return self.fetch.get(url, accept=ACCEPT_STATEMENT).body.decode("ascii").strip()
        except UnicodeDecodeError:
            raise Unanswered("the answer is no entity statement") from None
        except Unreachable as failure:
            if failure.code == "not_found":
                raise NoMember from None
            raise Unanswered(failure.why, down=failure.code in {"unreachable", "timed_out"}) from None

    def configuration(self, entity: Url) -> str:
        """Fetch what an entity says of itself.

        Raises:
            Unanswered: it could not be had; also when the host says that there is none.
        """
        try:
            return self.statement(entity.removesuffix("/") + WELL_KNOWN)
        except NoMember:
            raise Unanswered(f"{entity} has no configuration of a federation") from None

    def about(self, superior: EntityStatement, entity: str) -> str:
        """Fetch what a superior says of an entity below it.

        Raises:
            NoMember: it does not know the entity.
            Unanswered: it does not say where to ask, or the answer could not be had.
        """
        endpoint = superior.fetch_endpoint
        if endpoint is None:
            raise Unanswered(f"{superior.iss} does not say where it can be asked")
        joint = "&" if "?" in endpoint else "?"
        return self.statement(f"{endpoint}{joint}sub={quote(entity, safe='')}")


def ask(questions: Questions, anchor: EntityStatement, did: Did) -> tuple[str, ...]:
    """Give the statements that lead from a DID up to the anchor, whose own configuration goes without saying.

    The anchor is asked for the DID itself first. If it does not know it, a did:web may be an entity at its own place on
    the web, which names its superiors.

    Raises:
        NoMember: neither leads to the anchor.
        Unanswered: it could not be found out.
    """
    with suppress(NoMember):
        return (questions.about(anchor, did),)
    entity = entity_of(did)
    if entity is None:
        raise NoMember
    try:
        own = questions.configuration(entity)
    except Unanswered:
        raise NoMember from None  # most issuers belong to no federation, and have nothing to say of one
    for above in _climb(questions, anchor, _read(own), limit=questions.left - FETCHES_OF_A_CLIMB, met=(entity,)):
        return (own, *above)
    raise NoMember


def entity_of(did: Did) -> Url | None:
    """Give the entity identifier at the place that a did:web stands for: its host and path, over https."""
    try:
        url = web_url(did)
    except BadDid:
        return None
    return url.removesuffix("/.well-known/did.json").removesuffix("/did.json")


def _climb(
    questions: Questions, anchor: EntityStatement, lower: EntityStatement, *, limit: int, met: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Give the ways up from an entity: by its hints, depth first, never twice over the same entity."""
    for hint in lower.hints[:MOST_SUPERIORS]:
        if hint in met or not hint.startswith("https://") or questions.left <= max(limit, 0):
            continue
        with suppress(NoMember, Unanswered):
            if hint == anchor.sub:
                yield (questions.about(anchor, lower.sub),)
            elif len(met) <= MOST_SUPERIORS:
                superior = _read(questions.configuration(hint))
                word = questions.about(superior, lower.sub)
                for above in _climb(questions, anchor, superior, limit=limit, met=(*met, hint)):
                    yield (word, *above)


def _read(token: str) -> EntityStatement:
    statement = read_entity_statement(token)
    if not isinstance(statement, EntityStatement):
        raise Unanswered(statement.detail)
    return statement
