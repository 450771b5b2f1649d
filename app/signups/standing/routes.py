"""A volunteer's standing places: ask for one, skip a date, end it, go away."""

from __future__ import annotations

from datetime import date, timedelta

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import signed_in
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext, ngettext
from app.opportunities import cards
from app.opportunities import queries as opportunity_queries
from app.opportunities.models import Duty, Opportunity, Pattern, Policy, Shift, Stage
from app.signups import screens
from app.signups.routes import bp
from app.signups.standing import queries, service, words
from app.signups.standing.forms import AwayForm, EndForm, SkipForm, StandForm
from app.signups.standing.making import Filled
from app.signups.standing.models import StandingState
from app.signups.standing.rules import wants
from app.volunteers import queries as volunteers
from app.volunteers.models import Volunteer
from app.web.filters import spoken_day, spoken_when
from app.web.forms import choices, show_refusal

PREVIEWED = 6

bp.context_processor(
    lambda: {
        "inside": words.inside,
        "pattern_words": words.pattern_words,
        "when_words": words.when_words,
        "until_words": words.until_words,
        "task_words": words.task_words,
    }
)


@bp.get("/my/standing")
@signed_in
def my_standing() -> ResponseReturnValue:
    volunteer = volunteers.volunteer_of(current_user.id)
    if volunteer is None:
        return render_template("signups/no_profile.html")
    return render_template("signups/standing/mine.html", seen=queries.of_volunteer(volunteer.id))


@bp.get("/opportunities/<int:opportunity_id>/stand")
@signed_in
def stand(opportunity_id: int) -> ResponseReturnValue:
    """Which of the role's times somebody would like to come to again and again."""
    opportunity = _shown(opportunity_id)
    patterns = queries.patterns_to_stand_on(opportunity.id)
    if len(patterns) == 1:
        return redirect(url_for("signups.stand_on", pattern_id=patterns[0].id))
    return render_template(
        "signups/standing/choose.html",
        opportunity=opportunity,
        patterns=patterns,
        role_url=cards.page_of(opportunity),
    )


@bp.route("/patterns/<int:pattern_id>/stand", methods=["GET", "POST"])
@signed_in
def stand_on(pattern_id: int) -> ResponseReturnValue:
    """Say when; then see the dates; then take them. Nothing is taken before the second yes."""
    pattern = _pattern(pattern_id)
    _shown(pattern.opportunity_id)
    volunteer = volunteers.volunteer_of(current_user.id)
    shift = queries.next_shift(pattern_id)
    form = StandForm()
    form.offer(pattern, duties_in(pattern))
    dates: list[Shift] = []
    if volunteer and form.validate_on_submit():
        wanted = form.wanted()
        if form.sure.data and "change" not in request.form:
            try:
                taken = service.ask(pattern_id, volunteer.id, wanted, current_user.id)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                _say_taken(taken)
                return redirect(url_for("signups.my_standing"))
        elif "change" not in request.form:
            dates = preview(pattern, wanted)
            if not dates:
                show_refusal(
                    form, Refusal(gettext("No shift is planned on these days yet."), "first_day")
                )
    return render_template(
        "signups/standing/stand.html",
        form=form,
        pattern=pattern,
        dates=dates,
        volunteer=volunteer,
        fit=screens.fit(shift, volunteer) if volunteer and shift else None,
        role_url=cards.page_of(pattern.opportunity),
        asks_first=pattern.opportunity.policy == Policy.APPROVAL,
    )


def _say_taken(taken: service.Taken) -> None:
    standing, filled = taken.standing, taken.filled
    if standing.state == StandingState.ASKED:
        flash(gettext("Thank you! The group looks at it and tells you soon."), "success")
        return
    flash(gettext("Thank you! %(made)s", made=made_words(filled)), "success")


def made_words(filled: Filled) -> str:
    """ "12 places are made so far. 1 could not be made: see why below." """
    said = [
        ngettext("%(num)d place is made so far.", "%(num)d places are made so far.", filled.made)
    ]
    if filled.missed:
        said.append(
            ngettext(
                "%(num)d could not be made: see why below.",
                "%(num)d could not be made: see why below.",
                filled.missed,
            )
        )
    return " ".join(said)


def preview(pattern: Pattern, wanted: service.Wanted) -> list[Shift]:
    """The first shifts that there are on the days that somebody would like to come."""
    stand_of = wanted.stand(pattern)
    shifts = opportunity_queries.shifts_of(pattern.opportunity_id)
    return [
        shift
        for shift in shifts
        if shift.series == pattern.series
        and shift.occurrence_day
        and shift.stage != Stage.CANCELLED
        and wants(stand_of, shift.occurrence_day)
    ][:PREVIEWED]


def duties_in(pattern: Pattern) -> list[Duty]:
    """The duties that the pattern's shifts have, in the page's order."""
    ids = [one["duty_id"] for one in pattern.team]
    found = {duty.id: duty for duty in db.session.query(Duty).where(Duty.id.in_(ids))}
    return sorted(found.values(), key=lambda duty: (duty.rank, duty.id))


@bp.route("/my/standing/<int:standing_id>/skip", methods=["GET", "POST"])
@signed_in
def skip(standing_id: int) -> ResponseReturnValue:
    """ "I cannot come on 9 June": one page for one date."""
    seen = _mine(standing_id)
    form = SkipForm(data={"day": read_day(request.args.get("day", ""))})
    if form.validate_on_submit():
        try:
            service.skip(standing_id, form.day.data, current_user.id, form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(gettext("Thank you for telling us. It is fine to say no."), "success")
            return redirect(url_for("signups.my_standing"))
    return render_template(
        "signups/standing/skip.html",
        form=form,
        seen=seen,
        back=url_for("signups.my_standing"),
        name="",
    )


@bp.post("/my/standing/<int:standing_id>/come")
@signed_in
def come_after_all(standing_id: int) -> ResponseReturnValue:
    _mine(standing_id)
    say_come(standing_id, read_day(request.form.get("day", "")))
    return redirect(url_for("signups.my_standing"))


def say_come(standing_id: int, day: date | None) -> None:
    """Take a skip back and say what came of it."""
    if day is None:
        abort(400)
    filled = service.come_after_all(standing_id, day)
    if filled.made:
        flash(gettext("Good: the place is yours again."), "success")
    elif filled.missed:
        flash(
            gettext("We tried, but there is no place on that date now. See why below."), "warning"
        )
    else:
        flash(gettext("Noted."), "success")


@bp.route("/my/standing/<int:standing_id>/end", methods=["GET", "POST"])
@signed_in
def end_standing(standing_id: int) -> ResponseReturnValue:
    seen = _mine(standing_id)
    zone = seen.standing.pattern.opportunity.site.zone
    form = EndForm(data={"last_day": clock.today(zone), "made": "give-up"})
    if form.validate_on_submit():
        try:
            left = service.end(
                standing_id,
                form.last_day.data,
                keeps_made=form.made.data == "keep",
                reason=form.reason.data or "",
                by_user_id=current_user.id,
                by_group=False,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(
                gettext("Thank you for all your time! %(left)s", left=ended_words(left)), "success"
            )
            return redirect(url_for("signups.my_standing"))
    return render_template(
        "signups/standing/end.html",
        form=form,
        seen=seen,
        back=url_for("signups.my_standing"),
        name="",
    )


def ended_words(left: int) -> str:
    """What became of the places, for whoever ended a standing place."""
    if not left:
        return gettext("Nothing was lost.")
    return ngettext("%(num)d place is free again.", "%(num)d places are free again.", left)


@bp.route("/my/away/check", methods=["GET", "POST"])
@signed_in
def check_away() -> ResponseReturnValue:
    """Which places days away touch; those ticked are given up, all with one yes."""
    volunteer = volunteers.volunteer_of(current_user.id)
    first, last = (read_day(request.args.get(name, "")) for name in ("first", "last"))
    if volunteer is None or first is None or last is None or last < first:
        return redirect(url_for("volunteers.away"))
    touched = service.touched(volunteer.id, first, last)
    form = AwayForm()
    form.leave.choices = choices(
        [
            (
                signup.shift_id,
                f"{spoken_when(signup.shift.starts_at, signup.shift.ends_at, zone)}: "
                f"{signup.shift.opportunity.title}, {signup.shift.opportunity.group.name}",
            )
            for signup in touched
            for zone in (signup.shift.site.zone,)
        ]
    )
    shift_ids = [signup.shift_id for signup in touched]
    if not form.is_submitted():
        form.leave.data = shift_ids
    elif form.validate():
        keep = [one for one in shift_ids if one not in (form.leave.data or [])]
        zone = touched[0].shift.site.zone if touched else current_app.config["TIMEZONE"]
        try:
            left = service.go_away(
                volunteer.id,
                first,
                last,
                keep=keep,
                by_user_id=current_user.id,
                why=away_words(first, last, zone),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            said = [gettext("Saved. We will not ask you for those days.")]
            if left:
                said.append(
                    ngettext("You gave up %(num)d place.", "You gave up %(num)d places.", left)
                )
            flash(" ".join(said), "success")
            return redirect(url_for("volunteers.away"))
    return render_template(
        "signups/standing/away.html",
        form=form,
        touched=touched,
        stretch=away_words(first, last, current_app.config["TIMEZONE"]),
        first=first,
        last=last,
    )


def away_words(first: date, last: date, zone: str) -> str:
    """ "Away from Tuesday 9 June to Friday 12 June"."""
    if first == last:
        return gettext("Away on %(day)s", day=spoken_day(first, zone))
    return gettext(
        "Away from %(first)s to %(last)s",
        first=spoken_day(first, zone),
        last=spoken_day(last, zone),
    )


def page_for_away(volunteer_id: int, first: date, last: date) -> str | None:
    """Where somebody should look before they go away; None when nothing is touched."""
    if last - first > timedelta(days=3 * 366) or not service.touched(volunteer_id, first, last):
        return None
    return url_for("signups.check_away", first=first.isoformat(), last=last.isoformat())


def read_day(typed: str) -> date | None:
    """A day as our own links write it, or None."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _shown(opportunity_id: int) -> Opportunity:
    opportunity = opportunity_queries.shown(opportunity_id)
    if opportunity is None or opportunity.stage != Stage.PUBLISHED:
        abort(404)
    return opportunity


def _pattern(pattern_id: int) -> Pattern:
    try:
        return service.pattern_of(pattern_id)
    except Refusal:
        abort(404)


def _mine(standing_id: int) -> queries.Seen:
    volunteer: Volunteer | None = volunteers.volunteer_of(current_user.id)
    seen = queries.one_of(volunteer.id, standing_id) if volunteer else None
    if seen is None:
        abort(404)
    return seen
