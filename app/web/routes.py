"""The two statements that everybody may read."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

bp = Blueprint("web", __name__)


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How far everybody can use this site, and whom to tell when not."""
    return render_template("statements/accessibility.html")


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What is kept about people, why, and what they can ask for."""
    return render_template("statements/privacy.html")


# Accounts, which stands above, would mark these with its `public`.
for view in (accessibility, privacy):
    view.access = "public"  # type: ignore[attr-defined] # a function takes attributes
