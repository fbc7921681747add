"""Run the command line as `python -m ler_issuer.cli`."""

from ler_issuer.cli.application import app

app(prog_name="ler-issuer")
