"""Anthropic's SDK, at this one place: a prompt in, pieces of text and one ending out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2  # the SDK's own transport, whose errors come through in the midst of a stream
import structlog
from anthropic import AsyncAnthropic, Timeout

from app.chat.rules import Ending, Failure, State, Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anthropic.types import RawMessageStreamEvent

    from app.chat.prompt import Prompt
    from app.settings import Settings

CONNECT_S = 5.0
BUSY = frozenset({429, 503, 529})
KEY = frozenset({401, 402, 403})
ENDS = {
    "end_turn": (State.DONE, None),
    "stop_sequence": (State.DONE, None),
    "max_tokens": (State.DONE, Failure.LENGTH),
    "model_context_window_exceeded": (State.DONE, Failure.LENGTH),
    "refusal": (State.REFUSED, Failure.REFUSAL),
}

log = structlog.get_logger()


class Claude:
    """Asks Anthropic's Messages API; the model has no tools."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet; nothing but these settings is read, whatever the environment holds."""
        policy = settings.policy.chat
        self.model = settings.anthropic_model
        self._policy = policy
        self._client = AsyncAnthropic(
            api_key=settings.anthropic_api_key,
            base_url=settings.anthropic_api_base or "https://api.anthropic.com",
            timeout=Timeout(policy.silence_seconds, connect=CONNECT_S),
            max_retries=policy.retries,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def write(self, prompt: Prompt) -> AsyncGenerator[str | Tokens | Ending, None]:
        """Yield an answer piece by piece, what it used so far, and how it ended."""
        tokens, reason = Tokens(), None
        try:
            async with await self._open(prompt) as stream:
                async for event in stream:
                    tokens, reason = _counted(event, tokens), _reason(event) or reason
                    if event.type == "content_block_delta" and event.delta.type == "text_delta":
                        yield event.delta.text
                    elif event.type in {"message_start", "message_delta"}:
                        yield tokens
                    elif event.type == "message_stop":
                        break
        except Exception as error:  # noqa: BLE001 - whatever its library, its transport or its data raises is its failure
            log.warning("claude.failed", error=type(error).__name__)
            yield Ending(State.INTERRUPTED, _failure_of(error), tokens)
        else:
            state, failure = ENDS.get(reason or "", (State.INTERRUPTED, Failure.CUT))
            yield Ending(state, failure, tokens)

    async def _open(self, prompt: Prompt) -> Any:
        """Ask; retries happen here and here only, before the first byte of an answer."""
        async with asyncio.timeout(self._policy.silence_seconds):
            return await self._client.messages.create(
                model=self.model,
                max_tokens=self._policy.answer_tokens,
                system=[{"type": "text", "text": prompt.system}],
                messages=prompt.messages(),
                # An answer begins at once; the report is short enough to be read without a plan.
                thinking={"type": "disabled"},
                stream=True,
            )


def _counted(event: RawMessageStreamEvent, tokens: Tokens) -> Tokens:
    """Return what was used as of an event."""
    if event.type == "message_start":
        usage = event.message.usage
    elif event.type == "message_delta":
        usage = event.usage  # type: ignore[assignment]
    else:
        return tokens
    return Tokens(
        input=usage.input_tokens or tokens.input,
        cache_write=usage.cache_creation_input_tokens or tokens.cache_write,
        cache_read=usage.cache_read_input_tokens or tokens.cache_read,
        output=usage.output_tokens or tokens.output,
    )


def _reason(event: RawMessageStreamEvent) -> str | None:
    return event.delta.stop_reason if event.type == "message_delta" else None


def _failure_of(error: Exception) -> Failure:
    """Read what went wrong, before the stream or in the midst of it."""
    if isinstance(error, anthropic.APIStatusError):
        if error.status_code in KEY:
            return Failure.KEY
        is_busy = error.status_code in BUSY or error.type in {"overloaded_error", "rate_limit_error"}
        return Failure.BUSY if is_busy else Failure.FAULT
    if isinstance(error, TimeoutError | anthropic.APITimeoutError | httpx2.TimeoutException):
        return Failure.SLOW
    if isinstance(error, anthropic.APIConnectionError | httpx2.TransportError):
        return Failure.CUT
    return Failure.FAULT
