"""A report on A4, by typst: what it says, and the photographs that may be printed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask_babel import force_locale

from app.annual.models import AnnualReport
from app.annual.saying import said
from app.foundation import typesetting

# A page of the file, and not the tree of its pages.
_PAGE: Final = re.compile(rb"/Type\s*/Page\b")
TEMPLATE: Final = Path(__file__).parent / "report.typ"


@dataclass(frozen=True)
class Made:
    """A PDF, and how many pages it has."""

    pdf: bytes
    pages: int


def mark_of(report: AnnualReport) -> str:
    """A hash of all that the PDF is made of; another report, or a changed one, has another."""
    of = [report.slug, report.contents, report.foreword, report.foreword_by]
    written = json.dumps(of, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def said_by(report: AnnualReport, pictures: frozenset[str]) -> dict[str, Any]:
    """What the template is given; a photograph only where its digest is among `pictures`."""
    with force_locale("en"):
        words = said(report.contents, report.foreword, report.foreword_by)
    words["studies"] = [
        one if one["photo"] and one["photo"]["digest"] in pictures else one | {"photo": None}
        for one in words["studies"]
    ]
    return words


def pdf(words: Mapping[str, Any], pictures: Mapping[str, bytes]) -> Made:
    """The report as a PDF that can be read aloud; `pictures` are JPEGs by their digest."""
    made = typesetting.pdf(
        TEMPLATE, words, {f"{digest}.jpg": data for digest, data in pictures.items()}
    )
    return Made(made, len(_PAGE.findall(made)))
