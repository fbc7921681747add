"""Templates: what they fill, what they refuse, and what they keep."""

import pytest

from ler_issuer import jsontext
from ler_issuer.vc import NotSealable, NotTemplated, Shelf, Slot, canonize, prepare, read_shape, seal, template
from ler_issuer.vc.canonical import nquads
from ler_issuer.vc.canonical.templates import Statements
from ler_issuer.vc.templates import MAX_FILLING, MAX_KEPT, marked
from signing import NOW, STRANGER, UNIVERSITY, rules

CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
FORM = {
    "id": Slot.IRI,
    "validFrom": Slot.INSTANT,
    "credentialSubject": {"id": Slot.IRI, "result": {"value": Slot.TEXT}},
    "evidence": {"id": Slot.IRI},
}
WAY = {"cryptosuite": "eddsa-rdfc-2022", "kind": "Ed25519", "verification_method": UNIVERSITY.verification_method}


def document(*names, **changes):
    return {
        "@context": CONTEXTS,
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential"],
        "issuer": "did:web:a.example",
        "validFrom": "2026-11-01T10:00:00Z",
        "credentialSubject": {
            "id": "did:web:b.example",
            "type": ["AchievementSubject"],
            "result": [{"type": ["Result"], "value": name} for name in names or ["A"]],
        },
        **changes,
    }


def compiled(one, form=FORM, **changes):
    given = {**WAY, "form": form, "whole": lambda short: short, "created": NOW, "contexts": rules().contexts}
    return template(one, **{**given, **changes})


def filled(of, other):
    """Fill the template of one document with the values of another of its shape."""
    reading = read_shape(other, FORM)
    assert reading.shape == read_shape(of, FORM).shape
    return compiled(of).fill(reading.values, NOW).seal(UNIVERSITY)


def signed(one):
    prepared = prepare(one, created=NOW, contexts=rules().contexts, verification_method=UNIVERSITY.verification_method)
    return jsontext.canonical(seal(prepared, UNIVERSITY))


# ── What is filled ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["MA", 'a "b" \\ %s %', "a\tb\r\nc", "漢😀\ue000", "", " ", "_:b0", "@id", "c14n0"])
def test_texts_of_every_kind_come_out_as_on_the_general_path(name):
    other = document(name, id="urn:uuid:2", validFrom="2027-01-01T00:00:00Z")
    assert filled(document(), other) == signed(other)


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "b", "a"), ("10", "9", "1")])
def test_blank_nodes_are_numbered_anew(names):
    assert filled(document("x", "y", "z"), document(*names)) == signed(document(*names))


def test_what_stands_in_no_slot_belongs_to_the_shape():
    shapes = [
        read_shape(one, FORM).shape
        for one in (
            document(),
            document("a", "b"),
            document(name="A badge"),
            document(name="Another badge"),
            document(id="https://a.example/1"),
            document(credentialSubject=[]),
            document(credentialSubject="did:web:b.example"),
            document(flag=True),
            document(flag=1),
            document(flag="True"),
            document(flag="1"),
            document(flag=1.0),
        )
    ]
    assert len(set(shapes)) == len(shapes)


def test_reading_gives_back_what_was_marked():
    one = document("a", "b")
    reading = read_shape(one, FORM)
    assert marked(one, FORM, iter(reading.values)) == one
    assert reading.slots == (Slot.IRI, Slot.INSTANT, Slot.IRI, Slot.TEXT, Slot.TEXT)


def test_the_statements_are_those_of_the_canonical_form():
    one = document("a", "b")
    text = canonize(one, rules().contexts).nquads
    assert Statements(nquads.read(text), (), "slot").fill(()).decode() == text


# ── What is refused when it is filled ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("of", "other"),
    [
        (document(), document("a\x07b")),
        (document(), document("a\ud800")),
        (document(), document("a\uffff")),
        (document(), document("a" * (MAX_FILLING + 1))),
        (document(), document(validFrom="2026-02-30T00:00:00Z")),
        (document(), document(validFrom="2026-11-01T10:00:00+01:00")),
        (document(), document(validFrom="2026-11-01T10:00:00")),
        (document(), document(id="urn:a b")),
        (document(), document(id="urn:a#b#c")),
        (document(), document(id="urn:ä")),
        (document(), document(id="urn:%2")),
        (document(), document(id="urn:")),
        (document("a", "b"), document("b", "b")),
    ],
)
def test_values_that_a_template_does_not_know(of, other):
    with pytest.raises(NotTemplated):
        filled(of, other)


@pytest.mark.parametrize("taken", ["did:web:a.example", "did:web:c.example"])
def test_two_things_with_one_name(taken):
    """An id that is another's, be it in the template or beside it."""
    others = {"evidence": {"id": "did:web:c.example", "type": ["Evidence"], "name": "C"}}
    of = document(issuer={"id": "did:web:a.example", "name": "A"}, **others)
    with pytest.raises(NotTemplated):
        filled(of, {**of, "credentialSubject": {**of["credentialSubject"], "id": taken}})


def test_one_thing_said_twice():
    """A value that comes out as another value of the same member does."""
    one, two = {"id": "urn:e:1"}, {"id": "urn:e:2"}
    assert filled(document(evidence=[two, one]), document(evidence=[one, two])) == signed(document(evidence=[one, two]))
    with pytest.raises(NotTemplated):
        filled(document(evidence=[one, two]), document(evidence=[one, one]))


# ── What no template is made of ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("one", "form"),
    [
        (document("a", "a"), FORM),  # blank nodes that look alike
        (document(validFrom=["2026-11-01T10:00:00Z"]), FORM),  # a slot without text
        (document(issuer={"id": "did:web:a.example"}), {"issuer": {"id": Slot.TEXT}}),  # an id whose scheme would vary
        (document(issuer={"id": "did:web:a.example"}), {"@context": {}, "issuer": {"id": Slot.INSTANT}}),
        (document(id="tag:a.example,2026:1"), FORM),  # a scheme that is not filled
    ],
)
def test_documents_that_no_template_covers(one, form):
    with pytest.raises(NotTemplated):
        compiled(one, form)


@pytest.mark.parametrize("changes", [{"cryptosuite": "eddsa-jcs-2022"}, {"kind": "P-384"}])
def test_suites_that_no_template_covers(changes):
    with pytest.raises(NotTemplated):
        compiled(document(), **changes)


# ── What is signed ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_filled_template_is_signed_once_and_by_its_key():
    once = compiled(document()).fill(read_shape(document(), FORM).values, NOW)
    with pytest.raises(NotSealable):
        once.seal(STRANGER)
    once.seal(UNIVERSITY)
    with pytest.raises(NotSealable):
        once.seal(UNIVERSITY)


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_shelf_makes_at_the_second_asking_and_once():
    shelf, made = Shelf(), []

    def make():
        made.append(1)
        return "template"

    assert [shelf.get("a", make) for _ in range(4)] == [None, "template", "template", "template"]
    assert len(made) == 1


def test_a_shelf_remembers_what_cannot_be_made():
    shelf, asked = Shelf(), []

    def fail():
        asked.append(1)
        raise NotTemplated

    assert [shelf.get("a", fail) for _ in range(3)] == [None, None, None]
    assert len(asked) == 1


def test_a_shelf_forgets_what_is_not_asked_for():
    shelf = Shelf()
    for key in ("kept", "kept", "lost", "lost"):
        shelf.get(key, lambda: "made")
    for number in range(MAX_KEPT + 1):
        shelf.get(number, lambda: "made")
        shelf.get("kept", lambda: "made again")
    for number in range(MAX_KEPT + 1):
        shelf.get(-number, lambda: "made")
        assert shelf.get("kept", lambda: "made again") == "made"
    assert shelf.get("lost", lambda: "made again") is None
