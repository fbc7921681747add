"""The application: every group of commands, and what becomes of refusals."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

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
    keys,
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


class _Commands(TyperGroup):
    """The root of all commands; a refusal becomes a line on stderr and exit code 1, whichever command it comes from."""

    @override
    def invoke(self, ctx: Any) -> Any:
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
