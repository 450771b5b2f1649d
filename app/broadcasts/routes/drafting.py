"""From a need to a request that goes out, in three steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

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
from app.broadcasts import on_the_spot, queries, service
from app.broadcasts.forms import AudienceForm, ChooseForm, MessageForm, SpotForm
from app.broadcasts.models import Broadcast, BroadcastState
from app.broadcasts.queries import drafts
from app.broadcasts.queries import look as looking
from app.broadcasts.routes import bp
from app.broadcasts.spread import spread
from app.broadcasts.wording import counted
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.matching.queries import MOST_SHIFTS
from app.web.filters import plural
from app.web.forms import choices, show_refusal

FIRST_SHOWN: Final = 10
# Where else than to the next step the buttons of a step lead, once what was said is kept.
FROM_AUDIENCE: Final = {"count": "broadcasts.audience", "back": "broadcasts.shifts"}
LEAVING: Final = {"back": "broadcasts.audience", "keep": "broadcasts.index"}


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
    return _choosing(form, form.shifts.data or [])


@bp.route("/broadcasts/<int:broadcast_id>/shifts", methods=["GET", "POST"])
@coordinator
def shifts(broadcast_id: int) -> ResponseReturnValue:
    """Step 1 once more, for a draft: other shifts, and all else as it was."""
    broadcast = _draft(broadcast_id)
    if broadcast is None:
        return _to_live(broadcast_id)
    form = ChooseForm()
    if form.validate_on_submit() and "search" not in request.form:
        try:
            is_drafted_anew = service.choose(broadcast_id, form.shifts.data or [])
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            if not is_drafted_anew:
                flash("Your text stays as you wrote it. See that it still fits.", "notice")
            return redirect(url_for("broadcasts.audience", broadcast_id=broadcast_id))
    asked_for = [shift.id for shift in queries.shifts_of(broadcast_id)]
    return _choosing(form, (form.shifts.data or []) if form.is_submitted() else asked_for)


def _choosing(form: ChooseForm, ticked: Sequence[int]) -> str:
    chosen = list(ticked)[: 2 * MOST_SHIFTS]
    found, total = drafts.askable(form.search(), chosen)
    return render_template(
        "broadcasts/new.html",
        form=form,
        shifts=found,
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
            step = FROM_AUDIENCE.get(request.form.get("wish", ""), "broadcasts.message")
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
        spread=spread(found.cells, shifts),
    )


@bp.route("/broadcasts/<int:broadcast_id>/message", methods=["GET", "POST"])
@coordinator
def message(broadcast_id: int) -> ResponseReturnValue:
    """Step 3: the words as somebody who is asked reads them, and what they cost; then it goes.

    Pressed twice, the second press only leads to the live page.
    """
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
    wish = request.form.get("wish", "")
    if wish == "plain":
        form.text.data = counted(form.text.data or "").plain or form.text.data
    elif wish in LEAVING:
        # Finished or not, nothing that was typed is lost.
        service.keep(broadcast_id, **form.worded())
        return redirect(url_for(LEAVING[wish], broadcast_id=broadcast_id))
    elif wish == "send" and form.validate() and _send(broadcast_id, form):
        return _to_live(broadcast_id)
    if not request.form or "next" in request.form:
        audit.record("viewed audience", subject=broadcast)
    return render_template("broadcasts/message.html", form=form, **_looked_at(form, broadcast_id))


@bp.post("/broadcasts/<int:broadcast_id>/look")
@coordinator
def look(broadcast_id: int) -> ResponseReturnValue:
    """The part of step 3 that follows what is typed: the phone, the count, the costs."""
    broadcast = _draft(broadcast_id)
    if broadcast is None:
        # Somebody else has sent it meanwhile: the whole page goes there.
        answer = make_response("")
        answer.headers["HX-Redirect"] = url_for("broadcasts.show", broadcast_id=broadcast_id)
        return answer
    if "next" in request.form:
        audit.record("viewed audience", subject=broadcast)
    return render_template(
        "broadcasts/_look.html", is_part=True, **_looked_at(MessageForm(), broadcast_id)
    )


def _looked_at(form: MessageForm, broadcast_id: int) -> dict[str, Any]:
    """What both show of a draft with the words on the screen."""
    about = queries.shifts_of(broadcast_id)
    typed = looking.as_typed(broadcast_id, **form.worded())
    place = request.form.get("next", request.form.get("reader", 1, type=int), type=int)
    return {
        "broadcast": typed,
        "shifts": about,
        "counted": counted(typed.text),
        "look": looking.look(typed, about, place),
        "quiet": current_app.config["QUIET_HOURS"],
    }


def _send(broadcast_id: int, form: MessageForm) -> bool:
    """Keep the words and begin to ask; False, with the error in the form, when it cannot go."""
    takes, seen = counted(form.text.data or "").most, request.form.get("seen", type=int)
    try:
        if seen and takes > seen:
            raise Refusal(
                f"The text has grown: it is {plural(takes, 'text')} for each person now. "
                "Look at the cost again, then send it.",
                "text",
            )
        service.word(broadcast_id, **form.worded())
        service.start(broadcast_id, current_user.id)
    except Refusal as refusal:
        if _draft(broadcast_id) is None:
            return True  # somebody else pressed it in the same moment
        show_refusal(form, refusal)
        return False
    return True


@bp.post("/broadcasts/count")
@coordinator
def count() -> ResponseReturnValue:
    """What the text takes as it stands, for the page on which it is typed."""
    return render_template(
        "broadcasts/_counted.html", counted=counted(request.form.get("text", ""))
    )


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
