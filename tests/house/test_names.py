"""A module is named for what it holds."""

from __future__ import annotations

import pytest

from house.tree import SOURCE, TESTS, name, python_files

FORBIDDEN = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "core",
    "manager",
    "handler",
    "processor",
    "impl",
}


@pytest.mark.parametrize("file", python_files(SOURCE, TESTS), ids=name)
def test_a_module_has_a_noun_of_its_own(file):
    words = {file.stem, *file.stem.removeprefix("test_").split("_"), file.parent.name}

    assert not words & FORBIDDEN


@pytest.mark.parametrize("package", sorted({file.parent for file in python_files(SOURCE)}), ids=name)
def test_a_package_says_what_it_is(package):
    """A folder of modules is a package, and its docstring is the first thing that a reader sees."""
    assert (package / "__init__.py").is_file()
    assert (package / "__init__.py").read_text().startswith('"""')
