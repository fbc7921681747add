"""Reports: what awards come to, for whoever answers for a programme."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from ler_issuer.api import spreadsheets
from ler_issuer.api.bodies import StrictRoute
from ler_issuer.api.problems import may
from ler_issuer.api.schemas import Told
from ler_issuer.api.wiring import ReportsReader, Rt
from ler_issuer.assessments import Day, plain
from ler_issuer.errors import Denied, Malformed, SignInFirst
from ler_issuer.services import reporting
from ler_issuer.services.reporting import Dimension, Figures
from ler_issuer.services.withholding import FEWEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ler_issuer.services.reporting import Report

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=StrictRoute)

_ONE = "|".join(Dimension)


class FiguresOut(Told):
    """What was counted; null where fewer than five learners stand behind a figure, or where it would tell of one."""

    awards: int | None
    learners: int | None
    hours: float | None
    suppressed: bool


class AwardGroup(FiguresOut):
    """The figures of the awards that have these things in common.

    Only the dimensions that were asked for are there; null where it is not known for these awards.
    """

    skill: str | None = None
    skill_name: str | None = None
    session: str | None = None
    session_title: str | None = None
    unit: str | None = None
    unit_name: str | None = None
    experience_kind: str | None = None
    partner: str | None = None


class AwardsReport(Told):
    """Awards that stand, by the dimensions that were asked for, in their order."""

    model_config = ConfigDict(populate_by_name=True)

    by: list[Dimension]
    since: Annotated[date | None, Field(alias="from")]
    until: date | None
    suppressed_below: int
    groups: list[AwardGroup]
    total: FiguresOut


@router.get(
    "/awards",
    response_model=AwardsReport,
    response_model_exclude_unset=True,
    responses=may(Malformed, SignInFirst, Denied) | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_awards_report(
    caller: ReportsReader,
    rt: Rt,
    by: Annotated[
        str,
        Query(pattern=f"^(({_ONE})(,({_ONE}))*)?$", description="Dimensions, separated by commas; none: all in one."),
    ] = "",
    table: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    since: Annotated[Day | None, Query(alias="from", description="Earned on that day or later.")] = None,
    until: Annotated[Day | None, Query(description="Earned on that day or earlier.")] = None,
) -> AwardsReport | Response:
    """Count awards that stand, their learners, and the hours of participation behind them, each participation once.

    Figures that fewer than five learners stand behind are withheld, and others with them from which they would follow.
    """
    dimensions = [Dimension(name) for name in by.split(",") if name]
    report = reporting.awards(rt, caller, dimensions, since=since, until=until)
    if table == "csv":
        headers = {"Content-Disposition": 'attachment; filename="awards.csv"'}
        body = spreadsheets.written(["row", *report.columns, *_FIGURES], _rows(report))
        return Response(body, headers=headers, media_type=spreadsheets.MEDIA_TYPE)
    groups = [AwardGroup.model_validate({**group.labels, **_figures(group.figures)}) for group in report.groups]
    return AwardsReport(
        by=dimensions,
        since=since,
        until=until,
        suppressed_below=FEWEST,
        groups=groups,
        total=FiguresOut(**_figures(report.total)),
    )


_FIGURES = ("awards", "learners", "hours", "suppressed")


def _figures(told: Figures) -> dict[str, Any]:
    hours = None if told.hours is None else float(told.hours)
    return {"awards": told.awards, "learners": told.learners, "hours": hours, "suppressed": told.suppressed}


def _rows(report: Report) -> Iterator[list[str | int | None]]:
    for group in report.groups:
        yield ["group", *group.labels.values(), *_cells(group.figures)]
    yield ["total", *[None] * len(report.columns), *_cells(report.total)]


def _cells(told: Figures) -> list[str | int | None]:
    hours = None if told.hours is None else plain(told.hours)
    return [told.awards, told.learners, hours, "true" if told.suppressed else "false"]
