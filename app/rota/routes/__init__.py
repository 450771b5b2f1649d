"""The pages of the rota, each file one part of them."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("rota", __name__, template_folder="../templates")
