"""Writers of one process take turns in the order in which they came."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ler_issuer.store.turns import Turns

LONG = 30


def waiting(turns, count):
    """Wait until so many stand in line."""
    while len(turns._waiting) < count:
        threading.Event().wait(0.001)


def test_the_turn_is_handed_on_in_the_order_of_arrival():
    turns = Turns()
    served = []

    def come(name):
        turns.take(LONG)
        served.append(name)
        turns.pass_on()

    turns.take(LONG)
    with ThreadPoolExecutor(8) as pool:
        for place in range(8):
            pool.submit(come, place)
            waiting(turns, place + 1)
        turns.pass_on()

    assert served == [*range(8)]


def test_who_asks_again_at_once_stands_behind_who_waits():
    turns = Turns()
    served = []

    def come():
        turns.take(LONG)
        served.append("waited")
        turns.pass_on()

    turns.take(LONG)
    other = threading.Thread(target=come)
    other.start()
    waiting(turns, 1)
    turns.pass_on()
    turns.take(LONG)
    served.append("again")
    turns.pass_on()
    other.join()

    assert served == ["waited", "again"]


def test_who_gives_up_leaves_the_line():
    turns = Turns()
    turns.take(LONG)
    with pytest.raises(TimeoutError):
        turns.take(0.01)
    turns.pass_on()

    turns.take(0.01)  # free: nobody was called who had left
    turns.pass_on()


def test_one_at_a_time_whoever_gives_up_in_between():
    turns = Turns()
    inside = []
    most = []

    def come(patience):
        try:
            turns.take(patience)
        except TimeoutError:
            return 0
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.0005)
        inside.pop()
        turns.pass_on()
        return 1

    with ThreadPoolExecutor(8) as pool:
        served = sum(pool.map(come, [LONG, 0.001, 0.002] * 40))

    assert served >= 40
    assert set(most) == {1}
    turns.take(0.01)
