"""The operations page, for administrators: what is wrong, what is stuck, safe buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from redis import RedisError
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import administrator
from app.foundation import queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging import carrier_health
from app.operations import service, words
from app.operations.forms import ActionForm, PauseForm
from app.operations.models import Alarm, ConservationBreach
from app.operations.queries import jobs, moment
from app.operations.queries.stuck import stuck
from app.operations.rules.problems import LANE_NAMES, Problem, how_often, problems, spoken

bp = Blueprint("operations", __name__, template_folder="templates")

ALARMS_SHOWN: Final = 12
BREACHES_SHOWN: Final = 20


@dataclass(frozen=True)
class Action:
    """A button that asks once more before it acts."""

    question: str
    explained: str
    button: str
    kind: str = ""


ACTIONS: Final = {
    "sweep": Action(
        "Look for forgotten messages?",
        "We look for messages that were forgotten or whose worker stopped, and put them right. "
        "This happens by itself every 15 seconds; doing it again does no harm.",
        "Look now",
    ),
    "reconcile": Action(
        "Ask the carrier now?",
        "A worker asks the carrier which of the uncertain texts it has taken. This happens by "
        "itself twice a minute; doing it again does no harm.",
        "Ask the carrier now",
    ),
    "pause": Action(
        "Pause all sending?",
        "From now on no text and no email leaves, for any request, until somebody presses “Go on "
        "sending”. Nothing is lost: messages wait. Sign-in codes, answers to STOP and alarms to "
        "administrators still leave. What the carrier has taken already cannot be called back.",
        "Pause all sending",
        "warning",
    ),
    "go-on": Action(
        "Go on sending?",
        "Everything that waited leaves now, the oldest first. What has become too late to be of "
        "use is not sent.",
        "Go on sending",
    ),
}
CARRIER_ACTIONS: Final = {
    "rest": Action(
        "Let this carrier rest?",
        "New texts leave by the other carrier, until somebody presses “Use it again”. What this "
        "one has taken already stays with it, so nobody gets a text twice.",
        "Let it rest",
        "warning",
    ),
    "use-again": Action(
        "Use this carrier again?",
        "It may take new texts from now on. If it is still in trouble, it rests again by itself.",
        "Use it again",
    ),
}
JOB_ACTIONS: Final = {
    "again": Action(
        "Let this job go again?",
        "It is put back in its queue, and a worker does it once more. Jobs look up what is to be "
        "done each time, so a second time does no harm.",
        "Let it go again",
    ),
    "forget": Action(
        "Forget this job?",
        "It is taken off this list for good. If there is still something to be done, the sweep "
        "finds it by itself.",
        "Forget it",
        "warning",
    ),
}


@bp.get("/operations")
@administrator
def index() -> ResponseReturnValue:
    now = moment.read()
    found = problems(moment.facts(now))
    alarms = db.session.scalars(
        select(Alarm)
        .where(Alarm.is_open | Alarm.told_at.is_not(None))
        .order_by(Alarm.is_open.desc(), Alarm.began_at.desc())
        .limit(ALARMS_SHOWN)
    ).all()
    began = {(alarm.kind, alarm.subject): alarm for alarm in alarms if alarm.is_open}
    return render_template(
        "operations/index.html",
        now=now,
        problems=[(problem, began.get((problem.kind, problem.subject))) for problem in found],
        calming=_calming(alarms, found),
        past=[alarm for alarm in alarms if not alarm.is_open],
        stuck=stuck(now),
        failed=_failed(now),
        breaches=_breaches() if now.breaches else [],
        lanes=queue.QUEUES,
        lane_names=LANE_NAMES,
        carrier_names=words.CARRIER_NAMES,
        how_often=how_often,
        ahead=spoken(timedelta(seconds=now.redis.seconds_ahead if now.redis else 0)),
    )


def _calming(alarms: Sequence[Alarm], found: Sequence[Problem]) -> list[Alarm]:
    """Alarms that were told and seem to be over, but have not been for long enough to say so."""
    wrong = {(problem.kind, problem.subject) for problem in found}
    return [
        alarm
        for alarm in alarms
        if alarm.is_open and alarm.told_at and (alarm.kind, alarm.subject) not in wrong
    ]


def _failed(now: moment.Moment) -> list[jobs.FailedJob]:
    if now.redis is None or not now.redis.failed:
        return []
    try:
        return jobs.failed_jobs()
    except RedisError:
        return []  # it went away between the two questions; the page says so when it is reloaded


def _breaches() -> list[ConservationBreach]:
    return list(
        db.session.scalars(
            select(ConservationBreach)
            .where(ConservationBreach.mended_at.is_(None))
            .options(joinedload(ConservationBreach.broadcast))
            .order_by(ConservationBreach.broadcast_id.desc())
            .limit(BREACHES_SHOWN)
        )
    )


@bp.route("/operations/<any('sweep', 'reconcile', 'pause', 'go-on'):name>", methods=["GET", "POST"])
@administrator
def act(name: str) -> ResponseReturnValue:
    """Ask once more, then do it; doing it twice is harmless."""
    form = PauseForm() if name == "pause" else ActionForm()
    if form.validate_on_submit():
        sentence = _do(name, form)
        flash(sentence, "success")
        return redirect(url_for("operations.index"))
    return render_template(
        "operations/confirm.html", form=form, action=ACTIONS[name], what="", name=name
    )


def _do(name: str, form: ActionForm | PauseForm) -> str:
    if name == "sweep":
        found = service.sweep_now()
        done = [f"{key}: {number}" for key, number in found.items() if number]
        return f"We have looked. {'Found: ' + ', '.join(done) if done else 'All was in order'}."
    if name == "reconcile":
        service.reconcile_now()
        return "A worker is asking the carrier. Look again in a minute."
    if name == "pause":
        begun = service.pause(current_user.id, form.reason.data or "")
        return "All sending is paused." if begun else "All sending was paused already."
    ended = service.go_on(current_user.id)
    return "Messages leave again." if ended else "Nothing was paused."


@bp.route("/operations/carriers/<carrier>/<any('rest', 'use-again'):name>", methods=["GET", "POST"])
@administrator
def carrier(carrier: str, name: str) -> ResponseReturnValue:
    """Ask once more, then have a carrier of texts rest or come back."""
    if carrier not in carrier_health.names():
        abort(404)
    form = ActionForm()
    called = words.CARRIER_NAMES.get(carrier, carrier)
    if form.validate_on_submit():
        try:
            if name == "rest":
                service.let_rest(carrier, current_user.id)
                sentence = f"{called} rests now."
            else:
                done = service.put_back(carrier, current_user.id)
                sentence = f"{called} is used again." if done else f"{called} does not rest."
        except Refusal as refusal:
            flash(refusal.sentence, "error")
        else:
            flash(sentence, "success")
        return redirect(url_for("operations.index"))
    return render_template(
        "operations/confirm.html", form=form, action=CARRIER_ACTIONS[name], what=called, name=name
    )


@bp.route("/operations/jobs/<job_id>/<any('again', 'forget'):name>", methods=["GET", "POST"])
@administrator
def job(job_id: str, name: str) -> ResponseReturnValue:
    """Ask once more about one failed job, then do it."""
    form = ActionForm()
    if form.validate_on_submit():
        try:
            if name == "again":
                done = service.let_job_go_again(job_id)
                sentence = "The job is in its queue again."
            else:
                done = service.forget_job(job_id)
                sentence = "The job is forgotten."
        except Refusal as refusal:
            flash(refusal.sentence, "error")
        else:
            flash(sentence if done else "It is not on the list any more.", "success")
        return redirect(url_for("operations.index"))
    return render_template(
        "operations/confirm.html",
        form=form,
        action=JOB_ACTIONS[name],
        what=f"Job {job_id}",
        name=name,
    )
