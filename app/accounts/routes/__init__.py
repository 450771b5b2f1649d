"""The pages of signing in, of one's own account, and of the administrator."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", "app.accounts", template_folder="templates")

# Each puts its pages on the blueprint.
from app.accounts.routes import account, admin, sign_in  # noqa: E402, F401 - after `bp`
