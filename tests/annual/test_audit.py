"""The audit trail calls a report by its year, and leads to it."""

from __future__ import annotations

from tests import factories
from tests.annual.conftest import County


def test_the_trail_calls_a_report_by_its_year(county: County, sign_in) -> None:
    report = county.report("2025-26")
    page = sign_in(factories.administrator()).get("/admin/audit").text
    assert f'href="/county/annual/{report.id}">Annual report, April 2025 to March 2026</a>' in page
    assert "Annualreport" not in page
