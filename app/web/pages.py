"""Where templates are found, and the small functions that they call."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, current_app, request, url_for
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

TEMPLATES = Path(__file__).parent / "templates"


def page_url(number: int) -> str:
    """The address of another page of the present list, with its search kept."""
    asked = request.args.to_dict(flat=False)
    kept: dict[str, object] = {**asked, **(request.view_args or {}), "page": number}
    return url_for(request.endpoint or "", **kept)  # type: ignore[arg-type] # any query goes


def public_url(endpoint: str, **values: object) -> str:
    """The whole address of a page as people outside know it.

    Made from `PUBLIC_URL`: the host that a request names is the visitor's word, not ours.
    """
    path = url_for(endpoint, **values)  # type: ignore[arg-type] # as url_for takes them
    return f"{current_app.config['PUBLIC_URL']}{path}"


def init_app(app: Flask) -> None:
    """Find our templates and GOV.UK's; a blueprint's own are found by Flask."""
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(TEMPLATES),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    WTFormsHelpers(app)
    app.add_template_global(page_url)
    app.add_template_global(public_url)
