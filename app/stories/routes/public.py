"""What everybody may read: published stories and their photographs."""

from __future__ import annotations

from flask import abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.access import public
from app.groups.access import manages
from app.stories import queries
from app.stories.models import StudyState
from app.stories.routes import bp
from app.stories.service.photographs import of_study

# An hour: who takes consent back must not look at the picture in a cache for a year.
_FOR_EVERYBODY = "public, max-age=3600"
_FOR_ONE = "private, no-store"


@bp.get("/stories")
@public
def index() -> ResponseReturnValue:
    """All published stories, the latest first."""
    found, stories = queries.published(request.args.get("page", 1, type=int))
    return render_template("stories/index.html", found=found, stories=stories)


@bp.get("/stories/<int:case_study_id>")
@public
def show(case_study_id: int) -> ResponseReturnValue:
    """One story."""
    study = queries.for_everybody(case_study_id)
    photograph = of_study(case_study_id)
    return render_template(
        "stories/show.html",
        study=study,
        photograph=photograph if photograph and photograph.for_web else None,
    )


@bp.get("/stories/<int:case_study_id>/<any(large, small):size>-<digest>.jpg")
@public
def picture(case_study_id: int, size: str, digest: str) -> ResponseReturnValue:
    """A photograph: everybody's once its story is published and it may be on the web.

    Before that it is for its group's managers, and for the county from when it was
    offered. For all others, and once consent was taken back, there is none.
    """
    photograph = of_study(case_study_id, with_bytes=True)
    if photograph is None or photograph.digest != digest:
        abort(404)
    study = photograph.case_study
    is_public = study.state == StudyState.PUBLISHED and photograph.for_web
    if not is_public:
        is_county = current_user.is_authenticated and current_user.is_coordinator
        may_see = (is_county and study.state != StudyState.DRAFT) or manages(study.group_id)
        if not may_see:
            abort(404)
    response = make_response(photograph.large if size == "large" else photograph.small)
    response.mimetype = "image/jpeg"
    response.headers["Cache-Control"] = _FOR_EVERYBODY if is_public else _FOR_ONE
    response.headers["Content-Disposition"] = "inline"
    response.headers["X-Robots-Tag"] = "noimageindex"
    # Nothing in it may run, whatever somebody takes it for.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
