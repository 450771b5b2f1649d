"""The ground that every page stands on: identity, parts, words for moments, safe headers."""

from __future__ import annotations

from flask import Flask

from app.foundation import languages
from app.web import (
    assets,
    banners,
    compression,
    errors,
    filters,
    installable,
    language,
    navigation,
    pages,
    readable,
    routes,
    security,
)


def init_app(app: Flask) -> None:
    """Make the page, its parts and its protections available to the features."""
    compression.init_app(app)
    languages.init_app(app)
    language.init_app(app)
    pages.init_app(app)
    assets.init_app(app)
    security.init_app(app)
    installable.init_app(app)
    readable.init_app(app)
    navigation.init_app(app)
    banners.init_app(app)
    errors.init_app(app)
    app.register_blueprint(routes.bp)
    for name, function in filters.FILTERS.items():
        app.add_template_filter(function, name)
        app.add_template_global(function, name)
