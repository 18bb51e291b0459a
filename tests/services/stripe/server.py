"""The HTTP side: the interface that the SDK speaks to, with faults, and the pages that people see."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import stripe
import uvicorn

from tests.services.processes import free_port
from tests.services.stripe.api import API, Refusal
from tests.services.stripe.forms import nested
from tests.services.stripe.pages import PAGES
from tests.services.stripe.world import SECRET, World
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.services.stripe.objects import Object

SHUTDOWN_S = 20.0


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next requests whose path has this in it."""

    path: str
    status: int = 0
    """Answer so instead: 409, 429, 500; 0: do what is asked."""
    delay_s: float = 0.0
    """Answer so late; longer than the client waits, it is a timeout after the work was done."""
    times: int = 1


@dataclass(slots=True)
class StripeServer:
    """One Stripe, listening on loopback."""

    url: str
    world: World
    client: httpx.AsyncClient
    webhook_url: str = ""
    """Where events go by themselves; empty: only by hand."""
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Method and path of what the SDK asked, in order."""
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: dict[str, tuple[str, int, bytes]] = field(default_factory=dict)
    """By idempotency key: what was asked and what was answered."""
    told: int = 0
    """How many events were delivered."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, method = scope["path"], scope["method"]
        if path.startswith("/v1/"):
            status, content, kind = await self._api(scope, body)
        else:
            status, content, kind = await self._page(method, path)
        headers = [(b"content-type", kind.encode()), (b"request-id", b"req_loopback")]
        if status == 303:
            headers.append((b"location", content))
            content = b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def deliver(self, event: Object, *, url: str = "", secret: str = SECRET, sent_at: int | None = None) -> int:
        """Send an event, signed; return the status of the answer."""
        payload = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(payload, secret, sent_at)
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json; charset=utf-8"}
        answer = await self.client.post(url or self.webhook_url, content=payload, headers=headers)
        return answer.status_code

    async def deliver_new(self) -> None:
        """Send what happened since the last time, and again what was not taken."""
        while self.webhook_url and self.told < len(self.world.events):
            if await self.deliver(self.world.events[self.told]) != 200:
                return
            self.told += 1

    async def _api(self, scope: Any, body: bytes) -> tuple[int, bytes, str]:
        method, path = scope["method"], scope["path"]
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.requests.append(f"{method} {path}")
        self.headers.append(headers)
        fault = next((each for each in self.faults if each.path in path and each.times > 0), None)
        if fault is not None:
            fault.times -= 1
            if fault.status:
                return fault.status, _error("api_error", f"fault {fault.status}"), "application/json"
        fields = nested(body.decode()) if body else nested(scope["query_string"].decode())
        status, content = self._once(method, path, fields, body, headers.get("idempotency-key", ""))
        if fault is not None and fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        return status, content, "application/json"

    def _once(self, method: str, path: str, fields: Object, body: bytes, key: str) -> tuple[int, bytes]:
        """Do what is asked, or give the answer that this key got before."""
        asked = f"{method} {path} {body!r}"
        if method == "POST" and key in self.answered:
            before, status, content = self.answered[key]
            if before != asked:
                return 400, _error("idempotency_error", "Keys can only be used with the same parameters.")
            return status, content
        status, content = self._do(method, path, fields)
        if method == "POST" and key:
            self.answered[key] = (asked, status, content)
        return status, content

    def _do(self, method: str, path: str, fields: Object) -> tuple[int, bytes]:
        for verb, pattern, do in API:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                try:
                    return 200, json.dumps(do(self.world, self.url, fields, *found.groups())).encode()
                except Refusal as refusal:
                    return refusal.status, _error("invalid_request_error", refusal.sentence, refusal.code)
        return 404, _error("invalid_request_error", f"Unrecognized request URL ({method}: {path}).")

    async def _page(self, method: str, path: str) -> tuple[int, bytes, str]:
        for verb, pattern, do in PAGES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                status, content = do(self.world, *found.groups())
                if method == "POST":
                    await self.deliver_new()
                return status, content.encode(), "text/html; charset=utf-8"
        return 404, b"", "text/html; charset=utf-8"


def _error(kind: str, message: str, code: str = "") -> bytes:
    return json.dumps({"error": {"type": kind, "message": message, **({"code": code} if code else {})}}).encode()


@asynccontextmanager
async def running_stripe(world: World | None = None) -> AsyncIterator[StripeServer]:
    """Serve a Stripe on a loopback port, in the test's own loop."""
    port = free_port()
    # The site closes a connection that is idle for 5 s; a message must not meet it in the door.
    client = httpx.AsyncClient(verify=False, timeout=60, limits=httpx.Limits(keepalive_expiry=2.0))  # noqa: S501 - loopback
    stripe_server = StripeServer(f"http://127.0.0.1:{port}", world or World(), client)
    config = uvicorn.Config(stripe_server, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve([config.bind_socket()]))
    try:
        await eventually(lambda: server.started or serving.done())
        yield stripe_server
    finally:
        server.should_exit = True
        await client.aclose()
        async with asyncio.timeout(SHUTDOWN_S):
            await serving
