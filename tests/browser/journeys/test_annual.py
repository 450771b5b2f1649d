"""A year's report, from one press to the PDF that anybody may read."""

from __future__ import annotations

from collections.abc import Callable

from app.annual.rules.years import complete
from tests.browser import hour
from tests.browser.journeys import given
from tests.browser.person import WAYS, Person, Way

AnyPerson = Callable[..., Person]


def test_a_years_report_is_made_published_and_read(person: AnyPerson, way: Way) -> None:
    # The demo has made those of the last two council's years; each way takes another.
    year = complete(hour.now().date())[2:][WAYS.index(way)].label
    administrator = person(given.ADMINISTRATOR)
    administrator.open("/")
    administrator.go_to("Annual report")
    administrator.choose(administrator.field(year))
    administrator.press(administrator.button("Make the report"))
    administrator.sees_heading(year)

    # It is made while they do something else.
    administrator.go_to("Annual report")
    administrator.press(administrator.link(year))
    administrator.hears("Publish the report")
    administrator.press(administrator.button("Publish the report"))
    administrator.is_told("The report is published. Everybody can read it now.")

    visitor = person()
    visitor.open("/")
    foot = visitor.page.get_by_role("contentinfo")
    visitor.press(foot.get_by_role("link", name="Annual reports", exact=True))
    visitor.press(visitor.link(year))
    visitor.sees("The year at a glance")
    visitor.hears("Read it as a PDF to print")
    assert visitor.fetch(visitor.button("Read it as a PDF to print")).startswith(b"%PDF-")
