"""The web process: uvicorn, with the deadlines that it lacks."""

from __future__ import annotations

import gc
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.settings import SettingsError

if TYPE_CHECKING:
    import asyncio

    from litestar import Litestar
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from app.bootstrap import Parts
    from app.settings import Settings

HEADER_DEADLINE_S = 10.0
HEADER_MAX_BYTES = 64 * 1024
GRACEFUL_SHUTDOWN_S = 3
KEEP_ALIVE_S = 5
BACKLOG = 512


class DeadlineProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which a request's header must arrive whole, before a deadline and within a size.

    uvicorn waits for ever for a header: a connection that stays silent or trickles one was
    still open after 70 seconds. Here the clock runs from the connection, and again from the
    first byte of each further request; between requests uvicorn's own keep-alive rules. Its parser
    gathers a header of any size.
    """

    header_deadline_s = HEADER_DEADLINE_S
    _deadline: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock with the connection."""
        super().connection_made(transport)
        self._start_clock()

    def on_message_begin(self) -> None:
        """Start the clock with a further request of a kept connection."""
        super().on_message_begin()
        self._start_clock()

    def on_headers_complete(self) -> None:
        """Stop the clock: the header is whole."""
        self._stop_clock()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Close on an endless header; start the clock for bytes between requests, which end uvicorn's keep-alive."""
        super().data_received(data)
        self._header_bytes = self._header_bytes + len(data) if self._deadline is not None else 0
        if self._header_bytes > HEADER_MAX_BYTES:
            self.transport.close()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.response_complete and self.timeout_keep_alive_task is None:
            self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock: nobody waits any more."""
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_deadline_s, self.transport.close)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def listen(host: str, port: int) -> socket.socket:
    """Take the port, or say in one sentence why it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"TrackSensei cannot listen on {host} port {port} ({error.strerror}): set another PORT or HOST."
        ) from error


def make_server(app: Litestar, settings: Settings) -> uvicorn.Server:
    """Return a server for this app that has opened nothing yet."""
    return uvicorn.Server(uvicorn.Config(app, **_options(settings)))


def run(settings: Settings, *, parts: Parts | None = None) -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    from app.asgi import create_app  # noqa: PLC0415 - a taken port is told before anything slow
    from app.kernel.logs import configure_logging  # noqa: PLC0415

    configure_logging(settings.log_format)
    listener = listen(settings.host, settings.port)
    server = make_server(create_app(settings, parts=parts), settings)
    # What is there by now stays until the end. A full collection that need not walk over it comes often enough
    # to keep the process small under hundreds of streams.
    gc.collect()
    gc.freeze()
    server.run(sockets=[listener])


def _options(settings: Settings) -> dict[str, Any]:
    trusted = settings.trusted_proxies
    return {
        "http": DeadlineProtocol,
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": True,
        # Without a trusted proxy nobody may choose the address that limits count.
        "proxy_headers": bool(trusted),
        "forwarded_allow_ips": trusted,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_S,
        "backlog": BACKLOG,
    }
