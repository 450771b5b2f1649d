"""Who hears what of a swap. First names only: the managers see the rest."""

from __future__ import annotations

from app.foundation import clock
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


def ask(swap: Swap, volunteer: Volunteer) -> bool:
    """Put the swap to one person; whether we may write to them."""
    giver = swap.signup.volunteer.first_name
    what = letters.what_of(swap.signup)
    if swap.wanted is not None:
        asks = f"{giver} would like to swap with you. You take {what}. "
        asks += f"{giver} takes yours: {letters.when(swap.wanted.shift)}."
    else:
        asks = f"{giver} cannot come to {what}. Can you take it?"
    return _tell(swap, volunteer, "ask", f"{giver} asks for a swap", asks, "Answer")


def turned_down(swap: Swap, why: str) -> None:
    """Tell who asked that it is a no, kindly; `why` is a sentence that says whose."""
    what = letters.what_of(swap.signup)
    said = f"{why} You still have your place: {what}."
    more = "You can ask somebody else, or give the place back."
    _tell(swap, swap.signup.volunteer, "no", "No swap this time", f"{said} {more}", "")


def called_off(swap: Swap, why: str) -> None:
    """Tell who had said yes that nothing comes of it; `why` is a sentence that says by whom."""
    if swap.taken_by is None:
        raise ValueError("Nobody has taken this swap.")
    giver = swap.signup.volunteer.first_name
    said = f"{why} You do not take {giver}’s place: {letters.what_of(swap.signup)}."
    if swap.wanted is not None:
        said += f" You still have yours: {letters.when(swap.wanted.shift)}."
    _tell(swap, swap.taken_by, "off", "No swap this time", f"{said} Thank you all the same!", "")


def awaits_managers(swap: Swap) -> None:
    """Somebody has said yes: who asked hears so, and the managers are asked."""
    if swap.taken_by is None:
        raise ValueError("Nobody has taken this swap.")
    what, shift = letters.what_of(swap.signup), swap.signup.shift
    said = (
        f"{swap.taken_by.first_name} says yes to your swap: {what}. "
        "The group’s managers have to agree. Until then you have your place."
    )
    _tell(swap, swap.signup.volunteer, "yes", "Somebody said yes to your swap", said, "")
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
            subject=f"{subject}: {letters.what(shift)}",
            paragraphs=[said, *(["It is fine to say no."] if button else [])],
            action=(button, url) if button else None,
            text=f"{group}: {said}{f' {button}: {url}' if button else ''}",
            zone=shift.site.zone,
            needed_by=shift.starts_at,
        ),
    )
