"""The application: every door, the guard before them, and the description of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline
from pydantic.json_schema import models_json_schema

from ler_issuer.api import (
    achievements,
    cases,
    credentials,
    disclosing,
    events,
    explaining,
    identifiers,
    keys,
    learners,
    measuring,
    oauth,
    problems,
    progress,
    public,
    recognitions,
    records,
    reports,
    results,
    rules,
    vc_api,
    verification,
)
from ler_issuer.api.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.types import Lifespan

    from ler_issuer.runtime import Runtime
    from ler_issuer.types import JsonObject

API_VERSION = "1"

_DOORS = (
    results,
    achievements,
    rules,
    credentials,
    disclosing,
    cases,
    learners,
    progress,
    recognitions,
    explaining,
    records,
    events,
    reports,
    verification,
    vc_api,
    oauth,
    keys,
    identifiers,
    public,
)
"""In the order of the description."""

_BUSIEST = (results, verification)
"""Asked hundreds of times a second: the router tries one address after the other, so that these come first."""

OPEN_QUEUE = 10_000
"""How many may wait to be judged where everybody may do everything: whole suites come at once."""

_TAGS = [
    {"name": "results", "description": "Assessment results in; what they earn is issued at once."},
    {"name": "achievements", "description": "What can be earned, and what it takes."},
    {"name": "rules", "description": "What adds up to stacked credentials, version by version."},
    {"name": "credentials", "description": "What was issued, and its status."},
    {"name": "vc-api", "description": "The W3C CCG's VC-API: documents signed, and their status."},
    {"name": "cases", "description": "Stacked credentials in question, and how that ended."},
    {"name": "learners", "description": "Who learners are, what they hold, what is left to them, and their holds."},
    {"name": "recognitions", "description": "What was earned or learnt elsewhere, and counts here."},
    {"name": "events", "description": "What changed."},
    {"name": "reports", "description": "What awards come to."},
    {"name": "public", "description": "Open to everybody, no key needed."},
]


def build(
    rt: Runtime, *, max_body_bytes: int, metrics_token: str | None = None, lifespan: Lifespan[FastAPI] | None = None
) -> FastAPI:
    """Build the application on a runtime; with `metrics_token`, its figures can be read with that."""
    app = _described(lifespan)
    app.state.rt = rt
    app.state.max_body_bytes = max_body_bytes
    queue = OPEN_QUEUE if rt.practice.waits_without_limit else verification.QUEUE
    app.state.judging = verification.judging(queue)
    app.state.room = verification.Room(queue=queue)
    app.state.together = {}
    app.state.hall = verification.Room(verification.BATCH_SEATS, verification.BATCH_QUEUE)
    problems.answer_refusals(app, rt.base_url)
    if metrics_token is not None:
        measuring.measure(app, rt.metrics, metrics_token)
    app.add_middleware(Guard, base_url=rt.base_url, new_id=rt.new_id)
    return app


def describe() -> JsonObject:
    """Describe the API (OpenAPI 3.1), the same in every installation."""
    return _described().openapi()


def _described(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    app = FastAPIOffline(
        title="ler-issuer",
        summary="Assessment results in; signed, verifiable, revocable Open Badges 3.0 credentials out.",
        version=API_VERSION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=_TAGS,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url="/docs/oauth2-redirect",
        swagger_ui_parameters={"validatorUrl": None},
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
        lifespan=lifespan,
    )
    for door in (*_BUSIEST, *(one for one in _DOORS if one not in _BUSIEST)):
        app.include_router(door.router)
    app.openapi = _tidied(app.openapi)  # type: ignore[method-assign]  # how FastAPI's documentation does it
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _tidied(generate: Callable[[], JsonObject]) -> Callable[[], JsonObject]:
    """Describe errors as they are here: problem documents, and 400 where FastAPI by itself would answer 422."""
    addresses = (route.path for door in _DOORS for route in door.router.routes if isinstance(route, APIRoute))
    places = {address: place for place, address in enumerate(dict.fromkeys(addresses))}

    def openapi() -> JsonObject:
        described = generate()
        described["paths"] = dict(sorted(described["paths"].items(), key=lambda one: places.get(one[0], len(places))))
        for operations in described["paths"].values():
            for operation in operations.values():
                _drop_default_422(operation["responses"])
        schemas = described["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        _, ours = models_json_schema([(problems.Problem, "serialization")], ref_template="#/components/schemas/{model}")
        schemas.update(ours["$defs"])
        described["components"]["schemas"] = dict(sorted(schemas.items()))
        return described

    return openapi


def _drop_default_422(responses: JsonObject) -> None:
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
