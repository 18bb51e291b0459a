"""``python -m tests.prove.refusals``: write ``docs/refusals.md``, every reason for which something is refused.

The sentences are read out of the source, where each stands once; what a sentence is filled
with when it is said is shown as an ellipsis.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.rules import FAILURES
from app.audio.errors import RefusalCode
from app.kernel import errors
from app.kernel.errors import AppError
from app.liveset.errors import RefusalCode as SetRefusalCode
from tests.prove.figure import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAGE = ROOT / "docs" / "refusals.md"
APP = ROOT / "app"
KINDS: dict[str, type[AppError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, AppError)
}
HEAD = """# Refusals

Every reason for which a file, a request or a run is refused: a code that programs compare and a sentence
that people read, with the way out. An ellipsis stands for what is filled in when it is said.
This page is written by `python -m tests.prove.refusals`; a test compares it with the source.
"""


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One way of saying no."""

    status: int
    code: str
    sentence: str


def page() -> str:
    """Return the page as it must be."""
    files = [(reason.code, reason.sentence) for reason in sorted(_of_files())]
    sets = [(reason.code, reason.sentence) for reason in sorted(_of_sets())]
    runs = [(code, f"{sentence} Nothing was counted.") for code, sentence in FAILURES.items()]
    requests = [(str(reason.status), reason.code, reason.sentence) for reason in sorted(_of_requests())]
    return "\n".join((
        HEAD,
        "## A file that cannot be measured",
        "",
        "Found by the decoder, in its confined process. The analysis has failed for good, the file is deleted at once",
        "and nothing is counted.",
        "",
        *_table(("code", "what is said"), files),
        "",
        "## A Live set that cannot be read",
        "",
        "Found by its reader, in a confined process of its own. A set alone, or one added to a report, has failed for",
        "good: it is deleted at once and nothing is counted. One that came with its mix is deleted too, and a note in",
        "the report of the mix says why it was not read.",
        "",
        *_table(("code", "what is said"), sets),
        "",
        "## A run that failed",
        "",
        "A fault of ours, after three attempts. The file is kept for a retry within its hours; nothing is counted.",
        "",
        *_table(("code", "what is said"), runs),
        "",
        "## A request that is refused",
        "",
        *_table(("status", "code", "what is said"), requests),
        "",
    ))  # fmt: skip


def codes() -> set[str]:
    """Return the codes of files that the page tells of."""
    return {reason.code for reason in _of_files()}


def codes_of_sets() -> set[str]:
    """Return the codes of Live sets that the page tells of."""
    return {reason.code for reason in _of_sets()}


def _of_files() -> Iterator[Reason]:
    for call in _calls(APP / "audio", {"AudioRefused"}):
        if len(call.args) == 2 and isinstance(call.args[0], ast.Attribute):
            yield Reason(0, RefusalCode[call.args[0].attr].value, _text(call.args[1]))


def _of_sets() -> set[Reason]:
    found = set()
    for folder in (APP / "liveset", APP / "analyses"):
        for call in _calls(folder, {"LiveSetRefused", "refuse_complex"}):
            if _name(call) == "refuse_complex":
                said = f"This is not read as a Live set: {_text(call.args[0])}."
                found.add(Reason(0, SetRefusalCode.TOO_COMPLEX.value, said))
            elif len(call.args) == 2 and isinstance(call.args[1], ast.Constant | ast.JoinedStr):
                code = call.args[0]
                if isinstance(code, ast.Attribute) and code.attr != SetRefusalCode.TOO_COMPLEX.name:
                    found.add(Reason(0, SetRefusalCode[code.attr].value, _text(call.args[1])))
    return found


def _of_requests() -> set[Reason]:
    found = set()
    for call in _calls(APP, set(KINDS)):
        kind = KINDS[_name(call)]
        named = {keyword.arg: _text(keyword.value) for keyword in call.keywords}
        if not call.args and kind is not errors.NotFound:
            continue
        sentence = _text(call.args[0]) if call.args else str(errors.NotFound().sentence)
        said = f"{sentence} {named.get('way_out', '')}".strip()
        if any(letter.isalpha() for letter in said):
            found.add(Reason(kind.status, named.get("code") or kind.__name__, said))
    return found


def _calls(folder: Path, names: set[str]) -> Iterator[ast.Call]:
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node) in names:
                yield _resolved(node, constants)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the sentences that a module keeps under a name."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant)
    }


def _resolved(call: ast.Call, constants: dict[str, ast.expr]) -> ast.Call:
    def resolve(node: ast.expr) -> ast.expr:
        return constants.get(node.id, node) if isinstance(node, ast.Name) else node

    keywords = [ast.keyword(arg=keyword.arg, value=resolve(keyword.value)) for keyword in call.keywords]
    return ast.Call(func=call.func, args=[resolve(argument) for argument in call.args], keywords=keywords)


def _text(node: ast.expr) -> str:
    """Return a sentence, with an ellipsis for each part that is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return "…"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
