"""One's own account: name, contact points, password, second factor, sessions."""

from __future__ import annotations

from typing import Literal

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import queries, service, session, throttle
from app.accounts.access import signed_in
from app.accounts.forms import ChangePasswordForm, CodeForm, EmailForm, NameForm, PhoneForm
from app.accounts.models import EMAIL, SMS
from app.accounts.routes import bp
from app.accounts.service import second_factor as factor
from app.accounts.service import sign_in as signing_in
from app.foundation.errors import Refusal
from app.foundation.sentences import gettext
from app.web.forms import show_refusal

Channel = Literal["email", "sms"]


@bp.get("/account")
@signed_in
def index() -> ResponseReturnValue:
    """How the user signs in, and where to change it."""
    return render_template(
        "accounts/index.html",
        recovery_codes_left=queries.recovery_codes_left(current_user),
        required=_second_factor_is_required(),
    )


@bp.route("/account/name", methods=["GET", "POST"])
@signed_in
def change_name() -> ResponseReturnValue:
    form = NameForm(name=current_user.name)
    if form.validate_on_submit():
        try:
            signing_in.rename(current_user.id, str(form.name.data))
            flash(gettext("Your name is changed."), "success")
            return redirect(url_for("accounts.index"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("accounts/change_name.html", form=form)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def change_password() -> ResponseReturnValue:
    """Change the password, or set the first one; other sessions end."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            user = signing_in.set_password(
                current_user.id, str(form.password.data), form.current.data or ""
            )
            session.enter(user, "password change")
            flash(
                gettext("Your password is changed. You were signed out everywhere else."), "success"
            )
            return redirect(url_for("accounts.index"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "accounts/change_password.html", form=form, has_password=bool(current_user.password_hash)
    )


@bp.route("/account/email", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def change_email() -> ResponseReturnValue:
    form = EmailForm()
    return _change_contact_point(form, EMAIL, form.email.data)


@bp.route("/account/phone", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def change_phone() -> ResponseReturnValue:
    form = PhoneForm()
    return _change_contact_point(form, SMS, form.phone.data)


def _change_contact_point(
    form: EmailForm | PhoneForm, channel: str, typed: str | None
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            service.want_contact_point(current_user.id, channel, str(typed))
            return redirect(url_for("accounts.confirm", channel=channel))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("accounts/change_contact_point.html", form=form, by_text=channel == SMS)


@bp.route("/account/confirm/<any(email, sms):channel>", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def confirm(channel: Channel) -> ResponseReturnValue:
    """Type the code that was sent to the new address."""
    if not (current_user.pending_email if channel == EMAIL else current_user.pending_phone):
        return redirect(url_for("accounts.index"))
    form = CodeForm()
    if form.validate_on_submit():
        try:
            user = current_user._get_current_object()
            service.confirm_code(user, channel, str(form.code.data))
            flash(gettext("That is confirmed. You can sign in with it from now on."), "success")
            return redirect(url_for("accounts.index"))
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "accounts/enter_code.html",
        form=form,
        by_text=channel == SMS,
        again=url_for("accounts.send_code", channel=channel),
    )


@bp.post("/account/confirm/<any(email, sms):channel>/again")
@signed_in
@throttle.by_origin
def send_code(channel: Channel) -> ResponseReturnValue:
    """Send the code for a new address once more."""
    service.send_verification(current_user._get_current_object(), channel)
    flash(gettext("We have sent a new code. The one before no longer works."), "success")
    return redirect(url_for("accounts.confirm", channel=channel))


@bp.post("/account/remove/<any(email, sms):channel>")
@signed_in
def remove_contact_point(channel: Channel) -> ResponseReturnValue:
    """Take an email address or a phone off the account."""
    service.drop_contact_point(current_user.id, channel)
    flash(gettext("It is removed from your account."), "success")
    return redirect(url_for("accounts.index"))


@bp.post("/account/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session, this one too."""
    signing_in.sign_out_everywhere(current_user.id)
    session.leave()
    flash(gettext("You are signed out on every device."), "success")
    return redirect(url_for("accounts.sign_in"))


@bp.route("/account/second-factor", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def second_factor() -> ResponseReturnValue:
    """Set up an authenticator app: begin, scan, type a code, keep the recovery codes."""
    user = current_user._get_current_object()
    if user.has_second_factor:
        return redirect(url_for("accounts.index"))
    form = CodeForm()
    if request.method == "POST" and "code" not in request.form:
        factor.begin(user.id)
        return redirect(url_for("accounts.second_factor"))
    if form.validate_on_submit():
        try:
            codes = factor.confirm(user.id, str(form.code.data))
            return render_template("accounts/recovery_codes.html", codes=codes)
        except Refusal as refusal:
            show_refusal(form, refusal)
    if factor.key(user) is None:
        return render_template(
            "accounts/second_factor.html", form=form, required=_second_factor_is_required()
        )
    return render_template(
        "accounts/second_factor_scan.html",
        form=form,
        picture=factor.picture(user),
        key=factor.key(user),
    )


@bp.route("/account/second-factor/<any(renew, remove):wish>", methods=["GET", "POST"])
@signed_in
@throttle.by_origin
def change_second_factor(wish: str) -> ResponseReturnValue:
    """Make new recovery codes, or take the app off; a code of the app comes first."""
    if not current_user.has_second_factor:
        abort(404)
    form = CodeForm()
    if form.validate_on_submit():
        user_id = current_user.id
        if factor.passes(user_id, str(form.code.data)):
            if wish == "renew":
                codes = factor.renew_recovery_codes(user_id)
                return render_template("accounts/recovery_codes.html", codes=codes)
            factor.remove(user_id)
            flash(gettext("Your authenticator app is no longer asked for."), "success")
            return redirect(url_for("accounts.index"))
        show_refusal(
            form, Refusal(gettext("That code is not right. Type the one shown now."), "code")
        )
    return render_template("accounts/change_second_factor.html", form=form, wish=wish)


def _second_factor_is_required() -> bool:
    return bool(current_app.config["SECOND_FACTOR_REQUIRED"] and current_user.is_coordinator)
