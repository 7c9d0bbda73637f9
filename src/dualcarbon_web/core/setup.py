"""Make a home folder ready: database tables, and the first administrator."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

ADMIN = "admin"


def configure(home: Path, plan: str | None = None) -> None:
    """Point the settings at a home folder and a plan, and start Django.

    Must come before anything else of Django; a second call in one process changes nothing.
    """
    import django

    os.environ["DUALCARBON_HOME"] = str(home)
    if plan:
        os.environ["DUALCARBON_PLAN"] = plan
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dualcarbon_web.core.settings")
    django.setup()


def prepare(home: Path, plan: str | None = None) -> str | None:
    """Create or update the database of a home folder.

    Gives the password of the administrator when it was just created, else None: it is kept nowhere
    in the clear, so whoever calls prints it once.
    """
    configure(home, plan)
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", interactive=False, verbosity=0)
    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(is_superuser=True).exists():
            return None
        password = secrets.token_urlsafe(12)
        users.create_superuser(ADMIN, password=password)
    return password
