"""The way in, by password, code or link, and the way out."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import audit, intents, queries, rules, service, session, throttle
from app.accounts.access import public
from app.accounts.forms import AddressForm, CodeForm, NewPasswordForm, SignInForm, WhoForm
from app.accounts.models import SMS, Proof, ProofPurpose, User
from app.accounts.routes import bp
from app.accounts.service import proofs, second_factor
from app.accounts.service import sign_in as signing_in
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.web.forms import choices, show_refusal


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@throttle.by_origin
@throttle.failures_by_address
def sign_in() -> ResponseReturnValue:
    """Sign in by password, or ask for a code."""
    next_path = rules.own_path(request.args.get("next"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(next_path or "/")
    form = SignInForm()
    if form.validate_on_submit():
        try:
            if request.form.get("way") == "code":
                return _send_code(ProofPurpose.SIGN_IN, str(form.address.data), next_path)
            if not form.password.data:
                raise Refusal(gettext("Enter your password, or ask for a code."), "password")
            users = signing_in.by_password(str(form.address.data), form.password.data)
            return session.proceed(users, ProofPurpose.SIGN_IN, "password", next_path)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("accounts/sign_in.html", form=form, next_path=next_path)


@bp.route("/sign-in/forgotten", methods=["GET", "POST"])
@public
@throttle.by_origin
def forgotten() -> ResponseReturnValue:
    """Ask for a code that lets one choose a new password."""
    form = AddressForm()
    if form.validate_on_submit():
        try:
            return _send_code(ProofPurpose.RESET, str(form.address.data), None)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("accounts/forgotten.html", form=form)


def _send_code(purpose: ProofPurpose, typed: str, next_path: str | None) -> ResponseReturnValue:
    channel, address = signing_in.read_address(typed)
    proof_id = proofs.ask(purpose, channel, address, next_path or "")
    return session.await_code(proof_id, purpose, next_path)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
@throttle.by_origin
def enter_code() -> ResponseReturnValue:
    """Type the code that was sent, if anybody has that address."""
    held = session.at_step("code")
    proof = db.session.get(Proof, held["proof"]) if held else None
    if held is None or proof is None:
        if not current_user.is_authenticated:  # else they are in: they went back, or pressed twice
            flash(gettext("That took too long. Start again."), "info")
        return redirect(url_for("accounts.sign_in"))
    form = CodeForm()
    if form.validate_on_submit():
        spent = proofs.spend_code(proof.id, str(form.code.data))
        users = queries.holders(spent.channel, spent.address) if spent else []
        if users:
            purpose = ProofPurpose(held["purpose"])
            return session.proceed(users, purpose, "code", held["next"])
        audit.record("sign-in failed", way="code", channel=proof.channel)
        show_refusal(form, Refusal(gettext(proofs.WRONG_CODE), "code"))
    return render_template(
        "accounts/enter_code.html", form=form, by_text=proof.channel == SMS, again=None
    )


@bp.route("/sign-in/link/<token>", methods=["GET", "POST"])
@public
@throttle.by_origin
def use_link(token: str) -> ResponseReturnValue:
    """An emailed link: GET only shows a button, for mail scanners follow links too."""
    proof = proofs.spend_link(token) if request.method == "POST" else proofs.find_link(token)
    if proof is None:
        return render_template("accounts/link_ended.html"), 410
    if request.method == "GET":
        return render_template(
            "accounts/use_link.html", resetting=proof.purpose == ProofPurpose.RESET
        )
    users = [
        user
        for user in queries.holders(proof.channel, proof.address)
        if proof.user_id in (None, user.id)
    ]
    if not users:
        return render_template("accounts/link_ended.html"), 410
    return session.proceed(users, proof.purpose, "link", proof.next_path)


@bp.route("/sign-in/who", methods=["GET", "POST"])
@public
def choose_who() -> ResponseReturnValue:
    """Several people share the phone that was proven: which of them is this?"""
    held = session.at_step("who")
    users = [user for one in held["users"] if (user := session.user_of(one))] if held else []
    if held is None or not users:
        return redirect(url_for("accounts.sign_in"))
    form = WhoForm()
    form.who.choices = choices((user.id, user.name) for user in users)
    if form.validate_on_submit():
        chosen = [user for user in users if str(user.id) == form.who.data]
        return session.proceed(chosen, ProofPurpose(held["purpose"]), held["way"], held["next"])
    return render_template("accounts/choose_who.html", form=form)


@bp.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
@throttle.by_origin
@throttle.failures_of_second_factor
def enter_second_factor() -> ResponseReturnValue:
    """Type a code of the authenticator app, or a recovery code."""
    held = session.at_step("second")
    user = session.user_of(held["user"]) if held else None
    if held is None or user is None:
        return redirect(url_for("accounts.sign_in"))
    form = CodeForm()
    if form.validate_on_submit():
        if second_factor.passes(user.id, str(form.code.data)):
            return session.enter(user, held["way"], held["next"])
        show_refusal(
            form, Refusal(gettext("That code is not right. Type the one shown now."), "code")
        )
    return render_template("accounts/enter_second_factor.html", form=form)


@bp.route("/sign-in/new-password", methods=["GET", "POST"])
@public
def new_password() -> ResponseReturnValue:
    """Choose a new password, after a proof of the address."""
    held = session.at_step("reset")
    user = session.user_of(held["user"]) if held else None
    if user is None:
        return redirect(url_for("accounts.forgotten"))
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            user = signing_in.set_password(user.id, str(form.password.data))
            response = session.begin(user, "reset")
            flash(
                gettext("Your new password is set. You were signed out everywhere else."), "success"
            )
            return response
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template("accounts/new_password.html", form=form)


@bp.route("/sign-up/confirm", methods=["GET", "POST"])
@public
@throttle.by_origin
def confirm_sign_up() -> ResponseReturnValue:
    """Type the code that was sent to a new user's address."""
    held = session.at_step("signing up")
    user = db.session.get(User, held["user"]) if held else None
    if held is None or user is None:
        if not current_user.is_authenticated:  # else they are in: they went back, or pressed twice
            flash(
                gettext("That took too long. Ask for a code to sign in, or sign up again."), "info"
            )
        return redirect(url_for("accounts.sign_in"))
    if _is_confirmed(user, held["channel"]):
        return _already_confirmed(held["next"])
    form = CodeForm()
    if form.validate_on_submit():
        try:
            service.confirm_code(user, held["channel"], str(form.code.data))
            response = session.begin(user, "sign-up", held["next"])
            went_on = intents.run(user, held.get("intent"))
            return redirect(went_on) if went_on else response
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "accounts/enter_code.html",
        form=form,
        by_text=held["channel"] == SMS,
        again=url_for("accounts.send_sign_up_code"),
        intent=intents.told(held.get("intent")),
        back=held["next"],
    )


def _is_confirmed(user: User, channel: str) -> bool:
    """Whether the code was typed already: on another device, or by the first of two presses."""
    return not (user.pending_phone if channel == SMS else user.pending_email)


def _already_confirmed(next_path: str | None) -> ResponseReturnValue:
    flash(gettext("That is confirmed. You can sign in with it from now on."), "success")
    return redirect(url_for("accounts.sign_in", next=next_path))


@bp.post("/sign-up/confirm/again")
@public
@throttle.by_origin
def send_sign_up_code() -> ResponseReturnValue:
    """Send a new user another code."""
    held = session.at_step("signing up")
    user = db.session.get(User, held["user"]) if held else None
    if held is None or user is None:
        abort(404)
    if _is_confirmed(user, held["channel"]):
        return _already_confirmed(held["next"])
    service.send_verification(user, held["channel"])
    flash(gettext("We have sent a new code. The one before no longer works."), "success")
    return session.ask_for_code(user, held["channel"], held["next"], held.get("intent"))


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out on this device."""
    if current_user.is_authenticated:
        audit.record("signed out", subject=current_user._get_current_object())
    session.leave()
    flash(gettext("You are signed out."), "success")
    return redirect("/")
