"""What has to be reached: each row measures ourselves against a peer or a number, and says whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measuring import Rounds

IMPORTED = "bulk import"
"""What grows with the database first of all: the cost of a row of an import."""

Figures = dict[str, Any]
"""Everything that a run measured, as `docs/performance.json` holds it."""


@dataclass(frozen=True)
class Goal:
    """One row. `ratio` is compared with `least` and `aim`, or what is ours where there is no peer.

    `more` says whether more is better. Anything that was not measured is None, and then nothing is reached.
    """

    name: str
    ours: str | None
    peer: str
    ratio: float | None
    least: float
    aim: float
    unit: str = "×"  # noqa: RUF001 - times
    more: bool = True
    span: str = ""

    @property
    def verdict(self) -> str:
        """Say what was reached: the aim, what is asked at least, or neither."""
        if self.ratio is None:
            return "not run"
        value, least, aim = (number if self.more else -number for number in (self.ratio, self.least, self.aim))
        return "aim" if value >= aim else "reached" if value >= least else "**missed**"

    def bound(self, number: float) -> str:
        """Write one of the bounds."""
        return f"{'≥' if self.more else '≤'} {number:,g}{self.unit}"


@dataclass(frozen=True)
class Duel:
    """A goal that is a ratio of two subjects; `faster` says whether the peer's time stands above ours."""

    name: str
    ours: str
    peer: str
    least: float
    aim: float
    faster: bool = True


DUELS = (
    Duel("sign, general path · PyLD", "ours: sign", "PyLD: sign", 25, 45),
    Duel("sign, general path · Digital Bazaar", "ours: sign", "Digital Bazaar: sign", 18, 30),
    Duel("verify, general path · PyLD", "ours: verify", "PyLD: verify", 20, 40),
    Duel("verify, general path · Digital Bazaar", "ours: verify", "Digital Bazaar: verify", 14, 25),
    Duel("issue by template · PyLD", "ours: issue", "PyLD: sign", 60, 100),
    Duel("issue by template · Digital Bazaar", "ours: issue", "Digital Bazaar: sign", 40, 70),
    Duel("issue by template · the floor", "ours: issue", "floor: sign", 4, 3, faster=False),
    Duel("issue by template · PyJWT's encode", "ours: issue", "PyJWT: token", 1.2, 1, faster=False),
)


def duels(rounds: Rounds) -> list[Figures]:
    """Work out the ratios of all duels that were fought, as they are kept."""
    fought = []
    for duel in DUELS:
        if duel.ours in rounds and duel.peer in rounds:
            pair = (duel.peer, duel.ours) if duel.faster else (duel.ours, duel.peer)
            spread = rounds.ratio(*pair)
            fought.append({"name": duel.name, "median": spread.median, "least": spread.least, "most": spread.most})
    return fought


def goals(figures: Figures) -> Iterator[Goal]:
    """Give all rows, in the order of the issue that asked for them."""
    yield _identity(figures)
    ratios = {one["name"]: one for one in figures["duels"]}
    for duel in DUELS:
        yield _duel(duel, figures, ratios.get(duel.name))
    yield _rate("`POST /v1/results` that awards, SQLite", _served(figures, "POST /v1/results"), 400, 1_000)
    yield _rate("`POST /v1/verify`", _served(figures, "POST /v1/verify"), 600, 1_200)
    rows = next((one["per_core"] for one in figures["bulk"] if one["database"] == "SQLite"), None)
    yield _rate("bulk: row → awarded, signed, verified, stored, per core", rows, 1_000, 2_500)
    yield _growth(figures)
    taken = figures["subjects"].get("ours: renew a status list")
    ms = None if taken is None else taken["median"] / 1_000
    told = None if ms is None else f"{ms:.2f} ms"
    yield Goal("status list, 1 % revoked, packed and signed anew", told, "", ms, 1, 0.2, " ms", more=False)


def _identity(figures: Figures) -> Goal:
    compared, differing = figures["gate"]["documents"], len(figures["gate"]["differing"])
    share = 100 * (compared - differing) / compared
    alike = f"{compared - differing:,}"
    return Goal("byte identity on random documents", alike, f"{compared:,}", share, 100, 100, " %")


def _duel(duel: Duel, figures: Figures, ratio: Figures | None) -> Goal:
    ours, peer = (figures["subjects"].get(name) for name in (duel.ours, duel.peer))
    return Goal(
        duel.name,
        None if ours is None else f"{ours['median']:,.0f} µs",
        "" if peer is None else f"{peer['median']:,.0f} µs",
        None if ratio is None else ratio["median"],
        duel.least,
        duel.aim,
        more=duel.faster,
        span="" if ratio is None else f" [{ratio['least']:.1f}-{ratio['most']:.1f}]",
    )


def _served(figures: Figures, name: str) -> float | None:
    found = (one for one in figures["http"] if one["name"] == name and one["database"] == "SQLite")
    return next((one["per_second"] for one in found), None)


def _rate(name: str, rate: float | None, least: float, aim: float) -> Goal:
    return Goal(name, None if rate is None else f"{rate:,.0f}/s", "", rate, least, aim, "/s")


def _growth(figures: Figures) -> Goal:
    """Say how much longer a row takes on SQLite in the largest database than in the smallest."""
    grown = [one for one in figures["growth"] if (one["what"], one["database"]) == (IMPORTED, "SQLite")]
    slower = (grown[-1]["ratio"]["median"] - 1) * 100 if len(grown) > 1 else None
    took = None if not grown else f"{grown[-1]['cpu_micros']:,.0f} µs"
    peer = f"{grown[0]['cpu_micros']:,.0f} µs" if grown else ""
    name = "growth from 10,000 to 1,000,000 credentials, slower by"
    return Goal(name, took, peer, slower, 10, 0, " %", more=False)
