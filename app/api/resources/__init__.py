"""The addresses below /api/v1. Importing a module here hangs its views on the blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("api", __name__, url_prefix="/api/v1")
