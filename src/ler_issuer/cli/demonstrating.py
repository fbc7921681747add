"""`ler-issuer demo`: the main job on a demonstration university."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ler_issuer import demo as demonstration
from ler_issuer.cli import opening, telling
from ler_issuer.cli.opening import CannotStart


def demo(*, out: Annotated[Path, typer.Option(file_okay=False, help="The folder that the credentials go to.")]) -> None:
    """Issue micro-credentials from a packaged file of results, verify, alter and revoke; no network, under a minute."""
    chosen = opening.settings()
    if chosen.env == "production":
        raise CannotStart("the demonstration founds a university of its own; it does not run with LER_ENV=production")
    demonstration.tell(opening.installation(chosen), out, telling.console())
