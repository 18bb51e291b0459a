"""What is written down while running: events with fields, one line each.

Our own events and the records of libraries take the same way, so that whoever reads the log
needs one parser. An event names ids, codes and numbers, never what a person typed or sent.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from typing import TextIO

    from structlog.typing import EventDict, Processor, WrappedLogger

QUIET_LOGGERS = {
    "httpx": logging.WARNING,  # its INFO lines name addresses
    "httpx2": logging.WARNING,
    "httpcore": logging.WARNING,
    "arq.worker": logging.WARNING,  # its INFO lines print job arguments
    "stripe": logging.WARNING,  # as above, of customers
    "uvicorn.access": logging.WARNING,  # its lines carry addresses and paths with ids
    "uvicorn.error": logging.WARNING,
    "piccolo.engine.base": logging.WARNING,
    "asyncio": logging.WARNING,
}


def configure_logging(log_format: str = "json", *, stream: TextIO | None = None) -> None:
    """Send everything to one stream, as JSON for machines or as text for a person."""
    target = sys.stderr if stream is None else stream
    renderer: Processor
    if log_format == "text":
        renderer = structlog.dev.ConsoleRenderer(
            colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    else:
        renderer = structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=True)
    shared = _shared_processors(log_format)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a second call, as in a test, must reach every logger
    )
    output = logging.StreamHandler(target)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _one_line, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [output]
    root.setLevel(logging.INFO)
    for name, level in QUIET_LOGGERS.items():
        logging.getLogger(name).setLevel(level)


def _shared_processors(log_format: str) -> list[Processor]:
    """List what every event passes, ours or a library's."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format != "text":
        processors.append(structlog.processors.format_exc_info)
    return processors


def _one_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 - structlog's signature
    """Take line ends out of every value but a traceback, so that nobody can forge a line."""
    return {key: value if key in {"exception", "exc_info"} else _escaped(value) for key, value in event.items()}


def _escaped(value: Any) -> Any:
    if isinstance(value, str) and not value.isprintable():
        return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in value)
    return value
