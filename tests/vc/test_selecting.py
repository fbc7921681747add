"""Parts of a document, named by JSON Pointers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ler_issuer.vc import Problem, Unselectable, in_request, select
from ler_issuer.vc.selecting import MAX_POINTER, MAX_POINTERS, outline

DOCUMENT = {
    "@context": ["urn:c"],
    "id": "urn:1",
    "type": ["T"],
    "name": "Ada",
    "a/b": {"m~n": 1, "": 2, "~1": 3, "0": 4},
    "deep": {"@context": "urn:d", "id": "urn:2", "type": "D", "x": {"y": 1, "z": 2}, "list": [[1, 2], [3, {"v": 4}]]},
    "items": [{"n": 0}, {"id": "urn:3", "n": 1, "m": 1}, {"type": "I", "n": 2, "m": 2}],
    "empty": [],
    "nothing": None,
}
ROOT = {name: DOCUMENT[name] for name in ("@context", "id", "type")}


@pytest.mark.parametrize(
    ("pointers", "selected"),
    [
        ([], {}),
        (["/name"], {"name": "Ada"}),
        (["/nothing", "/empty"], {"nothing": None, "empty": []}),
        (["/id", "/type/0"], {}),
        (["/a~1b/m~0n"], {"a/b": {"m~n": 1}}),
        (["/a~1b/~01", "/a~1b/"], {"a/b": {"~1": 3, "": 2}}),
        (["/a~1b/0"], {"a/b": {"0": 4}}),
        (["/deep/x/y"], {"deep": {"@context": "urn:d", "id": "urn:2", "type": "D", "x": {"y": 1}}}),
        (["/deep/x/y", "/deep/x"], {"deep": {"@context": "urn:d", "id": "urn:2", "type": "D", "x": {"y": 1, "z": 2}}}),
        (["/deep/list/1/1/v"], {"deep": {"@context": "urn:d", "id": "urn:2", "type": "D", "list": [[{"v": 4}]]}}),
        (["/items/2/n"], {"items": [{"type": "I", "n": 2}]}),
        (["/items/2", "/items/1/n"], {"items": [{"id": "urn:3", "n": 1}, {"type": "I", "n": 2, "m": 2}]}),
        (["/items", "/items/0"], {"items": DOCUMENT["items"]}),
        ([""], DOCUMENT),
        (["", "/name"], DOCUMENT),
    ],
)
def test_what_is_named_and_what_comes_along(pointers, selected):
    assert select(DOCUMENT, pointers).document == {**ROOT, **selected}
    assert select(DOCUMENT, [*reversed(pointers), *pointers]).document == {**ROOT, **selected}


@pytest.mark.parametrize(
    "pointer",
    [
        *("name", "/names", "/name/", "/name/0", "/items/3", "/items/-1", "/items/-", "/items/01", "/items/ 1"),
        *("/items/+1", "/items/1.0", "/items/\u0661", "/items/n", "/items/", "/empty/0", "/nothing/x", "#/name", "/"),
        *("/a~1b/m~n", "/a~1b/~2", "/a~1b/~", "/a/b", "/@context", "/@context/0", "/deep/@context", "/proof"),
        *("/items/" + "9" * 1_900, "/" + "n" * MAX_POINTER),
    ],
)
def test_what_is_not_there_cannot_be_named(pointer):
    with pytest.raises(Unselectable) as refused:
        select(DOCUMENT, ["/name", pointer])
    assert [(one.code, one.pointer) for one in refused.value.problems] == [("pointer_unmatched", pointer[:MAX_POINTER])]


def test_every_pointer_that_matches_nothing_is_told():
    with pytest.raises(Unselectable) as refused:
        select(DOCUMENT, ["/x", "/name", "/y"])
    assert [one.pointer for one in refused.value.problems] == ["/x", "/y"]
    assert all(one.type == "https://w3id.org/security#PROOF_GENERATION_ERROR" for one in refused.value.problems)


def test_problems_are_moved_to_where_the_pointers_stand():
    asked = ["/x", "/name", "x", "/x", "/" + "n" * MAX_POINTER]
    with pytest.raises(Unselectable) as refused:
        select(DOCUMENT, asked)
    told = list(in_request(refused.value.problems, asked, "/options/those"))
    assert sorted(one.pointer for one in told) == [f"/options/those/{number}" for number in (0, 2, 3, 4)]
    assert {one.pointer: one.detail for one in told}["/options/those/2"].startswith("'x' is no JSON Pointer")
    others = [Problem("term_dropped", "why", "/x"), Problem("too_large", "a document", "")]
    assert list(in_request(others, asked, "/options/those")) == others


def test_there_is_an_end_to_pointers():
    assert select(DOCUMENT, ["/name"] * MAX_POINTERS).document == {**ROOT, "name": "Ada"}
    with pytest.raises(Unselectable) as refused:
        select(DOCUMENT, ["/name"] * (MAX_POINTERS + 1))
    assert [one.code for one in refused.value.problems] == ["too_many_pointers"]
    assert [one.pointer for one in in_request(refused.value.problems, ["/name"], "/options/those")] == [
        "/options/those"
    ]


def test_where_everything_stood():
    origins = select(DOCUMENT, ["/items/2", "/items/0/n", "/deep/list/1/1"]).origins
    assert origins["/items/0"] == "/items/0"
    assert origins["/items/1"] == "/items/2"
    assert origins["/deep/list/0"] == "/deep/list/1"
    assert origins["/deep/list/0/0"] == "/deep/list/1/1"
    assert origins[""] == ""
    assert "/items/2" not in origins


@pytest.mark.parametrize(
    ("pointers", "shown", "withheld"),
    [
        ([], ["/id", "/type"], ["/name", "/a~1b", "/deep", "/items", "/empty", "/nothing"]),
        ([""], ["/id", "/type", "/name", "/a~1b", "/deep", "/items", "/empty", "/nothing"], []),
        (
            ["/items/1/n", "/deep", "/name"],
            ["/id", "/type", "/name", "/deep", "/items/1/id", "/items/1/n"],
            ["/a~1b", "/items/0", "/items/1/m", "/items/2", "/empty", "/nothing"],
        ),
    ],
)
def test_what_is_shown_and_what_is_not(pointers, shown, withheld):
    assert outline(DOCUMENT, pointers) == (tuple(shown), tuple(withheld))


def _places(value, here=""):
    yield here
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if key != "@context":
            yield from _places(item, f"{here}/{str(key).replace('~', '~0').replace('/', '~1')}")


def _at(value, pointer):
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@given(st.lists(st.sampled_from([*_places(DOCUMENT)]), max_size=6))
def test_a_selection_says_nothing_that_the_document_does_not(pointers):
    found = select(DOCUMENT, pointers)
    for here, there in found.origins.items():
        part, whole = _at(found.document, here), _at(DOCUMENT, there)
        assert type(part) is type(whole)
        if isinstance(part, dict):
            assert part.keys() <= whole.keys()
            assert all(part[name] == whole[name] for name in part if not isinstance(part[name], dict | list))
    told = outline(DOCUMENT, pointers)
    assert not set(told.shown) & set(told.withheld)
    for place in told.withheld:
        assert not any(pointer == place or place.startswith(f"{pointer}/") for pointer in pointers)
