"""Rooms stay small. Raising a number shows in a review; finding the noun that wants out is usually better."""

from __future__ import annotations

import pytest

from house.tree import SOURCE, TESTS, name, python_files

LARGEST_MODULE = 400
LARGEST_TEST_MODULE = 500
LARGEST_CONFTEST = 120


def limit(file):
    if file.name == "conftest.py":
        return LARGEST_CONFTEST
    return LARGEST_TEST_MODULE if file.is_relative_to(TESTS) else LARGEST_MODULE


@pytest.mark.parametrize("file", python_files(SOURCE, TESTS), ids=name)
def test_a_module_fits_into_a_head(file):
    lines = len(file.read_text().splitlines())

    assert lines <= limit(file), f"{name(file)} has {lines} lines: which noun wants out?"
