"""The outbox at work: web orders a mail, the worker makes its words and link and sends it.

Ordering is the same one row for every address, so that nobody learns from a page or its pace
whether there is an account. A link is made when its mail goes, and again when it goes again:
nothing that is stored can be clicked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog

from app.accounts import links, outbox, store
from app.accounts.letters import Letter, Occasion, write
from app.accounts.links import LinkKind
from app.accounts.outbox import Order
from app.accounts.rules import fold_email
from app.kernel.errors import Invalid
from app.kernel.mail import Mail, NotSent, Postman

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from app.kernel.clock import Clock
    from app.kernel.html.render import Renderer
    from app.kernel.signals import Signals
    from app.settings import Settings

TOPIC = "mail"
LINKS = {
    Occasion.VERIFY: LinkKind.VERIFY,
    Occasion.FORGOT: LinkKind.RESET,
    Occasion.LEAVING_ADDRESS: LinkKind.LEAVE_ADDRESS,
    Occasion.NEW_ADDRESS: LinkKind.TAKE_ADDRESS,
}
LOOKED_UP = frozenset({Occasion.REGISTERED, Occasion.FORGOT, Occasion.NEW_ADDRESS})
"""What is ordered for an address that anybody may have typed."""

log = structlog.get_logger()


class Mailing:
    """Orders and sends mails."""

    def __init__(
        self, settings: Settings, clock: Clock, *, signals: Signals, renderer: Renderer, postman: Postman
    ) -> None:
        """Keep what mails need."""
        self._settings = settings
        self._policy = settings.policy.mail
        self._clock = clock
        self._signals = signals
        self._renderer = renderer
        self._postman = postman

    async def order(
        self, occasion: Occasion, recipient: str, *, account_id: UUID | None = None, address: str = ""
    ) -> Order:
        """Keep a mail to be sent, inside the caller's transaction where there is one."""
        now = self._clock()
        order = Order(
            id=uuid4(),
            account_id=account_id,
            occasion=occasion,
            recipient=recipient,
            address=address,
            attempts=1 if self._settings.development else 0,
            expires_at=now + self._term(occasion),
        )
        # In development the page itself delivers: the first attempt is taken before a worker can.
        await outbox.insert(
            order, now=now, next_attempt_at=now + self._policy.pause(1) if self._settings.development else now
        )
        return order

    async def post(self, *orders: Order) -> str:
        """Wake the worker, after the commit; in development deliver at once and return the last link."""
        if not self._settings.development:
            await self._signals.publish(TOPIC)
            return ""
        sent = [await self._deliver(order) for order in orders]
        return next((letter.address for letter in reversed(sent) if letter), "")

    async def deliver_due(self) -> int:
        """Send what is due; return how many mails left."""
        count = 0
        for order in await outbox.due(self._clock()):
            attempt = order.attempts + 1
            if await outbox.claim(order, next_attempt_at=self._clock() + self._policy.pause(attempt)):
                count += await self._deliver(replace(order, attempts=attempt)) is not None
        return count

    async def resend(self, order_id: UUID) -> bool:
        """Try a mail anew, and wake the worker; tell whether there is one."""
        is_there = await outbox.try_again(order_id, self._clock())
        if is_there:
            await self._signals.publish(TOPIC)
        return is_there

    async def forget(self, address: str) -> None:
        """Forget every mail that names an address, also as files, where mails are files."""
        await outbox.remove_to(address)
        await self._postman.forget(address)

    async def end_due(self) -> int:
        """Delete mails and links whose time is over; tell how many."""
        now = self._clock()
        files = self._postman.remove_before(now - self._settings.policy.privacy.last_mail)
        return files + await outbox.end_due(now) + await links.end_due(now)

    async def _deliver(self, order: Order) -> Letter | None:
        addressed, letter = await self._addressed(order), None
        if addressed is not None:
            letter = await self._letter(addressed)
            try:
                await self._postman.send(self._mail(addressed, letter))
            except (NotSent, Invalid) as error:
                await self._note(order, error)
                return None
        await outbox.remove(order.id)
        return letter

    async def _note(self, order: Order, error: Exception) -> None:
        is_last = order.attempts >= self._policy.attempts
        reason = str(error) if isinstance(error, NotSent) else type(error).__name__
        await outbox.note_failure(order.id, reason, gave_up_at=self._clock() if is_last else None)
        log.warning("mail.failed", mail=str(order.id), kind=order.kind, error=reason, gave_up=is_last)

    async def _addressed(self, order: Order) -> Order | None:
        """Return an order to the account that its address finds, or none where there is nobody to write to.

        What was typed only finds the account. The mail goes to the address that the account has: two
        spellings that are folded to one may be two mailboxes, and a link belongs to the owner's alone.
        """
        if order.occasion not in LOOKED_UP:
            return order
        found = await store.account_and_hash(fold_email(order.recipient))
        if found is None:
            return order if order.occasion is Occasion.NEW_ADDRESS else None
        account, _ = found
        occasion = order.occasion
        if occasion is Occasion.REGISTERED and not account.is_verified:
            occasion = Occasion.VERIFY
        elif occasion is not Occasion.FORGOT:
            occasion = Occasion.KNOWN_ADDRESS
        return replace(order, occasion=occasion, account_id=account.id, recipient=account.email)

    async def _letter(self, order: Order) -> Letter:
        """Write an order's letter; its link is made now."""
        now, occasion, account_id = self._clock(), order.occasion, order.account_id
        kind = LINKS.get(occasion)
        token, until = "", None
        if kind is not None and account_id is not None:
            until = self._until(occasion, order, now)
            token = await links.make(account_id, kind, now=now, until=until, address=order.address)
        return write(occasion, self._facts(order, token), site_url=self._settings.site_url, until=until)

    def _facts(self, order: Order, token: str) -> dict[str, str]:
        accounts = self._settings.policy.accounts
        return {
            "address": order.address or order.recipient,
            "token": token,
            "contact": self._settings.contact_address,
            "unverified_days": str(accounts.unverified_days),
            "policy_version": accounts.policy_version,
            "answer_days": str(self._settings.policy.privacy.answer_days),
        }

    def _mail(self, order: Order, letter: Letter) -> Mail:
        return Mail(
            id=str(order.id),
            sender=self._settings.contact_address,
            recipient=order.recipient,
            subject=letter.title,
            text=letter.text,
            html=self._renderer.render(letter),
        )

    def _until(self, occasion: Occasion, order: Order, now: datetime) -> datetime:
        """Return when a link ends; both of a change of address end together."""
        return (
            order.expires_at
            if occasion in {Occasion.LEAVING_ADDRESS, Occasion.NEW_ADDRESS}
            else now + self._term(occasion)
        )

    def _term(self, occasion: Occasion) -> timedelta:
        return {
            Occasion.REGISTERED: self._policy.verification,
            Occasion.VERIFY: self._policy.verification,
            Occasion.FORGOT: self._policy.reset,
            Occasion.LEAVING_ADDRESS: self._policy.email_change,
            Occasion.NEW_ADDRESS: self._policy.email_change,
            Occasion.ACCOUNT_DELETED: self._settings.policy.privacy.last_mail,
        }.get(occasion, self._policy.notice)
