"""What an installation that is there to be tested does otherwise (ADR 27): each difference alone, at the door."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import fields, replace

import httpx
import pytest
from nacl.signing import SigningKey

from conforming import ALICE, BOB, EXAMPLES, V1, V2, contexts, credential, refusal
from ler_issuer.api import verification
from ler_issuer.main import create_app
from ler_issuer.net.private_keys import generate
from ler_issuer.runtime import LENIENT, STRICT, Practice, build
from ler_issuer.settings import InsecureSettings, Settings
from ler_issuer.vc import prepare_base, seal_base
from signing import P256
from world import NOON, World, address, found, keystore, listen, serving

WORDS = {"motto": "https://words.example/motto"}
TEXT = {"@value": "HTML & CSS", "@language": "en", "@direction": "ltr"}


@pytest.fixture(scope="module")
def composed(sqlite_template, tmp_path_factory):
    """Give installations as they are composed for a practice, each on a database of its own."""

    @contextmanager
    def compose(practice):
        file = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("practice") / "db.sqlite")
        with listen() as door:
            settings = Settings(database_url=f"sqlite:///{file}", base_url=address(door), passphrase="x" * 32)
            rt = replace(build(settings, practice), keys=keystore(), fetch=World())
            yield rt, door
            rt.db.close()

    return compose


@pytest.fixture(scope="module")
def door(composed):
    """Give what asks an installation by its practice: an issuer of its own, a client with its key, and one without."""

    @contextmanager
    def opened(practice):
        with composed(practice) as (rt, listening):
            tenant = found(rt, "ed25519", did_method="key")
            with serving(rt, listening) as client:
                yield Door(client, tenant)

    return opened


class Door:
    """An installation as its clients see it."""

    def __init__(self, client, tenant):
        self.did = tenant.issuer.did
        self._client = client
        self._auth = tenant.auth

    def issue(self, document, *, signed_in=True, **options):
        body = {"credential": document, "options": options}
        return self._client.post("/credentials/issue", json=body, headers=self._auth if signed_in else {})

    def verify(self, document):
        return self._client.post("/credentials/verify", json={"verifiableCredential": document})

    def derive(self, document, *pointers):
        body = {"verifiableCredential": document, "options": {"selectivePointers": pointers}}
        return self._client.post("/credentials/derive", json=body)

    def present(self, presentation):
        body = {"verifiablePresentation": presentation, "options": {"challenge": "c", "domain": "a.example"}}
        return self._client.post("/presentations/verify", json=body)


def older_token():
    """Put a credential of version 2 into the claim `vc`, as drafts had it, in an envelope."""
    claims = {"iss": ALICE.did, "vc": credential(ALICE.did)}
    parts = (json.dumps(one).encode() for one in ({"alg": "EdDSA", "typ": "JWT", "kid": ALICE.method}, claims))
    signed = ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)
    signature = urlsafe_b64encode(SigningKey(ALICE.seed).sign(signed.encode()).signature).rstrip(b"=").decode()
    named = f"data:application/jwt,{signed}.{signature}"
    return {"@context": [V2], "type": "EnvelopedVerifiableCredential", "id": named}


def foreign():
    return ALICE.signed(credential(BOB.did))


def presented():
    return ALICE.presented(holder=BOB.did, challenge="c", domain="a.example")


ASKED = {
    "issuer_controls": (lambda at: at.verify(foreign()), 400, "controller_foreign"),
    "holder_may_differ": (lambda at: at.present(presented()), 400, "holder_differs"),
    "reads_inline_contexts": (
        lambda at: at.verify(ALICE.signed(credential(ALICE.did, **{"@context": [V2, WORDS], "motto": "x"}))),
        400,
        "inline_context",
    ),
    "knows_examples": (
        lambda at: at.issue(credential(at.did, **{"@context": [V2, EXAMPLES], "anything": "goes"})),
        400,
        "unknown_context",
    ),
    "leaves_directions": (lambda at: at.issue(credential(at.did, name=TEXT)), 400, "direction_dropped"),
    "reads_older_tokens": (lambda at: at.verify(older_token()), 400, "jwt_mixed"),
    "issues_vc11": (
        lambda at: at.issue(credential(at.did, **{"@context": [V1], "issuanceDate": "2020-01-01T00:00:00Z"})),
        400,
        "context_order",
    ),
    "signs_openly": (
        lambda at: at.issue(credential(at.did), cryptosuite="Ed25519Signature2020"),
        400,
        "suite_unknown",
    ),
    "open_as": (lambda at: at.issue(credential(at.did), signed_in=False), 401, None),
}
"""By difference: what is asked, and how the strict practice refuses it; the lenient one does it."""


def value(name):
    return "ed25519" if name == "open_as" else getattr(LENIENT, name)


def only(name):
    """Give the strict practice but for one difference."""
    return replace(STRICT, **{name: value(name)})


def test_no_difference_is_left_out():
    assert {one.name for one in fields(Practice)} == ASKED.keys() | {"name", "waits_without_limit"}
    assert all(value(one.name) != getattr(STRICT, one.name) for one in fields(Practice))


@pytest.fixture(scope="module")
def strict(door):
    with door(STRICT) as at:
        yield at


@pytest.mark.parametrize("name", ASKED)
def test_the_strict_practice_refuses(strict, name):
    ask, status, code = ASKED[name]

    answer = ask(strict)

    assert answer.status_code == status, answer.text
    if code is not None:
        assert code in refusal(answer)


@pytest.mark.parametrize("name", ASKED)
def test_one_difference_makes_the_other_answer_and_no_more(door, name):
    with door(only(name)) as at:
        for other, (ask, status, _) in ASKED.items():
            assert ask(at).status_code in ({200, 201} if other == name else {status}), other


def test_the_lenient_practice_does_all_of_it(door):
    with door(replace(LENIENT, open_as="ed25519")) as at:
        for name, (ask, *_) in ASKED.items():
            assert ask(at).status_code in {200, 201}, name


class Announced:
    """A room that tells when the first one has come to its door."""

    def __init__(self, room):
        self._room = room
        self.came = asyncio.Event()

    def seat(self):
        self.came.set()
        return self._room.seat()  # entered in the same breath


@pytest.mark.parametrize(
    ("practice", "status"), [(STRICT, 503), (only("waits_without_limit"), 200)], ids=["strict", "lenient"]
)
def test_who_comes_to_a_full_house_is_turned_away_or_waits(composed, practice, status):
    async def asked(app):
        room, over = app.state.room, asyncio.Event()
        app.state.room = Announced(room)

        async def sit():
            async with room.seat():
                await over.wait()

        sitting = [asyncio.create_task(sit()) for _ in range(verification.SEATS + verification.QUEUE)]
        await asyncio.sleep(0)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            body = {"verifiableCredential": ALICE.signed(credential(ALICE.did))}
            late = asyncio.create_task(client.post("/credentials/verify", json=body))
            await app.state.room.came.wait()
            over.set()
            answer = await late
        await asyncio.gather(*sitting)
        return answer.status_code

    with composed(practice) as (rt, _):
        assert asyncio.run(asked(create_app(rt, Settings(), background=False))) == status


def base():
    """Sign a document with a base proof, as anybody can who has a key of P-256."""
    made = prepare_base(
        credential(P256.subject),
        mandatory=["/issuer"],
        verification_method=P256.verification_method,
        created=NOON,
        contexts=contexts(),
        once=generate("P-256", secrets.token_bytes),
        secret=secrets.token_bytes(32),
    )
    return seal_base(made, P256)


def test_whoever_has_a_base_proof_derives_from_it_anywhere(strict):
    view = strict.derive(base(), "/credentialSubject").json()["verifiableCredential"]

    assert strict.verify(view).status_code == 200
    assert refusal(strict.derive(base(), *["/issuer"] * 501)) == {"too_many_pointers"}
    assert refusal(strict.derive(credential(ALICE.did), "")) == {"proof_not_base"}


def test_a_setting_lets_the_keys_of_others_pass_at_a_desk_and_nothing_else(sqlite_url):
    for setting, kept in ((True, True), (False, False)):
        settings = Settings(database_url=sqlite_url, vc_api_issuer_control=setting, passphrase="x" * 32)
        rt = build(settings)
        rt.db.close()
        assert rt.practice == replace(STRICT, issuer_controls=kept)
    with pytest.raises(InsecureSettings, match="LER_VC_API_ISSUER_CONTROL"):
        build(settings.model_copy(update={"env": "production", "base_url": "https://badges.a.example"}))
