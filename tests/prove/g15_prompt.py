"""G15: nothing that anyone typed gets into what is sent but the question, and orders in data stay data."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

from app.chat import prompt as prompts
from app.chat.prompt import RULES, prompt_of
from app.settings import ROOT
from tests.prove.figure import Figure, Result
from tests.unit.chat.test_prompts import HOSTILE, TURN, typed_document

if TYPE_CHECKING:
    from app.chat.prompt import Prompt
    from tests.prove.figure import Size

WINDOW = 64
CANARY_MAIL = "canary.4711@example.com"


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Put hostile and canary texts wherever a text can be, and read every byte that would be sent."""
    chance, result = random.Random(seed), Result()  # noqa: S311 - repeatable, no secret
    audio = bytes(chance.randrange(256) for _ in range(4096))
    for index in range(size.pick(60, 500)):
        canary = f"canary-{index:03d}-{chance.choice(HOSTILE)}"
        document = _document(canary, audio)
        made = _spoilt(document) if mutant else prompt_of(document, [], TURN, history_tokens=1000)
        sent = json.dumps([made.system, made.messages()])
        result.check("no typed text is in what is sent", holds=f"canary-{index:03d}" not in sent)
        result.check("no address of a person is in it", holds=CANARY_MAIL not in sent)
        result.check("no byte of audio is in it, plain or as base64", holds=not _holds(sent, audio))
        result.check("there is one data block and it is JSON", holds=_is_one_block(made))
        result.check("the rules are the same for everybody", holds=made.system == RULES)
    result.counts["inputs"] = size.pick(60, 500)
    source = (ROOT / "app" / "chat" / "claude.py").read_text("utf-8")
    result.check("the model is given no tools", holds="tools" not in source.replace("no tools", ""))
    return result


def _document(canary: str, audio: bytes) -> dict[str, Any]:
    made = typed_document(canary)
    made["file"]["sha256"] = canary
    made["file"]["tags"] = {"artist": canary, "comment": CANARY_MAIL}
    made["fingerprint"] = base64.b64encode(audio).decode()
    made["account"] = {"email": CANARY_MAIL, "id": canary}
    made["loudness"]["integrated_lufs"] = canary
    return made


def _holds(sent: str, audio: bytes) -> bool:
    """Tell whether a window of the audio is in a text, as base64 or as escaped characters."""
    encoded = base64.b64encode(audio).decode()
    windows = [encoded[start : start + WINDOW] for start in range(0, len(encoded) - WINDOW, WINDOW)]
    return any(window in sent for window in windows)


def _is_one_block(prompt: Prompt) -> bool:
    inner = prompt.report.removeprefix("<report>\n").removesuffix("\n</report>")
    try:
        json.loads(inner)
    except ValueError:
        return False
    return "<" not in inner and prompt.report.count("<report>") == 1


def _spoilt(document: dict[str, Any]) -> Prompt:
    """Write the prompt as one formatted text of the whole report."""
    return prompts.Prompt(
        f"{RULES} The file is {document['file']['name']}.", f"<report>\n{document}\n</report>", (), "?"
    )


FIGURE = Figure(
    name="g15",
    claim="of 500 hostile inputs no typed text, address or byte of audio is sent, and the data block is never left",
    mutant="the prompt is one formatted text of the whole report",
    prove=prove,
)
