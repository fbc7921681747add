"""Tokens of which parts are withheld: what is shown stands where the issuer meant it, and nothing else is shown."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ler_issuer import jsontext
from ler_issuer.vc import Problem, SdJwt, is_sd_jwt
from ler_issuer.vc.jwt import LONGEST_TOKEN
from ler_issuer.vc.sdjwt import MOST_DISCLOSURES, NotConcealable, conceal, open_sd_jwt
from methods import credential, digest, disclosure, jws, presentation, sd_jwt
from tokens import encoded

STREET, ITEM = disclosure("street", "123 Main St"), disclosure({"number": "1"})
PAYLOAD = credential(
    credentialSubject={
        "id": "did:example:1",
        "address": {"_sd": [digest(STREET), "of-something-else"], "country": "USA"},
        "phones": [{"...": digest(ITEM)}, {"number": "2"}, {"...": "of-another-item"}],
    },
    _sd_alg="sha-256",
)


def opened(payload, *disclosures, **header):
    read = open_sd_jwt(sd_jwt("P-256", payload, *disclosures, **header))
    assert isinstance(read, SdJwt), read
    return read


def refused(text, **options):
    read = open_sd_jwt(text, **options)
    assert isinstance(read, Problem), read
    return read.code


def test_what_is_disclosed_takes_its_place_and_the_rest_is_gone():
    read = opened(PAYLOAD | {"iss": "https://a.example", "iat": "ever"}, STREET, ITEM)
    assert read.document == credential(
        credentialSubject={
            "id": "did:example:1",
            "address": {"country": "USA", "street": "123 Main St"},
            "phones": [{"number": "1"}, {"number": "2"}],
        }
    )
    assert read.payload == read.document | {"iss": "https://a.example", "iat": "ever"}
    assert (read.undisclosed, read.disclosures, read.typ, read.alg) == (2, (STREET, ITEM), "vc+sd-jwt", "ES256")


def test_an_end_that_only_a_claim_gives_is_not_lost():
    assert opened(credential(exp=1_888_221_600)).document == credential(validUntil="2029-11-01T10:00:00Z")
    shown = disclosure("exp", 1_888_221_600)
    assert opened(credential(_sd=[digest(shown)]), shown).document["validUntil"] == "2029-11-01T10:00:00Z"


def test_what_is_withheld_is_counted_and_not_shown():
    read = opened(PAYLOAD)
    assert read.document["credentialSubject"] == {
        "id": "did:example:1",
        "address": {"country": "USA"},
        "phones": [{"number": "2"}],
    }
    assert read.undisclosed == 4
    assert opened(credential()).undisclosed == 0


def test_disclosures_stand_within_disclosures():
    inner = disclosure("city", "Anytown")
    outer = disclosure("address", {"_sd": [digest(inner)], "country": "USA"})
    payload = credential(credentialSubject={"_sd": [digest(outer)]})
    assert opened(payload, inner, outer).document["credentialSubject"] == {
        "address": {"country": "USA", "city": "Anytown"}
    }
    assert opened(payload, outer).undisclosed == 1
    assert refused(sd_jwt("P-256", payload, inner)) == "sd_digest_unknown"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"),
    ],
    ids=["a member", "an item"],
)
def test_the_disclosures_of_the_standard_are_read(text, named):
    """RFC 9901 §4.2.1 to §4.2.3: a disclosure is hashed as it was written, blanks and all."""
    read = opened(subject(_sd=[named]) if "Möbius" in _shown(text) else subject(nationalities=[{"...": named}]), text)
    assert read.document["credentialSubject"] in ({"family_name": "Möbius"}, {"nationalities": ["FR"]})
    assert read.undisclosed == 0


def _shown(text):
    return base64.urlsafe_b64decode(f"{text}==").decode()


def subject(**members):
    return credential(credentialSubject=members)


NAMED = disclosure("name", "Ada")
BOMB = disclosure("deep", json.loads("[" * 60 + "]" * 60))


@pytest.mark.parametrize(
    ("payload", "disclosures", "code"),
    [
        (PAYLOAD, [STREET, STREET], "sd_digest_unknown"),
        (PAYLOAD, [disclosure("street", "124 Main St")], "sd_digest_unknown"),
        (PAYLOAD, [disclosure("city", "Anytown")], "sd_digest_unknown"),
        (subject(_sd=[digest(NAMED)] * 2), [NAMED], "sd_jwt_malformed"),
        (subject(_sd=[digest(NAMED)], other={"_sd": [digest(NAMED)]}), [NAMED], "sd_jwt_malformed"),
        (subject(_sd=["x", "x"]), [], "sd_jwt_malformed"),
        (subject(_sd=[digest(NAMED)], name="Eve"), [NAMED], "sd_jwt_malformed"),
        (
            subject(_sd=[digest(NAMED), digest(disclosure("name", "Eve"))]),
            [NAMED, disclosure("name", "Eve")],
            "sd_jwt_malformed",
        ),
        (subject(_sd=[digest(ITEM)]), [ITEM], "sd_jwt_malformed"),
        (subject(names=[{"...": digest(NAMED)}]), [NAMED], "sd_jwt_malformed"),
        (subject(_sd=digest(NAMED)), [NAMED], "sd_jwt_malformed"),
        (subject(_sd={"a": 1}), [], "sd_jwt_malformed"),
        (subject(_sd=[7]), [], "sd_jwt_malformed"),
        (subject(names=[{"...": 7}]), [], "sd_jwt_malformed"),
        (subject(names=[{"...": "x", "y": 1}]), [], "sd_jwt_malformed"),
        (subject(**{"...": "x"}), [], "sd_jwt_malformed"),
        (PAYLOAD | {"_sd_alg": "sha-512"}, [STREET], "sd_jwt_malformed"),
        (PAYLOAD | {"_sd_alg": None}, [STREET], "sd_jwt_malformed"),
        (PAYLOAD | {"vc": {}}, [], "jwt_mixed"),
        (PAYLOAD | {"vp": {}}, [], "jwt_mixed"),
        (subject(_sd=[digest(BOMB)], deep=json.loads("[" * 30 + "]" * 30)), [BOMB], "sd_jwt_malformed"),
        ([], [], "jwt_malformed"),
    ],
)
def test_whatever_could_be_read_in_two_ways_is_refused(payload, disclosures, code):
    assert refused(sd_jwt("P-256", payload, *disclosures)) == code


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "A",
        "####",
        encoded(b"{"),
        encoded(["salt"]),
        encoded(["salt", "name", "value", "more"]),
        encoded([7, "name", "value"]),
        encoded(["salt", 7, "value"]),
        encoded(["salt", "_sd", ["x"]]),
        encoded(["salt", "...", "x"]),
        encoded(["salt", "_sd_alg", "sha-256"]),
        encoded({"salt": "name"}),
        encoded(b'["salt","name",{"a":1,"a":2}]'),
        encoded(b'["salt","name","\\ud800"]'),
    ],
)
def test_a_disclosure_is_strict_json(odd):
    assert refused(sd_jwt("P-256", subject(_sd=[digest(odd)]), odd)) == "sd_jwt_malformed"


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt", "vp+sd-jwt", "dc+sd-jwt", "kb+jwt", "", None, "bad+typ"])
def test_the_token_says_what_it_is(typ):
    assert refused(sd_jwt("P-256", PAYLOAD, typ=typ)) == "jwt_type_wrong"
    assert refused(f"{jws('P-256', PAYLOAD)}~") == "jwt_type_wrong"


def test_a_presentation_is_one_and_a_credential_is_none():
    text = sd_jwt("P-256", presentation(), typ="application/vp+sd-jwt")
    assert refused(text) == "jwt_type_wrong"
    assert open_sd_jwt(text, presents=True).presents
    assert refused(sd_jwt("P-256", credential()), presents=True) == "jwt_type_wrong"


def test_a_key_binding_is_not_checked_so_it_is_refused():
    assert refused(sd_jwt("P-256", PAYLOAD, STREET) + jws("P-256", {"nonce": "1"}, typ="kb+jwt")) == "sd_key_binding"
    assert refused(sd_jwt("P-256", PAYLOAD, STREET).removesuffix("~")) == "sd_key_binding"


def test_other_algorithms_and_texts_are_none():
    assert refused(sd_jwt("P-521", PAYLOAD)) == "jwt_alg_unknown"
    assert refused(sd_jwt("P-256", PAYLOAD, crit=["exp"])) == "jwt_critical"
    for text in (None, 7, "", "~", "a.b.c", "a.b~", f" {sd_jwt('P-256', PAYLOAD)}", f"{sd_jwt('P-256', PAYLOAD)}\n"):
        assert refused(text) == "sd_jwt_malformed"
        assert not is_sd_jwt(text)
    assert is_sd_jwt(sd_jwt("P-256", PAYLOAD))


def test_bombs_do_not_take_long():
    began = time.process_time()
    assert refused(jws("P-256", PAYLOAD, typ="vc+sd-jwt") + "~" * 10_000) == "sd_jwt_malformed"
    assert refused("a.b.c" + "~a" * (MOST_DISCLOSURES + 1) + "~") == "sd_jwt_malformed"
    assert refused("a.b.c~" + "a" * LONGEST_TOKEN) == "sd_jwt_malformed"
    chain = disclosure("a", 1)
    texts = [chain]
    for _ in range(200):
        chain = disclosure("a", {"_sd": [digest(chain)]})
        texts.append(chain)
    assert refused(sd_jwt("P-256", subject(_sd=[digest(chain)]), *texts)) == "sd_jwt_malformed"
    assert time.process_time() - began < 5


def salts(size):
    salts.drawn += 1
    return hashlib.sha512(str(salts.drawn).encode()).digest()[:size]


salts.drawn = 0
LEARNER = credential(
    name="A",
    credentialSubject={"id": "did:example:1", "address": {"street": "Main", "city": "X"}, "phones": ["1", "2", ["3"]]},
)


def concealed(*paths):
    payload, disclosures = conceal(LEARNER, paths, salts)
    return payload, disclosures, opened(payload, *disclosures)


def test_what_was_concealed_comes_back():
    before = copy.deepcopy(LEARNER)
    payload, disclosures, read = concealed(
        "credentialSubject.address",
        "credentialSubject.address.street",
        "credentialSubject.phones[2][0]",
        "credentialSubject.phones[0]",
        "name",
    )
    assert before == LEARNER
    assert read.document == LEARNER
    assert read.undisclosed == 0
    assert len(disclosures) == 5
    text = json.dumps(payload)
    for hidden in ("Main", '"name"', "street", "city", '"1"', '"3"'):
        assert hidden not in text
    assert payload["_sd_alg"] == "sha-256"
    assert payload["credentialSubject"]["phones"][1] == "2"


def test_digests_of_one_place_do_not_tell_their_order():
    payload, _, _ = concealed("credentialSubject.id", "credentialSubject.phones", "credentialSubject.address")
    digests = payload["credentialSubject"]["_sd"]
    assert digests == sorted(digests)
    assert concealed("name")[1] != concealed("name")[1]


@pytest.mark.parametrize(
    "paths",
    [
        ["@context"],
        ["type"],
        ["type[0]"],
        ["issuer"],
        ["validUntil"],
        ["credentialStatus.id"],
        ["iss"],
        ["nothing"],
        ["credentialSubject.nothing"],
        ["credentialSubject.phones[3]"],
        ["credentialSubject.phones[-1]"],
        ["credentialSubject.phones[01]"],
        ["credentialSubject.phones.0"],
        ["credentialSubject[0]"],
        ["name.first"],
        ["name", "name"],
        [""],
        ["."],
        ["name."],
        [".name"],
        ["credentialSubject..id"],
        ["[0]"],
        ["credentialSubject.phones[0"],
        ["credentialSubject.phones]0["],
        ["credentialSubject.phones[0]x"],
    ],
)
def test_paths_that_lead_nowhere_are_refused(paths):
    with pytest.raises(NotConcealable):
        conceal(LEARNER, paths, salts)


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_a_document_with_names_of_digests_is_refused(name):
    with pytest.raises(NotConcealable):
        conceal(LEARNER | {"evidence": [{name: "x"}]}, [], salts)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "_sd", "..."]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "_sd", "vc", "iss"]), _VALUES, max_size=4), st.lists(_VALUES, max_size=4)
)
@settings(max_examples=150)
def test_any_payload_is_read_or_refused(payload, values):
    disclosures = [disclosure("n", value) for value in values] + [disclosure(value) for value in values]
    read = open_sd_jwt(sd_jwt("P-256", payload | {"_sd": [*map(digest, disclosures[:2])]}, *disclosures))
    assert isinstance(read, SdJwt | Problem)
    if isinstance(read, SdJwt):
        jsontext.canonical(read.document)


@given(st.text(alphabet="aeA0.~_-=", max_size=60))
def test_any_text_is_read_or_refused(text):
    assert isinstance(open_sd_jwt(text), Problem)
