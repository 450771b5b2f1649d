"""A group's own people, for its managers."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.groups.queries import managed_by
from app.volunteers import queries, service, sight
from app.volunteers.forms import AddPersonForm, CheckForm, PeopleSearch, TrainingForm
from app.volunteers.models import GroupVolunteer
from app.volunteers.routes import bp
from app.volunteers.rules import spoken_free_times
from app.volunteers.vocabulary import DbsLevel, Skill, Training, Workforce
from app.web.forms import show_refusal
from app.web.language import english


@bp.get("/volunteers")
@signed_in
@english
def index() -> ResponseReturnValue:
    """Choose a group; whoever manages one only is there at once."""
    groups = managed_by(current_user._get_current_object())
    if len(groups) == 1:
        return redirect(url_for("volunteers.people", group_id=groups[0].id))
    return render_template("volunteers/choose_group.html", groups=groups)


@bp.get("/groups/<int:group_id>/volunteers")
@group_manager
def people(group_id: int) -> ResponseReturnValue:
    """The group's list, to search."""
    group = db.get_or_404(Group, group_id)
    form = PeopleSearch(request.args)
    skill = form.skill.data
    found = queries.people_of(
        group,
        name=form.name.data or "",
        skill=Skill(int(skill)) if skill in dict(Skill.choices()) else Skill(0),
        lapsed=form.papers.data == "lapsed",
        page=request.args.get("page", 1, type=int),
    )
    lapses = queries.lapses(group, [row.volunteer_id for row in found.rows])
    return render_template(
        "volunteers/people.html", group=group, form=form, found=found, lapses=lapses
    )


@bp.route("/groups/<int:group_id>/volunteers/add", methods=["GET", "POST"])
@group_manager
def add(group_id: int) -> ResponseReturnValue:
    """Put somebody on the list by hand."""
    group = db.get_or_404(Group, group_id)
    form = AddPersonForm()
    if form.validate_on_submit():
        try:
            person = service.add_by_hand(
                group_id,
                str(form.name.data),
                str(form.postcode.data),
                mobile=form.phone.data,
                email=form.address.data,
                sms_allowed=bool(form.sms_allowed.data),
                email_allowed=bool(form.email_allowed.data),
                by_user_id=current_user.id,
            )
            flash(f"{person.name} is on your list.", "success")
            return redirect(url_for("volunteers.person", group_id=group_id, volunteer_id=person.id))
        except Refusal as refusal:
            field = "address" if refusal.field == "email" else refusal.field
            show_refusal(form, Refusal(refusal.sentence, field))
    return render_template("volunteers/add.html", group=group, form=form)


@bp.get("/groups/<int:group_id>/volunteers/<int:volunteer_id>")
@group_manager
def person(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """One of the group's own people."""
    link = _link(group_id, volunteer_id)
    seen = sight.of(group_id, link.volunteer)
    audit.record(
        "viewed volunteer",
        subject=link.volunteer,
        group_id=group_id,
        emergency_contact=link.sees_profile and seen.emergency,
        checks=link.sees_profile and seen.checks,
    )
    return _person_page(group_id, volunteer_id)


def _person_page(
    group_id: int,
    volunteer_id: int,
    check_form: CheckForm | None = None,
    training_form: TrainingForm | None = None,
) -> ResponseReturnValue:
    link = _link(group_id, volunteer_id)
    volunteer = link.volunteer
    seen = sight.of(group_id, volunteer)
    return render_template(
        "volunteers/person.html",
        link=link,
        group=link.group,
        volunteer=volunteer,
        free_times=spoken_free_times(volunteer.free_times),
        stopped=queries.opted_out(volunteer),
        sight=seen,
        checks=[
            each for each in queries.checks_of(volunteer_id) if seen.shows_check(each, group_id)
        ],
        trainings=[
            each
            for each in queries.trainings_of(volunteer_id)
            if seen.shows_training(each, group_id)
        ],
        recheck_before=queries.recheck_before(link.group),
        away=queries.dates_away(volunteer_id),
        check_form=check_form or CheckForm(formdata=None),
        training_form=training_form or TrainingForm(formdata=None),
    )


@bp.post("/groups/<int:group_id>/volunteers/<int:volunteer_id>/checks")
@group_manager
def record_check(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """Note that a DBS certificate was seen."""
    _link(group_id, volunteer_id)
    form = CheckForm()
    if form.validate_on_submit():
        try:
            service.record_check(
                group_id,
                volunteer_id,
                level=DbsLevel(form.level.data),
                workforce=Workforce(form.workforce.data),
                issued_on=form.issued_on.data,
                seen_by_id=current_user.id,
            )
            flash("The check is noted. Hand the certificate back: we keep no copy.", "success")
            return _back(group_id, volunteer_id)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return _person_page(group_id, volunteer_id, check_form=form)


@bp.post("/groups/<int:group_id>/volunteers/<int:volunteer_id>/training")
@group_manager
def record_training(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """Note a course that was completed."""
    _link(group_id, volunteer_id)
    form = TrainingForm()
    if form.validate_on_submit():
        try:
            service.record_training(
                group_id,
                volunteer_id,
                training=Training(int(form.training.data)),
                completed_on=form.completed_on.data,
                valid_until=form.last_day(),
                seen_by_id=current_user.id,
            )
            flash("The training is noted.", "success")
            return _back(group_id, volunteer_id)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return _person_page(group_id, volunteer_id, training_form=form)


@bp.post(
    "/groups/<int:group_id>/volunteers/<int:volunteer_id>"
    "/<any(checks, training):kind>/<int:row_id>/remove"
)
@group_manager
def remove_paper(group_id: int, volunteer_id: int, kind: str, row_id: int) -> ResponseReturnValue:
    """Take away a check or a training that was noted by mistake."""
    _link(group_id, volunteer_id)
    remove = service.remove_check if kind == "checks" else service.remove_training
    try:
        remove(group_id, volunteer_id, row_id)
        flash("Removed.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
    return _back(group_id, volunteer_id)


@bp.route("/groups/<int:group_id>/volunteers/<int:volunteer_id>/remove", methods=["GET", "POST"])
@group_manager
def remove(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    """Take somebody off the group's list, after a second look."""
    link = _link(group_id, volunteer_id)
    if request.method == "POST":
        name = link.volunteer.name
        service.remove_from_group(group_id, volunteer_id)
        flash(f"{name} is no longer on your list.", "success")
        return redirect(url_for("volunteers.people", group_id=group_id))
    return render_template("volunteers/remove.html", link=link)


def _link(group_id: int, volunteer_id: int) -> GroupVolunteer:
    link = queries.in_group(group_id, volunteer_id)
    if link is None:
        abort(404)
    return link


def _back(group_id: int, volunteer_id: int) -> ResponseReturnValue:
    return redirect(url_for("volunteers.person", group_id=group_id, volunteer_id=volunteer_id))
