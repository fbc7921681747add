"""Files that a command is given: read whole, refused in words that name the file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from ler_issuer import jsontext, yamltext
from ler_issuer.errors import Malformed
from ler_issuer.types import Json

GivenFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, show_default=False)]

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that are read at once; files of results are read line by line instead."""


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        Malformed: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from None
    if len(content) > LARGEST:
        raise Malformed(f"{path}: larger than {LARGEST // 1024 // 1024} MiB")
    return content


def read_json(path: Path) -> Json:
    """Read a JSON file strictly.

    Raises:
        Malformed: it cannot be read, or is not JSON.
    """
    try:
        return jsontext.parse(read_bytes(path), max_bytes=LARGEST)
    except jsontext.NotJsonError as error:
        raise Malformed(f"{path} is not JSON: {error.detail}") from None


def read_declaration(path: Path) -> Json:
    """Read what an administrator wrote, in YAML, or in JSON when the file is named so.

    Raises:
        Malformed: it cannot be read, or is neither.
    """
    if path.suffix == ".json":
        return read_json(path)
    try:
        return yamltext.parse(read_bytes(path).decode())
    except UnicodeDecodeError:
        raise Malformed(f"{path} is not UTF-8 text") from None
    except yamltext.NotYamlError as error:
        raise Malformed(f"{path}, {error}") from None


def beside(path: Path, name: str) -> Path:
    """Give the file of this name that belongs to another: in its folder or below.

    Raises:
        Malformed: the name leads out of the folder.
    """
    found = path.parent / name
    if not found.resolve().is_relative_to(path.parent.resolve()):
        raise Malformed(f"{name} does not lie in the folder of {path}")
    return found


def digest(path: Path) -> str:
    """Give the SHA-256 of a file of any size, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
