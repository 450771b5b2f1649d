"""A group's managers have a rota suggested, change the draft, and ask its people."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.signups.answering import waiting_for_answer
from app.suggestions import service
from app.suggestions.forms import BareForm, StartForm
from app.suggestions.models import OPEN, STANDING, WORKING, Mark, Progress, Suggestion
from app.suggestions.queries import pages
from app.suggestions.queries.choice import choice
from app.suggestions.service.rows import suggestion_of
from app.web.filters import plural
from app.web.forms import row_number, show_refusal

bp = Blueprint("suggestions", __name__, template_folder="templates")


@bp.route("/groups/<int:group_id>/rota/suggest", methods=["GET", "POST"])
@group_manager
def start(group_id: int) -> ResponseReturnValue:
    """Choose for how many weeks; the draft that there is stays one click away."""
    form = StartForm()
    if form.validate_on_submit():
        try:
            suggestion = service.start(group_id, current_user.id, form.weeks.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _to(suggestion)
    return render_template(
        "suggestions/start.html",
        form=form,
        group=db.get_or_404(Group, group_id),
        latest=pages.latest(group_id),
        applicants=len(waiting_for_answer(group_id)),
    )


@bp.get("/groups/<int:group_id>/rota/suggestions/<int:suggestion_id>")
@group_manager
def show(group_id: int, suggestion_id: int) -> ResponseReturnValue:
    """How far it is; once it is done the draft, shift by shift and person by person."""
    suggestion = suggestion_of(group_id, suggestion_id)
    found = [] if suggestion.progress in WORKING else pages.rows(suggestion)
    if any(row.places for row in found):
        audit.record("viewed suggested rota", subject=suggestion, group_id=group_id)
        suggestion = suggestion_of(group_id, suggestion_id)
        found = pages.rows(suggestion)
    places = [place for row in found for place in row.places]
    return render_template(
        "suggestions/show.html",
        suggestion=suggestion,
        group=suggestion.group,
        form=BareForm(),
        is_working=suggestion.progress in WORKING,
        is_draft=suggestion.progress == Progress.DONE,
        is_open=suggestion.progress in OPEN,
        days=pages.by_day(found),
        shares=pages.by_person(found),
        standing=[place for place in places if place.mark in STANDING],
        refused=[place for place in places if place.mark == Mark.REFUSED],
        gaps=[row for row in found if row.short],
    )


@bp.get("/groups/<int:group_id>/rota/suggestions/<int:suggestion_id>/progress")
@group_manager
def progress(group_id: int, suggestion_id: int) -> ResponseReturnValue:
    """The part of the page that renews itself while a worker is at it."""
    suggestion = suggestion_of(group_id, suggestion_id)
    if suggestion.progress not in WORKING:
        address = url_for("suggestions.show", group_id=group_id, suggestion_id=suggestion_id)
        return "", 200, {"HX-Redirect": address}
    return render_template("suggestions/_progress.html", suggestion=suggestion)


@bp.post("/groups/<int:group_id>/rota/suggestions/<int:suggestion_id>/<any(again, ask, drop):wish>")
@group_manager
def act(group_id: int, suggestion_id: int, wish: str) -> ResponseReturnValue:
    """The buttons under the draft."""
    try:
        if wish == "again":
            service.again(group_id, suggestion_id)
        elif wish == "drop":
            service.drop(group_id, suggestion_id)
            flash("The draft is thrown away. Nobody knew of it.", "success")
            return redirect(url_for("suggestions.start", group_id=group_id))
        else:
            asked = service.ask(group_id, suggestion_id, current_user.id)
            people = plural(asked.people, "person was", "people were")
            flash(f"{people} asked for {plural(asked.places, 'place')}.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("suggestions.show", group_id=group_id, suggestion_id=suggestion_id))


@bp.post(
    "/groups/<int:group_id>/rota/suggestions/<int:suggestion_id>"
    "/places/<int:place_id>/<any(remove, lock, unlock):wish>"
)
@group_manager
def change(group_id: int, suggestion_id: int, place_id: int, wish: str) -> ResponseReturnValue:
    """The buttons beside a place of the draft."""
    verb = {"remove": service.remove, "lock": service.lock, "unlock": service.unlock}[wish]
    anchor = None
    try:
        place = verb(group_id, suggestion_id, place_id)
        anchor = f"shift-{place.shift_id}"
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(
        url_for("suggestions.show", group_id=group_id, suggestion_id=suggestion_id, _anchor=anchor)
    )


@bp.route(
    "/groups/<int:group_id>/rota/suggestions/<int:suggestion_id>/choose/<int:shift_id>",
    methods=["GET", "POST"],
)
@group_manager
def choose(group_id: int, suggestion_id: int, shift_id: int) -> ResponseReturnValue:
    """Somebody else for a place, or somebody for an open one: who fits, and why."""
    # Before anything is read: what was read before a commit is read again.
    subject = suggestion_of(group_id, suggestion_id)
    audit.record("viewed suggested rota", subject=subject, group_id=group_id)
    suggestion = suggestion_of(group_id, suggestion_id)
    slot_id = request.args.get("slot", type=int)
    instead = request.args.get("instead", type=int)
    form = BareForm()
    if form.validate_on_submit():
        chosen = request.form.get("volunteer_id", type=row_number)
        try:
            if chosen is None:
                raise Refusal("Choose somebody from the list.")
            service.choose(
                group_id,
                suggestion_id,
                shift_id=shift_id,
                slot_id=slot_id,
                volunteer_id=chosen,
                instead_of=instead,
            )
            return redirect(
                url_for(
                    "suggestions.show",
                    group_id=group_id,
                    suggestion_id=suggestion_id,
                    _anchor=f"shift-{shift_id}",
                )
            )
        except Refusal as refusal:
            form.form_errors.append(refusal.sentence)
            suggestion = suggestion_of(group_id, suggestion_id)
    found = choice(suggestion, shift_id, slot_id, instead)
    if found is None:
        abort(404)
    return render_template(
        "suggestions/choose.html",
        form=form,
        group_id=group_id,
        suggestion_id=suggestion_id,
        shift=found.told.shift,
        duty=found.told.duty,
        instead=found.instead_of,
        others=found.others,
    )


def _to(suggestion: Suggestion) -> ResponseReturnValue:
    return redirect(
        url_for("suggestions.show", group_id=suggestion.group_id, suggestion_id=suggestion.id)
    )
