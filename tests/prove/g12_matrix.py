"""G12: over the live route table nobody reaches another's things, and no foreign page changes anything."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from app.asgi import create_app
from app.bootstrap import Parts
from app.kernel.html.access import Access
from app.registry import TABLES
from tests.making.people import form_body, member, visitor
from tests.making.routes import calls, unclassified
from tests.prove.figure import Figure, Result
from tests.prove.life import content_of, until_over
from tests.prove.parts_of_accounts import LooseOwnAccount
from tests.prove.stage import staged
from tests.services.site import running_site

if TYPE_CHECKING:
    import httpx

    from tests.making.people import Person
    from tests.making.routes import Call
    from tests.prove.figure import Size
    from tests.services.site import Site

CANARY = "canary7f3a"
CLOSED = frozenset({401, 303})
MOVING = frozenset({("session", "seen_at"), ("session", "expires_at")})
"""What a mere look may change."""


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Let one person have something of everything, and others try to get at it."""
    del seed
    result = Result()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged())
        stack.enter_context(stage.process("worker", "fast"))
        parts = Parts(own_account=LooseOwnAccount) if mutant else Parts()
        site = await stack.enter_async_context(running_site(create_app(stage.settings, parts=parts), stage.settings))
        owner = await stack.enter_async_context(member(site, CANARY))
        await _settle(owner)
        ids = await _identifiers()
        other = await stack.enter_async_context(member(site, "bob"))
        stranger = await stack.enter_async_context(visitor(site))
        ended = await stack.enter_async_context(visitor(site))
        await _be_ended(owner, ended)
        result.check("every route says who may call it", holds=unclassified(site.app) == "")
        await _reach(site, result, ids, {"another account": other, "nobody": stranger, "an ended session": ended})
        await _forge(site, result, owner, other, ids)
    result.counts["routes and methods"] = len(calls(site.app))
    result.counts["identifiers"] = sum(map(len, ids.values()))
    return result


async def _settle(owner: Person) -> None:
    """Get something into as many tables as a person can by themselves."""
    await owner.client.post("/account/name", data={"_csrf": owner.token, "display_name": CANARY})
    await owner.client.post("/account/consent", data={"_csrf": owner.token, "allows_ai_feedback": "yes"})
    await owner.upload(f"{CANARY}.wav", content_of(1))
    await owner.declare(f"{CANARY}.wav", 1000)
    await until_over(10.0)
    elsewhere = {"email": owner.email, "new_email": f"{CANARY}@example.net", "email_password": "correct horse battery"}
    await owner.client.post("/account/email", data={"_csrf": owner.token, **elsewhere})


async def _be_ended(owner: Person, ended: Person) -> None:
    """Log in once more, and keep the cookie of a session that is over."""
    ended.email = owner.email
    await ended.log_in()
    cookie = ended.cookie
    await ended.learn_token()
    await ended.client.post("/logout", data={"_csrf": ended.token})
    ended.client.headers["Cookie"], ended.token = cookie, ""


async def _identifiers() -> dict[str, list[str]]:
    """Read every primary key that there is, by table."""
    found = {}
    for table in TABLES:
        rows = await table.select(table._meta.primary_key)
        found[table._meta.tablename] = [str(value) for row in rows for value in row.values()]
    return found


async def _books() -> dict[str, list[str]]:
    """Read every row, but for what a mere look may change."""
    books = {}
    for table in TABLES:
        name = table._meta.tablename
        rows: list[dict[str, Any]] = await table.select()
        books[name] = sorted(str({key: row[key] for key in row if (name, key) not in MOVING}) for row in rows)
    return books


async def _reach(site: Site, result: Result, ids: dict[str, list[str]], people: dict[str, Person]) -> None:
    """Ask for each of the owner's identifiers on each route that names one, as others."""
    every = [identifier for some in ids.values() for identifier in some]
    for who, person in people.items():
        before, tried, leaks = await _books(), 0, []
        for call in calls(site.app):
            if call.access not in {Access.ACCOUNT, Access.OWNER} or (call.access == Access.ACCOUNT and person.token):
                continue
            for identifier in every if "uuid}" in call.template else every[:1]:
                answer = await _ask(person, call, call.path_of_all(identifier))
                tried += 1
                right = answer.status_code == 404 if person.token and call.access == Access.OWNER else False
                if not (right or (answer.status_code in CLOSED and not person.token)) or CANARY in answer.text:
                    leaks.append(f"{call.method} {call.template}: {answer.status_code}")
        result.counts[f"requests by {who}"] = tried
        result.check(f"{who} reaches nothing", holds=tried > 0 and not leaks)
        result.check(f"{who} changes nothing", holds=await _books() == before)
        for leak in sorted(set(leaks)):
            result.remark(f"{who}: {leak}")


async def _ask(person: Person, call: Call, path: str) -> httpx.Response:
    return await person.client.request(
        call.method, path, headers=person.headers, content=b"x" if call.is_unsafe else b""
    )


async def _forge(site: Site, result: Result, owner: Person, other: Person, ids: dict[str, list[str]]) -> None:
    """Send the owner's browser to each unsafe route as a foreign page would."""
    before, tried, holes = await _books(), 0, []
    for call in calls(site.app):
        if not call.is_unsafe or call.access == Access.WEBHOOK:
            continue
        path = call.path(**{f"{table}_id": some[0] for table, some in ids.items() if some}, kind="bounce")
        for how, request in _forgeries(call, owner, other).items():
            headers = {"Origin": site.url, **request.pop("headers", {})}
            answer = await owner.client.request(call.method, path, headers=headers, **request)
            tried += 1
            if answer.status_code != 403:
                holes.append(f"{how}: {call.method} {call.template}: {answer.status_code}")
    result.counts["forged requests"] = tried
    result.check("every forged request is refused", holds=tried > 0 and not holes)
    result.check("no forged request changes anything", holds=await _books() == before)
    for hole in holes:
        result.remark(hole)


def _forgeries(call: Call, owner: Person, other: Person) -> dict[str, dict[str, Any]]:
    """Return what is sent, by what is wrong with it."""
    foreign = {"X-CSRF-Token": owner.token, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    if call.opt.get("csrf"):
        bodies = {how: form_body({"_csrf": token}, [("bounce", "a.wav", b"RIFF")]) for how, token in
                  {"no token": "", "another's token": other.token}.items()}  # fmt: skip
        forged = {how: {"content": body, "headers": {"Content-Type": kind}} for how, (body, kind) in bodies.items()}
    else:
        forged = {
            "no token": {"data": {"a": "b"}},
            "another's token": {"data": {"_csrf": other.token}},
            "a plain text": {"content": f"_csrf={owner.token}", "headers": {"Content-Type": "text/plain"}},
        }
    return forged | {"a foreign origin": {"headers": foreign}, "no origin": {"headers": foreign | {"Origin": "null"}}}


FIGURE = Figure(
    name="g12",
    claim="every route is classified, no other account reaches or changes a thing by it, and no foreign page does",
    mutant="one statement asks for no owner",
    prove=prove,
)
