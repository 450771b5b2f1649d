"""A site's tablets, their PIN and their log, and the poster with the site's code."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit
from app.foundation import clock
from app.foundation.errors import Refusal
from app.groups.access import group_manager
from app.groups.models import Site
from app.today import codes, queries, service
from app.today.forms import DeviceForm, NewPinForm
from app.today.routes import bp, site_of
from app.web.forms import show_refusal
from app.web.pages import public_url


@bp.get("/groups/<int:group_id>/today/<int:site_id>/tablets")
@group_manager
def tablets(group_id: int, site_id: int) -> ResponseReturnValue:
    return _show(group_id, site_of(group_id, site_id), DeviceForm(), NewPinForm())


@bp.post("/groups/<int:group_id>/today/<int:site_id>/tablets/new")
@group_manager
def offer_tablet(group_id: int, site_id: int) -> ResponseReturnValue:
    """A code for a new tablet, shown this once."""
    site = site_of(group_id, site_id)
    form = DeviceForm()
    if form.validate_on_submit():
        try:
            device, code = service.offer(site_id, form.name.data or "", current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return render_template(
                "today/tablet_code.html",
                group_id=group_id,
                site=site_of(group_id, site_id),
                device=device,
                code=code,
                address=public_url("tablet.start"),
            )
    return _show(group_id, site, form, NewPinForm(formdata=None))


@bp.post("/groups/<int:group_id>/today/<int:site_id>/tablets/<int:device_id>/off")
@group_manager
def switch_off(group_id: int, site_id: int, device_id: int) -> ResponseReturnValue:
    site_of(group_id, site_id)
    service.revoke(site_id, device_id, current_user.id)
    flash("The tablet is switched off.", "success")
    return redirect(url_for("today.tablets", group_id=group_id, site_id=site_id))


@bp.post("/groups/<int:group_id>/today/<int:site_id>/pin")
@group_manager
def new_pin(group_id: int, site_id: int) -> ResponseReturnValue:
    site = site_of(group_id, site_id)
    form = NewPinForm()
    if form.validate_on_submit():
        try:
            service.set_pin(site_id, form.pin.data or "", current_user.id)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash("The new PIN holds from now on.", "success")
            return redirect(url_for("today.tablets", group_id=group_id, site_id=site_id))
    return _show(group_id, site, DeviceForm(formdata=None), form)


@bp.get("/groups/<int:group_id>/today/<int:site_id>/poster")
@group_manager
def poster(group_id: int, site_id: int) -> ResponseReturnValue:
    """A page to print and hang up by the door."""
    site = site_of(group_id, site_id)
    return render_template(
        "today/poster.html",
        group_id=group_id,
        site=site,
        code=codes.picture(codes.on_the_wall(site.id)),
    )


def _show(group_id: int, site: Site, device_form: DeviceForm, pin_form: NewPinForm) -> str:
    audit.record("viewed tablets", subject=site, group_id=group_id)
    site = site_of(group_id, site.id)
    return render_template(
        "today/tablets.html",
        group_id=group_id,
        site=site,
        device_form=device_form,
        pin_form=pin_form,
        devices=queries.devices(site.id),
        pin=queries.pin_of(site.id),
        log=queries.log(site.id),
        now=clock.now(),
    )
