"""Requests that come at the same time are answered together, and each as if it had come alone."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ler_issuer.api.together import Together
from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict, Unavailable
from ler_issuer.services import taking
from ler_issuer.services.access import Caller
from ler_issuer.services.intake import Receipt
from records import discrepancies
from world import award, publish, result, runtime


def gathered(do, *items, **how):
    """Ask for the answers to items that come at the same time; give them, or what was raised."""

    async def ask():
        together = Together(do, **{"most": 50, **how})
        return await asyncio.gather(*map(together, items), return_exceptions=True)

    return asyncio.run(ask())


def test_who_comes_at_the_same_time_is_one_group():
    groups = []

    def double(items):
        groups.append(list(items))
        return [2 * one for one in items]

    assert gathered(double, *range(7), most=5) == [0, 2, 4, 6, 8, 10, 12]
    assert groups == [[0, 1, 2, 3, 4], [5, 6]]


def test_who_comes_a_few_turns_of_the_loop_later_is_of_the_same_group():
    groups = []

    def note(items):
        groups.append(list(items))
        return items

    async def ask():
        together = Together(note, most=50)
        asked = []
        for one in range(20):
            asked.append(asyncio.create_task(together(one)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return await asyncio.gather(*asked)

    assert asyncio.run(ask()) == list(range(20))
    assert groups == [list(range(20))]


def test_a_group_begins_though_there_is_no_end_of_those_who_come():
    groups = []

    def note(items):
        groups.append(len(items))
        return items

    async def ask():
        together = Together(note, most=10_000)
        asked = []
        for one in range(200):
            asked.append(asyncio.create_task(together(one)))
            await asyncio.sleep(0)
            time.sleep(0.001)  # noqa: ASYNC251 - a loop with much to do
        return await asyncio.gather(*asked)

    assert asyncio.run(ask()) == list(range(200))
    assert groups[0] < 200


def test_what_no_thread_was_had_for_is_not_done_later(monkeypatch):
    done = []

    def start(_):
        raise RuntimeError("can't start new thread")

    async def ask():
        together = Together(lambda items: done.extend(items) or items, most=50)
        with monkeypatch.context() as short:
            short.setattr(threading.Thread, "start", start)
            with pytest.raises(Unavailable):
                await together("refused")
        return await together("asked again")

    assert asyncio.run(ask()) == "asked again"
    assert done == ["asked again"]


def test_each_gets_what_went_wrong_with_it_and_no_other():
    wrong = Conflict("not this one")

    assert gathered(lambda items: [wrong if one == 1 else one for one in items], 0, 1, 2) == [0, wrong, 2]


class Panic(BaseException):
    """What a library raises that is not written in Python."""


def panic(_):
    raise Panic


@pytest.mark.parametrize(
    "do",
    [lambda _: [], lambda _: 1 / 0, panic, lambda items: [StopIteration() for _ in items]],
    ids=["too few answers", "fault", "panic", "what no future takes"],
)
def test_a_fault_of_the_whole_group_is_told_to_all_of_it(do):
    answers = gathered(do, 0, 1, 2, most=2)

    assert len(answers) == 3
    assert all(isinstance(one, (ValueError, ZeroDivisionError, RuntimeError)) for one in answers)


def test_what_is_hard_shares_its_fate_with_nobody():
    groups = []

    def take_long(items):
        groups.append(len(items))
        time.sleep(0.06 * len(items) if len(groups) == 1 else 0)
        return items

    assert gathered(take_long, *range(6), most=3) == list(range(6))
    assert groups[:2] == [3, 1]


def test_whoever_goes_away_takes_nobody_along():
    release = threading.Event()

    async def ask():
        together = Together(lambda items: [release.wait(30) and one for one in items], most=50)
        impatient, patient = (asyncio.create_task(together(one)) for one in "ab")
        await asyncio.sleep(0.05)
        impatient.cancel()
        release.set()
        return await patient

    assert asyncio.run(ask()) == "b"


def test_nobody_waits_behind_a_group_that_takes_long():
    release = threading.Event()

    async def ask():
        together = Together(lambda items: [one != "slow" or release.wait(30) for one in items], most=50, hands=2)
        slow = asyncio.create_task(together("slow"))
        await asyncio.sleep(0.01)
        assert await asyncio.wait_for(together("quick"), 20)
        assert not slow.done()
        release.set()
        return await slow

    assert asyncio.run(ask())


def test_a_crowd_is_turned_away():
    answers = gathered(lambda items: items, *range(5), queue=3)

    assert answers[:3] == [0, 1, 2]
    assert all(isinstance(one, Unavailable) for one in answers[3:])


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(autouse=True)
def achievement(rt, tenant):
    publish(rt, tenant)


def test_results_that_come_together_are_each_answered_for(call, rt):
    """Good ones, one that does not fit, one that is said twice, and one that nobody could read."""
    bodies = [result(f"l{number}@b.c") for number in range(12)]
    bodies += [bodies[0], {**bodies[1], "assessor": {"kind": "wizard"}}, {**result("x@b.c"), "achievement": "unknown"}]

    with ThreadPoolExecutor(len(bodies)) as hands:
        answers = list(hands.map(lambda body: call("POST", "/v1/results", json=body), bodies))

    assert sorted(one.status_code for one in answers) == [200] + [201] * 12 + [400, 422]
    known = {one.json()["result_id"] for one in answers if one.status_code < 300}
    assert len(known) == 12
    assert discrepancies(rt) == []


def test_nobody_is_told_what_another_sent(rt, tenant, other):
    """Two issuers know the same learner and the same result by the same names."""
    publish(rt, other)
    same = Result.model_validate(result("ada@b.c"))
    sent = [(each.caller, same) for each in (tenant, other, tenant)]

    first, second, again = taking.record_together(rt, sent)

    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert first.result_id != second.result_id
    assert (again.result_id, again.duplicate) == (first.result_id, True)


def test_that_the_database_is_away_is_told_to_all_at_once(tmp_path, world):
    """Else each would wait by itself for as long as all of them did."""
    gone = runtime(f"sqlite:///{tmp_path / 'nothing-in-it.sqlite'}", world, "http://127.0.0.1:1")
    gone.db.close()
    (tmp_path / "nothing-in-it.sqlite").unlink()
    (tmp_path / "nothing-in-it.sqlite").mkdir()
    caller = Caller("00000000-0000-4000-8000-000000000000", "key:nobody")

    answers = taking.record_together(gone, [(caller, Result.model_validate(result(f"{name}@b.c"))) for name in "abc"])

    assert all(isinstance(one, Unavailable) for one in answers)
    assert len({id(one) for one in answers}) == 1


@pytest.fixture
def fault_with_eve(rt):
    """A database in which something is wrong with the rows of one result."""
    with rt.db.begin() as db:
        db.run(
            sa.text(
                "CREATE TRIGGER fault BEFORE INSERT ON result WHEN NEW.source_id = 'eve' "
                "BEGIN SELECT RAISE(ROLLBACK, 'nobody foresaw this'); END"
            )
        )
    yield
    with rt.db.begin() as db:
        db.run(sa.text("DROP TRIGGER fault"))


@pytest.mark.usefixtures("fault_with_eve")
def test_a_fault_with_one_result_is_no_fault_of_the_others(rt, tenant):
    """It breaks the transaction that all of them share: then each is taken in by itself."""
    bodies = [{**result(f"{name}@b.c"), "source_id": name} for name in ("ada", "eve", "bob")]

    ada, eve, bob = taking.record_together(rt, [(tenant.caller, Result.model_validate(one)) for one in bodies])

    assert (ada.outcome, bob.outcome) == ("awarded", "awarded")
    assert isinstance(eve, IntegrityError)
    assert discrepancies(rt) == []


# ── Verification ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_asks_at_the_same_time_gets_what_they_would_have_got_alone(service, rt, tenant, call):
    """Good ones, an altered one, one by somebody else who has to be asked, and what is none; several manners."""
    document = call("GET", f"/v1/credentials/{award(rt, tenant).credential_id}").json()["document"]
    altered = {**document, "name": "Brain surgery"}
    foreign = {**document, "issuer": {**document["issuer"], "id": "did:web:elsewhere.edu"}}
    asked = [
        {"credential": document},
        {"credential": altered},
        {"credential": foreign},
        {"credential": 7},
        {"credential": document, "language": "es"},
        {"credential": document, "policy": "unheard-of"},
        {"credential": document, "expect": {"identifiers": [{"type": "emailAddress", "value": "eve@b.c"}]}},
        {"credential": {"@context": document["@context"], "verifiableCredential": [document, altered], "type": ["x"]}},
    ] * 3
    alone = [told(service.post("/v1/verify", json=one)) for one in asked]

    with ThreadPoolExecutor(len(asked)) as hands:
        together = list(hands.map(lambda one: told(service.post("/v1/verify", json=one)), asked))

    assert together == alone
    assert {status for status, _ in alone} == {200, 422}
    assert len({json.dumps(body, sort_keys=True) for _, body in alone}) == 8


def told(answer):
    """Give what was answered, without what tells one request from the next."""
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "instance"}
