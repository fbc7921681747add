"""The figures as a picture: how much each stack does in a second, readable on light and on dark pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks.goals import IMPORTED
from benchmarks.page import STACKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.goals import Figures

WIDTH, MARGIN = 860, 16
NAMES, BARS = 300, 430
ROW, BAR, HEAD, BAND = 34, 12, 46, 20

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .head { font-size: 15px; font-weight: 600 }
  .note, .scale { font-size: 11px; fill: #59636e }
  .sign { fill: #0969da } .verify { fill: #1a7f37 } .others { opacity: .55 }
  line { stroke: #59636e; stroke-opacity: .3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .note, .scale { fill: #9198a1 }
    .sign { fill: #4493f8 } .verify { fill: #3fb950 } line { stroke: #9198a1 }
  }
"""


@dataclass(frozen=True)
class Row:
    """One stack: how many it signs and verifies in a second of computing time."""

    name: str
    sign: float | None
    verify: float | None

    @property
    def is_ours(self) -> bool:
        """Whether it is drawn in full colour."""
        return self.name.startswith("ours")


def drawn(figures: Figures) -> str:
    """Draw the stacks, the fastest signer first; lengths are logarithmic, since the ends are far apart."""
    rows = sorted(_rows(figures["subjects"]), key=lambda row: -(row.sign or 0))
    decades = math.ceil(math.log10(max(_values(rows))))
    end = HEAD + ROW * len(rows) + 40
    grown = [one for one in figures["growth"] if one["what"] == IMPORTED]
    height = end + (HEAD + BAND * len(grown) if grown else 0)
    said = "Credentials signed and verified in a second of computing time, by stack. " + "; ".join(map(_told, rows))
    parts = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">',
        '<title id="t">Credentials a second, by stack</title>',
        f'<desc id="d">{escape(said)}</desc>',
        f"<style>{STYLE}</style>",
        f'<text class="head" x="{MARGIN}" y="24">Credentials in a second of one core</text>',
        *_legend(),
        *_grid(decades, end),
        *(line for place, row in enumerate(rows) for line in _row(row, HEAD + ROW * place, decades)),
        *_growth(grown, end),
        "</svg>\n",
    )
    return "\n".join(parts)


def _rows(subjects: Figures) -> Iterator[Row]:
    for name, sign, verify, _ in STACKS:
        if sign in subjects:
            yield Row(name, _per_second(subjects, sign), _per_second(subjects, verify))


def _per_second(subjects: Figures, name: str | None) -> float | None:
    return 1e6 / subjects[name]["median"] if name in subjects else None


def _values(rows: Sequence[Row]) -> Iterator[float]:
    for row in rows:
        yield from (value for value in (row.sign, row.verify) if value is not None)


def _told(row: Row) -> str:
    acts = (("signs", row.sign), ("verifies", row.verify))
    return f"{row.name} {' and '.join(f'{act} {value:,.0f}' for act, value in acts if value is not None)}"


def _legend() -> Iterator[str]:
    for place, name in enumerate(("sign", "verify")):
        x = MARGIN + NAMES + place * 70
        yield f'<rect class="{name}" x="{x}" y="14" width="{BAR}" height="{BAR}" rx="2"/>'
        yield f'<text class="note" x="{x + BAR + 5}" y="24">{name}</text>'


def _grid(decades: int, height: int) -> Iterator[str]:
    for power in range(decades + 1):
        x = _x(10**power, decades)
        yield f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{HEAD - 8}" y2="{height - 30}"/>'
        yield f'<text class="scale" x="{x:.0f}" y="{height - 12}" text-anchor="middle">{10**power:,}</text>'


def _x(value: float, decades: int) -> float:
    return MARGIN + NAMES + BARS * max(0.0, math.log10(value)) / decades


def _row(row: Row, top: int, decades: int) -> Iterator[str]:
    yield f'<text x="{MARGIN + NAMES - 10}" y="{top + 17}" text-anchor="end">{escape(row.name)}</text>'
    for place, (act, value) in enumerate((("sign", row.sign), ("verify", row.verify))):
        if value is None:
            continue
        y, end = top + place * (BAR + 1), _x(value, decades)
        shade = act if row.is_ours else f"{act} others"
        start, width = MARGIN + NAMES, end - MARGIN - NAMES
        yield f'<rect class="{shade}" x="{start}" y="{y}" width="{width:.0f}" height="{BAR}" rx="2"/>'
        yield f'<text class="note" x="{end + 6:.0f}" y="{y + 10}">{value:,.0f}</text>'


def _growth(grown: Sequence[Figures], top: int) -> Iterator[str]:
    """Draw what a row of an import takes, the more credentials there are; lengths are in proportion."""
    if not grown:
        return
    title = "Computing time of an imported row, by the credentials that are there already"
    yield f'<text class="head" x="{MARGIN}" y="{top + 24}">{title}</text>'
    longest = max(one["cpu_micros"] for one in grown)
    for place, one in enumerate(grown):
        y, width = top + HEAD + BAND * place, BARS * one["cpu_micros"] / longest
        name = f"{one['database']}, {one['credentials']:,}"
        yield f'<text x="{MARGIN + NAMES - 10}" y="{y + 11}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="sign" x="{MARGIN + NAMES}" y="{y}" width="{width:.0f}" height="{BAR}" rx="2"/>'
        yield f'<text class="note" x="{MARGIN + NAMES + width + 6:.0f}" y="{y + 10}">{one["cpu_micros"]:,.0f} µs</text>'
