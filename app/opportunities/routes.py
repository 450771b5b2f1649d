"""What everybody sees: the search, and a page for each opportunity."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts.access import public
from app.foundation.places import find_place
from app.groups.access import manages
from app.opportunities import cards, descriptions, queries, search
from app.opportunities.models import Stage
from app.opportunities.search_form import SearchForm

bp = Blueprint("opportunities", __name__, template_folder="templates")


@bp.get("/opportunities", endpoint="search")
@public
def find() -> ResponseReturnValue:
    form = SearchForm(request.args)
    typed = (form.near.data or "").strip()
    near = find_place(typed) if typed else None
    wish = form.wish(near)
    if typed and near is None and not form.near.errors:
        form.near.errors = [
            gettext("We do not know that place. Try a town nearby, or a postcode like LE11 3TU.")
        ]
    results = search.search(wish, request.args.get("page", 1, type=int))
    as_map = request.args.get("view") == "map"
    pins = search.on_map(wish) if as_map else []
    return render_template(
        "opportunities/search.html",
        form=form,
        near=near,
        results=results,
        listed=[cards.found_card(found) for found in results.found],
        as_map=as_map,
        map_data=cards.map_places(pins) if as_map else cards.found_places(results.found),
        list_url=_same_search(view=None),
        map_url=_same_search(view="map", page=None),
        wider_url=_same_search(miles="", page=None) if wish.metres else None,
        chosen=[(words, _without(name, value)) for name, value, words in form.chosen()],
        plain_url=url_for("opportunities.search", near=typed or None),
    )


def _without(name: str, value: str) -> str:
    """This search's address with one of its choices left out."""
    kept = [
        (one, said)
        for one, said in request.args.items(multi=True)
        if (one, said) != (name, value) and one != "page"
    ]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _same_search(**changed: str | None) -> str:
    """This search's address with some of its choices changed or, by None, left out."""
    kept = request.args.copy()
    for name, value in changed.items():
        kept.poplist(name)
        if value is not None:
            kept[name] = value
    query = urlencode(list(kept.items(multi=True)))
    return f"{request.path}?{query}" if query else request.path


@bp.get("/opportunities/<int:opportunity_id>", defaults={"slug": ""})
@bp.get("/opportunities/<int:opportunity_id>-<slug>")
@public
def show(opportunity_id: int, slug: str) -> ResponseReturnValue:
    opportunity = queries.shown(opportunity_id)
    if opportunity is None:
        abort(404)
    if opportunity.stage != Stage.PUBLISHED and not manages(opportunity.group_id):
        if opportunity.stage == Stage.DRAFT:
            abort(404)
        return render_template("opportunities/closed.html", opportunity=opportunity), 404
    address = cards.page_of(opportunity)
    if request.path != address:
        return redirect(address, 308)
    shifts = queries.open_shifts(opportunity.id)
    return render_template(
        "opportunities/show.html",
        opportunity=opportunity,
        shifts=shifts,
        claim_page=cards.claim_page,
        needs=descriptions.needs(opportunity),
        canonical=cards.page_of(opportunity, external=True),
        structured=descriptions.structured(opportunity, shifts),
        is_manager=current_user.is_authenticated and manages(opportunity.group_id),
        map_data=cards.map_places([cards.pin_of(opportunity, opportunity.site)]),
    )
