"""The report as everybody reads it, and the county's pages on which it is made."""

from __future__ import annotations

from decimal import Decimal

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import administrator, coordinator, public
from app.annual import queries, service
from app.annual.forms import ForewordForm, WorthForm, YearForm
from app.annual.models import WORKING, AnnualReport
from app.annual.rules import years
from app.annual.saying import label, said
from app.annual.service import prints
from app.foundation import clock
from app.foundation.errors import Refusal
from app.volunteers.queries import today
from app.web.forms import choices, show_refusal

bp = Blueprint("annual", __name__, template_folder="templates")


def _readable(slug: str) -> AnnualReport:
    """The report of a year, once it is published; before that it is the county's."""
    report = queries.of_slug(slug)
    is_county = current_user.is_authenticated and current_user.is_coordinator
    if report is None or not report.contents or not (report.published_at or is_county):
        abort(404)
    return report


@bp.get("/annual")
@public
def index() -> ResponseReturnValue:
    """The reports that were published, the latest year first."""
    return render_template("annual/index.html", reports=queries.published(), label=label)


@bp.get("/annual/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """One year."""
    report = _readable(slug)
    words = said(report.contents, report.foreword, report.foreword_by)
    return render_template(
        "annual/show.html", report=report, said=words, printed=queries.print_of(report.id)
    )


@bp.get("/annual/<slug>/<kind>")
@public
def kind(slug: str, kind: str) -> ResponseReturnValue:
    """One kind of group in one year."""
    report = _readable(slug)
    words = said(report.contents)
    page = next((one for one in words["pages"] if one["slug"] == kind), None)
    if page is None:
        abort(404)
    return render_template("annual/kind.html", report=report, said=words, page=page)


@bp.get("/annual/<slug>/report.pdf")
@public
def pdf(slug: str) -> ResponseReturnValue:
    """The report on paper; while it is made anew there is none for a moment."""
    report = _readable(slug)
    content = prints.current(report)
    if content is None:
        answer = make_response(render_template("annual/no_pdf.html", report=report), 503)
        answer.headers["Retry-After"] = "30"
        return answer
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="volunteering-{report.slug}.pdf"'
    # What was taken back must not come out of a cache for long.
    answer.headers["Cache-Control"] = (
        "public, max-age=600" if report.published_at else "private, no-store"
    )
    return answer


@bp.route("/county/annual", methods=["GET", "POST"])
@coordinator
def desk() -> ResponseReturnValue:
    """Choose a year and have its report made; those that there are."""
    form = YearForm()
    offered = years.complete(today())
    known = {one.slug: one for one in queries.reports()}
    form.year.choices = choices(
        [
            (one.slug, f"{one.label} ({'council' if one.is_council else 'calendar'} year)")
            for one in offered
            if one.slug not in known or known[one.slug].published_at is None
        ]
    )
    if not form.year.data and form.year.choices:
        form.year.data = form.year.choices[0].value
    if form.validate_on_submit():
        try:
            report = service.start(form.year.data, current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect(url_for("annual.report", report_id=report.id))
    return render_template(
        "annual/desk.html", form=form, reports=queries.reports(), worth=queries.worth()
    )


@bp.get("/county/annual/<int:report_id>")
@coordinator
def report(report_id: int) -> ResponseReturnValue:
    """How far a report is, and what can be done with it."""
    found = queries.report(report_id)
    return render_template(
        "annual/report.html",
        report=found,
        is_working=found.progress in WORKING,
        printed=queries.print_of(report_id),
        may_wait=found.prints < prints.MOST_PRINTS,
        now=clock.now(),
    )


@bp.get("/county/annual/<int:report_id>/progress")
@coordinator
def progress(report_id: int) -> ResponseReturnValue:
    """The part of the page that renews itself while a worker is at it."""
    found = queries.report(report_id)
    if found.progress not in WORKING and not found.needs_print:
        return "", 200, {"HX-Redirect": url_for("annual.report", report_id=report_id)}
    return render_template("annual/_progress.html", report=found, now=clock.now())


@bp.post("/county/annual/<int:report_id>/<any(again, print, publish, drop):wish>")
@coordinator
def act(report_id: int, wish: str) -> ResponseReturnValue:
    """The buttons under a report."""
    found = queries.report(report_id)
    try:
        if wish == "again":
            service.start(found.slug, current_user.id)
        elif wish == "print":
            prints.retry(report_id)
        elif wish == "publish":
            service.publish(report_id, current_user.id)
            flash("The report is published. Everybody can read it now.", "success")
        else:
            service.throw_away(report_id)
            flash("The draft is deleted.", "success")
            return redirect(url_for("annual.desk"))
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("annual.report", report_id=report_id))


@bp.route("/county/annual/<int:report_id>/foreword", methods=["GET", "POST"])
@coordinator
def foreword(report_id: int) -> ResponseReturnValue:
    """Write what comes before the figures."""
    found = queries.report(report_id)
    form = ForewordForm(obj=found)
    if form.validate_on_submit():
        try:
            service.set_foreword(report_id, form.foreword.data or "", form.foreword_by.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
            found = queries.report(report_id)
        else:
            flash("The foreword is saved.", "success")
            return redirect(url_for("annual.report", report_id=report_id))
    return render_template("annual/foreword.html", report=found, form=form)


@bp.route("/admin/annual/value", methods=["GET", "POST"])
@administrator
def worth() -> ResponseReturnValue:
    """What an hour is counted as, and where that figure is from."""
    now = queries.worth()
    form = WorthForm(request.form or None, pounds=Decimal(now.pence) / 100, source=now.source)
    if form.validate_on_submit():
        service.set_worth(form.pence, form.source.data or "", current_user.id)
        flash("Saved. It holds for reports that are made from now on.", "success")
        return redirect(url_for("annual.worth"))
    return render_template("annual/worth.html", form=form, worth=now, earlier=queries.worths())
