"""Where a group's managers change shifts, patterns and closed days: look first, then do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.opportunities import queries as opportunity_queries
from app.opportunities import slots
from app.opportunities.models import Pattern, Shift, Stage
from app.opportunities.rules.repeating import sentence
from app.rota.changing import queries, service, undoing
from app.rota.changing.drafts import (
    Change,
    Close,
    Conflict,
    OneShift,
    Reopen,
    ThisAndLater,
    closed_words,
    closure_of,
)
from app.rota.changing.forms import ClosureForm, EditPatternForm, EditShiftForm, Remembering
from app.rota.changing.models import RotaChange
from app.rota.changing.rules import Act, Why
from app.rota.changing.service import Differs, Plan
from app.web.forms import Form, choices, show_refusal

bp = Blueprint("changing", __name__, template_folder="templates")


@dataclass
class Seen:
    """What one request came to: the plan to show, and what there is to say about it."""

    plan: Plan | None = None
    done: RotaChange | None = None
    # Of a plan that is shown again because it is another by now: the lines that were seen before.
    known: frozenset[str] | None = None
    # Another manager was first: who, when, and what they changed.
    by_whom: RotaChange | None = None
    news: Sequence[tuple[str, str, str]] = field(default_factory=list)
    met: bool = False

    def is_new(self, digest: str) -> bool:
        return self.known is not None and digest not in self.known


def _along() -> list[int]:
    """The shifts whose boxes are ticked."""
    ticked = request.form.getlist("along")[:1000]
    return sorted({int(one) for one in ticked if one.isdecimal() and len(one) < 16})


def _look_or_do(form: Form, change: Change) -> Seen:
    """Show the change, or do it when its button was pressed and it still is what was shown."""
    along, reason = _along(), form.reason.data or ""
    seen = request.form.get("apply", "")
    try:
        if seen:
            done = service.apply(change, seen, current_user.id, along=along, reason=reason)
            return Seen(done=done)
        return Seen(plan=service.look(change, along, reason))
    except Differs as differs:
        return Seen(plan=differs.plan, known=frozenset(request.form.getlist("seen")))
    except Conflict:
        raise
    except Refusal as refusal:
        show_refusal(form, refusal)
        if refusal.field == "reason":
            return Seen(plan=service.look(change, along, reason))
        return Seen()


def _meet(
    form: Remembering,
    conflict: Conflict,
    values: dict[str, Any],
    make: Callable[[], Change],
) -> Seen:
    """Another manager was first: show what they changed, keep what was typed, plan anew."""
    row = conflict.subject
    news = form.meet(conflict.version, values)
    group_id = row.opportunity.group_id
    seen = Seen(met=True, news=news, by_whom=queries.last_change_of(group_id, row))
    try:
        seen.plan = service.look(make(), _along(), form.reason.data or "")
    except Refusal as refusal:
        show_refusal(form, refusal)
    return seen


def _done(done: RotaChange) -> ResponseReturnValue:
    flash("Done. You can undo it within the hour.", "success")
    return redirect(url_for("changing.change", group_id=done.group_id, change_id=done.id))


def _note(seen: Seen, group_id: int) -> None:
    """That names were looked at; before the page reads its rows, which this forgets."""
    if seen.plan is not None and (seen.plan.told or any(one.people for one in seen.plan.lines)):
        audit.record("viewed who a change concerns", group_id=group_id)


def _page(template: str, seen: Seen, group_id: int, **said: Any) -> str:
    return render_template(
        template,
        seen=seen,
        plan=seen.plan,
        along=_along(),
        group_id=group_id,
        Act=Act,
        Why=Why,
        **said,
    )


@bp.route("/groups/<int:group_id>/shifts/<int:shift_id>/edit", methods=["GET", "POST"])
@group_manager
def edit_shift(group_id: int, shift_id: int) -> ResponseReturnValue:
    """Only this shift."""
    shift = opportunity_queries.shift_of(group_id, shift_id)
    form = EditShiftForm(data=EditShiftForm.values_of(shift))
    if slots.of_shift(shift.id):
        del form.places
    seen = Seen()
    if form.validate_on_submit():

        def make() -> OneShift:
            return OneShift(
                group_id=group_id,
                shift_id=shift_id,
                values=form.wanted(shift),
                version=form.version.data,
            )

        try:
            seen = _look_or_do(form, make())
        except Conflict as conflict:
            shift = opportunity_queries.shift_of(group_id, shift_id)
            seen = _meet(form, conflict, EditShiftForm.values_of(shift), make)
        if seen.done:
            return _done(seen.done)
    elif not form.is_submitted():
        form.remember(shift.version, EditShiftForm.values_of(shift))
    _note(seen, group_id)
    shift = opportunity_queries.shift_of(group_id, shift_id)
    return _page(
        "changing/edit_shift.html",
        seen,
        form=form,
        shift=shift,
        pattern=shift.pattern,
        said=_said(shift.pattern),
        group_id=group_id,
    )


def _said(pattern: Pattern | None) -> str:
    return sentence(pattern.rule, pattern.starts, pattern.ends) if pattern else ""


@bp.route("/groups/<int:group_id>/shifts/<int:shift_id>/edit/later", methods=["GET", "POST"])
@group_manager
def edit_later(group_id: int, shift_id: int) -> ResponseReturnValue:
    """This shift and the later ones of its pattern."""
    shift = opportunity_queries.shift_of(group_id, shift_id)
    if shift.pattern_id is None or shift.starts_at <= clock.now():
        flash("This shift does not repeat, or has begun.", "info")
        return redirect(url_for("changing.edit_shift", group_id=group_id, shift_id=shift_id))
    return _edit_pattern(group_id, shift.pattern_id, shift)


@bp.route("/groups/<int:group_id>/patterns/<int:pattern_id>/edit", methods=["GET", "POST"])
@group_manager
def edit_pattern(group_id: int, pattern_id: int) -> ResponseReturnValue:
    """All the shifts of a pattern that are still to come."""
    return _edit_pattern(group_id, pattern_id, None)


def _edit_pattern(group_id: int, pattern_id: int, since: Shift | None) -> ResponseReturnValue:
    pattern = opportunity_queries.pattern_of(group_id, pattern_id)
    from_day = since.occurrence_day if since else None
    form = EditPatternForm(data=EditPatternForm.values_of(pattern))
    form.offer(pattern)
    seen = Seen()
    if form.validate_on_submit():

        def make() -> ThisAndLater:
            return ThisAndLater(
                group_id=group_id,
                pattern_id=pattern_id,
                values=form.wanted(pattern),
                from_day=from_day,
                version=form.version.data,
            )

        try:
            seen = _look_or_do(form, make())
        except Conflict as conflict:
            pattern = opportunity_queries.pattern_of(group_id, pattern_id)
            seen = _meet(form, conflict, EditPatternForm.values_of(pattern), make)
        if seen.done:
            return _done(seen.done)
    elif not form.is_submitted():
        form.remember(pattern.version, EditPatternForm.values_of(pattern))
    _note(seen, group_id)
    pattern = opportunity_queries.pattern_of(group_id, pattern_id)
    return _page(
        "changing/edit_pattern.html",
        seen,
        form=form,
        pattern=pattern,
        said=_said(pattern),
        since=opportunity_queries.shift_of(group_id, since.id) if since else None,
        group_id=group_id,
    )


@bp.get("/groups/<int:group_id>/rota/changes")
@group_manager
def recent(group_id: int) -> ResponseReturnValue:
    """What was changed lately, by whom, and what can still be undone."""
    return render_template(
        "changing/recent.html",
        group=db.get_or_404(Group, group_id),
        changes=queries.recent(group_id),
        can_be_undone=undoing.can_be_undone,
    )


@bp.get("/groups/<int:group_id>/rota/changes/<int:change_id>")
@group_manager
def change(group_id: int, change_id: int) -> ResponseReturnValue:
    found = queries.change_of(group_id, change_id)
    return render_template(
        "changing/change.html",
        group=db.get_or_404(Group, group_id),
        change=found,
        counted=_counted(found),
        can_be_undone=undoing.can_be_undone(found),
    )


def _counted(found: RotaChange) -> dict[str, int]:
    """How many shifts were changed, added, deleted and cancelled."""
    counts = {"changed": 0, "added": 0, "removed": 0, "cancelled": 0}
    for entry in found.record["shifts"]:
        before, after = entry["before"], entry["after"]
        if before is None:
            counts["added"] += 1
        elif after is None:
            counts["removed"] += 1
        elif before["stage"] != after["stage"] and after["stage"] == Stage.CANCELLED.value:
            counts["cancelled"] += 1
        elif before["version"] != after["version"]:
            counts["changed"] += 1
    return counts


@bp.post("/groups/<int:group_id>/rota/changes/<int:change_id>/undo")
@group_manager
def undo(group_id: int, change_id: int) -> ResponseReturnValue:
    try:
        undone = undoing.undo(group_id, change_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        if undone.left_over:
            flash("Undone, but not everything: see below.", "warning")
        else:
            flash("Undone. Everybody who was told has been told again.", "success")
    return redirect(url_for("changing.change", group_id=group_id, change_id=change_id))


@bp.get("/groups/<int:group_id>/closures")
@group_manager
def closures(group_id: int) -> ResponseReturnValue:
    """When the group is closed, and the bank holidays to come."""
    return render_template(
        "changing/closures.html",
        group=db.get_or_404(Group, group_id),
        closures=queries.closures_of(group_id),
        closed_words=closed_words,
        holidays=queries.next_bank_holidays(),
        standing=queries.open_though_closed(group_id),
    )


@bp.route("/groups/<int:group_id>/closures/new", methods=["GET", "POST"])
@group_manager
def close(group_id: int) -> ResponseReturnValue:
    form = ClosureForm()
    sites = opportunity_queries.sites_of(group_id)
    form.site_id.choices = choices([(0, "Everywhere"), *((site.id, site.name) for site in sites)])
    seen = Seen()
    if form.validate_on_submit():
        asked = Close(
            group_id=group_id,
            site_id=form.site_id.data or None,
            name=(form.name.data or "").strip(),
            first_day=form.first_day.data,
            last_day=form.last_day.data,
        )
        seen = _look_or_do(form, asked)
        if seen.done:
            return _done(seen.done)
    _note(seen, group_id)
    group = db.get_or_404(Group, group_id)
    return _page("changing/close.html", seen, group_id, form=form, group=group)


class _OnlyAButton(Form):
    """The button that opens again."""

    reason = None


@bp.route("/groups/<int:group_id>/closures/<int:closure_id>/remove", methods=["GET", "POST"])
@group_manager
def reopen(group_id: int, closure_id: int) -> ResponseReturnValue:
    closure = closure_of(group_id, closure_id)
    if closure is None:
        flash("This closure is gone already.", "info")
        return redirect(url_for("changing.closures", group_id=group_id))
    asked = Reopen(group_id=group_id, closure_id=closure_id)
    form = _OnlyAButton()
    seen = Seen(plan=service.look(asked))
    if form.validate_on_submit():
        try:
            return _done(service.apply(asked, request.form.get("apply", ""), current_user.id))
        except Differs as differs:
            seen = Seen(plan=differs.plan, known=frozenset(request.form.getlist("seen")))
        except Refusal as refusal:
            flash(refusal.sentence, "error")
            return redirect(url_for("changing.closures", group_id=group_id))
    group = db.get_or_404(Group, group_id)
    return _page(
        "changing/reopen.html",
        seen,
        group_id,
        form=form,
        group=group,
        closure=closure_of(group_id, closure_id),
        words=closed_words(closure.first_day, closure.last_day),
    )
