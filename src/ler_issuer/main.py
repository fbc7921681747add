"""The service as a process: the application on its runtime, the worker beside it, and the server around both."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

import uvicorn
import yaml

from ler_issuer import logs, runtime, worker
from ler_issuer.api import application
from ler_issuer.services import keyring
from ler_issuer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastapi import FastAPI

    from ler_issuer.runtime import Runtime

BACKLOG = 2048
"""How many connections may wait to be accepted."""

GRACE_SECONDS = 20
"""How long requests that are under way may take to end when the service is told to stop."""


def create_app(rt: Runtime, settings: Settings, *, background: bool = True) -> FastAPI:
    """Build the application; with `background`, the worker runs as long as it does."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with worker.at_work(rt) if background else nullcontext():
            yield

    token = None if settings.metrics_token is None else settings.metrics_token.get_secret_value()
    return application.build(rt, max_body_bytes=settings.max_body_bytes, metrics_token=token, lifespan=lifespan)


def app() -> FastAPI:
    """Build everything from the settings, for a server of one's own: ``uvicorn --factory ler_issuer.main:app``."""
    settings = Settings()
    logs.configure(settings.log_level)
    rt = runtime.build(settings)
    keyring.check_passphrase(rt)
    return create_app(rt, settings)


def serve(rt: Runtime, settings: Settings, *, door: socket.socket, tls: tuple[Path, Path] | None = None) -> None:
    """Serve until told to stop; over https with `tls`, a certificate chain and its private key.

    Raises:
        KeyLocked: the passphrase does not open the keys, so that nothing could be signed.
    """
    certificate, key = (None, None) if tls is None else tls
    keyring.check_passphrase(rt)
    logs.configure(settings.log_level)
    config = uvicorn.Config(
        create_app(rt, settings),
        access_log=False,  # it would print query strings, and with them the keys of links
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    uvicorn.Server(config).run(sockets=[door])


def listen(host: str, port: int) -> socket.socket:
    """Take the place to listen at: whoever knocks from now on is answered as soon as the service is up.

    Raises:
        OSError: it is taken, or is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def openapi_yaml() -> str:
    """Describe the API as YAML: what `openapi.yaml` holds."""
    return yaml.safe_dump(application.describe(), sort_keys=False, allow_unicode=True, width=120)
