"""Hangs the feature on the app: the pages, the managers' links, what is told and forgotten."""

from __future__ import annotations

from flask import Flask, render_template
from markupsafe import Markup

from app.groups import links
from app.groups.models import Group
from app.stories import privacy, queries
from app.stories.routes import bp
from app.volunteers.service import erasers, exporters
from app.web import navigation


def _on_public_page(group: Group) -> Markup:
    """The group's stories, where it has any."""
    stories = queries.latest_of(group.id)
    if not stories:
        return Markup()
    return Markup(render_template("stories/_on_group.html", stories=stories))


def init_app(app: Flask) -> None:
    """Register what this feature offers."""
    app.register_blueprint(bp)
    navigation.register("Stories", "stories.desk", "coordinator")
    navigation.add_to_foot("Stories", "stories.index")
    links.register(
        "Say thank you",
        "stories.thanks",
        "To one person, or to everybody who was on a shift.",
        under=links.Under.MESSAGES,
    )
    links.register(
        "Stories",
        "stories.studies",
        "Tell the county what your volunteers did, with a photograph.",
        under=links.Under.MESSAGES,
    )
    if _on_public_page not in links.on_public_page:
        links.on_public_page.append(_on_public_page)
    if privacy.forget not in erasers:
        erasers.append(privacy.forget)
        exporters.append(privacy.held)
