"""The statements that everybody may read, and the choice of language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from app.foundation.languages import LANGUAGES
from app.web import language

bp = Blueprint("web", __name__)


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How far everybody can use this site, and whom to tell when not."""
    return render_template("statements/accessibility.html")


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is kept about people, why, and what they can ask for."""
    return render_template("statements/privacy.html")


@bp.get("/languages")
def all_languages() -> ResponseReturnValue:
    """Which languages there are, how good they are, and how to help."""
    return render_template("statements/languages.html")


@bp.route("/language/<code>", methods=["GET", "POST"])
def choose_language(code: str) -> ResponseReturnValue:
    """See the next pages in a language; who is signed in hears from us in it too (POST)."""
    if code not in LANGUAGES:
        abort(404)
    return language.choose(code)


# Accounts, which stands above, would mark these with its `public`.
_everybodys: tuple[Any, ...] = (accessibility, privacy, all_languages, choose_language)
for view in _everybodys:
    view.access = "public"
