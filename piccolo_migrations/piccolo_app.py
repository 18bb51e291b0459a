"""The one Piccolo app: all tables of all subjects, and their migrations beside this file."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from app.registry import TABLES

APP_CONFIG = AppConfig(
    app_name="tracksensei",
    migrations_folder_path=str(Path(__file__).parent),
    table_classes=list(TABLES),
)
