"""Parameters that change nothing: learned from articles that came with and without them.

A session's id, a mark against caches, the menu that a visitor came by: each is told by copies. One
article that is another with the parameter clears it of the charge for good.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

from crawler.archive import shapes
from crawler.archive.saver import Saver
from crawler.archive.shapes import Shape
from crawler.traps import is_token

_COPIES, _COPIES_BY_TOKEN = 5, 2
_LOOK_AT = 200
_MARK = "=*"

_Pairs = frozenset[tuple[str, str]]


def learn(saver: Saver, key: str, copy_of: str) -> None:
    """The same article stands at both addresses."""
    told = _between(key, copy_of)
    if told is None:
        return
    name, by_token = told
    path, _ = _split(key)
    on_path, everywhere = _names(path, name)
    first = not shapes.known(saver.db, saver.run.portal_id, [on_path])[on_path].pages
    # Everywhere a path counts once: one odd page can't condemn a parameter of all the others.
    for shape in (on_path, everywhere) if first else (on_path,):
        found = shapes.count(saver.db, saver.run.portal_id, shape, 1)
        enough = _COPIES_BY_TOKEN if by_token else _COPIES
        if found.fruitless >= enough and not found.articles and not found.stopped:
            shapes.stop(saver.db, saver.run.portal_id, shape, saver.seen_at)
            _let_go(saver, found, path if shape == on_path else "", name)


def clear(saver: Saver, key: str) -> None:
    """A new article stands at this address: what tells it from another one is no noise."""
    path, pairs = _split(key)
    if not pairs:
        return
    read = "EXISTS (SELECT 1 FROM articles WHERE url_id = urls.id)"
    for told in {_between(key, other) for other in _siblings(saver, path, read)} - {None}:
        for shape in _names(path, told[0]) if told else ():
            shapes.count(saver.db, saver.run.portal_id, shape, None, articles=1)
            shapes.resume(saver.db, saver.run.portal_id, shape)


def reason(saver: Saver, ended: Mapping[str, Shape], key: str) -> str | None:
    """Why an address is only another one of a page that is known, or None."""
    path, pairs = _split(key)
    for name, value in pairs:
        if any(shape in ended for shape in _names(path, name)):
            others = pairs - {(name, value)}
            if _has_other(saver, key, path, others, name):
                return f"trap: the same page whatever {name!r} says"
    return None


def _names(path: str, name: str) -> tuple[str, str]:
    return f"{path}?{name}{_MARK}", f"?{name}{_MARK}"


def _split(key: str) -> tuple[str, _Pairs]:
    path, _, query = key.partition("?")
    return path, frozenset(parse_qsl(query, keep_blank_values=True))


def _between(one: str, other: str) -> tuple[str, bool] | None:
    """The parameter in which two keys differ, and whether by a token; None if by anything else."""
    (path, pairs), (other_path, other_pairs) = _split(one), _split(other)
    differing = pairs ^ other_pairs
    names = {name for name, _ in differing}
    by_token = all(is_token(value) for _, value in differing)
    if path != other_path or len(names) != 1 or len(differing) > (2 if by_token else 1):
        return None
    return names.pop(), by_token


def _has_other(saver: Saver, key: str, path: str, others: _Pairs, name: str) -> bool:
    """Whether the page is known without the parameter, or with another value of it."""
    plain = path + (f"?{urlencode(sorted(others))}" if others else "")
    for sibling in _siblings(saver, path, "(state <> 'refused' OR same_as IS NOT NULL)"):
        if sibling == plain:
            return True
        told = _between(key, sibling)
        if told and told[0] == name:
            return True
    return False


def _siblings(saver: Saver, path: str, condition: str) -> Iterator[str]:
    rows = saver.db.execute(
        f"""SELECT key FROM urls WHERE portal_id = :portal AND key = :path AND {condition}
            UNION ALL SELECT * FROM (SELECT key FROM urls WHERE portal_id = :portal
                AND key >= :path || '?' AND key < :path || '@' AND {condition} LIMIT :most)""",
        {"portal": saver.run.portal_id, "path": path, "most": _LOOK_AT},
    )
    return (row["key"] for row in rows.fetchall())


def _let_go(saver: Saver, shape: Shape, path: str, name: str) -> None:
    """Refuse what waits, one by one: of several addresses of a page one has to stay."""
    rows = saver.db.execute(
        """SELECT id, key FROM urls WHERE portal_id = ? AND key >= ? AND key < ?
             AND instr(key, ?) AND state = 'waiting' AND form IS NULL""",
        (saver.run.portal_id, path, path + "\U0010ffff", f"{name}="),
    ).fetchall()
    for row in rows:
        why = reason(saver, {shape.name: shape}, row["key"])
        if why:
            shapes.refuse(saver.db, [row["id"]], why)
