"""The one letter to a group's managers when somebody leaves late: all that there is to know."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import func, select

from app.foundation import clock, languages
from app.foundation.extensions import db
from app.opportunities import slots
from app.opportunities.models import Shift
from app.signups import letters, managers
from app.signups.models import Signup, Standing
from app.signups.signals import Word
from app.web.filters import plural

# A shift so near is worth a text to its managers, where they allow texts.
WORTH_A_TEXT: Final = timedelta(hours=24)


def goes_by_text(starts_at: datetime) -> bool:
    """Whether the letter about a shift that begins then goes by text as well."""
    return starts_at - clock.now() <= WORTH_A_TEXT


@languages.in_english
def tell(signup: Signup, shift: Shift, words: Iterable[Word]) -> None:
    """Write it in the open transaction: one email to each manager and at most one text.

    It goes whether or not a feature has a word to add. No name is written into
    it: that stands behind the link, where who looks is noted.
    """
    words = sorted(words, key=lambda word: word.about)
    links = [(word.button, word.path) for word in words]
    links.insert(0, ("See the shift", f"/groups/{shift.opportunity.group_id}/shifts/{shift.id}"))
    # What can be done about it is the last word; the other pages stand in the email's text.
    button, path = links.pop()
    public_url = current_app.config["PUBLIC_URL"]
    group, stands = shift.opportunity.group.name, how_it_stands(shift)
    said = [word.text for word in words]
    now = clock.now()
    managers.tell(
        shift.opportunity.group_id,
        managers.Notice(
            cause=f"late:{signup.id}",
            subject=f"Somebody cannot come: {letters.what(shift)}",
            paragraphs=[
                f"{group}: somebody who had a place on {letters.what_of(signup)} has just told "
                "us that they cannot come.",
                stands,
                *said,
                "Things come up, and they told you. Who it is stands on the page of the shift.",
                *(f"{label}: {public_url}{address}" for label, address in links),
            ],
            button=button,
            path=path,
            text=" ".join(
                [
                    f"{group}: somebody cannot come to {letters.what_of(signup)}.",
                    stands,
                    *said,
                    f"{public_url}{path}",
                ]
            )
            if goes_by_text(shift.starts_at)
            else "",
            zone=shift.site.zone,
            # Before it begins there is most to be done; after that it is news still.
            needed_by=shift.starts_at if shift.starts_at > now else shift.ends_at,
            deadline=shift.ends_at,
        ),
    )


def how_it_stands(shift: Shift) -> str:
    """How many places are taken and offered, and what is below its minimum; in sentences."""
    db.session.refresh(shift)
    offered = (
        db.session.scalar(
            select(func.count()).where(
                Signup.shift_id == shift.id, Signup.standing == Standing.OFFERED
            )
        )
        or 0
    )
    taken = shift.taken - offered
    coming = f"{taken} of {shift.places} places {'is' if taken == 1 else 'are'} taken"
    if taken < shift.minimum:
        coming += f", and it needs {shift.minimum} to be safe"
    sentences = [f"{coming}."]
    if offered:
        sentences.append(
            f"{plural(offered, 'place is', 'places are')} offered to whoever waited, "
            "without an answer yet."
        )
    sentences += [
        f"{slot.duty.name}: {slot.taken} of {slot.places}, and it needs {slot.minimum}."
        for slot in slots.of_shift(shift.id)
        if slot.taken < slot.minimum
    ]
    return " ".join(sentences)
