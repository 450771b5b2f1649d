"""From a need to a request that goes out: three steps and a second look."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import coordinator
from app.broadcasts import on_the_spot, queries, service
from app.broadcasts.forms import AudienceForm, ChooseForm, MessageForm, SpotForm
from app.broadcasts.models import Broadcast, BroadcastState, Pace
from app.broadcasts.queries import drafts
from app.broadcasts.routes import bp
from app.broadcasts.wording import counted
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.matching.queries import MOST_SHIFTS
from app.web.forms import choices, show_refusal

FIRST_SHOWN = 20


@bp.get("/broadcasts")
@coordinator
def index() -> ResponseReturnValue:
    page = max(1, request.args.get("page", 1, type=int))
    ended, pages = drafts.ended(page)
    return render_template(
        "broadcasts/index.html",
        under_way=drafts.under_way(),
        drafts=drafts.drafted(),
        ended=ended,
        page=page,
        pages=pages,
    )


@bp.route("/broadcasts/new", methods=["GET", "POST"])
@coordinator
def new() -> ResponseReturnValue:
    """Step 1. Searching posts the same form, so that what is ticked stays ticked."""
    posted = request.method == "POST"
    form = ChooseForm() if posted else ChooseForm(formdata=request.args)
    if posted and form.validate() and "search" not in request.form:
        try:
            broadcast = service.draft(form.shifts.data or [], current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("broadcasts.audience", broadcast_id=broadcast.id))
    chosen = (form.shifts.data or [])[: 2 * MOST_SHIFTS]
    shifts, total = drafts.askable(form.search(), chosen)
    return render_template(
        "broadcasts/new.html",
        form=form,
        shifts=shifts,
        chosen=set(chosen),
        total=total,
        searched=form.search() != drafts.Search(),
        most=MOST_SHIFTS,
    )


@bp.route("/broadcasts/new/shift", methods=["GET", "POST"])
@coordinator
def new_shift() -> ResponseReturnValue:
    """Step 1, for a need that nobody has posted yet."""
    form = SpotForm(data=SpotForm.beginning())
    form.site_id.choices = choices(
        [
            ("", "Choose"),
            *(
                (site.id, f"{site.group}: {site.name}, {site.postcode}")
                for site in drafts.all_sites()
            ),
        ]
    )
    if form.validate_on_submit():
        try:
            broadcast = on_the_spot.ask_for(form.hurried(), current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("broadcasts.audience", broadcast_id=broadcast.id))
    return render_template("broadcasts/new_shift.html", form=form)


@bp.route("/broadcasts/<int:broadcast_id>/audience", methods=["GET", "POST"])
@coordinator
def audience(broadcast_id: int) -> ResponseReturnValue:
    """Step 2: who fits, who does not and why; narrowed as one likes."""
    broadcast = _draft(broadcast_id)
    if broadcast is None:
        return _to_live(broadcast_id)
    form = AudienceForm(data=AudienceForm.values_of(broadcast))
    if form.validate_on_submit():
        try:
            service.adjust(broadcast_id, **form.adjustments())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            step = "broadcasts.audience" if "count" in request.form else "broadcasts.message"
            return redirect(url_for(step, broadcast_id=broadcast_id))
    # First the audit: a transaction forgets the rows that were read before it.
    audit.record("viewed audience", subject=broadcast)
    shifts = queries.shifts_of(broadcast_id)
    found = drafts.audience_of(broadcast, shifts)
    return render_template(
        "broadcasts/audience.html",
        broadcast=broadcast,
        form=form,
        shifts=shifts,
        several=len(shifts) > 1,
        titles={shift.id: shift.opportunity.title for shift in shifts},
        found=found,
        top=found.top(FIRST_SHOWN),
        shortfall=drafts.shortfall_of(broadcast, shifts, found),
    )


@bp.route("/broadcasts/<int:broadcast_id>/message", methods=["GET", "POST"])
@coordinator
def message(broadcast_id: int) -> ResponseReturnValue:
    """Step 3: the words, counted as they are typed."""
    broadcast = _draft(broadcast_id)
    if broadcast is None:
        return _to_live(broadcast_id)
    form = MessageForm(
        data={
            "text": broadcast.text,
            "pace": broadcast.pace.value,
            "emergency_reason": broadcast.emergency_reason,
        }
    )
    if "plain" in request.form:
        form.text.data = counted(form.text.data or "").plain or form.text.data
    elif "count" not in request.form and form.validate_on_submit():
        try:
            service.word(
                broadcast_id,
                form.text.data or "",
                pace=Pace(form.pace.data),
                emergency_reason=form.emergency_reason.data or "",
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("broadcasts.check", broadcast_id=broadcast_id))
    return render_template(
        "broadcasts/message.html",
        broadcast=broadcast,
        form=form,
        counted=counted(form.text.data or ""),
        shifts=queries.shifts_of(broadcast_id),
    )


@bp.post("/broadcasts/count")
@coordinator
def count() -> ResponseReturnValue:
    """What the text takes as it stands, for the page on which it is typed."""
    return render_template(
        "broadcasts/_counted.html",
        counted=counted(request.form.get("text", "")),
        # Where the pace is chosen too, a phone stands beside the text.
        shows_preview="pace" in request.form,
    )


@bp.get("/broadcasts/<int:broadcast_id>/check")
@coordinator
def check(broadcast_id: int) -> ResponseReturnValue:
    """A second look before it goes."""
    broadcast = _draft(broadcast_id)
    if broadcast is None:
        return _to_live(broadcast_id)
    return render_template(
        "broadcasts/check.html",
        broadcast=broadcast,
        shifts=queries.shifts_of(broadcast_id),
        look=drafts.second_look(broadcast),
    )


@bp.post("/broadcasts/<int:broadcast_id>/start")
@coordinator
def start(broadcast_id: int) -> ResponseReturnValue:
    """Send it. Pressed twice, the second press only leads to the live page."""
    try:
        service.start(broadcast_id, current_user.id)
    except Refusal as refusal:
        if _draft(broadcast_id) is None:
            return _to_live(broadcast_id)
        flash(refusal.sentence, "error")
        return redirect(url_for("broadcasts.check", broadcast_id=broadcast_id))
    return _to_live(broadcast_id)


@bp.post("/broadcasts/<int:broadcast_id>/discard")
@coordinator
def discard(broadcast_id: int) -> ResponseReturnValue:
    try:
        service.discard(broadcast_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        flash("The draft is gone. Nobody was asked.", "success")
    return redirect(url_for("broadcasts.index"))


def _draft(broadcast_id: int) -> Broadcast | None:
    """The request while it is a draft, None once it has started; 404 when there is none.

    A draft whose shifts have all been deleted asks for nothing: its pages lead to the list.
    """
    broadcast = db.session.get(Broadcast, broadcast_id, populate_existing=True)
    if broadcast is None:
        abort(404)
    if broadcast.state == BroadcastState.DRAFT and not queries.shifts_of(broadcast_id):
        flash("The shift of this draft was deleted. Begin a new request.", "warning")
        abort(redirect(url_for("broadcasts.index")))
    return broadcast if broadcast.state == BroadcastState.DRAFT else None


def _to_live(broadcast_id: int) -> ResponseReturnValue:
    return redirect(url_for("broadcasts.show", broadcast_id=broadcast_id))
