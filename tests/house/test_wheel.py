"""The installed wheel works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from house.tree import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel as a release would, and install it alone into an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("ler_issuer-*.whl")
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder / "site", wheel
    )
    return folder / "site"


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def python(installed, tmp_path):
    """Run Python in an empty folder, where only the installed wheel is ours."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LER_")}

    def call(program, *arguments):
        options = {"cwd": tmp_path, "env": environment | {"PYTHONPATH": str(installed)}}
        return run(sys.executable, "-c", program, *arguments, **options)

    return call


def test_contexts_and_migrations_travel(python, installed):
    said = python(
        "from ler_issuer.resources import contexts_dir, load_closed_world, migrations_dir;"
        "print(contexts_dir(), migrations_dir(), len(load_closed_world().contexts), sep='\\n')"
    )

    assert said.splitlines()[:2] == [
        str(installed / "ler_issuer" / "contexts"),
        str(installed / "ler_issuer" / "migrations"),
    ]
    assert int(said.splitlines()[2]) > 0
    assert list((installed / "ler_issuer" / "migrations" / "versions").glob("*.py"))


def test_the_command_works_on_a_database_of_its_own(python, tmp_path):
    arguments = ("issuers", "create", "biology", "--name", "Biology", "--url", "https://example.edu", "--json")

    said = python("from ler_issuer.cli import app; app()", *arguments, "--timezone", "Europe/London")

    assert '"api_key"' in said
    assert (tmp_path / "var" / "ler-issuer.sqlite").is_file()


def test_type_checkers_see_the_types(installed):
    assert (installed / "ler_issuer" / "py.typed").is_file()
