"""The page that asks for the password again, before what hurts."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, get, post

from app.accounts.owner import OwnAccount
from app.accounts.rules import Viewer
from app.accounts.views import ProofPage
from app.accounts.web import client_of, local_path
from app.kernel.errors import Invalid
from app.kernel.html.access import ACCOUNT
from app.kernel.html.answers import Answers, chrome_of, errors_of, see_other
from app.kernel.html.inject import Part

Connection = Request[Any, Any, Any]


class ProofPages(Controller):
    """Everything under /account/proof; `password_first` leads here."""

    path = "/account/proof"

    @get("/", opt=ACCOUNT)
    async def page(self, request: Connection, answers: Part[Answers]) -> Any:
        """Ask for the password."""
        return answers.form(_page(request, request.query_params.get("next", "")))

    @post("/", opt=ACCOUNT)
    async def prove(
        self,
        request: Connection,
        viewer: Part[Viewer],
        form: Part[dict[str, str]],
        own_account: Part[OwnAccount],
        answers: Part[Answers],
    ) -> Any:
        """Check the password, and go on to where it was asked for."""
        goal = form.get("next", "")
        try:
            await own_account.prove_again(viewer, form.get("current_password", ""), client_of(request))
        except Invalid as error:
            return answers.form(_page(request, goal, error))
        return see_other(local_path(goal))


def _page(request: Connection, goal: str, error: Invalid | None = None) -> ProofPage:
    return ProofPage(chrome_of(request), next=local_path(goal), errors=errors_of(error))
