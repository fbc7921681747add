"""`ler-issuer canonize`: what exactly a signature covers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ler_issuer import resources
from ler_issuer.cli import files
from ler_issuer.errors import Malformed, Place, Unacceptable
from ler_issuer.vc import CannotCanonize, Contexts, canonize_nquads, without_proof
from ler_issuer.vc import canonize as canonize_document

if TYPE_CHECKING:
    from ler_issuer.vc import HashName, Problem


class Algorithm(StrEnum):
    """The hash functions that RDFC-1.0 may work with."""

    sha256 = "sha256"
    sha384 = "sha384"


def canonize(
    file: Annotated[Path, typer.Argument(help="JSON-LD; or N-Quads, in a file named .nq.", show_default=False)],
    *,
    algorithm: Annotated[
        Algorithm, typer.Option(help="The hash that tells blank nodes apart; sha384 goes with keys of P-384.")
    ] = Algorithm.sha256,
    conformance: Annotated[
        bool, typer.Option("--conformance", help="Know the contexts of public test suites, and read inline ones.")
    ] = False,
) -> None:
    """Print what a document says as canonical N-Quads (RDFC-1.0): the text whose hash is signed.

    A proof is left out, since it is no part of what it covers. A document with anything that no signature would cover
    is refused, with the places.
    """
    if file.suffix == ".nq":
        text = _of_nquads(file, algorithm.value)
    else:
        text = _of_document(file, algorithm.value, conformance=conformance)
    typer.echo(text.encode(), nl=False)


def _of_nquads(file: Path, algorithm: HashName) -> str:
    try:
        return canonize_nquads(files.read_bytes(file).decode(), algorithm)
    except UnicodeDecodeError:
        raise Malformed(f"{file} is not UTF-8 text") from None
    except CannotCanonize as error:
        raise Unacceptable(f"{file}: {error.problem.detail}") from None


def _of_document(file: Path, algorithm: HashName, *, conformance: bool) -> str:
    document = files.read_json(file)
    if not isinstance(document, dict):
        raise Malformed(f"{file} is not a JSON object")
    world = resources.load_closed_world(conformance=conformance)
    contexts = Contexts(world.contexts, inline=conformance, undirected=conformance)
    try:
        canonical = canonize_document(without_proof(document), contexts, algorithm)
    except CannotCanonize as error:
        raise Unacceptable(f"{file} has no canonical form", problems=[_place(error.problem)]) from None
    if canonical.lost:
        problems = map(_place, canonical.lost)
        raise Unacceptable(f"{file} has parts that no signature would cover", problems=problems)
    return canonical.nquads


def _place(problem: Problem) -> Place:
    return Place(problem.pointer, problem.code, problem.detail)
