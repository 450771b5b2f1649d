"""The page on which somebody without an account takes a place."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import session, throttle
from app.accounts.access import public
from app.foundation.errors import Refusal
from app.opportunities import cards, descriptions
from app.signups import first_place, screens
from app.signups.forms import FirstPlaceForm
from app.signups.routes import bp, places_free
from app.volunteers import service as volunteers
from app.volunteers.vocabulary import AgeBand
from app.web.forms import show_refusal


@bp.route("/shifts/<int:shift_id>/join", methods=["GET", "POST"])
@public
@throttle.by_origin
def join(shift_id: int) -> ResponseReturnValue:
    """Who you are and how to reach you, on one page; then a code, and the place is yours."""
    if current_user.is_authenticated:
        return redirect(url_for("signups.claim", shift_id=shift_id))
    shift = screens.shift_shown(shift_id) or abort(404)
    closed = screens.closed_because(shift)
    chance = first_place.chance_of(shift)
    form = FirstPlaceForm()
    form.ask_for(chance.skills, chance.languages)
    form.offer([] if chance.obstacles else _duties(chance))
    if not closed and form.validate_on_submit():
        try:
            band = AgeBand(form.age_band.data)
            if not chance.obstacles:
                first_place.must_fit(shift, form.skills.data, form.languages.data, band)
            user, channel = volunteers.sign_up(
                str(form.name.data),
                str(form.contact.data),
                str(form.postcode.data),
                skills=form.skills.data,
                languages=form.languages.data,
                age_band=band,
                may_ask=bool(form.may_ask.data),
            )
            intent = first_place.intent(shift.id, form.wanted)
            page = url_for("signups.claim", shift_id=shift.id)
            return session.ask_for_code(user, channel.value, page, intent)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_template(
        "signups/join.html",
        form=form,
        shift=shift,
        chance=chance,
        closed=closed,
        where=cards.place_words(shift.site),
        needs=descriptions.needs(shift.opportunity),
        button=first_place.button_words(shift),
        role_url=cards.page_of(shift.opportunity),
    )


def _duties(chance: first_place.Chance) -> list[tuple[int, str]]:
    return [
        (slot.id, f"{slot.duty.name} ({places_free(slot.places_left)})") for slot in chance.slots
    ]
