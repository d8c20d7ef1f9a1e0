"""The archive in a browser: a Datasette plugin, found by its entry point.

Datasette looks for hooks, templates and static files in the package itself.
"""

from browse.plugin import (
    asgi_wrapper,
    canned_queries,
    extra_css_urls,
    extra_template_vars,
    get_metadata,
    menu_links,
    permission_allowed,
    prepare_connection,
    register_routes,
    startup,
)

__all__ = [
    "asgi_wrapper",
    "canned_queries",
    "extra_css_urls",
    "extra_template_vars",
    "get_metadata",
    "menu_links",
    "permission_allowed",
    "prepare_connection",
    "register_routes",
    "startup",
]
