"""Every table of the product with what it promises, gathered from the subjects."""

from __future__ import annotations

from app.accounts import tables as accounts
from app.analyses import tables as analyses
from app.billing import tables as billing
from app.chat import tables as chat
from app.privacy import tables as privacy
from app.tracks import tables as tracks
from app.usage import tables as usage

PERSONAL_DATA = (
    *accounts.PERSONAL_DATA,
    *usage.PERSONAL_DATA,
    *billing.PERSONAL_DATA,
    *tracks.PERSONAL_DATA,
    *analyses.PERSONAL_DATA,
    *chat.PERSONAL_DATA,
    *privacy.PERSONAL_DATA,
)
TABLES = tuple(entry.table for entry in PERSONAL_DATA)
