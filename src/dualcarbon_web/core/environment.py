"""What the environment says; anything unexpected stops the start with its name and the remedy."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def home() -> Path:
    """The folder of the database, editions and secret."""
    named = os.environ.get("DUALCARBON_HOME")
    folder = Path(named) if named else Path.home() / ".local" / "share" / "dualcarbon"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def flag(name: str, default: bool = False) -> bool:
    """A yes or no from the environment."""
    text = os.environ.get(name)
    if text is None:
        return default
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ImproperlyConfigured(f"{name} is {text!r}; use 1 or 0.")


def plan() -> str:
    """The id of the plan that the site shows: `<pack>-<year>`."""
    named = os.environ.get("DUALCARBON_PLAN", "demo-2024")
    if not re.fullmatch(r"\S+-\d{4}", named):
        raise ImproperlyConfigured(f"DUALCARBON_PLAN is {named!r}; use <pack>-<year>.")
    return named


def names(name: str, default: str) -> list[str]:
    """A list of words parted by commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret_key(folder: Path) -> str:
    """The key of sessions: from the environment, else made once and kept in the home folder."""
    if named := os.environ.get("DUALCARBON_SECRET_KEY"):
        if len(named) < 32:
            raise ImproperlyConfigured("DUALCARBON_SECRET_KEY needs at least 32 characters.")
        return named
    path = folder / "secret-key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii")


def database(folder: Path) -> dict[str, object]:
    """SQLite in the home folder, or PostgreSQL by DATABASE_URL."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "dualcarbon.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL has the scheme {parts.scheme!r}; use postgresql:// or leave it unset."
        )
    options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(options.pop("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
