"""The command line, `ler-issuer`: a module for each group of commands; each command calls one use case."""

from ler_issuer.cli.application import app

__all__ = ["app"]
