"""The pages about hours: a volunteer's own, the managers', and those that anybody may open."""

from flask import Blueprint

bp = Blueprint("hours", __name__, template_folder="../templates")

from app.hours.routes import managers, own, public  # noqa: E402 - they hang on the blueprint

__all__ = ["bp", "managers", "own", "public"]
