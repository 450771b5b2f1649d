"""A group's open places on its own website: the small list for a frame, and how to put it there."""

from __future__ import annotations

from typing import Final

from flask import Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from markupsafe import escape

from app.accounts.access import public
from app.foundation.extensions import db
from app.groups.access import group_manager
from app.groups.models import Group
from app.groups.queries import group_by_slug
from app.opportunities import cards
from app.opportunities.routes import bp
from app.web.pages import public_url
from app.web.security import may_be_framed

LISTED: Final = 6
HEIGHT: Final = 700  # of the frame, in pixels: so that they all show on a phone


@bp.get("/g/<slug>/embed")
@public
def embed(slug: str) -> Response:
    """The group's next open times in a page that any site may frame; the same for everybody."""
    group = group_by_slug(slug) or abort(404)
    listed = [] if group.is_closed else cards.upcoming_cards(group.id, limit=LISTED)
    response = make_response(
        render_template("opportunities/embed.html", group=group, listed=listed)
    )
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Cache-Control"] = "public, max-age=120"
    return may_be_framed(response)


@bp.get("/groups/<int:group_id>/website")
@group_manager
def website(group_id: int) -> ResponseReturnValue:
    """What a manager copies into the group's own website."""
    group = db.session.get_one(Group, group_id)
    return render_template(
        "opportunities/website.html",
        group=group,
        address=public_url("groups.page", slug=group.slug),
        frame=frame_of(group),
        height=HEIGHT,
        listed=LISTED,
    )


def frame_of(group: Group) -> str:
    """The line of HTML that shows the list in a page of the group's own."""
    address = public_url("opportunities.embed", slug=group.slug)
    title = escape(f"Open places at {group.name}")
    return (
        f'<iframe src="{address}" title="{title}" width="100%" height="{HEIGHT}" '
        'loading="lazy" frameborder="0"></iframe>'
    )
