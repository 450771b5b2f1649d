"""A group's cover: who could step in, asking them, watching it, and the group's own rule."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.broadcasts import words
from app.cover import queries, service
from app.cover.forms import AskForm, RuleForm
from app.cover.rules import Reach
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities import queries as opportunities
from app.web.filters import plural
from app.web.forms import show_refusal

SHOWN = 12

bp = Blueprint("cover", __name__, template_folder="templates")
bp.context_processor(
    lambda: {"standing_words": words.STANDING_WORDS, "length": words.spoken_length}
)


@bp.get("/groups/<int:group_id>/shifts/<int:shift_id>/cover")
@group_manager
def show(group_id: int, shift_id: int) -> ResponseReturnValue:
    return _show(group_id, shift_id, None)


def _show(group_id: int, shift_id: int, form: AskForm | None) -> str:
    page = queries.page(group_id, opportunities.shift_of(group_id, shift_id), SHOWN)
    if form is None:
        form = AskForm(
            data={
                "most_people": page.setting.most_people,
                "reach": page.setting.reach.value,
            }
        )
    config = current_app.config
    shown = render_template(
        "cover/show.html",
        form=form,
        page=page,
        is_quiet=in_quiet_hours(clock.now(), config["TIMEZONE"], config["QUIET_HOURS"]),
        **_now(group_id, page.progress),
    )
    # Last, for a transaction forgets the rows that were read before it; nobody sees the page
    # without it.
    audit.record("viewed shortlist for cover", subject=page.shift, group_id=group_id)
    return shown


def _now(group_id: int, progress: queries.Progress | None) -> dict[str, Any]:
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return {
        "group_id": group_id,
        "progress": progress,
        "updated": f"{clock.now().astimezone(zone):%H:%M:%S}",
    }


@bp.get("/groups/<int:group_id>/shifts/<int:shift_id>/cover/progress/<state>")
@group_manager
def progress(group_id: int, shift_id: int, state: str) -> ResponseReturnValue:
    """The part of the page that renews itself; with a new state, the whole page does."""
    shift = opportunities.shift_of(group_id, shift_id)
    cover = queries.latest(shift.id)
    found = queries.progress(cover) if cover is not None else None
    if found is None:
        abort(404)
    response = make_response(
        render_template("cover/_progress.html", shift=shift, **_now(group_id, found))
    )
    if state != found.broadcast.state.value:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/cover/ask")
@group_manager
def ask(group_id: int, shift_id: int) -> ResponseReturnValue:
    opportunities.shift_of(group_id, shift_id)
    form = AskForm()
    if form.validate_on_submit():
        try:
            service.ask(
                group_id,
                shift_id,
                current_user.id,
                form.most_people.data or 0,
                Reach(form.reach.data),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("We are asking. You need do nothing more: you see it here.", "success")
            return redirect(url_for("cover.show", group_id=group_id, shift_id=shift_id))
    return _show(group_id, shift_id, form)


@bp.post("/groups/<int:group_id>/shifts/<int:shift_id>/cover/stop")
@group_manager
def stop(group_id: int, shift_id: int) -> ResponseReturnValue:
    opportunities.shift_of(group_id, shift_id)
    try:
        held = service.stop(group_id, shift_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        back = f" {plural(held, 'text was', 'texts were')} held back." if held else ""
        flash(f"Stopped. Nobody else is asked.{back}", "success")
    return redirect(url_for("cover.show", group_id=group_id, shift_id=shift_id))


@bp.route("/groups/<int:group_id>/cover", methods=["GET", "POST"])
@group_manager
def settings(group_id: int) -> ResponseReturnValue:
    """The group's own rule."""
    now = queries.setting_of(group_id)
    form = RuleForm(
        data={
            "start": now.start.value,
            "within_hours": now.within_hours,
            "most_people": now.most_people,
            "wait_minutes": now.wait_minutes,
            "reach": now.reach.value,
        }
    )
    if form.validate_on_submit():
        try:
            service.set_rule(group_id, form.setting(), current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for("groups.show", group_id=group_id))
    return render_template("cover/settings.html", form=form, group=db.get_or_404(Group, group_id))
