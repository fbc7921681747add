"""Judging records is total, and no change inside a member survives, whoever signs the record around it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ler_issuer import vc
from ler_issuer.badges import MESSAGES, bundled, companion, judge
from ler_issuer.vc import Known, Member, Report, Verdict
from signing import LIST_URL, NOW, UNIVERSITY, badge, clr, rules, signed, status_list

MATERIAL = {UNIVERSITY.subject: vc.Found(UNIVERSITY.document), LIST_URL: vc.Found(status_list())}
WORDS = st.sampled_from(
    ["id", "type", "proof", "issuer", "verifiableCredential", "association", "sourceId", "ClrCredential", "urn:uuid:1"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def record() -> dict:
    one, other = badge(), badge()
    other["id"] = "urn:uuid:3f0f8e2c-5f0a-4c7e-9f64-000000000002"
    return clr([signed(one, UNIVERSITY), signed(other, UNIVERSITY)])


GOOD = record()


def judged(document: object) -> Report:
    """Judge as the service does, members first."""

    def report(one: object, members: list[Member] | None = None) -> Report:
        return judge(one, MATERIAL, rules=rules(), known=Known.HERE, now=NOW, members=members)

    return report(document, [companion(place, one, report(one)) for place, one in bundled(document)])


def places(document: object) -> Iterator[tuple[str | int, ...]]:
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, item in items:
        yield (key,)
        yield from ((key, *rest) for rest in places(item))


def value_at(document: object, path: tuple[str | int, ...]) -> object:
    for key in path:
        document = document[key]
    return document


def replaced(path: tuple[str | int, ...], value: object) -> dict:
    changed = copy.deepcopy(GOOD)
    value_at(changed, path[:-1])[path[-1]] = value
    return changed


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_judging_a_record_with_anything_in_it_gives_a_report(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([*places(GOOD)]))
    document = {**replaced(path, data.draw(ANYTHING)), "proof": signed(GOOD, UNIVERSITY)["proof"]}
    report = judged(document)
    json.dumps(report.to_json(), allow_nan=False, ensure_ascii=False).encode()
    assert {found.code for found in report.checks} <= MESSAGES.keys()
    assert len(report.members) in {0, len(bundled(document))}
    for one in report.members:
        shown = one.to_json()
        assert one.verified or shown.keys().isdisjoint({"id", "name", "issuer"})


def mutants(value: object) -> list[object]:
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1]
        case str():
            return [value + "x"]
        case _:
            return []


def test_no_changed_leaf_of_a_member_is_accepted_though_the_record_is_signed_over_it() -> None:
    assert judged(signed(GOOD, UNIVERSITY)).verdict is Verdict.ACCEPTED
    inside = ("credentialSubject", "verifiableCredential", 0)
    survivors, signable = [], 0
    for path in places(value_at(GOOD, inside)):
        for mutant in mutants(value_at(GOOD, (*inside, *path))):
            try:
                document = signed(replaced((*inside, *path), mutant), UNIVERSITY)
            except vc.Unsignable:
                continue
            signable += 1
            if judged(document).verdict is Verdict.ACCEPTED:
                survivors.append((path, mutant))
    assert (survivors, signable > 30) == ([], True)
