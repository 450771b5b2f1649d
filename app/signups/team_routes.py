"""Who does what on a shift: its team, and one person's duty."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import RadioField
from wtforms.validators import InputRequired

from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.opportunities import queries as opportunity_queries
from app.opportunities import slots
from app.opportunities.duty_forms import team_form
from app.opportunities.models import Slot
from app.opportunities.slots import Numbers
from app.signups import screens, service, teams
from app.signups.routes import bp
from app.web.filters import plural, spoken_when
from app.web.forms import Form, choices, show_refusal


@bp.route("/groups/<int:group_id>/shifts/<int:shift_id>/team", methods=["GET", "POST"])
@group_manager
def team(group_id: int, shift_id: int) -> ResponseReturnValue:
    shift = opportunity_queries.shift_of(group_id, shift_id)
    have = slots.of_shift(shift_id)
    duties = {duty.id: duty for duty in slots.duties_of(shift.opportunity_id)}
    duties |= {slot.duty_id: slot.duty for slot in have}
    if not duties:
        return _to_duties(group_id, shift.opportunity_id)
    now = {slot.duty_id: Numbers(slot.places, slot.minimum) for slot in have}
    form = team_form(duties.values(), now, shift.minimum, shift.version)
    if form.validate_on_submit():
        try:
            teams.set_for_shift(
                group_id,
                shift_id,
                form.team(),
                form.minimum.data or 0,
                current_user.id,
                version=form.version.data,
            )
        except teams.Meanwhile as meanwhile:
            form.look_again(meanwhile.version)
            show_refusal(form, meanwhile)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift_id))
    return render_template("signups/team.html", form=form, shift=shift)


@bp.route("/groups/<int:group_id>/patterns/<int:pattern_id>/team", methods=["GET", "POST"])
@group_manager
def pattern_team(group_id: int, pattern_id: int) -> ResponseReturnValue:
    pattern = opportunity_queries.pattern_of(group_id, pattern_id)
    opportunity = pattern.opportunity
    duties = slots.duties_of(opportunity.id)
    if not duties:
        return _to_duties(group_id, opportunity.id)
    form = team_form(duties, slots.team_of(pattern), pattern.minimum, pattern.version)
    if form.validate_on_submit():
        try:
            changed, kept = teams.set_for_pattern(
                group_id,
                pattern_id,
                form.team(),
                form.minimum.data or 0,
                current_user.id,
                version=form.version.data,
            )
        except teams.Meanwhile as meanwhile:
            form.look_again(meanwhile.version)
            show_refusal(form, meanwhile)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"Saved. {plural(changed, 'shift')} to come changed.", "success")
            for shift, why in kept:
                when = spoken_when(shift.starts_at, shift.ends_at, opportunity.site.zone)
                flash(f"{when} stays as it was. {why}", "warning")
            return redirect(
                url_for("opportunities.overview", group_id=group_id, opportunity_id=opportunity.id)
            )
    return render_template("opportunities/pattern_team.html", form=form, opportunity=opportunity)


def _to_duties(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    flash("First say which duties the role has.", "info")
    return redirect(
        url_for("opportunities.duties", group_id=group_id, opportunity_id=opportunity_id)
    )


class MoveForm(Form):
    """Another duty for one person."""

    slot_id = RadioField(
        "What should they do?",
        coerce=int,
        widget=GovRadioInput(),
        validators=[InputRequired("Choose a duty.")],
    )


@bp.route("/groups/<int:group_id>/signups/<int:signup_id>/duty", methods=["GET", "POST"])
@group_manager
def change_duty(group_id: int, signup_id: int) -> ResponseReturnValue:
    signup = screens.signup_of_group(group_id, signup_id)
    if signup is None:
        abort(404)
    shift = opportunity_queries.shift_of(group_id, signup.shift_id)
    form = MoveForm(slot_id=signup.slot_id)
    form.slot_id.choices = choices(
        (slot.id, _with_room(slot)) for slot in slots.of_shift(signup.shift_id)
    )
    if form.validate_on_submit():
        try:
            service.move(signup_id, form.slot_id.data, current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Changed.", "success")
            return redirect(url_for("signups.roster", group_id=group_id, shift_id=shift.id))
    return render_template("signups/change_duty.html", form=form, signup=signup, shift=shift)


def _with_room(slot: Slot) -> str:
    left = slot.places_left
    return (
        f"{slot.duty.name} ({plural(left, 'place')} free)" if left else f"{slot.duty.name} (full)"
    )
