"""The pages of groups: the public one, the managers' and the administrator's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import session, throttle
from app.accounts.access import administrator, public, signed_in
from app.accounts.queries import user_by_email
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.groups import links, queries, service
from app.groups.access import group_manager, manages
from app.groups.forms import (
    GroupForm,
    GroupSearch,
    InviteForm,
    JoinForm,
    NewGroupForm,
    SiteForm,
)
from app.groups.models import Group, GroupKind, Site
from app.web import consequences
from app.web.forms import show_refusal
from app.web.language import english

bp = Blueprint("groups", __name__, template_folder="templates")


@bp.get("/admin/groups")
@administrator
def index() -> ResponseReturnValue:
    """Find a group."""
    form = GroupSearch(request.args)
    page = request.args.get("page", 1, type=int)
    found = queries.groups(
        form.words.data or "", form.kind.data or "", page, show=form.show.data or ""
    )
    return render_template(
        "groups/index.html",
        form=form,
        found=found,
        managers=queries.managers_by_group([group.id for group in found.rows]),
    )


@bp.route("/admin/groups/new", methods=["GET", "POST"])
@administrator
def new() -> ResponseReturnValue:
    """Make a group and, if given, invite its first manager."""
    form = NewGroupForm()
    if form.validate_on_submit():
        try:
            details = _details(form)
            email = details.pop("manager_email").strip()
            group = service.found_group(email, current_user, **details)
            asked = f" We have sent an invitation to {email}." if email else ""
            flash(f"{group.name} is on Many Hands.{asked}", "success")
            return redirect(url_for("groups.show", group_id=group.id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("groups/new.html", form=form)


@bp.post("/admin/groups/<int:group_id>/<any(close, reopen):wish>")
@administrator
def close(group_id: int, wish: str) -> ResponseReturnValue:
    """Close a group, or open it again."""
    _group(group_id)
    (service.close_group if wish == "close" else service.reopen_group)(group_id)
    flash("The group is closed." if wish == "close" else "The group is open again.", "success")
    return redirect(url_for("groups.show", group_id=group_id))


@bp.get("/groups")
@signed_in
@english
def mine() -> ResponseReturnValue:
    """The groups that the user manages; with one, its page."""
    found = queries.managed_by(current_user)
    if len(found) == 1:
        return redirect(url_for("groups.show", group_id=found[0].id))
    return render_template("groups/mine.html", groups=found)


@bp.get("/groups/<int:group_id>")
@group_manager
def show(group_id: int) -> ResponseReturnValue:
    """The managers' own page of their group."""
    return render_template(
        "groups/show.html",
        group=_group(group_id),
        sites=queries.sites_of(group_id),
        managers=queries.managers_of(group_id),
        links=links.for_managers(group_id),
        doors=links.doors(group_id),
    )


@bp.route("/groups/<int:group_id>/details", methods=["GET", "POST"])
@group_manager
def details(group_id: int) -> ResponseReturnValue:
    """Change what the group says of itself."""
    group = _group(group_id)
    form = GroupForm(obj=group)
    foreseen = None
    if form.validate_on_submit():
        said, known = _details(form), request.form.get("known")
        foreseen = consequences.foresee("group", group_id, group_id, said, known)
        if foreseen is None:
            try:
                service.change_group(group_id, **said)
                consequences.happened(group_id)
                flash("The details are saved.", "success")
                return redirect(url_for("groups.show", group_id=group_id))
            except Refusal as refusal:
                show_refusal(form, refusal)
    return render_template("groups/details.html", form=form, group=group, foreseen=foreseen)


@bp.route("/groups/<int:group_id>/sites/new", methods=["GET", "POST"])
@group_manager
def new_site(group_id: int) -> ResponseReturnValue:
    """Add a site."""
    form = SiteForm()
    if form.validate_on_submit():
        try:
            service.add_site(group_id, **_site_details(form))
            flash("The site is added.", "success")
            return redirect(url_for("groups.show", group_id=group_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("groups/site.html", form=form, group=_group(group_id), site=None)


@bp.route("/groups/<int:group_id>/sites/<int:site_id>", methods=["GET", "POST"])
@group_manager
def site(group_id: int, site_id: int) -> ResponseReturnValue:
    """Change a site."""
    site = queries.site_of(group_id, site_id) or abort(404)
    form = SiteForm(obj=site)
    if form.validate_on_submit():
        try:
            service.change_site(site_id, **_site_details(form))
            flash("The site is saved.", "success")
            return redirect(url_for("groups.show", group_id=group_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("groups/site.html", form=form, group=_group(group_id), site=site)


@bp.route("/groups/<int:group_id>/managers", methods=["GET", "POST"])
@group_manager
@throttle.by_origin
def managers(group_id: int) -> ResponseReturnValue:
    """Who manages the group; invite another."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            invitation = service.invite(group_id, str(form.email.data), current_user)
            flash(f"We have sent an invitation to {invitation.email}.", "success")
            return redirect(url_for("groups.managers", group_id=group_id))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "groups/managers.html",
        form=form,
        group=_group(group_id),
        managers=queries.managers_of(group_id),
        invitations=queries.open_invitations(group_id),
    )


@bp.post("/groups/<int:group_id>/invitations/<int:invitation_id>/withdraw")
@group_manager
def withdraw(group_id: int, invitation_id: int) -> ResponseReturnValue:
    """End an invitation."""
    service.withdraw(group_id, invitation_id)
    flash("The invitation is withdrawn. Its link no longer works.", "success")
    return redirect(url_for("groups.managers", group_id=group_id))


@bp.post("/groups/<int:group_id>/managers/<int:membership_id>/remove")
@group_manager
def remove(group_id: int, membership_id: int) -> ResponseReturnValue:
    """Take a manager off the group."""
    service.remove_manager(group_id, membership_id)
    flash("They no longer manage the group.", "success")
    return redirect(url_for("groups.managers", group_id=group_id))


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
@english
@throttle.by_origin
def invitation(token: str) -> ResponseReturnValue:
    """An invited person says yes: as who is signed in, or with a new account."""
    found = service.find_invitation(token)
    if found is None:
        return render_template("groups/invitation_ended.html"), 410
    form = JoinForm()
    known = user_by_email(found.email) is not None
    if current_user.is_authenticated or known or not form.validate_on_submit():
        return render_template(
            "groups/invitation.html", form=form, invitation=found, token=token, known=known
        )
    try:
        user = service.accept_as_new(token, str(form.name.data), str(form.password.data))
        return session.begin(user, "invitation", url_for("groups.mine"))
    except Refusal as refusal:
        show_refusal(form, refusal)
    return render_template(
        "groups/invitation.html", form=form, invitation=found, token=token, known=known
    )


@bp.post("/invitations/<token>/join")
@signed_in
@english
def join(token: str) -> ResponseReturnValue:
    """Become a manager as the user who is signed in."""
    group = service.accept(token, current_user)
    flash(f"You now help to run {group.name}.", "success")
    return redirect(url_for("groups.show", group_id=group.id))


@bp.get("/g/<slug>")
@public
def page(slug: str) -> ResponseReturnValue:
    """What everybody can read about a group."""
    group = queries.group_by_slug(slug) or abort(404)
    sites = queries.sites_of(group.id)
    return render_template(
        "groups/page.html",
        group=group,
        sites=sites,
        places=[_on_map(site) for site in sites],
        manages=manages(group.id),
        parts=[] if group.is_closed else [part(group) for part in links.on_public_page],
    )


def _on_map(site: Site) -> dict[str, Any]:
    """What `map.js` draws of a site: a name and about where it is, nothing to open."""
    latitude, longitude = site.spot
    return {"lat": latitude, "lon": longitude, "title": site.name, "line": site.area}


def _group(group_id: int) -> Group:
    return db.session.get(Group, group_id) or abort(404)


def _details(form: GroupForm) -> dict[str, Any]:
    # A field that was not sent at all is None; a nought was said.
    said = {
        name: "" if value is None else value
        for name, value in form.data.items()
        if name != "csrf_token"
    }
    return said | {"kind": GroupKind(said["kind"])}


def _site_details(form: SiteForm) -> dict[str, str]:
    return {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
