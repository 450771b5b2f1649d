"""A volunteer's hours: see them, add to them, have them put right, print them."""

from __future__ import annotations

import io
from datetime import date

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.hours import pictures, queries, rules, service
from app.hours.forms import AddHoursForm, OwnTimesForm, PressForm, StatementForm
from app.hours.milestones import milestones
from app.hours.models import Statement
from app.hours.routes import bp
from app.hours.service import statements
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer
from app.web.forms import choices, show_refusal


@bp.get("/my/hours")
@signed_in
def mine() -> ResponseReturnValue:
    me = volunteers.volunteer_of(current_user.id)
    if me is None:
        return render_template("signups/no_profile.html", title=gettext("My hours"))
    given = queries.given(me.id)
    year = rules.last_months(given, volunteers.today())
    return render_template(
        "hours/mine.html",
        given=given,
        total=rules.total(given),
        groups=rules.by_group(given),
        year=year,
        in_year=sum(one.minutes for one in year),
        picture=pictures.months(year),
        milestones=milestones(given),
        month_name=pictures.month_name,
        requests=queries.own_requests(me.id),
        statements=queries.own_statements(me.id),
        form=PressForm(),
    )


@bp.route("/my/hours/add", methods=["GET", "POST"])
@signed_in
def add() -> ResponseReturnValue:
    """Hours beside any shift, for the group's approval."""
    me = _me()
    form = AddHoursForm()
    groups = queries.groups_of(me.id)
    form.group.choices = choices(groups)
    if groups and form.validate_on_submit():
        try:
            service.ask(
                me.id,
                int(form.group.data),
                form.day.data,
                (form.hours.data or 0) * 60 + (form.minutes.data or 0),
                form.what.data or "",
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(gettext("The group looks at it and we tell you."), "success")
            return redirect(url_for("hours.mine"))
    return render_template("hours/add.html", form=form, groups=groups)


@bp.route("/my/hours/<int:signup_id>/correct", methods=["GET", "POST"])
@signed_in
def ask_to_correct(signup_id: int) -> ResponseReturnValue:
    """Other times than those that are kept, for the group's approval."""
    me = _me()
    signup = queries.own_signup(me.id, signup_id)
    if signup is None:
        abort(404)
    shift = signup.shift
    zone = shift.site.zone
    form = OwnTimesForm()
    if form.validate_on_submit():
        came_at = rules.moment_near(form.came.data, shift.starts_at, zone)
        left_at = rules.moment_after(form.left.data, came_at, zone)
        try:
            service.ask_to_correct(me.id, signup_id, came_at, left_at, form.reason.data or "")
        except Refusal as refusal:
            refusal.field = "reason" if refusal.field == "what" else refusal.field
            show_refusal(form, refusal)
        else:
            flash(gettext("The group looks at it and we tell you."), "success")
            return redirect(url_for("hours.mine"))
    signup = queries.own_signup(me.id, signup_id)
    return render_template("hours/ask_to_correct.html", form=form, signup=signup)


@bp.post("/my/hours/requests/<int:request_id>/take-back")
@signed_in
def take_back(request_id: int) -> ResponseReturnValue:
    service.take_back(request_id, _me().id)
    flash(gettext("Taken back."), "success")
    return redirect(url_for("hours.mine"))


@bp.route("/my/hours/statement", methods=["GET", "POST"])
@signed_in
def new_statement() -> ResponseReturnValue:
    """Choose the time that a signed statement is about."""
    me = _me()
    today = volunteers.today()
    form = StatementForm(first_day=date(today.year, 1, 1), last_day=today)
    if form.validate_on_submit():
        try:
            made = statements.make(me.id, form.first_day.data, form.last_day.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("hours.statement", statement_id=made.id))
    return render_template("hours/new_statement.html", form=form)


@bp.get("/my/statements/<int:statement_id>")
@signed_in
def statement(statement_id: int) -> ResponseReturnValue:
    found = _statement(statement_id)
    said = found.contents
    return render_template(
        "hours/statement.html",
        statement=found,
        said=said,
        code=statements.spoken(found.code),
        first_day=date.fromisoformat(said["first_day"]),
        last_day=date.fromisoformat(said["last_day"]),
        made_on=date.fromisoformat(said["made_on"]),
        # Kept as they are printed, in English.
        months=[(rules.read_month(name), minutes) for name, minutes in said["months"]],
        rows=[(date.fromisoformat(day), *rest) for day, *rest in said["rows"]],
    )


@bp.get("/my/statements/<int:statement_id>.pdf")
@signed_in
def statement_pdf(statement_id: int) -> ResponseReturnValue:
    found = _statement(statement_id)
    made = statements.pdf(found)
    name = f"hours-{statements.spoken(found.code)}.pdf"
    audit.record("printed statement of hours", subject=found)
    response = send_file(
        io.BytesIO(made), mimetype="application/pdf", as_attachment=True, download_name=name
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _statement(statement_id: int) -> Statement:
    found = statements.own(_me().id, statement_id)
    if found is None:
        abort(404)
    return found


def _me() -> Volunteer:
    """The signed-in user's volunteer, or 404."""
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        abort(404)
    return volunteer
