"""Signing up to give time: one page, one code, and what to do next."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import session, throttle
from app.accounts.access import public, signed_in
from app.accounts.rules import own_path
from app.foundation.errors import Refusal
from app.volunteers import queries, service, steps
from app.volunteers.forms import PostcodeForm, SignUpForm
from app.volunteers.routes import bp
from app.volunteers.vocabulary import AgeBand
from app.web.forms import show_refusal


@bp.route("/sign-up", methods=["GET", "POST"])
@public
@throttle.by_origin
def sign_up() -> ResponseReturnValue:
    """Sign up with a name, one contact point and a postcode; then back to where they came from."""
    back = own_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(back or url_for("volunteers.profile"))
    form = SignUpForm()
    if form.validate_on_submit():
        try:
            user, channel = service.sign_up(
                str(form.name.data),
                str(form.contact.data),
                str(form.postcode.data),
                interests=form.interests.data,
                age_band=AgeBand(form.age_band.data),
                may_ask=bool(form.may_ask.data),
            )
            welcome = url_for("volunteers.signed_up", next=back)
            return session.ask_for_code(user, channel.value, welcome)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("volunteers/sign_up.html", form=form, back=back)


@bp.get("/my/profile/welcome")
@signed_in
def signed_up() -> ResponseReturnValue:
    """The code was right: what now? Whoever came from a shift goes on there."""
    if back := own_path(request.args.get("next")):
        flash(gettext("You are signed up. Now you can go on where you were."), "success")
        return redirect(back)
    volunteer = queries.volunteer_of(current_user.id)
    if volunteer is None:
        return redirect(url_for("volunteers.profile"))
    return render_template(
        "volunteers/signed_up.html", volunteer=volunteer, progress=steps.progress(volunteer)
    )


@bp.route("/my/profile/start", methods=["GET", "POST"])
@signed_in
def start() -> ResponseReturnValue:
    """Somebody who has an account already begins to give time."""
    form = PostcodeForm()
    if form.validate_on_submit():
        try:
            service.start(current_user._get_current_object(), str(form.postcode.data))
            flash(gettext("You have a profile now. Add what you like."), "success")
            back = own_path(request.args.get("next"))  # to the shift that they came from
            return redirect(back or url_for("volunteers.profile"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("volunteers/start.html", form=form)
