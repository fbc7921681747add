"""An installation of its own for each test, used through its commands."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.gradebook import ACHIEVEMENTS, MAPPING, RESULTS, STUDENTS
from ler_issuer.cli import app


@dataclass
class Desk:
    """A folder with files, a database in it, and the commands."""

    folder: Path
    database: Path

    def run(self, *arguments, code=0):
        """Run a command; it has to end with this code."""
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exit_code == code, f"{done.exit_code}: {done.stdout}\n{done.stderr}\n{done.exception!r}"
        return done

    def ask(self, *arguments, code=0):
        """Run a command with --json and give its answer."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def found(self, slug="state", *options):
        about = ("--name", "State University", "--url", "https://state.example.edu", "--timezone", "America/Chicago")
        return self.ask("issuers", "create", slug, *about, *options)

    def publish(self, text=ACHIEVEMENTS, slug="state"):
        return self.ask("achievements", "publish", self.write("achievements.yaml", text), "--issuer", slug)

    def bring(self, text=RESULTS, *options, code=0):
        """Import a file of results."""
        self.write("students.csv", STUDENTS)
        mapping = self.write("mapping.yaml", MAPPING)
        file = self.write("results.csv", text)
        return self.ask("results", "import", file, "--issuer", "state", "--mapping", mapping, *options, code=code)

    def rows(self, statement):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def change(self, statement):
        """Change the database behind our back."""
        connection = sqlite3.connect(self.database)
        with connection:
            connection.execute(statement)
        connection.close()

    def dump(self):
        connection = sqlite3.connect(self.database)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LER_DATABASE_URL", f"sqlite:///{tmp_path}/state/ler.sqlite")
    return Desk(tmp_path, tmp_path / "state" / "ler.sqlite")


@pytest.fixture(scope="session")
def founded_state(tmp_path_factory):
    """The state of an installation with an issuer and two achievements."""
    folder = tmp_path_factory.mktemp("founded")
    made = Desk(folder, folder / "state" / "ler.sqlite")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LER_DATABASE_URL", f"sqlite:///{made.database}")
        made.found()
        made.publish()
    return made.database.parent


@pytest.fixture
def founded(desk, founded_state):
    """An installation with an issuer and two achievements."""
    shutil.copytree(founded_state, desk.database.parent)
    return desk


@pytest.fixture
def badge(founded):
    """A credential of ours as a file."""
    founded.bring()
    ((body,),) = founded.rows("SELECT body FROM credential")
    file = founded.folder / "badge.json"
    file.write_bytes(body)
    return file
