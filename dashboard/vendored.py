"""Gives out the files of others that pages are made of (docs/vendored.md): packed, and kept by a browser for a year."""

from pathlib import Path
from typing import Any

from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

KEPT = "public, max-age=31536000, immutable"
"""The folder of each carries its version, so that a changed file has another address."""


class _Kept(StaticFiles):
    def file_response(self, *found: Any, **more: Any) -> Response:
        response = super().file_response(*found, **more)
        response.headers["Cache-Control"] = KEPT
        return response


def vendored(directory: Path) -> GZipMiddleware:
    """Return the folder as an application to mount."""
    return GZipMiddleware(_Kept(directory=directory), minimum_size=1024)
