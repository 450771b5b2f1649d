"""A request while it runs and after: its live page, its lists of people, its brakes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import coordinator
from app.broadcasts import asking, queries, rules, service
from app.broadcasts.forms import WidenForm
from app.broadcasts.models import Broadcast, BroadcastState
from app.broadcasts.queries import live, people
from app.broadcasts.queries import wall as watching
from app.broadcasts.routes import bp
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.matching.queries import shortfall
from app.signups.rules import Exclusion
from app.web.filters import plural
from app.web.forms import show_refusal

# After the end, receipts and late answers still come in.
WATCHED_AFTER_END = timedelta(minutes=30)


@bp.get("/broadcasts/<int:broadcast_id>")
@coordinator
def show(broadcast_id: int) -> ResponseReturnValue:
    broadcast = _started(broadcast_id)
    if broadcast is None:
        return redirect(url_for("broadcasts.audience", broadcast_id=broadcast_id))
    audit.record("viewed urgent request", subject=broadcast)
    return render_template(
        "broadcasts/show.html",
        excluded=people.excluded_counts(broadcast_id),
        rounds=live.rounds(broadcast_id),
        **_now(broadcast),
    )


@bp.get("/broadcasts/<int:broadcast_id>/progress")
@coordinator
def progress(broadcast_id: int) -> ResponseReturnValue:
    """The part of the live page that renews itself; with a new state, the whole page does."""
    broadcast = _started(broadcast_id)
    if broadcast is None:
        abort(404)
    response = make_response(render_template("broadcasts/_progress.html", **_now(broadcast)))
    if request.args.get("state") != broadcast.state.value:
        response.headers["HX-Refresh"] = "true"
    return response


def _now(broadcast: Broadcast) -> dict[str, Any]:
    return {
        "broadcast": broadcast,
        "seen": live.seen(broadcast),
        "is_watched": _is_watched(broadcast),
        "updated": _updated(),
    }


@bp.get("/broadcasts/<int:broadcast_id>/wall")
@coordinator
def wall(broadcast_id: int) -> ResponseReturnValue:
    """The request for a room to watch; nothing on it acts, and nobody's whole name is on it."""
    broadcast = _started(broadcast_id)
    if broadcast is None:
        return redirect(url_for("broadcasts.audience", broadcast_id=broadcast_id))
    if "again" not in request.args:  # a wall without a script loads itself every few seconds
        audit.record("put urgent request on a wall", subject=broadcast)
    return render_template("broadcasts/wall.html", **_on_the_wall(broadcast))


@bp.get("/broadcasts/<int:broadcast_id>/wall/part")
@coordinator
def wall_part(broadcast_id: int) -> ResponseReturnValue:
    """The part of the wall that renews itself; with a new state, the whole page does."""
    broadcast = _started(broadcast_id)
    if broadcast is None:
        abort(404)
    response = make_response(render_template("broadcasts/_wall.html", **_on_the_wall(broadcast)))
    if request.args.get("state") != broadcast.state.value:
        response.headers["HX-Refresh"] = "true"
    return response


def _on_the_wall(broadcast: Broadcast) -> dict[str, Any]:
    return {
        "broadcast": broadcast,
        "wall": watching.wall(broadcast),
        "now": clock.now(),
        "is_watched": _is_watched(broadcast),
        "updated": _updated(),
    }


def _is_watched(broadcast: Broadcast) -> bool:
    ended = broadcast.ended_at
    return ended is None or clock.now() - ended < WATCHED_AFTER_END


def _updated() -> str:
    return f"{clock.now().astimezone(ZoneInfo(current_app.config['TIMEZONE'])):%H:%M:%S}"


@bp.get("/broadcasts/<int:broadcast_id>/people/<which>")
@coordinator
def listed(broadcast_id: int, which: str) -> ResponseReturnValue:
    """The people behind one of the counts, and why each stands there."""
    broadcast = _started(broadcast_id)
    if broadcast is None or which not in rules.LISTS:
        abort(404)
    code = request.args.get("reason", "")
    reason = Exclusion(code) if code in set(Exclusion) and which == "excluded" else None
    page = max(1, request.args.get("page", 1, type=int))
    # First the audit: a transaction forgets the rows that were read before it.
    audit.record("viewed people of urgent request", subject=broadcast, which=which, page=page)
    shifts = queries.shifts_of(broadcast_id)
    found, total = people.listed(broadcast, shifts, which, reason=reason, page=page)
    return render_template(
        "broadcasts/people.html",
        broadcast=broadcast,
        shifts=shifts,
        title=rules.LISTS[which],
        which=which,
        reason=reason,
        reasons=people.excluded_counts(broadcast_id) if which == "excluded" else {},
        why=people.reasons(shifts, found),
        people_found=found,
        total=total,
        page=page,
        pages=-(-total // people.PER_PAGE),
        groups=rules.TEXT_GROUPS,
    )


@bp.post("/broadcasts/<int:broadcast_id>/everyone")
@coordinator
def everyone(broadcast_id: int) -> ResponseReturnValue:
    try:
        service.ask_everyone(broadcast_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        when = "once it goes on" if _is_paused(broadcast_id) else "now"
        flash(f"Everyone who fits is asked {when}.", "success")
    return _back(broadcast_id)


def _is_paused(broadcast_id: int) -> bool:
    broadcast = db.session.get_one(Broadcast, broadcast_id, populate_existing=True)
    return broadcast.state == BroadcastState.PAUSED


@bp.route("/broadcasts/<int:broadcast_id>/widen", methods=["GET", "POST"])
@coordinator
def widen(broadcast_id: int) -> ResponseReturnValue:
    """What keeps people from a request that runs, and how many each change would bring."""
    broadcast = _started(broadcast_id)
    if broadcast is None or broadcast.state == BroadcastState.ENDED:
        return _back(broadcast_id)
    shifts = queries.shifts_of(broadcast_id)
    found = shortfall(asking.wish_of(broadcast, shifts))
    offered = [one for one in found if one.can_change and one.reason in service.CAN_WIDEN]
    form = WidenForm()
    form.offer(offered)
    if form.validate_on_submit():
        try:
            more = service.widen(broadcast_id, current_user.id, **form.widenings())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(f"{plural(more, 'more person fits', 'more people fit')} now.", "success")
            return _back(broadcast_id)
    return render_template(
        "broadcasts/widen.html",
        broadcast=broadcast,
        form=form,
        shifts=shifts,
        others=[advice for advice in found if advice not in offered],
    )


@bp.post("/broadcasts/<int:broadcast_id>/pause")
@coordinator
def pause(broadcast_id: int) -> ResponseReturnValue:
    try:
        service.pause(broadcast_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/resume")
@coordinator
def resume(broadcast_id: int) -> ResponseReturnValue:
    try:
        service.resume(broadcast_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/stop")
@coordinator
def stop(broadcast_id: int) -> ResponseReturnValue:
    """Stop, and say what has gone and what was held back."""
    try:
        held = service.stop(broadcast_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return _back(broadcast_id)
    broadcast = db.session.get_one(Broadcast, broadcast_id, populate_existing=True)
    gone = live.texts_gone(broadcast.run_id)
    flash(
        f"Stopped. {plural(gone, 'text')} had left already and cannot be called back. "
        f"{plural(held, 'text was', 'texts were')} held back.",
        "success",
    )
    return _back(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/again")
@coordinator
def again(broadcast_id: int) -> ResponseReturnValue:
    """A new draft about what is still short."""
    if _started(broadcast_id) is None:
        return redirect(url_for("broadcasts.audience", broadcast_id=broadcast_id))
    try:
        draft = service.again(broadcast_id, current_user.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return _back(broadcast_id)
    return redirect(url_for("broadcasts.audience", broadcast_id=draft.id))


def _started(broadcast_id: int) -> Broadcast | None:
    """The request once it has started, None while it is a draft; 404 when there is none."""
    broadcast = db.session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None:
        abort(404)
    return broadcast if broadcast.state != BroadcastState.DRAFT else None


def _back(broadcast_id: int) -> ResponseReturnValue:
    return redirect(url_for("broadcasts.show", broadcast_id=broadcast_id))
