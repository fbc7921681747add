"""`ler-issuer jose-cose`: documents secured by VC-JOSE-COSE with a key in a file, as the public test suite asks.

What came of it is written to a file in any case, and the commands end well: a failure is an answer here.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple, TypeAlias

import typer

from ler_issuer import jsontext
from ler_issuer.cli import files
from ler_issuer.errors import Malformed
from ler_issuer.vc.jose_keys import method_key
from ler_issuer.vc.keys import BadKey
from ler_issuer.vc.secured import FEATURES, NotSecurable, secure, unsound

if TYPE_CHECKING:
    from ler_issuer.types import Json
    from ler_issuer.vc.jose_keys import MethodKey
    from ler_issuer.vc.secured import Feature

app = typer.Typer(
    help="Secure documents by VC-JOSE-COSE with a key in a file, and check such: JOSE, SD-JWT and COSE.",
    no_args_is_help=True,
)

Input = Annotated[Path, typer.Option("--input", help="What to secure or to check.", show_default=False)]
Key = Annotated[Path, typer.Option("--key", help="A verification method as JSON, with its JWKs.", show_default=False)]
Output = Annotated[Path, typer.Option("--output", help="Where to write what came of it.", show_default=False)]
Named = Annotated[str, typer.Option("--feature", help=f"One of {', '.join(FEATURES)}.", show_default=False)]


class _Answer(NamedTuple):
    """What came of it: a success has what was secured or checked as its data, anything else the reason."""

    result: Literal["success", "failure", "indeterminate"]
    data: str


_Act: TypeAlias = "Callable[[MethodKey, Feature], _Answer]"

_BLANKS: Final = string.whitespace


@app.command("issue")
def issue(
    *,
    document: Input,
    key: Key,
    feature: Named,
    output: Output,
    sd: Annotated[
        str, typer.Option("--sd", help="A JSON array of the paths that the holder may withhold, of an SD-JWT.")
    ] = "[]",
) -> None:
    """Secure a document, and write the token as `data` of the answer."""

    def act(method: MethodKey, wanted: Feature) -> _Answer:
        given = files.read_json(document)
        return _Answer("success", secure(given, method, wanted, _paths(sd), secrets.token_bytes))

    _answer(act, key, feature, output)


@app.command("verify")
def verify(*, secured: Input, key: Key, feature: Named, output: Output) -> None:
    """Check what was secured, and write whether it holds; dates are not looked at."""

    def act(method: MethodKey, wanted: Feature) -> _Answer:
        text = files.read_bytes(secured).decode("utf-8", "replace").strip(_BLANKS)
        reason = unsound(text, method, wanted)
        return _Answer("success", text) if reason is None else _Answer("failure", reason)

    _answer(act, key, feature, output)


def _answer(act: _Act, key: Path, feature: str, output: Path) -> None:
    """Do what is asked for, and write what came of it, whatever that is.

    Raises:
        Malformed: it cannot be written there.
    """
    wanted = FEATURES.get(feature)
    if wanted is None:
        answer = _Answer("indeterminate", f"there is no feature {feature!r}")
    else:
        try:
            answer = act(method_key(files.read_json(key)), wanted)
        except (Malformed, BadKey, NotSecurable) as error:
            answer = _Answer("failure", str(error))
    try:
        output.write_text(json.dumps(answer._asdict()), encoding="utf-8")
    except OSError as error:
        raise Malformed(f"{output}: {error.strerror}") from None


def _paths(text: str) -> list[str]:
    try:
        paths: Json = jsontext.parse(text)
    except jsontext.NotJsonError:
        paths = None
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise Malformed("--sd is a JSON array of paths")
    return paths
