"""The living page of the front end: each part with its states, as the pages have it now."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import administrator
from app.style import samples
from app.style.forms import SampleForm, filled_in_wrongly

bp = Blueprint("style", __name__, template_folder="templates")


@bp.get("/style")
@administrator
def index() -> ResponseReturnValue:
    """Colours with their figures, type, spacing, drawings, parts and forms."""
    return render_template(
        "style/index.html",
        colours=samples.colours(),
        pairs=samples.pairs(),
        shifts=samples.shifts(),
        steps=samples.steps(),
        form=SampleForm(meta={"csrf": False}),
        wrong=filled_in_wrongly(),
    )
