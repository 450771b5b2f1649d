"""The pages on which a group's managers, and the county's administrators, keep their tokens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import administrator
from app.api import tokens
from app.api.forms import TokenForm, usual_end
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.web.forms import show_refusal

bp = Blueprint("api_tokens", __name__, template_folder="templates")


@bp.get("/groups/<int:group_id>/tokens")
@group_manager
def index(group_id: int) -> ResponseReturnValue:
    """The group's tokens."""
    return _list(group_id)


@bp.get("/admin/tokens")
@administrator
def county_index() -> ResponseReturnValue:
    """The tokens that open the whole county's data."""
    return _list(None)


@bp.route("/groups/<int:group_id>/tokens/new", methods=["GET", "POST"])
@group_manager
def new(group_id: int) -> ResponseReturnValue:
    """Make a token for the group."""
    return _make(group_id)


@bp.route("/admin/tokens/new", methods=["GET", "POST"])
@administrator
def county_new() -> ResponseReturnValue:
    """Make a token for the county."""
    return _make(None)


@bp.post("/groups/<int:group_id>/tokens/<int:token_id>/stop")
@group_manager
def stop(group_id: int, token_id: int) -> ResponseReturnValue:
    """Stop one of the group's tokens."""
    return _stop(group_id, token_id)


@bp.post("/admin/tokens/<int:token_id>/stop")
@administrator
def county_stop(token_id: int) -> ResponseReturnValue:
    """Stop one of the county's tokens."""
    return _stop(None, token_id)


def _address(page: str, group_id: int | None, **values: Any) -> str:
    if group_id is None:
        return url_for(f"api_tokens.county_{page}", **values)
    return url_for(f"api_tokens.{page}", group_id=group_id, **values)


def _group(group_id: int | None) -> Group | None:
    return db.get_or_404(Group, group_id) if group_id is not None else None


def _list(group_id: int | None) -> ResponseReturnValue:
    found = tokens.listed(group_id)
    return render_template(
        "api/tokens.html",
        group=_group(group_id),
        working=[one.token for one in found if one.works],
        ended=[one.token for one in found if not one.works],
        new_url=_address("new", group_id),
        stop_urls={
            one.token.id: _address("stop", group_id, token_id=one.token.id) for one in found
        },
    )


def _make(group_id: int | None) -> ResponseReturnValue:
    form = TokenForm(ends_on=usual_end())
    if form.validate_on_submit():
        try:
            _, secret = tokens.make(
                group_id, form.name.data or "", form.chosen(), form.ends_at(), current_user.id
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            # Shown in the answer itself: a redirect would have to keep it somewhere.
            return render_template(
                "api/token_made.html",
                group=_group(group_id),
                secret=secret,
                back=_address("index", group_id),
            )
    return render_template(
        "api/token_new.html",
        form=form,
        group=_group(group_id),
        back=_address("index", group_id),
    )


def _stop(group_id: int | None, token_id: int) -> ResponseReturnValue:
    if not tokens.revoke(group_id, token_id, current_user.id):
        abort(404)
    flash("The token is stopped. It opens nothing any more.", "success")
    return redirect(_address("index", group_id))
