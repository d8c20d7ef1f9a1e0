"""Datasette metadata of an archive, made from the archive's own descriptions."""

from functools import cache
from typing import Any

from crawler.archive.descriptions import tables

# Facets, order and label of each table; what is not here has Datasette's defaults. The latest are
# those with the highest numbers: to put millions of rows in any other order takes Datasette longer
# than it may.
_SHOWN: dict[str, dict[str, Any]] = {
    "portals": {"facets": ["unit_id"], "label_column": "name"},
    "units": {"facets": ["level", "kind", "parent_id"], "label_column": "name"},
    "unit_changes": {"facets": ["extent", "basis"]},
    "runs": {
        "sort_desc": "id",
        "facets": ["portal_id", "kind", "verdict"],
        "label_column": "started_at",
    },
    "urls": {"facets": ["state", "kind", "reason"], "label_column": "url"},
    "captures": {
        "sort_desc": "id",
        "facets": ["status", "media_type"],
        "label_column": "captured_at",
    },
    "articles": {
        "sort_desc": "id",
        "facets": ["portal_id", "category", "status"],
        "label_column": "title",
    },
    "versions": {"sort_desc": "id"},
    "view_counts": {"sort_desc": "id"},
    "readings": {"facets": ["field", "rule"]},
    "documents": {
        "sort_desc": "issued_on",
        "facets": ["kind", "issuer", "signer", "field"],
        "label_column": "number",
    },
    "document_files": {"label_column": "filename"},
    "document_readings": {"facets": ["field", "rule"]},
    "suspect_links": {"sort_desc": "score", "facets": ["hidden"], "label_column": "href"},
    "problems": {"sort_desc": "id", "facets": ["field", "reason"]},
    "events": {"sort_desc": "id", "facets": ["event_type", "outcome"]},
}


@cache
def database_metadata() -> dict[str, Any]:
    """The value under `databases: {name}` of Datasette's metadata."""
    shown = {
        name: {
            "description": entry["about"],
            "columns": {column: text for column, text in entry.items() if column != "about"},
            **_SHOWN.get(name, {}),
        }
        for name, entry in tables().items()
    }
    return {
        "description": "Kho lưu trữ cổng thông tin cấp huyện · An archive of district portals",
        "tables": {
            **shown,
            "articles_spellings": {"hidden": True},
            "_sqlite_migrations": {"hidden": True},
        },
    }
