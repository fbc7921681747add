"""Logs: one JSON object a line on standard error, ours and those of the libraries alike.

What is logged names requests, kinds of errors and places in the code. It never holds a body, a query string, a name or
an identifier of a learner: messages of exceptions, which may, are left out.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from functools import partial
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from typing import TextIO

    from structlog.typing import EventDict, WrappedLogger


def configure(level: str) -> None:
    """Send everything of at least this level (`debug` … `error`) to standard error."""
    configure_own(level, sys.stderr)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=_shared(),
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def configure_own(level: str, stream: TextIO | None = None) -> None:
    """Send what we log ourselves to a stream, or to what is standard error by then; leave the libraries alone."""
    structlog.configure(
        processors=[*_shared(), structlog.processors.JSONRenderer()],
        logger_factory=partial(_Lines, stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]


class _Lines(structlog.WriteLogger):
    """Writes lines of ours, past the loggers of the standard library, which take several times as long."""

    def __init__(self, stream: TextIO | None, name: str) -> None:
        """Write in the name of a part of the program."""
        super().__init__(stream or sys.stderr)
        self.name = name


def _without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind."""
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
    return event
