"""The pages of thanks and stories; each kind of reader has a file."""

from flask import Blueprint

bp = Blueprint("stories", __name__, template_folder="../templates")

from app.stories.routes import desk, own, public, thanking, writing  # noqa: E402 - they hang on it

__all__ = ["bp", "desk", "own", "public", "thanking", "writing"]
