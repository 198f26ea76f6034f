"""Log lines on standard error: readable words in a terminal, one JSON object a line for a collector."""

from __future__ import annotations

import logging.config
import re
from typing import Any, Literal

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

# A trace names the lines that failed and no value that stood in them: those are customers' rows, and passwords.
NO_VALUES = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Form = Literal["console", "json"]

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, level: str, form: Form) -> None:
    """Send structlog's and the libraries' log entries through one formatter."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": formatter, "form": form}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": "WARNING"},
            "loggers": {"quarterday": {"level": level}, "procrastinate": {"level": "WARNING"}},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def formatter(form: Form) -> logging.Formatter:
    """What makes a line of an entry: words, or JSON."""
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _one_line]
    if form == "json":
        last += [NO_VALUES, structlog.processors.JSONRenderer()]
    else:
        last += [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=last)


def _one_line(logger: Any, method: str, entry: EventDict) -> EventDict:
    """A name with a line break or an escape sequence in it neither makes a line of its own nor moves the cursor."""
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _CONTROLS.sub(lambda found: repr(found[0])[1:-1], value)
    return entry
