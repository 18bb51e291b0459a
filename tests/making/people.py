"""People who use the site over HTTP, as a browser without scripts or with them would."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx

from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from tests.services.site import Site

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="_csrf" value="([0-9a-f]{64})"')
STATE = re.compile(r'data-state="([a-z]+)"')
LINK = re.compile(r'<a href="https?://[^/"]+(/[^"]+)">Follow the link of the mail')
CARD = re.compile(r'data-analysis="([0-9a-f-]{36})"')


@dataclass(slots=True)
class Person:
    """One visitor with a cookie jar; after `register` with an account and a token."""

    site: Site
    client: httpx.AsyncClient
    email: str
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What a script of ours sends with each request."""
        return {"X-CSRF-Token": self.token, "HX-Request": "true"}

    @property
    def cookie(self) -> str:
        """The session's cookie as a header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.client.cookies.jar)

    async def register(self) -> Person:
        """Open an account, confirm its address by the link on the page, and learn the token of its forms."""
        answer = await self.client.post(await self.ask_for_account(), data={"password": PASSWORD})
        assert answer.status_code == 303, answer.text
        await self.learn_token()
        return self

    async def ask_for_account(self, **fields: str) -> str:
        """Send the registration form; return the path of the link that the page shows."""
        form = {"email": self.email, "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes", **fields}
        answer = await self.client.post("/register", data=form)
        assert answer.status_code == 200, answer.text
        return link_on(answer)

    async def log_in(self, password: str = PASSWORD) -> httpx.Response:
        """Send the log-in form."""
        return await self.client.post("/login", data={"email": self.email, "password": password})

    async def learn_token(self) -> None:
        """Read the token out of a page."""
        found = TOKEN.search((await self.client.get("/tracks")).text)
        assert found is not None
        self.token = found[1]

    async def declare(self, name: str, size_bytes: int, **fields: str) -> httpx.Response:
        """Say which file will be sent."""
        form = {"bounce_name": name, "bounce_bytes": str(size_bytes), "idempotency_key": uuid4().hex, **fields}
        return await self.client.post("/analyses", data=form, headers=self.headers)

    async def put(self, analysis_id: UUID, content: bytes, *, kind: str = "bounce") -> httpx.Response:
        """Send a declared file."""
        return await self.client.put(f"/analyses/{analysis_id}/files/{kind}", content=content, headers=self.headers)

    async def upload(self, name: str, content: bytes) -> UUID:
        """Declare and send a file that is taken; return its analysis."""
        declared = await self.declare(name, len(content))
        assert declared.status_code == 201, declared.text
        analysis_id = analysis_of(declared)
        sent = await self.put(analysis_id, content)
        assert sent.status_code == 200, sent.text
        return analysis_id

    async def add_set(self, content: bytes, *, report: UUID | None = None, name: str = "mix.als") -> UUID:
        """Declare and send a Live set, alone or for a report that is there; return its analysis."""
        fields = {"set_name": name, "set_bytes": str(len(content)), "report": str(report or "")}
        declared = await self.declare("", 0, **fields)
        assert declared.status_code == 201, declared.text
        analysis_id = analysis_of(declared)
        sent = await self.put(analysis_id, content, kind="live_set")
        assert sent.status_code == 200, sent.text
        return analysis_id

    async def report(self, analysis_id: UUID) -> dict[str, Any]:
        """Return a report's document."""
        answer = await self.client.get(f"/analyses/{analysis_id}/report.json")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def send_form(self, body: bytes, content_type: str) -> httpx.Response:
        """Send a multipart form."""
        return await self.client.post("/analyses/form", content=body, headers={"Content-Type": content_type})

    async def card(self, analysis_id: UUID) -> str:
        """Return the card of an analysis."""
        answer = await self.client.get(f"/analyses/{analysis_id}/card", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def state(self, analysis_id: UUID) -> str:
        """Return the state that the card of an analysis shows."""
        found = STATE.search(await self.card(analysis_id))
        assert found is not None
        return found[1]

    async def until(self, analysis_id: UUID, *states: str, deadline_s: float = 180.0) -> str:
        """Wait until the card shows one of these states; return the card."""

        async def arrived() -> str:
            card = await self.card(analysis_id)
            found = STATE.search(card)
            return card if found is not None and found[1] in states else ""

        return await eventually(arrived, deadline_s)


@asynccontextmanager
async def visitor(site: Site, name: str = "ada", *, origin: str | None = None) -> AsyncIterator[Person]:
    """Lend somebody without an account, whose requests come from the site's own pages."""
    headers = {"Origin": site.url if origin is None else origin}
    # The server closes a connection that is idle for 5 s; a request must not meet it in the door.
    kept = httpx.Limits(keepalive_expiry=2.0)
    async with httpx.AsyncClient(base_url=site.url, timeout=60, headers=headers, limits=kept) as client:
        yield Person(site, client, f"{name}-{uuid4().hex[:8]}@example.com")


@asynccontextmanager
async def member(site: Site, name: str = "ada") -> AsyncIterator[Person]:
    """Lend somebody with an account, logged in."""
    async with visitor(site, name) as person:
        yield await person.register()


def link_on(answer: httpx.Response) -> str:
    """Return the path of the mail's link that a page of the development setting shows."""
    found = LINK.search(answer.text)
    assert found is not None, answer.text
    return found[1]


def analysis_of(answer: httpx.Response) -> UUID:
    """Return the analysis whose card an answer is."""
    found = CARD.search(answer.text)
    assert found is not None, answer.text
    return UUID(found[1])


def form_body(
    fields: Mapping[str, str] | Sequence[tuple[str, str]],
    files: Sequence[tuple[str, str, bytes]] = (),
    *,
    boundary: str = "xXxBOUNDARYxXx",
) -> tuple[bytes, str]:
    """Return a multipart form, fields first, and its content type; a file is a field's name, a name and bytes."""
    pairs = fields.items() if not isinstance(fields, (list, tuple)) else fields  # type: ignore[union-attr]
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in pairs]
    for name, file_name, content in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    marker = f"--{boundary}".encode()
    body = b"".join(marker + b"\r\n" + part for part in parts) + marker + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"
