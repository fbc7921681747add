"""Metadata policies of OpenID Federation: what superiors make of what an entity says about itself (§6.1).

A policy gives operators for parameters of metadata. Policies of a chain are merged from the anchor down, which can only
narrow them, and then applied in the order of `OPERATORS`. Whatever contradicts itself is an error, never a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ler_issuer.types import Json, JsonObject

OPERATORS: Final = ("value", "add", "default", "one_of", "subset_of", "superset_of", "essential")
"""The operators of the specification, in the order in which they are applied (§6.1.3.1)."""

_LISTS: Final = frozenset({"add", "one_of", "subset_of", "superset_of"})
_WITHOUT_ONE_OF: Final = frozenset({"add", "subset_of", "superset_of"})


class PolicyError(Exception):
    """A policy is malformed, contradicts another, or is not met; the words say which parameter it is about."""


def merged(policies: Sequence[Json]) -> JsonObject:
    """Merge policies, the anchor's first (§6.1.4.1).

    Operators that the specification does not define are left out: `metadata_policy_crit` says which must be known.

    Raises:
        PolicyError: one is malformed, or two contradict each other.
    """
    together: JsonObject = {}
    for policy in policies:
        for kind, parameters in _object(policy, "metadata_policy").items():
            of_kind = together.setdefault(kind, {})
            for name, operators in _object(parameters, kind).items():
                of_kind[name] = _merged_operators(of_kind.get(name, {}), _read(operators, name), name)
    return together


def applied(policy: JsonObject, metadata: JsonObject) -> JsonObject:
    """Apply a merged policy to metadata, of which only the kinds that are there are looked at (§6.1.4.2).

    Raises:
        PolicyError: the metadata does not meet it.
    """
    result: JsonObject = {}
    for kind, parameters in metadata.items():
        resolved = dict(_object(parameters, kind))
        for name, operators in policy.get(kind, {}).items():
            value = _applied_to(resolved.pop(name, None), operators, name)
            if value is not None:
                resolved[name] = value
        result[kind] = resolved
    return result


def _read(operators: Json, name: str) -> JsonObject:
    known = {one: value for one, value in _object(operators, name).items() if one in OPERATORS}
    for one, value in known.items():
        if one in _LISTS and not isinstance(value, list):
            raise PolicyError(f"{one} of {name} is no list")
        if one == "essential" and not isinstance(value, bool):
            raise PolicyError(f"essential of {name} is neither true nor false")
    if "default" in known and known["default"] is None:
        raise PolicyError(f"default of {name} is null")
    return known


def _merged_operators(upper: JsonObject, lower: JsonObject, name: str) -> JsonObject:
    together = dict(upper)
    for one, value in lower.items():
        together[one] = _MERGING[one](together[one], value, name) if one in together else value
    _require_consistent(together, name)
    return together


def _equal(upper: Json, lower: Json, name: str) -> Json:
    if _key(upper) != _key(lower):
        raise PolicyError(f"two superiors give {name} different values")
    return upper


def _union(upper: list[Json], lower: list[Json], _: str) -> list[Json]:
    return list({_key(one): one for one in (*upper, *lower)}.values())


def _common(upper: list[Json], lower: list[Json], _: str) -> list[Json]:
    allowed = _keys(lower)
    return [one for one in upper if _key(one) in allowed]


def _some_common(upper: list[Json], lower: list[Json], name: str) -> list[Json]:
    common = _common(upper, lower, name)
    if not common:
        raise PolicyError(f"no value of {name} suits two superiors at once")
    return common


def _either(upper: bool, lower: bool, _: str) -> bool:  # noqa: FBT001 - a merge of two values like the others
    return upper or lower


_MERGING: Final[Mapping[str, Callable[[Json, Json, str], Json]]] = MappingProxyType(
    {
        "value": _equal,
        "add": _union,
        "default": _equal,
        "one_of": _some_common,
        "subset_of": _common,
        "superset_of": _union,
        "essential": _either,
    }
)


def _require_consistent(operators: JsonObject, name: str) -> None:
    """Refuse operators that cannot stand together (§6.1.3.1, the combinations of each)."""
    if "one_of" in operators and _WITHOUT_ONE_OF & operators.keys():
        raise PolicyError(f"one_of of {name} stands beside operators for lists")
    subset = operators.get("subset_of")
    if subset is not None:
        for one in ("add", "superset_of"):
            if not _keys(operators.get(one, [])) <= _keys(subset):
                raise PolicyError(f"{one} of {name} goes beyond its subset_of")
    if "value" in operators:
        _require_value_fits(operators, name)


def _require_value_fits(operators: JsonObject, name: str) -> None:
    value = operators["value"]
    if value is None:
        if operators.get("essential") or "default" in operators:
            raise PolicyError(f"{name} is both taken away and asked for")
        return
    listed = _keys(value) if isinstance(value, list) else {_key(value)}
    contradicted = (
        not _keys(operators.get("add", [])) <= listed
        or ("one_of" in operators and _key(value) not in _keys(operators["one_of"]))
        or ("subset_of" in operators and not listed <= _keys(operators["subset_of"]))
        or not _keys(operators.get("superset_of", [])) <= listed
    )
    if contradicted:
        raise PolicyError(f"the value of {name} is not one that its other operators allow")


def _applied_to(given: Json, operators: JsonObject, name: str) -> Json:
    """Apply the operators of one parameter; None stands for a parameter that is not there."""
    spaced = name == "scope" and isinstance(given, str)
    value = given.split(" ") if spaced else given
    if "value" in operators:
        value = operators["value"]
    if operators.get("add"):
        value = _union([] if value is None else _list(value, name), operators["add"], name)
    if value is None:
        value = operators.get("default")
    if value is not None:
        value = _checked(value, operators, name)
    elif operators.get("essential"):
        raise PolicyError(f"{name} is missing")
    return " ".join(map(str, value)) if spaced and isinstance(value, list) else value


def _checked(value: Json, operators: JsonObject, name: str) -> Json:
    if "one_of" in operators and _key(value) not in _keys(operators["one_of"]):
        raise PolicyError(f"{name} is none of the values that are allowed")
    if "subset_of" in operators:
        value = _common(_list(value, name), operators["subset_of"], name)
    if "superset_of" in operators and not _keys(operators["superset_of"]) <= _keys(_list(value, name)):
        raise PolicyError(f"{name} lacks values that are asked for")
    return value


def _list(value: Json, name: str) -> list[Json]:
    if not isinstance(value, list):
        raise PolicyError(f"{name} is no list")
    return value


def _object(value: Json, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise PolicyError(f"{name} is no object")
    return value


def _key(value: Json) -> str:
    """Give a text that is equal for equal JSON values only; to Python, true is equal to 1."""
    return json.dumps(value, sort_keys=True)


def _keys(values: list[Json]) -> set[str]:
    return set(map(_key, values))
