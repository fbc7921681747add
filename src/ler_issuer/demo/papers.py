"""Papers: the files that the demonstration comes with, and the folder that it leaves behind."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING
from uuid import UUID

from ler_issuer import jsontext, yamltext

if TYPE_CHECKING:
    from pathlib import Path

    from ler_issuer.types import Json

_PACKED = files(__name__.rpartition(".")[0])


def packed(name: str) -> bytes:
    """Give a file that the demonstration comes with."""
    return _PACKED.joinpath(name).read_bytes()


def packed_yaml(name: str) -> Json:
    """Give a YAML file that the demonstration comes with, parsed."""
    return yamltext.parse(packed(name).decode())


def digest(name: str) -> str:
    """Give the SHA-256 of a file that the demonstration comes with, in hex."""
    return hashlib.sha256(packed(name)).hexdigest()


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder that the demonstration leaves behind."""

    path: Path

    @property
    def credentials(self) -> Path:
        """Where the credentials lie, each named by its id."""
        return self.path / "credentials"

    def clear(self) -> None:
        """Make the folder, and take the credentials of an earlier demonstration out of it; nothing else is removed."""
        self.credentials.mkdir(parents=True, exist_ok=True)
        for file in self.credentials.glob("*.json"):
            if _is_uuid(file.stem):
                file.unlink()

    def credential(self, credential_id: str) -> Path:
        """Give the file of a credential."""
        return self.credentials / f"{credential_id}.json"

    def keep(self, name: str, content: bytes) -> Path:
        """Write a file as it is."""
        file = self.path / name
        file.write_bytes(content)
        return file

    def keep_json(self, name: str, value: Json) -> Path:
        """Write a value as JSON that people can read."""
        return self.keep(name, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())

    def read_credential(self, credential_id: str) -> Json:
        """Read a credential back, as anybody would who was handed the file."""
        return jsontext.parse(self.credential(credential_id).read_bytes())


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
