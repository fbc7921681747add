"""The demonstration, run once for whoever looks at what it leaves behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from typer.testing import CliRunner

from ler_issuer.cli import app


@dataclass
class Demonstration:
    """What the demonstration left behind, and what it told."""

    folder: Path
    database_url: str
    told: str

    def read(self, name):
        """Read a JSON file of the folder."""
        return json.loads((self.folder / name).read_text())

    @cached_property
    def files(self):
        """The files of the credentials."""
        return sorted((self.folder / "credentials").glob("*.json"))

    @cached_property
    def standing(self):
        """The file of a credential that stands: the one that was altered."""
        return self.folder / "credentials" / f"{self.read('altered.json')['id'].removeprefix('urn:uuid:')}.json"


def demonstrate(folder, database_url=None):
    """Run the demonstration into a folder, on a database of its own unless one is given."""
    database_url = database_url or f"sqlite:///{folder}/state/ler.sqlite"
    out = folder / "out"
    done = CliRunner().invoke(app, ["demo", "--out", str(out)], env={"LER_DATABASE_URL": database_url})
    assert done.exit_code == 0, f"{done.output}{done.exception!r}"
    return Demonstration(out, database_url, done.stdout)
