"""Requests about a credential: as JSON, or as a form with the credential as a file in it (RFC 7578).

Both say the same things under the same names; in a form, what is not text is written as JSON.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ler_issuer import jsontext, mistakes
from ler_issuer.api.bodies import SHORT, is_json, received
from ler_issuer.api.problems import UnsupportedMediaType
from ler_issuer.errors import Malformed, Place

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Collection

    from starlette.requests import Request

    from ler_issuer.types import Json, JsonObject

CREDENTIAL: Final = "credential"
"""The part of a form that is the credential."""

MOST_PARTS: Final = 20
"""Parts that a form may have."""

Wanted = TypeVar("Wanted", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Upload:
    """What a request says: its members, and of a form the credential as a file's bytes. `is_short`: in few bytes."""

    said: JsonObject
    is_short: bool
    file: bytes | None = None


async def read(request: Request, *, limit: int, texts: Collection[str] = (), names: Collection[str] = ()) -> Upload:
    """Read a request of either kind; `texts` are the members that stand in a form as plain text.

    `names` are those that do so unless they begin like JSON.

    Raises:
        TooLarge: the body is longer than `limit` bytes.
        UnsupportedMediaType: it is neither JSON nor a form.
        Malformed: it cannot be read as what it says that it is.
    """
    body = await received(request, limit)
    content_type = request.headers.get("content-type", "")
    if not body:
        raise Malformed("the request has no body", problems=[Place("", "missing", "a body is expected")])
    if is_json(content_type):
        is_short = len(body) <= SHORT
        return Upload(_object(body) if is_short else await run_in_threadpool(_object, body), is_short)
    if content_type.partition(";")[0].strip().lower() == "multipart/form-data":
        return await _form(request, body, texts, names)
    raise UnsupportedMediaType("send JSON (application/json), or a form with a file (multipart/form-data)")


def checked(model: type[Wanted], said: JsonObject) -> Wanted:
    """Hold what was said against the model of a request.

    Raises:
        Malformed, Unacceptable: it does not fit; every place is named.
    """
    try:
        return model.model_validate(said)
    except ValidationError as error:
        detail = "the request does not have the shape that is asked for"
        raise mistakes.refusal(detail, error.errors(), said) from None


def _object(body: bytes) -> JsonObject:
    value = _json(body, "", "the body")
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object", problems=[Place("", "not_an_object", "an object is expected")])
    return value


def _json(text: bytes | str, place: str, what: str) -> Json:
    try:
        return jsontext.parse(text, max_bytes=max(1, len(text)))
    except jsontext.NotJsonError as error:
        found = Place(place + error.pointer, error.code, error.detail)
        raise Malformed(f"{what} cannot be read as JSON", problems=[found]) from None


async def _form(request: Request, body: bytes, texts: Collection[str], names: Collection[str]) -> Upload:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, stream(), max_files=1, max_fields=MOST_PARTS, max_part_size=max(1, len(body))
    )
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError) as error:
        detail = str(error) or "it has no boundary, or none that fits"
        raise Malformed("the form cannot be read", problems=[Place("", "form_malformed", detail)]) from None
    async with _closing(form):
        return await _read_form(form, texts, names)


@asynccontextmanager
async def _closing(form: FormData) -> AsyncIterator[None]:
    """Close the files of a form, whatever becomes of it."""
    try:
        yield
    finally:
        await form.close()


async def _read_form(form: FormData, texts: Collection[str], names: Collection[str]) -> Upload:
    said: JsonObject = {}
    file: bytes | None = None
    for name, value in form.multi_items():
        place = f"/{jsontext.escape(name)}"
        if name in said or (name == CREDENTIAL and file is not None):
            raise Malformed("a part of the form stands twice", problems=[Place(place, "repeated", "stands twice")])
        if name == CREDENTIAL:
            file = await value.read() if isinstance(value, UploadFile) else value.encode("utf-8", "surrogatepass")
        elif isinstance(value, UploadFile):
            raise Malformed("only the credential is a file", problems=[Place(place, "unexpected_file", "not a file")])
        else:
            plain = name in texts or (name in names and value.lstrip()[:1] not in {'"', "{"})
            said[name] = value if plain else _json(value, place, f"the part {name!r:.80}")
    if file is None:
        missing = Place(f"/{CREDENTIAL}", "missing", "the part with the credential is missing")
        raise Malformed("the form has no part named credential", problems=[missing])
    return Upload(said, is_short=False, file=file)


def described(model: str, also: JsonObject | None = None) -> JsonObject:
    """Describe for OpenAPI a body of either kind, whose members a schema of the description names."""
    reference = {"$ref": f"#/components/schemas/{model}"}
    form = {
        "type": "object",
        "required": [CREDENTIAL],
        "properties": {CREDENTIAL: {"type": "string", "format": "binary"}, **(also or {})},
    }
    content = {"application/json": {"schema": reference}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
