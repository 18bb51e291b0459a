"""The proxy configurations that ship: nginx runs on loopback before the site, the Caddyfile is read."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import ssl
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from app.asgi import create_app
from tests.making.people import PASSWORD
from tests.services.processes import ROOT, free_port, running
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.settings import Settings

NGINX, OPENSSL = shutil.which("nginx") or "", shutil.which("openssl") or ""
FRAME = """{user}
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""
HEADER_TIMEOUT_S = 1
EMAIL = "mara@example.org"
FORM = {"email": EMAIL, "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"}

needs_nginx = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not installed here")


@pytest.fixture
async def proxied(settings: Settings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Run the shipped configuration before a site, with only names, ports and one timeout changed."""
    plain, tls = free_port(), free_port()
    public = replace(settings, site_url=f"https://localhost:{tls}", development=False, trusted_proxies="127.0.0.1")
    _certificate(tmp_path)
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    changes = {
        "127.0.0.1:8000": f"127.0.0.1:{settings.port}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        "/etc/ssl/example.com/fullchain.pem": str(tmp_path / "cert.pem"),
        "/etc/ssl/example.com/privkey.pem": str(tmp_path / "key.pem"),
        "client_header_timeout 10s;": f"client_header_timeout {HEADER_TIMEOUT_S}s;",
        "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",
        "server_name example.com;": "server_name localhost;",
    }
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    (tmp_path / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(FRAME.format(folder=tmp_path, user=user))
    command = (NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with running(command, log=tmp_path / "nginx.log"):
        async with (
            running_site(create_app(public), public),
            httpx.AsyncClient(
                base_url=public.site_url, verify=_trusting(tmp_path), headers={"Origin": public.site_url}, timeout=30
            ) as client,
        ):
            await eventually(lambda: _answers(client))
            client.headers["X-Plain-Port"] = str(plain)
            yield client


def _certificate(folder: Path) -> None:
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject, *files]
    subprocess.run(command, check=True, capture_output=True)


def _trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/live")).status_code == 200
    except httpx.TransportError:
        return False


@needs_nginx
async def test_the_site_works_behind_nginx(proxied: httpx.AsyncClient, settings: Settings) -> None:
    """TLS ends there, the cookie is bound to it, and nobody chooses the address that limits count."""
    spoofed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
    assert (await proxied.post("/register", data=FORM, headers=spoofed)).status_code == 200
    answer = await proxied.post("/login", data=FORM)
    assert answer.status_code == 303
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert "nginx/" not in answer.headers.get("server", "")
    page = await proxied.get("/tracks")
    assert page.status_code == 200
    assert "Mara" not in page.text
    (log,) = settings.logs_dir.glob("access-*.log")
    assert set(re.findall(r'"address":"([^"]*)"', log.read_text())) == {"127.0.0.1"}


@needs_nginx
async def test_plain_http_is_sent_to_tls(proxied: httpx.AsyncClient) -> None:
    """Nothing is served without it."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{proxied.headers['X-Plain-Port']}/tracks?x=1")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://example.com/tracks?x=1")


@needs_nginx
@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: ", ""),
        ("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
        ("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2147483648\r\n\r\n", "413"),
    ],
    ids=["half a header", "a length told twice", "a body over the cap"],
)
async def test_what_is_slow_ambiguous_or_too_large_ends_at_nginx(
    proxied: httpx.AsyncClient, tmp_path: Path, head: str, status: str
) -> None:
    """None of it reaches the site."""
    port = proxied.base_url.port
    reader, writer = await asyncio.open_connection("localhost", port, ssl=_trusting(tmp_path), family=socket.AF_INET)
    writer.write(head.encode())
    async with asyncio.timeout(HEADER_TIMEOUT_S + 8):
        answer = await reader.read()
    assert answer.decode()[9:12] == status
    writer.close()


def test_both_configurations_let_the_largest_form_through_and_no_more_than_needed(settings: Settings) -> None:
    """A mix and a set together, and their form around them."""
    uploads = settings.policy.uploads
    nginx = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    caddy = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    mib = int(re.search(r"client_max_body_size (\d+)m;", nginx)[1])  # type: ignore[index]
    mb = int(re.search(r"max_size (\d+)MB", caddy)[1])  # type: ignore[index]
    for cap in (mib * 1024**2, mb * 1000**2):
        assert 2 * uploads.max_bytes < cap < 3 * uploads.max_bytes


def test_the_caddyfile_is_well_formed_and_says_what_nginx_says() -> None:
    """Blocks close, and each directive stands where Caddy looks for it."""
    path: list[str] = []
    found: dict[str, str] = {}
    for line in (ROOT / "deploy" / "Caddyfile").read_text("utf-8").splitlines():
        words = line.split("#")[0].split()
        if words and words[-1] == "{":
            path.append(" ".join(words[:-1]))
        elif words == ["}"]:
            path.pop()
        elif words:
            found[" > ".join([*path, words[0]])] = " ".join(words[1:])
    assert path == []
    assert found == {
        " > servers > timeouts > read_header": "10s",
        " > servers > timeouts > read_body": "2h",
        " > servers > timeouts > idle": "1m",
        "example.com > request_body > max_size": "1100MB",
        "example.com > reverse_proxy 127.0.0.1:8000 > flush_interval": "-1",
        "example.com > reverse_proxy 127.0.0.1:8000 > transport http > dial_timeout": "5s",
        "example.com > reverse_proxy 127.0.0.1:8000 > transport http > response_header_timeout": "2h",
    }
