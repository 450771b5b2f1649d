"""People who no longer meet what their shift needs: a manager decides for each."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.safeguarding import service
from app.safeguarding.forms import DecisionForm
from app.safeguarding.models import Verdict
from app.safeguarding.queries import findings as queries
from app.safeguarding.queries.findings import Case
from app.safeguarding.routes import bp
from app.safeguarding.rules.decisions import NEVER_KEPT, kindly, said
from app.web.filters import plural, spoken_when
from app.web.forms import choices, show_refusal


@bp.get("/groups/<int:group_id>/decisions")
@group_manager
def decisions(group_id: int) -> ResponseReturnValue:
    """Who no longer meets what a coming shift needs, as it is at this moment."""
    audit.record("viewed people to decide about", group_id=group_id)
    found = queries.cases(group_id)
    return render_template(
        "safeguarding/decisions.html",
        group=db.get_or_404(Group, group_id),
        waiting=[case for case in found if case.open],
        kept=[(case, one, finding) for case in found for one, finding in case.kept],
        said=said,
    )


@bp.route("/groups/<int:group_id>/decisions/<int:volunteer_id>/<reason>", methods=["GET", "POST"])
@group_manager
def decide(group_id: int, volunteer_id: int, reason: str) -> ResponseReturnValue:
    """Keep the person on some of the shifts, with a reason, or let them go kindly."""
    case = queries.case_of(group_id, volunteer_id, reason)
    if case is None:
        abort(404)
    form = DecisionForm()
    form.offer(
        choices(
            (
                one.signup_id,
                f"{one.title}, {spoken_when(one.starts_at, one.ends_at, one.zone, inside=True)}",
            )
            for one, _ in case.shifts
        ),
        chosen=[str(one.signup_id) for one in case.open],
        may_keep=case.reason not in NEVER_KEPT,
        kindly=kindly(case.reason),
    )
    if form.validate_on_submit():
        try:
            flash(_decide(group_id, case, form), "success")
            return redirect(url_for("safeguarding.decisions", group_id=group_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    audit.record("viewed person to decide about", group_id=group_id, volunteer=volunteer_id)
    return render_template(
        "safeguarding/decide.html",
        group=db.get_or_404(Group, group_id),
        case=case,
        form=form,
        said=said(case.reason),
        may_keep=case.reason not in NEVER_KEPT,
    )


def _decide(group_id: int, case: Case, form: DecisionForm) -> str:
    chosen = [int(value) for value in form.shifts.data or []]
    if form.verdict.data == Verdict.KEEP:
        if form.until.data is None:
            raise Refusal("Say until when they can stay.", "until")
        number = service.keep(
            group_id,
            case.volunteer_id,
            case.reason,
            chosen,
            words=form.words.data or "",
            until=form.until.data,
            by_user_id=current_user.id,
        )
        return f"{case.name} stays on {plural(number, 'shift')}. Your reason is kept."
    number = service.release(
        group_id,
        case.volunteer_id,
        case.reason,
        chosen,
        words=form.words.data or "",
        by_user_id=current_user.id,
    )
    return f"{case.name} is off {plural(number, 'shift')}, and has been told kindly."
