"""The use case is the transaction: it begins one, once, and everything under it takes `db` and begins none."""

from __future__ import annotations

import ast

import pytest

from house.tree import SOURCE, name, python_files

MAY_BEGIN = ("services/", "store/db.py", "store/migrating.py")
MAY_END = ("store/db.py",)
OUTSIDE = {"fetch", "fetcher", "gather"}
"""Names through which the world outside is asked."""


def calls(tree, *methods):
    """Find the calls of these methods, whatever they are called on."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods
    ]


def transactions(tree):
    """Find the `with ….begin() as …:` blocks."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and any(calls(item.context_expr, "begin") for item in node.items)
    ]


def offences(source, place):
    """List what a module at `place` (relative to the package) does to transactions that it may not."""
    tree = ast.parse(source)
    found = []
    if not place.startswith(MAY_BEGIN):
        found += [f"line {call.lineno}: begins a transaction outside services" for call in calls(tree, "begin")]
    if not place.startswith(MAY_END):
        found += [f"line {call.lineno}: ends a transaction by hand" for call in calls(tree, "commit", "rollback")]
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        begun = calls(function, "begin")
        first = function.args.args[0].arg if function.args.args else ""
        if len(begun) > 1:
            found.append(f"line {function.lineno}: {function.name} begins more than one transaction")
        if begun and first == "db":
            found.append(f"line {function.lineno}: {function.name} is a step, and begins a transaction")
    for block in transactions(tree):
        found += [f"line {call.lineno}: asks the outside within a transaction" for call in _asks(block)]
    return found


def _asks(block):
    names = (node for node in ast.walk(block) if isinstance(node, ast.Call))
    return [call for call in names if _last_name(call.func) in OUTSIDE or _root_name(call.func) == "net"]


def _last_name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _root_name(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return getattr(node, "id", "")


@pytest.mark.parametrize("file", python_files(SOURCE), ids=name)
def test_a_module_keeps_the_rules_of_transactions(file):
    assert offences(file.read_text(), file.relative_to(SOURCE).as_posix()) == []


LAWFUL = """
def revoke(rt, who):
    with rt.db.begin() as db:
        mark(db, who)
"""


def test_a_use_case_begins_one():
    assert offences(LAWFUL, "services/revoking.py") == []


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (LAWFUL, "api/results.py"),
        (LAWFUL.replace("(rt, who)", "(db, who)"), "services/revoking.py"),
        (LAWFUL + LAWFUL.replace("def revoke(rt, who):\n", ""), "services/revoking.py"),
        (LAWFUL.replace("mark(db, who)", "db.commit()"), "services/revoking.py"),
        (LAWFUL.replace("mark(db, who)", "db.rollback()"), "store/results.py"),
        (LAWFUL.replace("mark(db, who)", "rt.fetch(who)"), "services/revoking.py"),
        (LAWFUL.replace("mark(db, who)", "net.gather(who)"), "services/revoking.py"),
    ],
    ids=["at a door", "in a step", "twice", "commit", "rollback", "fetch within", "net within"],
)
def test_a_sin_is_seen(source, place):
    assert offences(source, place)
