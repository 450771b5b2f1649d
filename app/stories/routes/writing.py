"""A group's managers write a case study, give it a photograph and hand it to the county."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.stories import queries, service
from app.stories.forms import BareForm, FindForm, PhotographForm, StudyForm, file_of
from app.stories.models import CaseStudy, StudyState
from app.stories.routes import bp
from app.stories.service.photographs import of_study
from app.stories.service.writing import missing_from
from app.volunteers.queries import people_of
from app.web.forms import row_number, show_refusal

PATH = "/groups/<int:group_id>/stories"


@bp.get(PATH)
@group_manager
def studies(group_id: int) -> ResponseReturnValue:
    """The group's stories, and how far each is."""
    return render_template(
        "stories/studies.html",
        group=queries.group_named(group_id),
        studies=queries.of_group(group_id),
    )


@bp.route(f"{PATH}/new", methods=["GET", "POST"])
@group_manager
def new(group_id: int) -> ResponseReturnValue:
    """Begin a story; it is a draft that only the group's managers see."""
    return _words(group_id, None)


@bp.route(f"{PATH}/<int:case_study_id>/words", methods=["GET", "POST"])
@group_manager
def words(group_id: int, case_study_id: int) -> ResponseReturnValue:
    """Change a draft's words."""
    study = queries.study_of(group_id, case_study_id)
    if study.state != StudyState.DRAFT:
        flash("Take the story back first, then you can change it.", "warning")
        return _to(group_id, case_study_id)
    return _words(group_id, study)


def _words(group_id: int, study: CaseStudy | None) -> ResponseReturnValue:
    number = study.id if study else None
    form = StudyForm(
        obj=study, quotation_agreed=bool(study and study.quotation_agreed_at is not None)
    )
    if form.validate_on_submit():
        try:
            kept = service.write(
                group_id,
                current_user.id,
                number,
                title=form.title.data or "",
                summary=form.summary.data or "",
                body=form.body.data or "",
                quotation=form.quotation.data or "",
                quotation_by=form.quotation_by.data or "",
                quotation_agreed=form.quotation_agreed.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _to(group_id, kept.id)
    return render_template("stories/words.html", form=form, group_id=group_id, number=number)


@bp.get(f"{PATH}/<int:case_study_id>")
@group_manager
def study(group_id: int, case_study_id: int) -> ResponseReturnValue:
    """The story as it will look, and what can be done with it."""
    queries.study_of(group_id, case_study_id)
    if people := bool(queries.people_in(case_study_id)):
        audit.record("viewed people in case study", group_id=group_id)
    found = queries.study_of(group_id, case_study_id)
    form = FindForm(request.args)
    wanted = (form.name.data or "").strip()
    return render_template(
        "stories/study.html",
        study=found,
        photograph=of_study(case_study_id),
        people=queries.people_in(case_study_id) if people else [],
        missing=missing_from(found),
        form=form,
        found=people_of(found.group, name=wanted) if wanted else None,
    )


@bp.post(f"{PATH}/<int:case_study_id>/<any(offer, back, drop):wish>")
@group_manager
def act(group_id: int, case_study_id: int, wish: str) -> ResponseReturnValue:
    """The buttons under the story."""
    queries.study_of(group_id, case_study_id)
    try:
        if wish == "drop":
            service.drop(group_id, case_study_id)
            flash("The story and its photograph are deleted.", "success")
            return redirect(url_for("stories.studies", group_id=group_id))
        if wish == "offer":
            service.offer(group_id, case_study_id)
            flash(
                "The county team has your story. They publish it, or tell you why not.", "success"
            )
        else:
            service.take_back(group_id, case_study_id)
            flash("The story is a draft again, and nobody else sees it.", "success")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _to(group_id, case_study_id)


@bp.post(f"{PATH}/<int:case_study_id>/people")
@group_manager
def people(group_id: int, case_study_id: int) -> ResponseReturnValue:
    """Note whom the story is about, or take somebody off."""
    queries.study_of(group_id, case_study_id)
    chosen = request.form.get("volunteer_id", type=row_number)
    if BareForm().validate_on_submit() and chosen is not None:
        try:
            if request.form.get("wish") == "remove":
                service.leave_out(group_id, case_study_id, chosen)
            else:
                service.name(group_id, case_study_id, chosen)
        except Refusal as refusal:
            flash(refusal.sentence, "error")
    return _to(group_id, case_study_id, "people")


@bp.route(f"{PATH}/<int:case_study_id>/photograph", methods=["GET", "POST"])
@group_manager
def photograph(group_id: int, case_study_id: int) -> ResponseReturnValue:
    """Add a photograph with its consent, or change what is said of it."""
    found = queries.study_of(group_id, case_study_id)
    present = of_study(case_study_id)
    form = PhotographForm(obj=present)
    if form.validate_on_submit():
        try:
            assert form.consent_on.data is not None  # needed
            service.set_photograph(
                group_id,
                case_study_id,
                file_of(form),
                alt=form.alt.data or "",
                consent_by=form.consent_by.data or "",
                consent_on=form.consent_on.data,
                for_web=form.for_web.data,
                for_print=form.for_print.data,
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
            found = queries.study_of(group_id, case_study_id)
            present = of_study(case_study_id)
        else:
            return _to(group_id, case_study_id)
    return render_template("stories/photograph.html", form=form, study=found, photograph=present)


@bp.post(f"{PATH}/<int:case_study_id>/photograph/take-back")
@group_manager
def take_photograph_back(group_id: int, case_study_id: int) -> ResponseReturnValue:
    """Somebody does not want to be shown any more."""
    queries.study_of(group_id, case_study_id)
    if service.take_photograph_back(group_id, case_study_id):
        flash("The photograph is deleted. It is gone from every page, and from reports.", "success")
    return _to(group_id, case_study_id)


def _to(group_id: int, case_study_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(
        url_for("stories.study", group_id=group_id, case_study_id=case_study_id, _anchor=anchor)
    )
