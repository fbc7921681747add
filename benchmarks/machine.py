"""The machine that is measured on, described without its name."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def described() -> dict[str, str | int]:
    """Tell the processor, the memory and the Python."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    if not told.is_file():
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in told.read_text().splitlines() if line.startswith("model name"))
    return next(named, "unknown")
