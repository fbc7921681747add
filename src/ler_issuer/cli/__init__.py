"""The command line: `ler-issuer`, one module per group of commands. Each command calls one use case and tells what came."""

from ler_issuer.cli.application import app

__all__ = ["app"]
