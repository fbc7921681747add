"""Naming: what the parts of a rule are called in sentences for students."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ler_issuer.assessments import ExperienceKind, plain
from ler_issuer.stacking.rules import Amount, HoldingRule, IncludesRule, Selection, SumRule, Variety, WithinRule

ANYTHING = "anything"
"""What a leaf is called that names no achievement, kind or anything else."""

_LISTED = 4  # names that one phrase lists
_LONGEST = 80  # characters of a name that is taken from an id

_NOUNS = {
    Variety.EXPERIENCES: ("experience", "experiences"),
    Variety.EXPERIENCE_KINDS: ("kind of experience", "kinds of experience"),
    Variety.COURSES: ("course", "courses"),
    Variety.ASSESSORS: ("assessor", "assessors"),
    Variety.ASSESSOR_KINDS: ("kind of assessor", "kinds of assessor"),
    Variety.PARTNERS: ("partner", "partners"),
    Variety.SESSIONS: ("session", "sessions"),
}


def title(rule: HoldingRule | SumRule, names: Mapping[str, str]) -> str:
    """Name what a leaf asks for: its label, else what it selects."""
    if rule.label is not None:
        return rule.label
    if not rule.achievements and rule.experience_kinds:
        rest = _qualified(rule, but_kinds=True)
        return f"{listed(map(spoken, rule.experience_kinds), ' or ')}{rest}"
    return f"{_achievements(rule, names) or ANYTHING}{_qualified(rule)}"


def number(of: Decimal) -> str:
    """Write a number without needless digits."""
    return str(plain(of))


def amount(units: Decimal, of: Amount, more: str = "") -> str:
    """Write hours or credits; `more` goes between the number and the noun."""
    one, many = ("hour", "hours") if of is Amount.HOURS else ("credit", "credits")
    return f"{number(units)} {more}{one if units == 1 else many}"


def different(count: int, what: Variety) -> str:
    """Write how many different ones there are, or are asked for."""
    one, many = _NOUNS[what]
    return f"{count} {f'different {many}' if count != 1 else one}"


def more_different(count: int, what: Variety) -> str:
    """Write how many different ones are missing."""
    one, many = _NOUNS[what]
    return f"another {one}" if count == 1 else f"{count} more {many}"


def included(rule: IncludesRule, count: int, names: Mapping[str, str]) -> str:
    """Write what is to be included, so many times."""
    if rule.label is not None:
        return rule.label if count == 1 else f"{count} of {rule.label}"
    kinds = " or ".join(map(spoken, rule.experience_kinds))
    if rule.achievements or not (kinds or rule.except_experience_kinds):
        one, many = _achievements(rule, names) or "holding", ""
        many = f"of {one}" if rule.achievements else "holdings"
        one = f"of {one}" if rule.achievements else one
    else:
        one, many = f"{kinds} experience".strip(), f"{kinds} experiences".strip()
        kinds = ""
    rest = _qualified(rule, but_kinds=not kinds)
    if one == "holding" and rule.assessor_kinds:
        one, many, rest = "assessment", "assessments", rest.removeprefix(" assessed")
    if count == 1 and not rule.achievements:
        return f"{'an' if one[0] in 'aeiou' else 'a'} {one}{rest}"
    return f"{count} {many if count != 1 else one}{rest}"


def length(rule: WithinRule) -> str:
    """Write how long a window is."""
    for number, noun in ((rule.years, "year"), (rule.months, "month"), (rule.days, "day")):
        if number is not None:
            return f"{number} {noun}{'' if number == 1 else 's'}"
    return ""


def listed(parts: Iterable[str], by: str = ", ", most: int = _LISTED) -> str:
    """List some, and say how many more there are."""
    each = list(dict.fromkeys(parts))
    more = len(each) - most
    return by.join(each[:most]) + (f"{by}{more} more" if more > 0 else "")


def spoken(key: str) -> str:
    """Write a key as words."""
    return re.sub(r"[-_.\s]+", " ", key).strip() or key


def capital(words: str) -> str:
    """Begin with a capital letter."""
    return words[:1].upper() + words[1:]


def called(reference: str, names: Mapping[str, str]) -> str:
    """Name an achievement or an issuer: as the rule says, else by the last part of its id, as words."""
    if reference in names:
        return names[reference]
    parts: Sequence[str] = [part for part in re.split(r"[/#:?]", reference) if part]
    return capital(spoken(parts[-1] if parts else reference))[:_LONGEST]


def _achievements(rule: Selection, names: Mapping[str, str]) -> str:
    return listed((called(one, names) for one in rule.achievements), " or ")


def _qualified(rule: Selection, *, but_kinds: bool = False) -> str:
    """Write what else is asked of a holding, each part with a space before it."""
    said = ""
    if rule.level is not None:
        said += f" at {capital(spoken(rule.level))} or above"
    if rule.experience_kinds and not but_kinds:
        said += f" in {listed(map(spoken, rule.experience_kinds), ' or ')}"
    if rule.except_experience_kinds == (ExperienceKind.COURSE,):
        said += " outside the classroom"
    elif rule.except_experience_kinds:
        said += f" other than in {listed(map(spoken, rule.except_experience_kinds), ' or ')}"
    if rule.assessor_kinds:
        said += f" assessed by a {listed(map(spoken, rule.assessor_kinds), ' or ')}"
    if rule.issuers:
        said += f" from {listed((called(one, {}) for one in rule.issuers), ' or ')}"
    return said
