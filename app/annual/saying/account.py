"""What a report says of urgent requests, of thanks, and of how it was counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.annual.saying.words import Said, day_in_words, minutes_in_words, rate, whole
from app.foundation.sentences import gettext, ngettext


def requests(contents: Mapping[str, Any]) -> Said:
    """How many urgent requests there were, and how fast they were answered."""
    one = contents["requests"]
    if not one["number"]:
        return {"sentences": [gettext("No urgent request was sent in this year.")], "numbers": []}
    sentences = [
        ngettext(
            "Groups asked for urgent help %(count)s time.",
            "Groups asked for urgent help %(count)s times.",
            one["number"],
            count=f"{one['number']:,}",
        ),
        ngettext(
            "%(count)s request was answered: somebody took a place.",
            "%(count)s requests were answered: somebody took a place.",
            one["answered"],
            count=f"{one['answered']:,}",
        ),
    ]
    numbers = [
        {"number": whole(one["number"]), "label": gettext("urgent requests")},
        {"number": whole(one["answered"]), "label": gettext("were answered")},
        {"number": whole(one["places"]), "label": gettext("places filled by them")},
    ]
    if one["first_median"] is not None:
        sentences.append(
            gettext(
                "Half of these had their first yes within %(time)s; the fastest took %(least)s.",
                time=minutes_in_words(one["first_median"]),
                least=minutes_in_words(one["first_fastest"]),
            )
        )
        numbers.append(
            {
                "number": minutes_in_words(one["first_median"]),
                "label": gettext("to the first yes, for half of them"),
            }
        )
        if one["within_hour"] == one["answered"] and one["answered"] > 1:
            sentences.append(gettext("All of them had it within an hour."))
        else:
            sentences.append(
                ngettext(
                    "%(count)s had it within an hour.",
                    "%(count)s had it within an hour.",
                    one["within_hour"],
                    count=f"{one['within_hour']:,}",
                )
            )
    if last := contents["last"]:
        before = last["requests"]
        if before["first_median"] is not None:
            sentences.append(
                gettext(
                    "The year before it was %(time)s to the first yes, for half of "
                    "%(number)s answered requests.",
                    time=minutes_in_words(before["first_median"]),
                    number=whole(before["answered"]),
                )
            )
    return {"sentences": sentences, "numbers": numbers}


def thanks(contents: Mapping[str, Any]) -> Said:
    """How often groups said thank you, and some of their words."""
    one = contents["thanks"]
    return {
        "sentence": gettext(
            "Groups said thank you %(number)s times, to %(people)s people.",
            number=whole(one["number"]),
            people=whole(one["people"]),
        )
        if one["number"] > 1
        else "",
        "words": one["words"],
    }


def how(contents: Mapping[str, Any]) -> list[str]:
    """How everything was counted, a paragraph each."""
    return [
        gettext(
            "Hours are those that groups noted when people came and left, and those that "
            "volunteers added and a group approved. A volunteer is counted once in each line, "
            "however often they came; who helped two kinds of group is counted in both lines, "
            "and once in the whole."
        ),
        gettext(
            "The value of an hour is counted at %(rate)s: %(source)s. It says what the time "
            "would have cost, not what it was worth to the people who were helped.",
            rate=rate(contents),
            source=gettext(contents["worth"]["source"]),
        ),
        gettext(
            "A group’s hours stand in the district where the group is. Hours are rounded to "
            "the nearest whole one, so columns may differ from their sum by a little."
        ),
        gettext(
            "Where fewer than 5 people stand behind a figure it is not told. Another figure "
            "may be left out with it, where the first could be worked out from the sum."
        ),
        gettext(
            "An urgent request is one that was sent to many people at once because a shift "
            "lacked help. It is answered when somebody has taken a place through it."
        ),
        gettext(
            "The figures were made on %(day)s and stay as they were then.",
            day=day_in_words(contents["made_on"]),
        ),
    ]
