"""The direct path: what it covers it reads as the general path does, and what it does not it leaves alone."""

from __future__ import annotations

import gc
from itertools import combinations, count, product

import pytest

from ler_issuer.jsontext import MAX_DEPTH
from ler_issuer.resources import load_closed_world
from ler_issuer.vc.canonical import CannotCanonize, NotCovered, canonize, canonize_directly
from ler_issuer.vc.canonical.bounds import MAX_CONTEXT_STEPS, MAX_CONTEXTS_HERE, MAX_CONTEXTS_READ, MAX_LOST
from ler_issuer.vc.canonical.compiling import _CONTAINERS, Scope
from ler_issuer.vc.canonical.general import canonize_generally
from ler_issuer.vc.contexts import Contexts
from samples import OB, VC, badge, clr, presentation, proof, status_list

CONTEXTS = Contexts(load_closed_world().contexts)
EVIDENCE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Evidence"

COVERED = {
    "badge": badge(proof=[proof()]),
    "clr of signed badges": clr(badge(proof=[proof()]), badge(id="urn:uuid:2", proof=[proof()])),
    "presentation": presentation(clr(), badge()),
    "status list": status_list(),
    "a type by its full name": badge(evidence=[{"type": [EVIDENCE], "name": "full"}]),
    "a member by its full name": badge(**{"https://schema.org/name": ["a", "b", "a"], "ext:x": "short"}),
    "types in another order": badge(type=["OpenBadgeCredential", "VerifiableCredential"]),
    "a set and a list": badge(**{"urn:p": {"@set": ["a", 1, None]}, "urn:q": {"@list": [True, {"id": "urn:x"}]}}),
    "arrays in arrays": badge(**{"urn:p": [["a", ["b"]], "c"]}),
    "an empty list": badge(**{"urn:p": {"@list": []}}),
    "a language": badge(name={"@value": 'a "quoted" \\ name', "@language": "EN-gb"}),
    "a value of a type": badge(**{"urn:p": {"@value": "2", "type": "http://www.w3.org/2001/XMLSchema#byte"}}),
    "json": badge(**{"urn:p": {"@value": {"b": [None, 1.5], "a": "\x7f"}, "@type": "@json"}}),
    "numbers": badge(**{"urn:p": [1, -0.0, 1e21, 10**25, 1.5, True]}),
    "names of its own": badge(evidence=[{"id": "_:x y", "type": ["Evidence"]}, {"id": "_:x y", "name": "one"}]),
    "itself": badge(evidence=[{"id": "urn:e", "type": ["Evidence"], "urn:p": {"id": "urn:e"}}]),
}

LOST = {
    "an unknown term": badge(colour="red"),
    "several": badge(
        colour=None, evidence=[{"id": "a/b", "type": ["Evidence", "Odd"], "~/": {"id": "c"}, "name": "a/b"}]
    ),
    "a relative reference": badge(id="one"),
    "a word for a type": badge(type=["VerifiableCredential", "OpenBadgeCredential", "Odd"]),
    "a word that begins names": badge(issuer="ext"),
    "a reference among many": badge(credentialSubject={"type": "AchievementSubject", "id": "learner"}),
}

LEFT_ALONE = {
    "a reference within": badge(id="#1"),
    "a word that is no address": badge(issuer="the university"),
    "a scheme of ours": badge(id="relative:1"),
    "a direction": badge(name={"@value": "x", "@direction": "rtl"}),
    "an inline context": badge(**{"@context": [VC, OB, {"colour": "urn:colour"}]}),
    "no context": {"type": "VerifiableCredential"},
    "two names for the type": badge(**{"@type": "VerifiableCredential"}),
    "two names for the id": badge(**{"@id": "urn:other"}),
    "another keyword": badge(**{"@included": [{"@id": "urn:x", "urn:p": "t"}]}),
    "a list of lists": badge(**{"urn:p": {"@list": [["a"]]}}),
    "half a character": badge(name="\ud800"),
    "no number": badge(**{"urn:p": float("nan")}),
    "nothing that is said": {"@context": [VC, OB], "id": "urn:x"},
}


@pytest.mark.parametrize("document", COVERED.values(), ids=COVERED)
def test_what_is_covered_is_read_as_the_general_path_reads_it(document):
    assert canonize_directly(document, CONTEXTS) == canonize_generally(document, CONTEXTS)


@pytest.mark.parametrize("document", LOST.values(), ids=LOST)
def test_what_is_lost_is_told_as_the_general_path_tells_it(document):
    direct = canonize_directly(document, CONTEXTS)
    assert direct.lost
    assert direct == canonize_generally(document, CONTEXTS)


def test_of_very_many_losses_the_general_path_tells():
    with pytest.raises(NotCovered):
        canonize_directly(badge(**{f"odd{number}": number for number in range(MAX_LOST)}), CONTEXTS)


@pytest.mark.parametrize("document", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_odd_is_left_to_the_general_path(document):
    with pytest.raises(NotCovered):
        canonize_directly(document, CONTEXTS)


def test_who_watches_sees_what_was_read_directly_and_nothing_else():
    seen = []
    contexts = Contexts(CONTEXTS.documents, watch=lambda *told: seen.append(told))
    document = badge()
    canonical = canonize(document, contexts)
    canonize(badge(colour="red"), contexts)
    canonize(LEFT_ALONE["a direction"], contexts)
    assert seen == [(document, canonical)]


def test_a_document_that_is_slow_to_expand_is_given_up():
    seconds = count()
    contexts = Contexts(CONTEXTS.documents, clock=lambda: float(next(seconds)))
    assert canonize(badge(), contexts).lost == ()
    with pytest.raises(CannotCanonize) as refused:
        canonize(LEFT_ALONE["a direction"], contexts)
    assert refused.value.problem.code == "work_bound"


def test_a_bound_that_was_hit_is_final():
    known = {f"urn:context:{number}": {"@context": {"@version": 1.1}} for number in range(MAX_CONTEXT_STEPS + 1)}
    contexts = Contexts({**CONTEXTS.documents, **known}, clock=pytest.fail)
    evidence = [{"@context": url, "type": ["Evidence"]} for url in known]
    with pytest.raises(CannotCanonize) as refused:
        canonize(badge(evidence=evidence), contexts)
    assert refused.value.problem.code == "work_bound"


@pytest.mark.parametrize(("levels", "sound"), [(MAX_DEPTH // 2 - 3, True), (MAX_DEPTH // 2, False)])
def test_depth_is_counted_alike(levels, sound):
    inner = {"id": "urn:inner"}
    for number in range(levels):
        inner = {"id": f"urn:{number}", "urn:p": [inner]}
    document = badge(**{"urn:p": inner})
    if sound:
        assert canonize_directly(document, CONTEXTS) == canonize_generally(document, CONTEXTS)
        return
    for canonizer in (canonize_directly, canonize_generally):
        with pytest.raises(CannotCanonize) as refused:
            canonizer(document, CONTEXTS)
        assert refused.value.problem.code == "too_deep"


def containers(value):
    """Give every kind of container that a context declares, at whatever depth."""
    if isinstance(value, dict):
        declared = value.get("@container", ())
        own = {tuple(sorted([declared] if isinstance(declared, str) else declared))}
        return own.union(*map(containers, value.values()))
    return set().union(*map(containers, value)) if isinstance(value, list) else set()


def test_the_pinned_contexts_have_no_containers_but_those_that_are_covered():
    found = containers([*load_closed_world(conformance=True).contexts.values()])
    assert {("@set",), ("@list",), ("@graph",)} < found <= {*_CONTAINERS}


def lists_of_contexts(number, most=MAX_CONTEXTS_HERE):
    """Give so many lists of contexts, each different from the others, and the contexts that they name."""
    known = {f"urn:context:{name}": {"@context": {"@version": 1.1, name: f"urn:term:{name}"}} for name in "abc"}
    return [list(urls) for urls, _ in zip(product(known, repeat=most), range(number), strict=False)], known


@pytest.mark.parametrize("canonizer", [canonize_directly, canonize_generally])
def test_contexts_are_read_up_to_a_bound_whatever_was_read_before(canonizer):
    sound, long = MAX_CONTEXTS_READ // MAX_CONTEXTS_HERE - 2, MAX_CONTEXTS_READ // MAX_CONTEXTS_HERE + 1
    lists, known = lists_of_contexts(long)
    contexts = Contexts({**CONTEXTS.documents, **known}, clock=pytest.fail if canonizer is canonize_directly else None)
    objects = [{"@context": urls, "@id": f"urn:{place}", "@type": "urn:T"} for place, urls in enumerate(lists)]
    for _ in range(2):
        assert canonizer({"urn:p": objects[:sound]}, contexts).lost == ()
        with pytest.raises(CannotCanonize) as refused:
            canonizer({"urn:p": objects}, contexts)
        assert refused.value.problem.code == "work_bound"


def chained(letters):
    """Give a context of types each of which changes the context, and so does each of as many members."""
    terms = {
        name: {"@id": f"urn:{name}", "@context": {f"{name}2": f"urn:{name}2"}}
        for letter in letters
        for name in (letter, f"in_{letter}")
    }
    return {"urn:context": {"@context": {"@version": 1.1, **terms}}}


@pytest.mark.parametrize("canonizer", [canonize_directly, canonize_generally])
def test_scopes_on_the_way_count_as_those_that_are_reached(canonizer):
    """Each list of types is another way through the contexts of all of them."""
    letters = "abcdefghijklmnop"
    contexts = Contexts({**CONTEXTS.documents, **chained(letters)})
    objects = [{"@type": [*types]} for types in combinations(letters, len(letters) - 2)]
    assert canonizer({"@context": "urn:context", "urn:p": objects[-6:]}, contexts).lost == ()
    with pytest.raises(CannotCanonize) as refused:
        canonizer({"@context": "urn:context", "urn:p": objects}, contexts)
    assert refused.value.problem.code == "work_bound"


def test_contexts_of_members_count_though_nothing_in_their_values_needs_them():
    letters = "abcdefghijklmnop"
    contexts = Contexts({**CONTEXTS.documents, **chained(letters)})
    members = {f"in_{letter}": "text" for letter in letters}
    document = {"@context": "urn:context", "urn:p": [{"@type": [letter], **members} for letter in letters]}
    with pytest.raises(CannotCanonize) as refused:
        canonize_directly(document, contexts)
    assert refused.value.problem.code == "work_bound"


def test_scopes_are_worked_out_once():
    contexts = Contexts(CONTEXTS.documents)
    canonize(clr(), contexts)
    settled = {**contexts.scopes}, {**contexts.typed}
    canonize(clr(badge(name="another")), contexts)
    assert ({**contexts.scopes}, {**contexts.typed}) == settled


def test_what_ordinary_documents_need_outlives_the_strangest_ones(monkeypatch):
    lists, known = lists_of_contexts(3**6, 6)
    most = MAX_CONTEXTS_READ // 6
    contexts = Contexts({**CONTEXTS.documents, **known})
    expected = canonize(badge(), contexts)
    for start in range(0, len(lists), most):
        objects = [{"@context": urls, "@id": "urn:x", "@type": "urn:T"} for urls in lists[start : start + most]]
        canonize({"urn:p": objects}, contexts)
        with monkeypatch.context() as patch:
            patch.setattr("ler_issuer.vc.canonical.expansion.apply_context", pytest.fail)
            assert canonize(badge(), contexts) == expected


def test_what_is_forgotten_is_gone(monkeypatch):
    """No scope holds on to those within it, else they would stay as long as the one in which documents begin."""
    for name in ("MAX_PLACES", "MAX_TYPED", "MAX_REMEMBERED"):
        monkeypatch.setattr(f"ler_issuer.vc.contexts.{name}", 4)
    lists, known = lists_of_contexts(60, 4)
    contexts = Contexts({**CONTEXTS.documents, **known, **chained("ab")})
    for urls in lists:
        inner = {"@context": "urn:context", "@type": ["a", "b"], "in_a": {"@id": "urn:x", "in_b": {"@id": "urn:y"}}}
        canonize({"@context": urls, "urn:p": inner}, contexts)
    gc.collect()
    alive = [one for one in gc.get_objects() if type(one) is Scope and one._contexts is contexts]
    assert 0 < len(alive) < 60
