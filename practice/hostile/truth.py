"""The answer sheet: what is there to be had, and how each fault has to end."""

from __future__ import annotations

import re
from typing import Any

from practice.hostile import pages
from practice.hostile.fault import FAULTS, Fault
from practice.hostile.frame import AROUND
from practice.hostile.site import Site


def truth(site: Site) -> dict[str, Any]:
    """All of it; patterns are for paths with their queries, decoded, from the start."""
    return {
        "seed": site.seed,
        "url": f"{site.base}/",
        "forbidden": site.forbidden,
        "articles": _articles(site),
        "faults": [_fault(site, each) for kind, each in FAULTS.items() if kind in site.kinds],
    }


def _articles(site: Site) -> list[dict[str, Any]]:
    found = [_article(site, k) for k in site.ordinary + site.only_in_sitemap + site.only_in_feed]
    for kind in sorted(site.kinds):
        each = FAULTS[kind]
        if each.article == "must":
            found.append(_article(site, site.article_of(kind), kind))
        found += [_article(site, k, kind) for k in site.neighbours_of(kind)]
    return found


def _article(site: Site, k: int, kind: str = "") -> dict[str, Any]:
    made = site.made(k)
    fault = FAULTS.get(kind)
    inside = fault is not None and fault.inside
    name = re.escape(site.name_of(k))
    place = re.escape(site.path_of_article(k)) + r"(?:/(?:vi|en))*"
    printed = re.escape(site.print_folder) + name
    return {
        "kind": kind,
        "url": None if inside else site.base + site.path_of_article(k),
        "pattern": rf"(?i){re.escape(site.path_of(kind))}.*{name}.*" if inside
        else f"(?:{place}|{printed})",
        "title": made.head.title,
        "published_on": made.head.at.date().isoformat(),
        "body": "\n\n".join(pages.paragraphs(made)),
    }  # fmt: skip


def _fault(site: Site, fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "group": fault.group,
        "place": fault.place,
        "seen": fault.seen,
        "url": site.base + site.path_of(fault.kind) if fault.place != "everywhere" else None,
        "pattern": _pattern(site, fault),
        "article": fault.article,
        "ends": [
            {"state": end.state, "reason": end.reason, "problem": end.problem} for end in fault.ends
        ],
        "most": fault.most,
        "stopped": fault.stopped,
        "inside": [site.name_of(k) for k in site.neighbours_of(fault.kind)] if fault.inside else [],
    }


def _pattern(site: Site, fault: Fault) -> str:
    if fault.place == "everywhere":
        return AROUND[fault.kind].pattern(site)
    place = re.escape(site.path_of(fault.kind))
    return place if fault.place == "tree" else f"{place}$"
