"""The application: every group of commands, and what becomes of refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typing_extensions import override

from ler_issuer.cli import (
    achievements,
    auditing,
    canonizing,
    credentials,
    demonstrating,
    issuers,
    jose_cose,
    keys,
    opening,
    publishing_rules,
    records,
    registries,
    results,
    serving,
    telling,
    verifying,
)
from ler_issuer.cli.opening import CannotStart
from ler_issuer.cli.telling import Ending
from ler_issuer.errors import Refusal
from ler_issuer.net.keystores import KeyLocked

_ALARM: Final = (
    "ALARM: of the canonical forms that were looked at twice, {} came out differently. What was signed or checked may "
    "mean something else to other software: keep the log lines `canonical_difference` above, and tell the makers"
)


@contextmanager
def _alarm() -> Iterator[None]:
    """Tell, whatever came of a command, if the self-check found a difference on the way, and end with that."""
    with opening.keeping_track() as opened:
        try:
            yield
        finally:
            differing = sum(rt.metrics.canonical_differences for rt in opened)
            if differing:
                telling.complaint(_ALARM.format(differing))
                raise typer.Exit(Ending.ALARM)


class _Commands(TyperGroup):
    """The root of all commands; a refusal becomes a line on stderr and exit code 1, whichever command it comes from.

    A server has figures that somebody watches. A command has not, so it tells the alarm of the sampled self-check
    itself, and ends with a code of its own.
    """

    @override
    def invoke(self, ctx: Any) -> Any:
        with _alarm():
            try:
                return super().invoke(ctx)
            except Refusal as refused:
                telling.refusal(refused)
            except (CannotStart, KeyLocked) as error:
                telling.complaint(str(error))
            raise typer.Exit(Ending.REFUSED)


app = typer.Typer(
    cls=_Commands,
    help="Turn assessment results into signed, verifiable, revocable Open Badges credentials.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(issuers.app, name="issuers")
app.add_typer(keys.app, name="keys")
app.add_typer(keys.api_app, name="api-keys")
app.add_typer(achievements.app, name="achievements")
app.add_typer(publishing_rules.app, name="rules")
app.add_typer(results.app, name="results")
app.add_typer(results.imports_app, name="imports")
app.add_typer(credentials.app, name="credentials")
app.add_typer(credentials.awards_app, name="awards")
app.add_typer(records.app, name="records")
app.add_typer(registries.app, name="registries")
app.command("verify")(verifying.verify)
app.command("check-report")(verifying.check_report)
app.command("report-keys")(verifying.report_keys)
app.command("canonize")(canonizing.canonize)
app.add_typer(jose_cose.app, name="jose-cose")
app.add_typer(auditing.app, name="audit")
app.add_typer(auditing.log_app, name="log")
app.command("serve")(serving.serve)
app.command("migrate")(serving.migrate)
app.command("openapi")(serving.openapi)
app.command("demo")(demonstrating.demo)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ler-issuer {version('ler-issuer')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version_wanted: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and end.")
    ] = False,
) -> None:
    """Carry what goes before every command; `--version` has ended the program by now."""
    del version_wanted
