"""The report on paper, read by another program than the one that set it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from flask import Flask
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from app.annual import service
from app.annual.models import AnnualReport
from app.annual.service import prints
from app.foundation import clock
from app.foundation.extensions import db
from tests.annual.conftest import NOW, County
from tests.stories import made


def read(report: AnnualReport) -> PdfReader:
    service.print_anew(report.id)
    db.session.rollback()
    pdf = prints.current(db.session.get_one(AnnualReport, report.id))
    assert pdf is not None
    return PdfReader(io.BytesIO(pdf))


def resolved(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def elements(node: Any) -> list[Any]:
    """Every element of the tree that is read aloud."""
    node = resolved(node)
    if not hasattr(node, "get"):
        return []
    found = [node] if "/S" in node else []
    kids = resolved(node.get("/K", []))
    for kid in kids if isinstance(kids, list) else [kids]:
        found += elements(kid)
    return found


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_says_what_the_page_says_and_is_tagged_to_be_read_aloud(
    county: County, app: Flask
) -> None:
    with clock.stopped_at(NOW - timedelta(days=90)):
        made.published(county.library, county.boss)
    report = county.report()
    service.set_foreword(report.id, "A year\n\nof lamps.", "The Chair")
    reader = read(report)

    root = reader.trailer["/Root"]
    assert resolved(root["/MarkInfo"])["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert resolved(root["/ViewerPreferences"])["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "The year in volunteering, April 2025 to March 2026"
    assert "pdfuaid:part" in resolved(root["/Metadata"]).get_data().decode()

    kinds = [str(one["/S"]) for one in elements(root["/StructTreeRoot"])]
    assert kinds.count("/Table") >= 6
    assert "/TH" in kinds
    assert "/H1" in kinds
    assert "/H2" in kinds
    pictures = [one for one in elements(root["/StructTreeRoot"]) if one["/S"] == "/Figure"]
    assert len(pictures) >= 4
    assert all(str(one.get("/Alt", "")).strip() for one in pictures)
    assert any("A red half and a blue half" in str(one["/Alt"]) for one in pictures)

    said = words(reader)
    for sentence in (
        "6 volunteers gave 21 hours to 2 groups",
        "Contents",
        "of lamps.",
        "Coalville #eval(1) Food Bank",
        "A library that stays open late",
        "“I read to my girl here”",
        "How these figures are made",
        f"Page {len(reader.pages)} of {len(reader.pages)}",
    ):
        assert sentence in said
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert {"Food banks", "Community libraries", "When help was needed at once"} <= set(titles)
    fonts = {
        str(resolved(font)["/BaseFont"])
        for page in reader.pages
        for font in resolved(resolved(page["/Resources"]).get("/Font", {})).values()
    }
    assert all("AtkinsonHyper" in font for font in fonts)
    assert any(page.images for page in reader.pages)


def test_the_numbers_of_pages_are_known_and_no_page_is_empty(county: County) -> None:
    report = county.report()
    reader = read(report)
    printed = prints.queries.print_of(report.id)
    assert printed is not None
    assert printed.pages == len(reader.pages)
    assert all(page.extract_text().strip() for page in reader.pages)


def test_a_picture_for_the_web_alone_is_not_printed(county: County) -> None:
    with clock.stopped_at(NOW - timedelta(days=90)):
        made.published(county.library, county.boss, for_print=False)
    reader = read(county.report())
    assert "A library that stays open late" in words(reader)
    assert not any(page.images for page in reader.pages)


def test_long_names_and_many_groups_are_set(county: County) -> None:
    report = county.report()
    contents = dict(report.contents)
    row = contents["kinds"][0]["rows"][0]
    contents["kinds"][0]["rows"] = [
        row | {"name": f"{'Wolvey-cum-Llanfairpwllgwyngyll ' * 3}{n}"} for n in range(180)
    ]
    report.contents = contents
    said = prints.printing.said_by(report, frozenset())
    made_of = prints.printing.pdf(said, {})
    reader = PdfReader(io.BytesIO(made_of.pdf))
    assert made_of.pages == len(reader.pages) > 15
    # The head of a table stands on each page that it runs over.
    heads = [page for page in reader.pages if "Volunteers" in page.extract_text()]
    assert len(heads) > 8
    db.session.rollback()
