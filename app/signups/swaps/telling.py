"""Who hears what of a swap. First names only: the managers see the rest."""

from __future__ import annotations

from typing import Final

from app.foundation import clock, languages
from app.foundation.sentences import N_, gettext
from app.signups import keys, letters, managers, news
from app.signups.keys import Key
from app.signups.swaps.models import Swap
from app.volunteers.models import Volunteer


def address(swap_id: int, volunteer_id: int) -> str:
    """Where this person answers the swap without signing in."""
    return keys.address("swap", token(swap_id, volunteer_id))


def token(swap_id: int, volunteer_id: int) -> str:
    """What stands in that address."""
    return keys.make(Key.SWAP, swap_id, volunteer_id)


@languages.in_language_of(lambda swap, volunteer: volunteer.language)
def ask(swap: Swap, volunteer: Volunteer) -> bool:
    """Put the swap to one person; whether we may write to them."""
    giver = swap.signup.volunteer.first_name
    what = letters.what_of(swap.signup)
    if swap.wanted is not None:
        asks = gettext(
            "%(name)s would like to swap with you. You take %(what)s. "
            "%(name)s takes yours: %(when)s.",
            name=giver,
            what=what,
            when=letters.when(swap.wanted.shift),
        )
    else:
        asks = gettext("%(name)s cannot come to %(what)s. Can you take it?", name=giver, what=what)
    what = letters.what(swap.signup.shift)
    subject = gettext("%(name)s asks for a swap: %(what)s", name=giver, what=what)
    return _tell(swap, volunteer, "ask", subject, asks, gettext("Answer"))


_MANAGERS_SAY_NO: Final = N_("The group’s managers do not agree to this swap.")


@languages.in_language_of(lambda swap, by=None: swap.signup.volunteer.language)
def turned_down(swap: Swap, by: str | None = None) -> None:
    """Tell who asked that it is a no, kindly: that of somebody by name, or of the managers."""
    if by is None:
        why = gettext(_MANAGERS_SAY_NO)
    else:
        why = gettext("%(name)s cannot swap with you.", name=by or gettext("They"))
    what = letters.what_of(swap.signup)
    said = " ".join(
        [
            why,
            gettext("You still have your place: %(what)s.", what=what),
            gettext("You can ask somebody else, or give the place back."),
        ]
    )
    _tell(swap, swap.signup.volunteer, "no", _none(swap), said, "")


def _none(swap: Swap) -> str:
    return gettext("No swap this time: %(what)s", what=letters.what(swap.signup.shift))


@languages.in_language_of(lambda swap, by=None: swap.taken_by and swap.taken_by.language)
def called_off(swap: Swap, by: str | None = None) -> None:
    """Tell who had said yes that nothing comes of it: by who asked, or by the managers."""
    if swap.taken_by is None:
        raise ValueError("Nobody has taken this swap.")
    giver = swap.signup.volunteer.first_name
    what = letters.what_of(swap.signup)
    said = [gettext(_MANAGERS_SAY_NO)]
    if by is not None:
        said = [gettext("%(name)s keeps their place.", name=by)]
    said.append(gettext("You do not take %(name)s’s place: %(what)s.", name=giver, what=what))
    if swap.wanted is not None:
        when = letters.when(swap.wanted.shift)
        said.append(gettext("You still have yours: %(when)s.", when=when))
    said.append(gettext("Thank you all the same!"))
    _tell(swap, swap.taken_by, "off", _none(swap), " ".join(said), "")


@languages.in_english
def awaits_managers(swap: Swap) -> None:
    """Somebody has said yes: who asked hears so, and the managers are asked."""
    if swap.taken_by is None:
        raise ValueError("Nobody has taken this swap.")
    _said_yes(swap, swap.taken_by.first_name)
    shift = swap.signup.shift
    group_id = shift.opportunity.group_id
    managers.tell(
        group_id,
        managers.Notice(
            cause=f"swap:{swap.id}",
            subject=f"A swap waits for your yes: {letters.what(shift)}",
            paragraphs=[
                f"Two of your volunteers would like to swap: {letters.what(shift)}.",
                "They both agree, and wait for your yes or no.",
            ],
            button="See the swap",
            path=f"/groups/{group_id}/swaps",
        ),
    )


@languages.in_language_of(lambda swap, name: swap.signup.volunteer.language)
def _said_yes(swap: Swap, name: str) -> None:
    said = gettext(
        "%(name)s says yes to your swap: %(what)s. "
        "The group’s managers have to agree. Until then you have your place.",
        name=name,
        what=letters.what_of(swap.signup),
    )
    subject = gettext(
        "Somebody said yes to your swap: %(what)s", what=letters.what(swap.signup.shift)
    )
    _tell(swap, swap.signup.volunteer, "yes", subject, said, "")


def _tell(
    swap: Swap, volunteer: Volunteer, purpose: str, subject: str, said: str, button: str
) -> bool:
    shift = swap.signup.shift
    group = shift.opportunity.group.name
    url = address(swap.id, volunteer.id) if button else ""
    return news.tell(
        volunteer,
        news.News(
            cause=f"swap:{swap.id}:{clock.now().timestamp():.6f}",
            purpose=f"swap-{purpose}",
            subject=subject,
            paragraphs=[said, *([gettext("It is fine to say no.")] if button else [])],
            action=(button, url) if button else None,
            text=f"{group}: {said}{f' {button}: {url}' if button else ''}",
            zone=shift.site.zone,
            needed_by=shift.starts_at,
            is_of_own_shift=not button,
        ),
    )
