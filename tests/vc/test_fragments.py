"""Parts of documents that are remembered: whatever came before, a document says what it says by itself."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing.making import changed_value
from ler_issuer.jsontext import MAX_DEPTH
from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import CannotCanonize, canonize
from ler_issuer.vc.canonical.bounds import MAX_CONTEXT_STEPS
from ler_issuer.vc.canonical.fragments import MAX_FRAGMENT
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.contexts import MAX_FRAGMENTS, Contexts
from ler_issuer.vc.documents import surveyed
from ler_issuer.vc.problems import Problem
from oracles import outcome
from samples import badge, clr, presentation, status_list
from vocabularies import Vocabularies, drawn

DOCUMENTS = load_closed_world().contexts
WARM, COLD = Contexts(DOCUMENTS), Contexts(DOCUMENTS)
VOCABULARIES = Vocabularies(load_closed_world().contexts)

LONG = "so long that it is worth the memory: " * 5
ALIGNMENT = {"type": "Alignment", "targetName": "a skill", "targetUrl": "https://example.edu/skill"}


def thing(number=1, **members):
    """Something with a name, worth remembering, with two blank nodes in it."""
    alignment = [ALIGNMENT, {**ALIGNMENT, "targetCode": "2"}]
    return {"id": f"urn:thing:{number}", "type": ["Achievement"], "name": LONG, "alignment": alignment, **members}


def with_achievement(achievement, **members):
    return badge(credentialSubject={"type": ["AchievementSubject"], "achievement": achievement}, **members)


def warmed(*documents, contexts=None):
    """Canonize documents so often that their parts are remembered; give the memory."""
    contexts = Contexts(DOCUMENTS) if contexts is None else contexts
    for document in documents * 2:
        canonize(document, contexts)
    return contexts


def kept(contexts):
    return [*contexts.fragments.everything().values()]


def alike(document, contexts):
    """Say whether a document means the same with this memory as it does on the general path."""
    return outcome(canonize, document, contexts) == outcome(canonize_generally, document, COLD)


@pytest.mark.parametrize("made", [badge, clr, presentation, status_list])
def test_what_came_before_changes_nothing(made):
    contexts = warmed(made())
    assert [canonize(made(), contexts, name) for name in ("sha256", "sha384")] == [
        canonize_generally(made(), COLD, name) for name in ("sha256", "sha384")
    ]


@given(st.integers(0, 60), st.integers(0, 2**32))
@settings(max_examples=60)
def test_documents_with_parts_of_each_other_have_the_form_that_they_have_by_themselves(seed, changes):
    """Of few documents, changed a little, many parts come again; they are remembered throughout this test."""
    document, chance = drawn(VOCABULARIES, seed, 0.02), random.Random(changes)
    for _ in range(chance.choice((0, 0, 1, 2))):
        document = changed_value(document, chance, 20_000)
    COLD.fragments.clear()
    alone = outcome(canonize, document, COLD)
    assert [outcome(path, document, WARM) for path in (canonize, looked_at_before) * 2] == [alone] * 4


def looked_at_before(document, contexts):
    found = surveyed(document)
    return canonize(document, contexts, found=None if isinstance(found, Problem) else found)


def test_an_achievement_is_remembered():
    contexts = warmed(with_achievement(thing()))
    assert [one.subject for one in kept(contexts)] == ["<urn:thing:1>"]
    assert kept(contexts)[0].made == 2
    assert alike(with_achievement(thing(), name="another"), contexts)


def test_one_text_means_another_thing_in_another_place():
    same = {"id": "urn:same", "name": LONG, "description": LONG}
    contexts = warmed(badge(issuer=same), badge(evidence=[same]), with_achievement(same))
    assert len(kept(contexts)) == 3
    assert alike(with_achievement(same, issuer=same, evidence=[same]), contexts)


@pytest.mark.parametrize(
    "document",
    [
        with_achievement([thing(), thing()]),
        with_achievement([thing(), {"id": "urn:thing:1", "description": "more of the same", "alignment": ALIGNMENT}]),
        with_achievement([thing(1), thing(2)]),
        with_achievement(thing(), id="urn:thing:1"),
        with_achievement(thing(), evidence=[{"type": ["Evidence"], "urn:p": ALIGNMENT}]),
    ],
    ids=["the same twice", "said of the same", "blank nodes that look alike", "its name is another's", "beside others"],
)
def test_what_is_remembered_and_what_is_not_are_said_of_the_same_things(document):
    contexts = warmed(with_achievement(thing(1)), with_achievement(thing(2)))
    assert len(kept(contexts)) == 2
    assert alike(document, contexts)


@pytest.mark.parametrize("odd", [{"urn:p": ("a", "b")}, {"urn:p": float("nan")}, {"urn:p": 1}], ids=str)
def test_what_is_only_written_alike_is_not_the_same(odd):
    twin = {"urn:p": ["a", "b"]} if isinstance(odd["urn:p"], tuple) else {"urn:p": None if odd["urn:p"] != 1 else True}
    contexts = warmed(with_achievement(thing(**twin)))
    assert kept(contexts)
    assert alike(with_achievement(thing(**odd)), contexts)


@pytest.mark.parametrize(
    "part",
    [
        thing(image={"id": "_:x", "caption": "named here"}),
        {key: value for key, value in thing().items() if key != "id"},
        {"id": "_:x", **{key: value for key, value in thing().items() if key != "id"}},
        thing(description="x" * MAX_FRAGMENT),
        {"id": "urn:small"},
    ],
    ids=["that names a blank node", "without a name", "that is a blank node", "that is large", "that is small"],
)
def test_a_part_is_not_remembered(part):
    contexts = warmed(with_achievement(part), with_achievement(part))
    assert kept(contexts) == []
    assert alike(with_achievement(part, evidence=[{"id": "_:x", "type": ["Evidence"]}]), contexts)


def test_the_memory_is_bounded():
    contexts = warmed(with_achievement([thing(number) for number in range(MAX_FRAGMENTS + 5)]))
    assert len(kept(contexts)) <= 2 * MAX_FRAGMENTS
    assert len(contexts.walked.everything()) <= 2 * MAX_FRAGMENTS


def test_parts_that_come_once_wash_out_none_that_come_again():
    contexts = warmed(with_achievement(thing()))
    strangers = [thing(number) for number in range(2, 5 * MAX_FRAGMENTS)]
    assert canonize(badge(evidence=strangers), contexts).lost == ()
    assert [one.subject for one in kept(contexts)] == ["<urn:thing:1>"]


def test_parts_that_come_twice_wash_out_none_that_comes_in_between():
    contexts = warmed(with_achievement(thing()))
    (known,) = kept(contexts)
    for start in range(2, 5 * MAX_FRAGMENTS, MAX_FRAGMENTS // 2):
        strangers = [thing(number) for number in range(start, start + MAX_FRAGMENTS // 2)]
        warmed(badge(evidence=strangers), contexts=contexts)
        assert alike(with_achievement(thing(), name=f"{start}"), contexts)
    assert known in kept(contexts)


@pytest.mark.parametrize(("count", "codes"), [(10, set()), (11, {"too_large"})])
def test_blank_nodes_are_counted_alike_with_and_without_the_memory(count, codes):
    lists = [[f"{number} {place}" for place in range(990)] for number in range(count)]
    parts = [{"id": f"urn:thing:{number}", "urn:p": {"@list": items}} for number, items in enumerate(lists)]
    contexts = Contexts(DOCUMENTS)
    for part in parts:
        warmed(badge(evidence=[part]), contexts=contexts)
    assert len(kept(contexts)) > count
    COLD.fragments.clear()
    for one in (contexts, COLD):
        assert {code for code, _ in outcome(canonize, badge(evidence=parts), one).problems} == codes


def test_a_part_that_is_remembered_is_no_way_around_the_bound_on_contexts():
    known = {f"urn:context:{number}": {"@context": {"@version": 1.1}} for number in range(MAX_CONTEXT_STEPS + 1)}
    contexts = Contexts({**DOCUMENTS, **known})
    parts = [{"@context": url, **thing(number)} for number, url in enumerate(known)]
    for part in parts:
        warmed(badge(evidence=[part]), contexts=contexts)
    assert len(kept(contexts)) > MAX_CONTEXT_STEPS
    with pytest.raises(CannotCanonize) as refused:
        canonize(badge(evidence=parts), contexts)
    assert refused.value.problem.code == "work_bound"


@pytest.mark.parametrize("levels", range(MAX_DEPTH - 8, MAX_DEPTH))
def test_a_part_that_is_remembered_is_no_way_around_the_bound_on_depth(levels):
    inner = LONG
    for _ in range(levels):
        inner = [inner]
    part = {"id": "urn:deep", "name": LONG, "urn:p": inner}
    contexts = Contexts(DOCUMENTS)
    for wrapped in (part, [part], [[part]], [[[part]]]):
        documents = [badge(**{"urn:q": wrapped})] * 3
        assert all(alike(document, contexts) for document in documents)


@pytest.mark.parametrize("more", [{"name": "Forged"}, {"alignment": [{**ALIGNMENT, "targetCode": "9"}]}])
def test_what_a_document_says_of_a_part_elsewhere_is_not_remembered_with_the_part(more):
    """Somebody names a thing twice, the second time with more; then a badge comes that is put together in full."""
    issuer = {"id": "did:web:a.edu", "type": ["Profile"], "name": LONG, "description": LONG}
    creator = {"id": issuer["id"], "type": ["Profile"], "phone": "+1-900-FORGED"}
    hostile = with_achievement(thing(creator=creator), issuer=issuer)
    named_again = with_achievement(thing(), issuer=issuer, endorsement=[], evidence=[{**thing(), **more}])
    alike_blanks = with_achievement(thing(), issuer=issuer, evidence=[{"type": ["Evidence"], "name": "same"}] * 2)
    shared = Contexts(DOCUMENTS)

    for document in (hostile, hostile, alike_blanks, named_again, named_again, alike_blanks, hostile, alike_blanks):
        assert outcome(canonize, document, shared) == outcome(canonize, document, Contexts(DOCUMENTS))
