"""What is remembered: bounded, and kept for those who come again, however many strangers come in between."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from ler_issuer.vc.memory import Memory

MOST = 8


def test_what_is_remembered_is_given_and_nothing_else():
    memory = Memory(MOST)
    assert memory["a"] is None
    assert memory.keep("a", 1) == 1
    assert memory["a"] == 1
    assert not memory["b"]
    assert [*memory] == ["a"]


def test_who_was_first_stays_unless_replaced():
    memory = Memory(MOST)
    memory.keep("a", 1)
    assert memory.keep("a", 2) == 1
    memory.replace("a", 3)
    assert memory["a"] == 3


def test_there_are_never_more_than_two_generations():
    memory = Memory(MOST)
    for number in range(20 * MOST):
        memory.keep(number, number)
        memory.replace(-number, number)
        assert len(memory) <= MOST
        assert len(memory.everything()) <= 2 * MOST


def test_who_comes_often_enough_is_kept_and_who_does_not_is_forgotten():
    memory = Memory(MOST)
    memory.keep("often", "kept")
    memory.keep("once", "forgotten")
    for number in range(20 * MOST):
        memory.keep(number, number)
        if number % (MOST - 1) == 0:
            assert memory["often"] == "kept"
    assert memory["once"] is None


def test_what_is_forgotten_on_purpose_is_gone():
    memory = Memory(2)
    for number in range(3):
        memory.keep(number, number)
    memory.clear()
    assert memory.everything() == {}
    assert memory[0] is None


def test_threads_get_what_belongs_to_the_key_and_keep_the_bound():
    memory = Memory(MOST)

    def ask(seed):
        wrong = 0
        for number in range(3_000):
            key = (number * seed) % (3 * MOST)
            made = memory[key]
            wrong += (memory.keep(key, f"{key}") if made is None else made) != f"{key}"
        return wrong

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(ask, [1, 3, 5, 7, 11, 13, 17, 19])) == 0
    finally:
        sys.setswitchinterval(interval)
    assert len(memory.everything()) <= 2 * (MOST + 8)  # those who come in while room is made
