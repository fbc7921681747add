"""The figures as tables: what a run prints, and what `docs/performance.md` holds between its two marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.goals import Goal, goals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.goals import Figures

BEGIN, END = "<!-- figures: begin (`make bench` writes what stands here) -->", "<!-- figures: end -->"

_ORDER = ("sign", "verify", "canonize")

STACKS = (
    ("ours, by template", "ours: issue", None, None),
    ("ours, general path", "ours: sign", "ours: verify", "ours: canonize"),
    ("ours, general path, nothing seen before", *(f"ours: {act}, never seen" for act in _ORDER)),
    ("PyLD, remembering", *(f"PyLD, remembering: {act}" for act in _ORDER)),
    ("pyoxigraph (Rust)", "pyoxigraph: sign", None, "pyoxigraph: canonize"),
    ("Digital Bazaar (Node)", "Digital Bazaar: sign", "Digital Bazaar: verify", "Digital Bazaar: canonize"),
    ("DCC (Node)", "DCC: sign", "DCC: verify", None),
    ("PyLD as it comes", "PyLD: sign", "PyLD: verify", "PyLD: canonize"),
    ("openvc-core", "openvc-core: sign", "openvc-core: verify", None),
    ("PyJWT, as a token", "PyJWT: token", None, None),
    ("joserfc, as a token", "joserfc: token", None, None),
    ("openvc-core, as a token", "openvc-core: token", None, None),
    ("floor: Ed25519 and SHA-256 alone", "floor: sign", "floor: verify", None),
)  # fmt: skip
"""Rows of the table of stacks: the name, and what it signs, verifies and canonizes as."""

STEPS = {
    "ours: draft": "drafting the badge that a row of the bulk import earns (`badges.draft`)",
    "ours: fill a draft": "checking that draft by its template, and fixing what will be signed (`badges.fill`)",
    "ours: fill a template": "the same for the task's document, of which the values are at hand (`vc.Template.fill`)",
    "ours: issue": "the same with signing and writing: *issue by template*",
    "ours: verify ourselves": "reading a credential from the bytes that were just written, and judging its proof",
}
PARTS = {
    "ours: pack a status list": "131,072 bits with 1 % set, packed and encoded",
    "ours: renew a status list": "the same, signed and written",
}

_OTHER_SUITES = ("ecdsa-jcs-2019, P-256", "ecdsa-rdfc-2019, P-384", "Ed25519Signature2020, Ed25519")

WAYS = (
    "ecdsa-rdfc-2019, sign",
    "ecdsa-rdfc-2019, verify",
    "ecdsa-sd-2023, sign",
    "ecdsa-sd-2023, derive",
    "ecdsa-sd-2023, verify",
    *(f"{suite}, {act}" for suite in _OTHER_SUITES for act in ("sign", "verify")),
    *(f"{form}, {act}" for form in ("vc+jwt", "SD-JWT", "COSE") for act in ("sign", "verify")),
)
"""Other ways to secure the credential, and what is done."""

WAYFARERS = {"ours": len(WAYS), "Digital Bazaar": 5, "openvc-core": 2}
"""Who goes them, and how many of them from the first on."""

_ACTS = ("canonize", "sign", "verify")


def written(figures: Figures) -> str:
    """Write everything that stands between the marks."""
    parts = (
        _measured_on(figures),
        "### What has to be reached",
        goal_table(figures),
        "### One credential, every stack",
        "Microseconds of computing time, the median of all rounds.",
        _table(("", "sign", "verify", "canonize"), _stack_rows(figures["subjects"])),
        "### Secured in other ways",
        "Microseconds of computing time; what is derived shows what every badge has to, its name and its results.",
        _table(("", *WAYFARERS), _way_rows(figures["subjects"])),
        "### Issuing, step by step",
        _table(("", "computing time"), _named(figures["subjects"], STEPS)),
        "### Over HTTP, one process",
        _table(("", "database", "items/s", "computing time of the server, each"), _served(figures)),
        "### Bulk import",
        _table(("database", "rows/s", "rows/s per core", "computing time of a row"), _imported(figures)),
        "### Other parts",
        _table(("", "computing time"), _named(figures["subjects"], PARTS)),
        "### Documents that grow",
        _table(("learner record with", "statements", *_ACTS, "canonize, µs per statement"), _sizes(figures)),
        "### A database that grows",
        _grown(figures),
        "### Where the time goes",
        _profiles(figures["profiles"]),
    )
    return "\n\n".join(parts)


def goal_table(figures: Figures) -> str:
    """Write the table of what has to be reached."""
    heads = ("name", "ours", "peer", "ratio", "at least", "aim", "verdict")
    return _table(heads, (_goal_row(goal) for goal in goals(figures)))


def _goal_row(goal: Goal) -> tuple[str, ...]:
    ratio = "" if goal.ratio is None or goal.unit in {"/s", " ms"} else f"{_short(goal.ratio)}{goal.unit}{goal.span}"
    return (goal.name, goal.ours or "—", goal.peer, ratio, goal.bound(goal.least), goal.bound(goal.aim), goal.verdict)


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}"  # noqa: PLR2004 - three digits say enough


def _measured_on(figures: Figures) -> str:
    on, versions = figures["machine"], figures["versions"]
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    missing = f" The stacks in Node were not run: {figures['node']}." if figures["node"] else ""
    return (
        f"Measured on {figures['date']} ({figures['rounds']} rounds): {on['processor']}, {on['cores']} cores, "
        f"{on['memory_gib']} GiB, {on['system']}, Python {on['python']}. {named}.{missing}"
    )


def _micros(subjects: Figures, name: str | None) -> str:
    if name is None:
        return ""
    return f"{subjects[name]['median']:,.0f}" if name in subjects else "not run"


def _stack_rows(subjects: Figures) -> Iterator[Sequence[str]]:
    for title, *acts in STACKS:
        yield (title, *(_micros(subjects, act) for act in acts))


def _way_rows(subjects: Figures) -> Iterator[Sequence[str]]:
    for number, way in enumerate(WAYS):
        goes = (f"{who}: {way}" if number < known else None for who, known in WAYFARERS.items())
        yield (way, *(_micros(subjects, name) for name in goes))


def _served(figures: Figures) -> Iterator[Sequence[str]]:
    for one in figures["http"]:
        yield f"`{one['name']}`", one["database"], f"{one['per_second']:,.0f}", f"{one['cpu_micros']:,.0f} µs"


def _imported(figures: Figures) -> Iterator[Sequence[str]]:
    for one in figures["bulk"]:
        yield one["database"], f"{one['per_second']:,.0f}", f"{one['per_core']:,.0f}", f"{one['cpu_micros']:,.0f} µs"


def _named(subjects: Figures, named: Mapping[str, str]) -> Iterator[Sequence[str]]:
    for name, words in named.items():
        micros = _micros(subjects, name)
        yield words, f"{micros} µs" if name in subjects else micros


def _sizes(figures: Figures) -> Iterator[Sequence[str]]:
    for one in figures["sizes"]:
        acts = (one[act] for act in _ACTS)
        each = one["canonize"] / one["statements"]
        count = f"{one['count']:,} {one['what'] if one['count'] > 1 else one['what'].removesuffix('s')}"
        yield (count, f"{one['statements']:,}", *(f"{micros / 1_000:,.2f} ms" for micros in acts), f"{each:.2f}")


def _grown(figures: Figures) -> str:
    if not figures["growth"]:
        return "Not run; `make bench-full` does."
    rows = (
        (
            one["what"],
            one["database"],
            f"{one['credentials']:,}",
            f"{one['cpu_micros']:,.0f} µs",
            f"{one['ratio']['median']:.2f} [{one['ratio']['least']:.2f}-{one['ratio']['most']:.2f}]",
        )
        for one in figures["growth"]
    )
    heads = ("", "database", "credentials in it", "computing time, each", "against the smallest")
    return f"Measured on {figures['growth_date']}.\n\n{_table(heads, rows)}"


def _profiles(profiles: Figures) -> str:
    return "\n\n".join("\n".join((f"{title}:", "```", *lines, "```")) for title, lines in profiles.items())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruler = ("---", *("---:" for _ in heads[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ruler, *rows))


def replaced(page: str, figures: Figures) -> str:
    """Give a page with these figures between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for figures")
    return f"{before}{BEGIN}\n{written(figures)}\n{END}{after}"
