"""What Piccolo's own commands ask: which database, which tables."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from app.kernel.db import make_engine
from app.settings import Settings

DB = make_engine(Settings.from_environment())
APP_REGISTRY = AppRegistry(apps=["piccolo_migrations.piccolo_app"])
