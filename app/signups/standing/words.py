"""How standing places are said to people."""

from __future__ import annotations

from dataclasses import replace

from app.foundation.sentences import gettext
from app.opportunities.models import Pattern
from app.opportunities.rules.repeating import Rule, sentence
from app.signups.standing.models import StandingPlace
from app.web.filters import spoken_day, spoken_hours


def inside(words: str) -> str:
    """The words as they stand inside a sentence: "every second Tuesday"."""
    return words[:1].lower() + words[1:]


def pattern_words(pattern: Pattern) -> str:
    """ "Every second Tuesday and Friday, 10am to 1pm"."""
    return sentence(pattern.rule, pattern.starts, pattern.ends)


def weekdays_of(pattern: Pattern) -> int:
    """The days of the week that a pattern has: bit 0 is Monday."""
    return sum(1 << day for day in Rule.read(pattern.rule).weekdays)


def when_words(standing: StandingPlace) -> str:
    """ "Every second Tuesday, 10am to 1pm", "The first Tuesday of the month, 2 to 4pm"."""
    pattern = standing.pattern
    rule = Rule.read(pattern.rule)
    chosen = tuple(day for day in rule.weekdays if standing.weekdays >> day & 1)
    rule = replace(rule, weekdays=chosen or rule.weekdays)
    if standing.every_weeks > 1:
        rule = Rule(rule.weekdays, standing.every_weeks)
    return f"{rule.words()}, {spoken_hours(pattern.starts, pattern.ends)}"


def until_words(standing: StandingPlace) -> str:
    """ "from Tuesday 6 January", "from Tuesday 6 January to Friday 3 April"."""
    zone = standing.pattern.opportunity.site.zone
    first = spoken_day(standing.first_day, zone)
    if standing.last_day is None:
        return gettext("from %(day)s", day=first)
    last = spoken_day(standing.last_day, zone)
    return gettext("from %(day)s to %(last)s", day=first, last=last)


def task_words(standing: StandingPlace) -> str:
    """ "Desk", or "Food parcels: Driver" where there are duties."""
    title = standing.pattern.opportunity.title
    return f"{title}: {standing.duty.name}" if standing.duty else title
