"""Sites and roles, and who the token is."""

from __future__ import annotations

from app.api import problems, queries, shapes, telling
from app.api.door import Answer, Call, Door, door
from app.api.problems import Problem
from app.api.resources import bp
from app.api.rules import Scope


@bp.get("/token")
@door(Door("What this token may do", shapes.TokenInfo, "Token"))
def show_token(call: Call) -> Answer:
    bearer = call.bearer
    return Answer(
        shapes.TokenInfo(
            name=bearer.name,
            group_id=bearer.group_id,
            scopes=[scope for scope in Scope if bearer.may(scope)],
            expires_at=bearer.expires_at,
        )
    )


@bp.get("/sites")
@door(
    Door(
        "List sites",
        shapes.SitePage,
        "Roles",
        Scope.OPPORTUNITIES_READ,
        query=shapes.Paged,
    )
)
def list_sites(call: Call) -> Answer:
    rows, cursor = queries.sites(call.bearer, call.query)
    return Answer(
        shapes.SitePage(items=[telling.site(row) for row in rows], next_cursor=cursor), cursor
    )


@bp.get("/opportunities")
@door(
    Door(
        "List roles, drafts too",
        shapes.OpportunityPage,
        "Roles",
        Scope.OPPORTUNITIES_READ,
        query=shapes.OpportunityFilter,
    )
)
def list_opportunities(call: Call) -> Answer:
    rows, cursor = queries.opportunities(call.bearer, call.query)
    items = [telling.opportunity(row) for row in rows]
    return Answer(shapes.OpportunityPage(items=items, next_cursor=cursor), cursor)


@bp.get("/opportunities/<int:opportunity_id>")
@door(Door("Read a role", shapes.Opportunity, "Roles", Scope.OPPORTUNITIES_READ))
def read_opportunity(call: Call, opportunity_id: int) -> Answer:
    row = queries.opportunity(call.bearer, opportunity_id)
    if row is None:
        raise Problem(problems.NOT_FOUND)
    return Answer(telling.opportunity(row))
