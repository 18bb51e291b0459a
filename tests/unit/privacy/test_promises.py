"""The privacy page against the code: every sentence a clause, every clause a test, every list complete."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from piccolo.columns import ForeignKey
from piccolo.table import Table

from app.accounts.letters import MailKind
from app.kernel.html.chrome import Chrome
from app.kernel.html.render import Renderer
from app.kernel.personal import PersonalData, Retention
from app.policy import Policy
from app.privacy.clauses import Section, SiteFacts, clauses_of, fingerprint, sections
from app.privacy.promises import MAIL_WORDS, PURPOSES, Purpose, kept
from app.privacy.views import PolicyPage
from app.registry import PERSONAL_DATA, TABLES
from app.settings import ROOT
from tests.prove.g23_asvs import defined_tests
from tests.unit.views.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

POLICY = Policy.read()
PAGE = sections(POLICY, SiteFacts())
DOCUMENT = (ROOT / "docs" / "privacy.md").read_text("utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in DOCUMENT.partition("## Versions")[0].splitlines()
    if re.match(r"\| [a-z]+-", line)
]
SENDERS = {"app/kernel/mail.py"}
HOSTS = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
NAMED_HOSTS = {"www.w3.org", "example.com"}
"""A namespace of SVG, and the example of a setting's sentence: neither is asked for anything."""


def rendered(page: tuple[Section, ...]) -> str:
    """Render the page as the product does."""
    renderer = Renderer(ROOT / "templates", ROOT / "static")
    return renderer.render(PolicyPage(Chrome("/privacy"), version="1", sections=page))


def unclaimed(html: str) -> list[str]:
    """Return the texts of the policy that stand outside a clause, headings left out."""
    markup = Markup(html)
    (article,) = markup.all("article")
    left = article.text
    for part in markup.elements:
        if article in part.ancestors and (part.get("data-clause") or part.tag == "h2"):
            left = left.replace(part.text, "", 1)
    return left.split()


def undeclared(tables: Iterable[type[Table]], entries: Iterable[PersonalData]) -> list[str]:
    """Return what is wrong with the declarations of these tables."""
    by_table = {entry.table: entry for entry in entries}
    faults = [f"{table.__name__} is not declared" for table in tables if table not in by_table]
    words = kept(POLICY)
    for entry in by_table.values():
        names = {column._meta.name for column in entry.table._meta.columns}
        first = entry.owner.partition(".")[0]
        if first not in names:
            faults.append(f"{entry.table.__name__} has no {first}")
        if entry.deadline and entry.deadline not in names:
            faults.append(f"{entry.table.__name__} has no {entry.deadline}")
        if entry.retention not in words:
            faults.append(f"{entry.retention} has no words")
    return faults


def test_every_sentence_is_a_clause() -> None:
    """Nothing is promised between the clauses, and a clause is one sentence."""
    assert unclaimed(rendered(PAGE)) == []
    for clause in clauses_of(PAGE):
        assert clause.text.endswith("."), clause
        assert not re.search(r"[a-z0-9)]\. [A-Z]", clause.text.replace("(Art. 6", "")), clause
    assert len({clause.id for clause in clauses_of(PAGE)}) == len(clauses_of(PAGE))


def test_a_sentence_without_a_clause_is_found() -> None:
    """The mutant: a sentence that somebody wrote into the template."""
    html = rendered(PAGE).replace("</article>", "<p>We also sell everything.</p></article>")
    assert unclaimed(html) == ["We", "also", "sell", "everything."]


def test_every_clause_has_a_line_and_every_line_a_test() -> None:
    """docs/privacy.md is whole, and its tests are there."""
    named = [name for row in ROWS for name in row[0].split(", ")]
    assert len(named) == len(set(named))
    assert set(named) == {clause.id for clause in clauses_of(PAGE)}
    for row in ROWS:
        tests = set(re.findall(r"`(test_\w+)`", row[2]))
        assert tests, row
        assert tests <= defined_tests(), (row[0], tests - defined_tests())


def test_a_page_that_changed_has_a_new_version() -> None:
    """The words under this version are those that were fingerprinted."""
    kept_prints = dict(re.findall(r"\| ([\w.-]+) \| ([0-9a-f]{64}) \|", DOCUMENT))
    version = POLICY.accounts.policy_version
    assert kept_prints.get(version) == fingerprint(PAGE), "the page changed: a new policy_version, a new line"
    assert version == max(kept_prints)
    longer = replace(POLICY, retention=replace(POLICY.retention, results_days=31))
    assert fingerprint(sections(longer, SiteFacts())) != kept_prints[version]


def test_each_list_of_the_page_is_complete() -> None:
    """Classes, kinds of mail and purposes are those of the code, no more and no fewer."""
    assert set(kept(POLICY)) == set(Retention)
    assert set(MAIL_WORDS) == set(MailKind)
    assert set(PURPOSES) == set(Purpose)


def test_the_page_names_the_operator_of_its_settings() -> None:
    """Name, number, contact and providers come from the settings."""
    facts = SiteFacts("mix.example", "data@mix.example", "session", "Mara Vos", "12345678", "Hoster", "Poster")
    html = rendered(sections(POLICY, facts))
    for fact in ("mix.example", "data@mix.example", "Mara Vos", "12345678", "Hoster", "Poster", "/privacy/live"):
        assert fact in html


def tables_of_the_code() -> list[type[Table]]:
    """Return every table that a subject's tables.py defines."""
    modules = [f"app.{file.parent.name}.tables" for file in sorted((ROOT / "app").glob("*/tables.py"))]
    found = [value for name in modules for value in vars(import_module(name)).values()]
    return list({value: None for value in found if isinstance(value, type) and issubclass(value, Table)})


def test_every_table_says_whose_it_is_and_when_it_goes() -> None:
    """No table of the product is undeclared, and each declaration names columns and a class that exist."""
    tables = [table for table in tables_of_the_code() if table is not Table]
    assert set(tables) == set(TABLES)
    assert undeclared(tables, PERSONAL_DATA) == []


def test_a_table_without_a_class_is_found() -> None:
    """The mutant: a table that nobody declared, and a deadline that is no column."""
    first, *others = PERSONAL_DATA
    assert undeclared(TABLES, others) == [f"{first.table.__name__} is not declared"]
    assert undeclared([], [replace(first, deadline="gone_at")]) == [f"{first.table.__name__} has no gone_at"]


def test_every_path_to_an_owner_ends_at_an_account() -> None:
    """An owner's path goes by foreign keys to the account's table."""
    from app.accounts.tables import Account

    for entry in PERSONAL_DATA:
        table = entry.table
        for name in entry.owner.split(".") if entry.table is not Account else []:
            column = table._meta.get_column_by_name(name)
            assert isinstance(column, ForeignKey)
            table = column._foreign_key_meta.resolved_references
        assert table is Account, entry.table


def test_no_column_could_hold_a_card() -> None:
    """Numbers of cards and accounts have no place here."""
    words = {"card", "iban", "pan", "cvc", "bank", "number"}
    for table in TABLES:
        for column in table._meta.columns:
            assert not words & set(column._meta.name.split("_")), (table, column._meta.name)


@pytest.mark.parametrize("kind", MailKind)
def test_each_kind_of_mail_stands_on_the_page(kind: MailKind) -> None:
    """What may be written to a person is told before."""
    assert f'data-clause="mail-{kind}"' in rendered(PAGE)


def test_mail_leaves_at_one_place_only() -> None:
    """No other module of the product speaks SMTP."""
    found = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "app").rglob("*.py")
        if re.search(r"^\s*(?:import|from) (?:aiosmtplib|smtplib)", file.read_text("utf-8"), re.MULTILINE)
    }
    assert found == SENDERS


def test_nobody_else_is_told_anything() -> None:
    """No address of another site stands in scripts, styles, templates or code outside comments."""
    found = set()
    for folder, pattern in (("templates", "*.html"), ("static/js", "*.js"), ("static/css", "*.css")):
        for file in (ROOT / folder).rglob(pattern):
            found |= set(HOSTS.findall(file.read_text("utf-8")))
    assert found <= NAMED_HOSTS


def test_the_libraries_that_reach_others_are_the_named_ones() -> None:
    """Only adapters of the named recipients import a client of another service."""
    clients = re.compile(
        r"^\s*(?:import|from) (anthropic|stripe|httpx|requests|urllib\.request|http\.client)\b", re.MULTILINE
    )
    allowed = {"anthropic": "app/chat/", "stripe": "app/billing/"}
    for file in (ROOT / "app").rglob("*.py"):
        place = str(file.relative_to(ROOT))
        for name in clients.findall(file.read_text("utf-8")):
            is_probe = name in {"urllib.request", "http.client"} and place in {"app/up.py", "app/server.py"}
            assert is_probe or (name in allowed and place.startswith(allowed[name])), (place, name)
