"""The parts that serve what a person may ask for about their data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.privacy.announcing import Announcing
    from app.privacy.audit import Auditor
    from app.privacy.erasing import Erasing
    from app.privacy.erasure_log import ErasureLog
    from app.privacy.exporting import Exports
    from app.privacy.importing import Imports
    from app.privacy.objecting import Objections
    from app.privacy.owning import Holdings


@dataclass(frozen=True, slots=True)
class Rights:
    """Access and deletion, a copy, objection, and the end of an account."""

    holdings: Holdings
    exports: Exports
    imports: Imports
    objections: Objections
    erasures: ErasureLog
    erasing: Erasing
    announcing: Announcing
    auditor: Auditor
