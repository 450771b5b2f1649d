"""The pages of signing up, of one's own profile and of a group's people."""

from __future__ import annotations

from flask import Blueprint

from app.volunteers import words

bp = Blueprint("volunteers", "app.volunteers", template_folder="templates")
bp.context_processor(words.for_templates)

# Each puts its pages on the blueprint.
from app.volunteers.routes import (  # noqa: E402, F401 - after `bp`
    groups_people,
    imports,
    profile,
    sign_up,
    steps,
    unsubscribe,
)
