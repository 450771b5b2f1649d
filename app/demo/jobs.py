"""What a worker makes of the demo county once it is there."""

from __future__ import annotations

from flask import current_app

from app.annual import queries, service
from app.annual.rules.years import complete
from app.demo.queries import refuse_in_production
from app.foundation import clock
from app.foundation.extensions import db


def make_reports(user_id: int) -> None:
    """The annual report of the year before last, published, and that of last year as a draft.

    Harmless a second time.
    """
    refuse_in_production()
    last = complete(clock.today(current_app.config["TIMEZONE"]))[0]
    for year, publishes in ((last.before, True), (last, False)):
        known = queries.of_slug(year.slug)
        if known is not None and known.made_at is not None:
            continue
        number = known.id if known is not None else service.start(year.slug, user_id).id
        service.make(number)
        db.session.rollback()
        if publishes:
            service.publish(number, user_id)
