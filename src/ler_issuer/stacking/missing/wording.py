"""Wording: what is missing, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ler_issuer.assessments import ExperienceKind
from ler_issuer.stacking import naming
from ler_issuer.stacking.missing.steps import Jointly, Like, MissingPart
from ler_issuer.stacking.rules import Amount, Variety

_OUTSIDE: Final = frozenset(ExperienceKind) - {ExperienceKind.COURSE}
_MOST_BUT: Final = 3  # kinds that are left out by name; with more of them, those that will do are named
_LISTED: Final = 6  # names in one sentence

_WHERE: Final[Mapping[Variety, tuple[str, str, str]]] = {
    Variety.EXPERIENCES: ("in", "experience", "experiences"),
    Variety.EXPERIENCE_KINDS: ("in", "kind of experience", "kinds of experience"),
    Variety.COURSES: ("in", "course", "courses"),
    Variety.ASSESSORS: ("assessed by", "person", "people"),
    Variety.ASSESSOR_KINDS: ("assessed by", "kind of assessor", "kinds of assessor"),
    Variety.PARTNERS: ("with", "partner", "partners"),
    Variety.SESSIONS: ("in", "session", "sessions"),
}


@dataclass(frozen=True, slots=True)
class About:
    """What sentences need to know besides: what a part is called, whether some of it is there, whether it only adds up.

    `top` says that no level is higher than the one that is asked for.
    """

    name: str
    again: bool = False
    adds_up: bool = False
    top: bool = False


def part(one: MissingPart, about: About) -> str:
    """Say what to earn."""
    said = [_amount_of(one, about) if about.adds_up else _times(one, about)]
    level = one.like.level
    if level is not None and naming.spoken(level).casefold() not in about.name.casefold():
        said[0] += f" at {naming.capital(naming.spoken(level))}{'' if about.top else ' or above'}"
    said.extend(_settings(one.like, one.different, each=one.times > 1, kinds=not about.adds_up))
    if one.like.issuers:
        said.append(f"from {_any(naming.called(issuer, {}) for issuer in one.like.issuers)}")
    if not about.adds_up:
        said.extend(f"with at least {amount}" for amount in _amounts(one))
    if one.accepts:
        said.append(f"or have it recognised ({_any(map(naming.spoken, one.accepts))})")
    return ", ".join(said)


def jointly(one: Jointly, whose: str, *, fresh: bool) -> str:
    """Say what is asked of some parts together; `fresh` when nothing that is there counts yet."""
    amounts = _amounts(one)
    settings = ", ".join(_settings(one.like, (), each=False))
    if amounts:
        return f"{whose} with at least {' and '.join(amounts)} in all{settings and f' {settings}'}"
    if one.different is None:
        return f"at least {_number(one.minimum)} of {whose} {settings or _of_what(one.like)}"
    where, noun, nouns = _WHERE[one.different]
    if fresh:
        return f"{whose} {where} at least {one.minimum} different {nouns}"
    others = f"another {noun}" if one.minimum == 1 else f"{one.minimum} other {nouns}"
    return f"at least {_number(one.minimum)} of {whose} {where} {others}"


def steps(by_step: Sequence[Sequence[str]], conditions: Sequence[str]) -> str:
    """Say a whole set: what to earn, step by step, and what is asked of parts together."""
    said = "; then ".join(map(_several, by_step))
    return f"{'; '.join([f'First earn {said}' if len(by_step) > 1 else f'Earn {said}', *conditions])}."


def together(names: Iterable[str]) -> str:
    """Name some parts, once each."""
    return naming.listed(names, " and ", _LISTED)


# ── Parts of sentences ───────────────────────────────────────────────────────────────────────────────────────────────
def _times(one: MissingPart, about: About) -> str:
    more = " more" if about.again else ""
    return f"{about.name} {f'{one.times}{more} times' if one.times > len(_OFTEN) else _OFTEN[one.times - 1] + more}"


_OFTEN: Final = ("once", "twice")


def _amount_of(one: MissingPart, about: About) -> str:
    """Say how many hours or credits more, and where they can come from."""
    said = " and ".join(_amounts(one, "more " if about.again else ""))
    kinds = _kinds(one.like)
    if one.like.achievements:
        said += f" of {about.name}"
    return f"{said} {kinds}" if kinds else said


def _amounts(one: MissingPart | Jointly, more: str = "") -> list[str]:
    told = ((one.hours, Amount.HOURS), (one.credits, Amount.CREDITS))
    return [naming.amount(amount, of, more) for amount, of in told if amount is not None]


def _settings(like: Like, different: Sequence[Variety], *, each: bool, kinds: bool = True) -> Iterator[str]:
    """Say where, and assessed by whom."""
    for variety in different:
        where, noun, _ = _WHERE[variety]
        yield f"{'each ' if each else ''}{where} another {noun}"
    if kinds and (said := _kinds(like)):
        yield said
    if like.assessor_kinds:
        yield f"assessed by {_any(map(_with_article, map(naming.spoken, like.assessor_kinds)))}"


def _kinds(like: Like) -> str:
    """Say in which kinds of experience."""
    but = [kind for kind in ExperienceKind if kind not in like.experience_kinds]
    if not like.experience_kinds:
        return ""
    if frozenset(like.experience_kinds) == _OUTSIDE:
        return "in an experience outside the classroom"
    if len(but) <= _MOST_BUT:
        return f"in an experience other than {_any(map(naming.spoken, but))}" if but else "in an experience of any kind"
    return f"in {_any(map(naming.spoken, like.experience_kinds))}"


def _of_what(like: Like) -> str:
    said = [_any(naming.called(one, {}) for one in like.achievements)] if like.achievements else []
    if like.level is not None:
        said.append(f"at {naming.capital(naming.spoken(like.level))} or above")
    if like.issuers:
        said.append(f"from {_any(naming.called(one, {}) for one in like.issuers)}")
    return " ".join(said)


def _several(parts: Sequence[str]) -> str:
    """List parts; where one of them has a comma of its own, more clearly."""
    if len(parts) == 1:
        return parts[0]
    if any(", " in one for one in parts):
        return "; ".join([*parts[:-1], f"and {parts[-1]}"])
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _any(words: Iterable[str]) -> str:
    return naming.listed(words, " or ", _LISTED)


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _number(count: int) -> str:
    return "one" if count == 1 else str(count)
