"""The doors of safety: the managers' pages, and what a volunteer sees of their own."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("safeguarding", __name__, template_folder="../templates")
