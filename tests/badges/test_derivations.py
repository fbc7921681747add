"""What a stacked credential says about its parts: written, carried by everybody, read again; and nothing else read."""

from __future__ import annotations

import copy
import hashlib
import json
import string
from datetime import UTC, datetime, timedelta, timezone

import base58
import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from badges.samples import ASSESSED, badge, names, texts
from badges.stacks import (
    ISSUED,
    RULE,
    RULE_DIGEST,
    STACK,
    derivation,
    issued,
    parts,
    rearranged,
    stack,
    urn,
)
from ler_issuer import jsontext
from ler_issuer.assessments import Evidence
from ler_issuer.badges import (
    AwardFacts,
    Derivation,
    Part,
    Requirement,
    derivation_of,
    judge_proof,
    nonconformities,
    part_digest,
)
from ler_issuer.vc import canonize, without_proof
from signing import rules

WRITING, SPEAKING = urn(1), urn(2)
EARLIER = "2026-01-01T00:00:00Z"


# ── Carried ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_told_in_members_that_every_wallet_knows():
    made = stack()
    assert made["@context"] == badge()["@context"]
    assert [(one["id"], one["name"], one["mediaType"]) for one in made["relatedResource"]] == [
        (RULE, "Communication", "application/json"),
        (WRITING, "Writing", "application/vc"),
        (SPEAKING, "Speaking", "application/vc"),
    ]
    assert [(one["id"], one["name"], one["genre"]) for one in made["evidence"]] == [
        (f"{RULE}#/rule/rules/0", "Writing", "Requirement"),
        (f"{WRITING}#/rule/rules/0", "Writing", "Part"),
        (f"{RULE}#/rule/rules/1", "Speaking", "Requirement"),
        (f"{SPEAKING}#/rule/rules/1", "Speaking", "Part"),
    ]
    subject = made["credentialSubject"]
    assert subject["narrative"] == "Both requirements are met."
    assert [(one["resultDescription"], one["value"]) for one in subject["result"]] == [
        (f"{STACK.id_url}#ext/evaluatedAt", "2026-11-01T10:00:00Z")
    ]


def test_it_passes_the_published_schema_the_probes_and_our_verifier():
    made = stack()
    assert nonconformities(made, rules().schemas) == ()
    assert canonize(made, rules().contexts).lost == ()
    assert judge_proof(made, {}, rules=rules(), now=ISSUED).authentic


def test_other_processors_read_the_same_statements(contexts):
    """PyLD alone, and pyoxigraph on what PyLD expands, arrive at what was signed."""
    document = without_proof(stack())

    def load(url, _):
        found = copy.deepcopy(contexts.documents[url])
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": found}

    signed = canonize(document, contexts).nquads
    options = {"documentLoader": load, "format": "application/n-quads"}
    assert jsonld.normalize(document, {**options, "algorithm": "URDNA2015"}) == signed
    plain = jsonld.to_rdf(document, options)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(plain.encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    assert "".join(sorted(f"{quad} .\n" for quad in map(str, dataset))) == signed


# ── Digests ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_digest_is_the_multihash_of_the_canonical_form():
    writing, _ = parts()
    told = stack()["relatedResource"]
    digest = hashlib.sha256(jsontext.canonical(writing)).digest()
    assert base58.b58decode(told[1]["digestMultibase"].removeprefix("z")) == b"\x12\x20" + digest
    assert base58.b58decode(told[0]["digestMultibase"].removeprefix("z")).hex() == "1220" + RULE_DIGEST


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("seed", range(3))
def test_a_copy_in_another_order_and_layout_has_the_same_digest(seed, indent):
    writing, _ = parts()
    kept = json.dumps(rearranged(writing, seed), indent=indent, ensure_ascii=seed == 0)
    assert part_digest(jsontext.parse(kept)) == part_digest(writing) == derivation().parts[0].digest


@pytest.mark.parametrize("place", [("name",), ("proof", 0, "proofValue"), ("credentialSubject", "narrative")])
def test_another_document_has_another_digest(place):
    writing, _ = parts()
    changed = copy.deepcopy(writing)
    *steps, last = place
    owner = changed
    for step in steps:
        owner = owner[step]
    owner[last] = "something else"
    assert part_digest(changed) != part_digest(writing)


def test_what_has_no_canonical_form_has_no_digest():
    with pytest.raises(ValueError, match="integer"):
        part_digest({"id": urn(1), "points": 2**60})


# ── Read again ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_was_written_is_read_again():
    assert derivation_of(stack()) == derivation()


@pytest.mark.parametrize("seed", range(5))
def test_it_is_read_alike_from_a_copy_in_another_order(seed):
    kept = rearranged(stack(), seed)
    kept["evidence"].reverse()
    kept["relatedResource"].reverse()
    assert derivation_of(jsontext.parse(json.dumps(kept, indent=3))) == derivation()


def test_requirements_stand_in_the_order_of_the_rule_and_parts_in_that_of_award():
    ids = [urn(number) for number in range(4)]
    when = [ASSESSED + timedelta(days=days) for days in (3, 1, 2, 1)]
    said = [
        Requirement(f"/rule/rules/{number}", "Name", "Sentence.", tuple(used))
        for number, used in ((10, ids[:1]), (9, ids[1:]), (2, ()))
    ]
    told = derivation(
        requirements=tuple(said),
        parts=tuple(Part(one, RULE_DIGEST, "Name", at) for one, at in zip(ids, when, strict=True)),
    )
    assert [one.pointer for one in told.requirements] == ["/rule/rules/2", "/rule/rules/9", "/rule/rules/10"]
    assert [one.id for one in told.parts] == [ids[1], ids[3], ids[2], ids[0]]
    assert told.requirements[1].parts == (ids[1], ids[3], ids[2])
    assert derivation_of(stack(told)) == told


def test_times_are_told_in_utc_to_the_second():
    local = timezone(timedelta(hours=-6))
    told = derivation(evaluated_at=datetime(2026, 10, 31, 22, 5, 7, 999, tzinfo=local))
    assert told.evaluated_at == datetime(2026, 11, 1, 4, 5, 7, tzinfo=UTC)
    assert derivation_of(stack(told)) == told


def test_one_part_may_meet_several_requirements():
    writing, speaking = derivation().requirements
    both = Requirement(writing.pointer, writing.name, writing.sentence, (WRITING, SPEAKING))
    told = derivation(requirements=(both, speaking))
    assert derivation_of(stack(told)) == told


def test_a_rule_that_uses_nothing_is_told_without_parts():
    told = derivation(requirements=(), parts=())
    assert derivation_of(stack(told)) == told
    assert "evidence" not in stack(told)


def test_a_badge_that_was_not_derived_says_so():
    assert derivation_of(badge()) is None
    for other in ({}, {"credentialSubject": []}, {"credentialSubject": {"result": [7, {}]}}):
        assert derivation_of(other) is None


def test_evidence_of_the_learner_stands_beside_the_reasons():
    video = Evidence(id="urn:x:1", name="Recording", genre="video", disclosure="in_credential")
    made = issued(AwardFacts(assessed_at=ASSESSED, evidence=(video,)), 3, STACK, derivation=derivation())
    assert made["evidence"][-1]["genre"] == "video"
    assert derivation_of(made) == derivation()
    part = Evidence(name="Recording", genre="Part", disclosure="in_credential")
    with pytest.raises(ValueError, match="genre"):
        issued(AwardFacts(assessed_at=ASSESSED, evidence=(part,)), 3, STACK, derivation=derivation())


@st.composite
def derivations(draw):
    ids = draw(st.lists(st.uuids().map(lambda one: f"urn:uuid:{one}"), max_size=4, unique=True))
    when = st.datetimes(datetime(2020, 1, 1), datetime(2026, 10, 30), timezones=st.just(UTC))  # noqa: DTZ001
    places = draw(st.lists(st.integers(0, 20), min_size=1 if ids else 0, max_size=4, unique=True))
    used = {place: draw(st.sets(st.sampled_from(ids))) if ids else set() for place in places}
    if ids:
        used[places[0]] |= set(ids).difference(*used.values())
    said = texts.filter(str.strip)
    digests = st.text(string.hexdigits[:16], min_size=64, max_size=64)
    return Derivation(
        rule=draw(st.sampled_from([RULE, "urn:x:rule", "https://é.example/r?v=1&w=2"])),
        rule_name=draw(names),
        rule_digest=draw(digests),
        evaluated_at=draw(when),
        sentence=draw(said),
        requirements=tuple(
            Requirement(f"/rule/rules/{place}", draw(names), draw(said), tuple(used[place])) for place in places
        ),
        parts=tuple(Part(one, draw(digests), draw(names), draw(when)) for one in ids),
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(told=derivations(), seed=st.integers(0, 100))
def test_whatever_is_told_conforms_and_can_be_read_again(told, seed, schemas, contexts):
    made = stack(told)
    assert nonconformities(made, schemas) == ()
    assert canonize(made, contexts).lost == ()
    assert derivation_of(rearranged(made, seed)) == told


# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def set_at(*place, to):
    def change(made):
        *steps, last = place
        owner = made
        for step in steps:
            owner = owner[step]
        owner[last] = to

    return change


def append(name, **members):
    return lambda made: made[name].append({**made[name][0], **members})


def move_digest(made):
    """Say of a part what its digest is in another place: the statements, and so the signature, stay the same."""
    digest = made["relatedResource"][1].pop("digestMultibase")
    made["evidence"].append({"id": WRITING, "type": ["Evidence"], "digestMultibase": digest})


def tell_the_time_twice(made):
    result = made["credentialSubject"]["result"]
    result.append({**result[0], "value": "2020-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (set_at("relatedResource", 1, "digestMultibase", to="zQm"), "digest of 'urn:uuid"),
        (set_at("relatedResource", 1, "digestMultibase", to="z" + "1" * 10_000_000), "digest of 'urn:uuid"),
        (set_at("relatedResource", 1, "digestMultibase", to="uEiA"), "digest of 'urn:uuid"),
        (set_at("relatedResource", 1, "digestMultibase", to="z" + base58.b58encode(bytes(34)).decode()), "multihash"),
        (set_at("relatedResource", 0, "digestMultibase", to=None), "digest of 'https:"),
        (move_digest, "digest of 'urn:uuid"),
        (set_at("relatedResource", 1, "mediaType", to=None), "'mediaType' is missing"),
        (set_at("relatedResource", 1, "id", to=7), "'id' is missing"),
        (set_at("relatedResource", 1, "id", to="a part"), "not the id of a part"),
        (set_at("relatedResource", 1, "id", to=f"{WRITING}#x"), "not the id of a part"),
        (set_at("relatedResource", 1, "id", to=urn(7)), "is not one of the parts"),
        (set_at("relatedResource", 1, "name", to=" "), "name of the part"),
        (set_at("relatedResource", 1, "awardedDate", to="yesterday"), "when a part was awarded"),
        (append("relatedResource", id=WRITING, mediaType="application/vc", awardedDate=EARLIER), "part is told twice"),
        (set_at("relatedResource", 0, "id", to="https://rules.example/1"), "another rule"),
        (set_at("relatedResource", 0, "mediaType", to="text/html"), "names one version of a rule, and here are 0"),
        (set_at("relatedResource", 1, "mediaType", to="application/json"), "here are 2"),
        (set_at("relatedResource", to=[]), "here are 0"),
        (set_at("relatedResource", to="nothing"), "is missing"),
        (append("relatedResource", id=urn(8), mediaType="application/vc", awardedDate=EARLIER), "not those"),
        (append("evidence"), "is told twice"),
        (append("evidence", id=f"{RULE}#rule"), "place of a requirement"),
        (append("evidence", id=f"{WRITING}#/rule/rules/7", genre="Part"), "a requirement that is not told"),
        (append("evidence", id=f"{WRITING}#/rule/rules/0", genre="Part"), "names a part twice"),
        (append("evidence", id=f"{urn(8)}#/rule/rules/0", genre="Part"), "is not one of the parts"),
        (append("evidence", id=7), "'id' is missing"),
        (set_at("evidence", 0, "narrative", to=None), "'narrative' is missing"),
        (set_at("evidence", 0, "name", to=""), "name of the requirement"),
        (set_at("evidence", 1, "genre", to="video"), "not those that the requirements name"),
        (set_at("evidence", to=None), "not those that the requirements name"),
        (set_at("credentialSubject", "narrative", to=None), "'narrative' is missing"),
        (set_at("credentialSubject", "result", 0, "value", to="noon"), "when the rule was evaluated"),
        (tell_the_time_twice, "time of evaluation is told twice"),
    ],
)
def test_a_derivation_that_does_not_hang_together_is_refused(change, complaint):
    made = stack()
    change(made)
    with pytest.raises(ValueError, match=complaint) as refused:
        derivation_of(made)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"rule": "rules/1"}, "not the id of a rule"),
        ({"rule_digest": "5F" * 32}, "digest of the rule"),
        ({"rule_name": ""}, "name of the rule"),
        ({"sentence": "\n"}, "the outcome is empty"),
        ({"evaluated_at": datetime(2026, 1, 1)}, "time zone"),  # noqa: DTZ001 - that is what is wrong with it
        ({"parts": ()}, "not those that the requirements name"),
        ({"requirements": ()}, "not those that the requirements name"),
    ],
)
def test_nothing_is_composed_that_could_not_be_read_again(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        derivation(**changes)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.sampled_from([RULE, WRITING, "Part"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_document_is_read_or_refused(data):
    made = stack()
    owner = made
    while True:
        inside = list(owner) if isinstance(owner, dict) else range(len(owner))
        step = data.draw(st.sampled_from(list(inside)))
        if not isinstance(owner[step], dict | list) or not owner[step] or data.draw(st.booleans()):
            owner[step] = data.draw(values)
            break
        owner = owner[step]
    try:
        told = derivation_of(made)
    except ValueError:
        return
    assert told is None or derivation_of(stack(told)) == told
