"""What anybody may open: "When did you leave?" by its link, and a statement by its code."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import public
from app.foundation.errors import Refusal
from app.foundation.extensions import limiter
from app.hours import rules, service
from app.hours.forms import CodeForm, LeftForm
from app.hours.routes import bp
from app.hours.service import forgotten, statements
from app.signups.models import Standing
from app.web.forms import show_refusal

# A code has 60 bits, so this only keeps a machine from asking all day long.
few_codes = limiter.limit("60 per 15 minutes")


@bp.route("/left/<token>", methods=["GET", "POST"])
@public
def when_left(token: str) -> ResponseReturnValue:
    """A volunteer who forgot to check out says when they left. The link is the proof."""
    row = forgotten.asked(token)
    if row is None:
        abort(404)
    is_open = row.is_here and (row.signup is None or row.signup.standing == Standing.ATTENDED)
    form = LeftForm()
    if is_open and form.validate_on_submit():
        assert row.came_at is not None  # is_here
        attendance_id = row.id
        left_at = rules.moment_after(form.left.data, row.came_at, row.shift.site.zone)
        try:
            service.say_when_left(attendance_id, left_at)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("hours.when_left", token=token))
    row = forgotten.asked(token)
    assert row is not None  # it was there a moment ago
    return render_template(
        "hours/when_left.html", row=row, shift=row.shift, form=form, is_open=is_open, token=token
    )


@bp.post("/left/<token>/planned")
@public
def left_as_planned(token: str) -> ResponseReturnValue:
    """They left at the planned end."""
    row = forgotten.asked(token)
    if row is None:
        abort(404)
    if row.is_here and row.came_at is not None:
        service.say_when_left(row.id, max(row.shift.ends_at, row.came_at))
    return redirect(url_for("hours.when_left", token=token))


@bp.get("/statements")
@public
@few_codes
def find_statement() -> ResponseReturnValue:
    """Type the code of a statement."""
    form = CodeForm(request.args)
    typed = statements.plain(form.code.data or "")
    if typed:
        return redirect(url_for("hours.verify", code=statements.spoken(typed)))
    return render_template("hours/find_statement.html", form=form)


@bp.get("/statements/<code>")
@public
@few_codes
def verify(code: str) -> ResponseReturnValue:
    """Whether a statement is ours, and what it says: initials and totals, no more."""
    verdict = statements.look_up(code)
    response = make_response(
        render_template(
            "hours/verify.html", verdict=verdict, code=statements.spoken(statements.plain(code))
        ),
        200 if verdict else 404,
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
