"""The features from the ground up; each hangs itself on the app in its `setup`."""

from __future__ import annotations

from typing import Final

from app import web
from app.accounts import setup as accounts
from app.annual import setup as annual
from app.api import setup as api
from app.broadcasts import setup as broadcasts
from app.cover import setup as cover
from app.demo import setup as demo
from app.errands import setup as errands
from app.foundation import places_setup as places
from app.groups import setup as groups
from app.home import setup as home
from app.hours import setup as hours
from app.inbox import setup as inbox
from app.matching import setup as matching
from app.messaging import setup as messaging
from app.operations import setup as operations
from app.opportunities import setup as opportunities
from app.reminders import setup as reminders
from app.reports import setup as reports
from app.rosters import setup as rosters
from app.rota import setup as rota
from app.safeguarding import setup as safeguarding
from app.signups import setup as signups
from app.simulator import setup as simulator
from app.spreadsheets import setup as spreadsheets
from app.stories import setup as stories
from app.style import setup as style
from app.suggestions import setup as suggestions
from app.today import setup as today
from app.volunteers import setup as volunteers

FEATURES: Final = (
    places,
    web,
    accounts,
    style,
    groups,
    errands,
    volunteers,
    messaging,
    opportunities,
    signups,
    safeguarding,
    matching,
    hours,
    rota,
    reminders,
    rosters,
    stories,
    spreadsheets,
    today,
    suggestions,
    broadcasts,
    cover,
    inbox,
    operations,
    reports,
    simulator,
    api,
    annual,
    home,
    demo,
)
