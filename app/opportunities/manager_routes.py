"""What a group's managers see and do. Rosters and cancelling are with `signups`."""

from __future__ import annotations

import zlib
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import signed_in
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.opportunities import queries, rules, service, slots
from app.opportunities.forms import OpportunityForm
from app.opportunities.models import Opportunity, Stage
from app.opportunities.routes import bp
from app.opportunities.rules.repeating import sentence
from app.opportunities.shift_forms import PatternForm, ShiftForm
from app.web import consequences
from app.web.filters import plural
from app.web.forms import choices, show_refusal
from app.web.language import english

STAGE_TAGS = {
    Stage.DRAFT: ("Draft", "grey"),
    Stage.PUBLISHED: ("Published", "green"),
    Stage.CLOSED: ("Closed", "yellow"),
    Stage.CANCELLED: ("Cancelled", "red"),
}


@bp.app_context_processor
def _stage_tags() -> dict[str, Any]:
    return {"stage_tags": STAGE_TAGS}


@bp.get("/my/opportunities")
@signed_in
@english
def manage() -> ResponseReturnValue:
    """The opportunities of one's only group, or the choice between one's groups."""
    groups = queries.managed_groups(current_user.id)
    if len(groups) == 1:
        return redirect(url_for("opportunities.index", group_id=groups[0].id))
    return render_template("opportunities/groups.html", groups=groups)


@bp.get("/groups/<int:group_id>/opportunities")
@group_manager
def index(group_id: int) -> ResponseReturnValue:
    return render_template(
        "opportunities/index.html",
        group=db.get_or_404(Group, group_id),
        listed=queries.for_managers(group_id),
        has_site=bool(_sites(group_id)),
    )


@bp.route("/groups/<int:group_id>/opportunities/new", methods=["GET", "POST"])
@group_manager
def new(group_id: int) -> ResponseReturnValue:
    group = db.get_or_404(Group, group_id)
    form = OpportunityForm()
    form.site_id.choices = _sites(group_id)
    if not form.site_id.choices:
        flash("Add a site first: the place where people help.", "warning")
        return redirect(url_for("groups.new_site", group_id=group_id))
    if form.validate_on_submit():
        try:
            opportunity = service.create(group_id, form.details())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("Saved as a draft. Now say when, then publish it.", "success")
            return _to(opportunity)
    return render_template("opportunities/edit.html", form=form, group=group, opportunity=None)


@bp.route("/groups/<int:group_id>/opportunities/<int:opportunity_id>/edit", methods=["GET", "POST"])
@group_manager
def edit(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.opportunity_of(group_id, opportunity_id)
    form = OpportunityForm(obj=opportunity, data=None, **OpportunityForm.values_of(opportunity))
    form.site_id.choices = _sites(group_id)
    foreseen = None
    if form.validate_on_submit():
        details, known = form.details(), request.form.get("known")
        foreseen = consequences.foresee("role", group_id, opportunity_id, details, known)
        if foreseen is None:
            try:
                service.edit(group_id, opportunity_id, details)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                consequences.happened(group_id)
                flash("Saved.", "success")
                return _to(opportunity)
    return render_template(
        "opportunities/edit.html",
        form=form,
        group=opportunity.group,
        opportunity=opportunity,
        foreseen=foreseen,
    )


@bp.get("/groups/<int:group_id>/opportunities/<int:opportunity_id>")
@group_manager
def overview(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.opportunity_of(group_id, opportunity_id)
    return render_template(
        "opportunities/overview.html",
        opportunity=opportunity,
        shifts=queries.shifts_of(opportunity.id),
        past=queries.shifts_of(opportunity.id, past=True, limit=10),
        has_duties=slots.has_duties(opportunity),
        patterns=[
            (pattern, sentence(pattern.rule, pattern.starts, pattern.ends))
            for pattern in queries.patterns_of(opportunity.id)
        ],
    )


@bp.post("/groups/<int:group_id>/opportunities/<int:opportunity_id>/publish")
@group_manager
def publish(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    try:
        opportunity = service.publish(group_id, opportunity_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(
            url_for("opportunities.edit", group_id=group_id, opportunity_id=opportunity_id)
        )
    flash("It is published: everybody can see it now.", "success")
    return _to(opportunity)


@bp.post("/groups/<int:group_id>/opportunities/<int:opportunity_id>/close")
@group_manager
def close(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    try:
        service.close(group_id, opportunity_id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    else:
        flash("It is closed: nobody new can join. Those who have a place keep it.", "success")
    return _to_overview(group_id, opportunity_id)


@bp.route(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>/shifts/new",
    methods=["GET", "POST"],
)
@group_manager
def add_shift(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    opportunity = queries.opportunity_of(group_id, opportunity_id)
    form = ShiftForm()
    if form.validate_on_submit():
        try:
            service.add_shift(group_id, opportunity_id, **form.values())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("The shift is added.", "success")
            return _to(opportunity)
    return render_template("opportunities/add_shift.html", form=form, opportunity=opportunity)


@bp.route(
    "/groups/<int:group_id>/opportunities/<int:opportunity_id>/repeat", methods=["GET", "POST"]
)
@group_manager
def repeat(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    """First shows what would be made; the second button makes it."""
    opportunity = queries.opportunity_of(group_id, opportunity_id)
    form = PatternForm()
    preview: list[rules.Occurrence] | None = None
    if form.validate_on_submit():
        try:
            preview = queries.preview(opportunity, form.repeat())
            if not preview:
                raise service.nothing_fits(form.repeat(), opportunity.site.zone)
            for occurrence in preview[:1]:
                rules.check_shift(
                    occurrence.starts_at,
                    occurrence.ends_at,
                    **form.people(),
                    zone=opportunity.site.zone,
                )
            # What is made is what was shown: a form changed since is shown again.
            if request.form.get("make") == _fingerprint(preview):
                _, made = service.add_pattern(
                    group_id, opportunity_id, form.repeat(), **form.people()
                )
                flash(f"{plural(made, 'shift')} added.", "success")
                return _to(opportunity)
        except Refusal as refusal:
            preview = None
            show_refusal(form, refusal)
    return render_template(
        "opportunities/repeat.html",
        form=form,
        opportunity=opportunity,
        preview=preview,
        fingerprint=_fingerprint(preview or []),
        closed=queries.left_out(opportunity, form.repeat()) if preview is not None else [],
        sentence=_sentence(form) if preview else "",
        later=preview is not None and queries.reaches_beyond(form.repeat()),
    )


def _sentence(form: PatternForm) -> str:
    repeat = form.repeat()
    return sentence(repeat.rule, repeat.starts, repeat.ends)


def _fingerprint(preview: list[rules.Occurrence]) -> str:
    return str(zlib.crc32(repr(preview).encode())) if preview else "nothing"


def _sites(group_id: int) -> list[Any]:
    sites = queries.sites_of(group_id)
    return choices((site.id, f"{site.name}, {site.postcode}") for site in sites)


def _to(opportunity: Opportunity) -> ResponseReturnValue:
    return _to_overview(opportunity.group_id, opportunity.id)


def _to_overview(group_id: int, opportunity_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("opportunities.overview", group_id=group_id, opportunity_id=opportunity_id)
    )
