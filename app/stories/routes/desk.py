"""The county reads the stories that groups offer, publishes them or sends them back."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import coordinator
from app.foundation import clock
from app.foundation.errors import Refusal
from app.stories import queries, service
from app.stories.forms import AnswerForm
from app.stories.routes import bp
from app.stories.service.photographs import of_study
from app.web.forms import show_refusal

# Two years: thanks for the report of the last one are among them.
_BACK = timedelta(days=2 * 366)


@bp.get("/county/stories")
@coordinator
def desk() -> ResponseReturnValue:
    """What waits, what is public, and the thanks that may be printed."""
    found, stories = queries.published()
    return render_template(
        "stories/desk.html",
        waiting=queries.waiting(),
        published=found,
        stories=stories,
        thanks=queries.printable(clock.now() - _BACK),
    )


@bp.route("/county/stories/<int:case_study_id>", methods=["GET", "POST"])
@coordinator
def judge(case_study_id: int) -> ResponseReturnValue:
    """Read a story as everybody would; the form sends it back with words."""
    study = queries.for_county(case_study_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            service.send_back(case_study_id, form.words.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
            study = queries.for_county(case_study_id)
        else:
            flash("The story is back with its group, with your words above it.", "success")
            return redirect(url_for("stories.desk"))
    return render_template(
        "stories/judge.html", study=study, photograph=of_study(case_study_id), form=form
    )


@bp.post("/county/stories/<int:case_study_id>/publish")
@coordinator
def publish(case_study_id: int) -> ResponseReturnValue:
    """Show a story to everybody."""
    try:
        service.publish(case_study_id, current_user.id)
        flash("Everybody can read the story now.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("stories.desk"))


@bp.post("/county/thanks/<int:thanks_id>/leave-out")
@coordinator
def leave_thanks_out(thanks_id: int) -> ResponseReturnValue:
    """Keep words of thanks out of the annual report."""
    try:
        service.keep_from_print(thanks_id)
        flash("These words are not printed in the annual report.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("stories.desk", _anchor="thanks"))
