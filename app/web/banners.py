"""What must be said at the head of a page before anything else, such as that no text leaves.

A feature adds a banner: a template of its own, and a function that gives its values on the pages
and to the people whom it is for, else None. It is asked on every page: it looks at the request
first, and at the database only where it may show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, g, render_template
from markupsafe import Markup

Values = Mapping[str, Any]
_banners: dict[str, Callable[[], Values | None]] = {}


def add(template: str, values: Callable[[], Values | None]) -> None:
    """Show a template on the pages where `values` gives something; again is harmless."""
    _banners[template] = values


def banners() -> Markup:
    """Those of this page; none on a page that must not need the database."""
    if g.get("bare_page"):
        return Markup("")
    shown = (
        render_template(template, **values)
        for template, ask in _banners.items()
        if (values := ask()) is not None
    )
    return Markup("").join(map(Markup, shown))


def init_app(app: Flask) -> None:
    """Offer the banners to the templates."""
    app.add_template_global(banners)
