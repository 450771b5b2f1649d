"""The pages of urgent requests: preparing one, watching it, answering it."""

from __future__ import annotations

from flask import Blueprint

from app.broadcasts import words

bp = Blueprint("broadcasts", "app.broadcasts", template_folder="templates")
bp.add_app_template_filter(words.short_name, "short_name")
bp.context_processor(
    lambda: {
        "standing_words": words.STANDING_WORDS,
        "text_words": words.TEXT_WORDS,
        "length": words.spoken_length,
    }
)

# Each puts its pages on the blueprint.
from app.broadcasts.routes import answering, drafting, running  # noqa: E402, F401 - after `bp`
