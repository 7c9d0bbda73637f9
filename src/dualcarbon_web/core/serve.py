"""Serve the site with gunicorn: a bounded number of workers, stopped by Ctrl-C."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from dualcarbon_web.core.setup import configure

MOST_WORKERS = 4


class _Site(BaseApplication):
    """Gunicorn with options from here instead of a file or the command line."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        from dualcarbon_web.core.wsgi import application

        return application


def workers() -> int:
    """How many processes answer: two, or as many as there are cores, at most four."""
    return min(max(os.cpu_count() or 1, 2), MOST_WORKERS)


def serve(host: str, port: int, home: Path, ready: Callable[[], None] | None = None) -> None:
    """Answer requests until stopped; `ready` is called once the port is open."""
    configure(home)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    options: dict[str, Any] = {
        "bind": address,
        "workers": workers(),
        "threads": 2,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 5,
        "max_requests": 5000,
        "max_requests_jitter": 500,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    if ready is not None:
        options["when_ready"] = lambda server: ready()
    _Site(options).run()
