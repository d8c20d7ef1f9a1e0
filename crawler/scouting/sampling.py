"""Which few pages of a portal to look at: its start page, some lists, some articles of each."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from crawler.items import Page
from crawler.scouting.looking import FEEDS, Seen
from crawler.selectors import text_of, xpath
from crawler.urls import hosts_of, in_scope, key_of, link

MOST = 12
"""Pages that are looked at; at a second's rest between two that is a short wait."""
_LISTS, _ARTICLES, _EACH = 4, 3, 2
_TITLE, _TITLE_WORDS = 25, 5
_LABEL = 40
_ANCHORS = xpath("/descendant::a[@href]")
_NEWS = re.compile(
    r"\b(?:tin|sự kiện|hoạt động|thông báo|thời sự|tuyên truyền|văn h[oó][áa]|kinh tế|chuyển đổi số"
    r"|xã hội|chỉ đạo|nông thôn mới|news)\b",
    re.IGNORECASE,
)
_NO_NEWS = re.compile(
    r"giới thiệu|liên hệ|đăng nhập|sơ đồ|góp ý|\brss\b|trang chủ|thủ tục|hỏi đáp|lịch|văn bản"
    r"|thư điện tử|english|bản đồ|danh bạ|tìm kiếm|video|thư viện",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Anchor:
    url: str
    text: str

    @property
    def folder(self) -> str:
        return urlsplit(self.url).path.rpartition("/")[0]

    @property
    def is_title(self) -> bool:
        return len(self.text) >= _TITLE and len(self.text.split()) >= _TITLE_WORDS

    @property
    def is_label(self) -> bool:
        return 2 < len(self.text) <= _LABEL and not _NO_NEWS.search(self.text)


class Sampler:
    """Leads from page to page, until enough were seen; `fetch` asks it after each."""

    def __init__(
        self,
        starts: list[str],
        look: Callable[[Page], Seen],
        most: int = MOST,
        tell: Callable[[Seen], None] = lambda seen: None,
    ) -> None:
        self.look = look
        self.most = most
        self.tell = tell
        self.seen: list[Seen] = []
        self._hosts = hosts_of(*starts)
        self._asked = set(map(key_of, starts))
        self._has_further = False

    def lead(self, page: Page) -> list[str]:
        """The addresses to ask for after `page`."""
        is_start = not self.seen
        seen = self.look(replace(page, kind="home") if is_start else page)
        self.seen.append(seen)
        self.tell(seen)
        if seen.kind == "failed":
            return []
        self._asked.add(key_of(page.url))
        if is_start:
            return list(self._fresh(self._from_start(seen)))
        return list(self._fresh((_from_feed if seen.is_feed else self._from_list)(seen)))

    def _from_start(self, seen: Seen) -> Iterator[str]:
        anchors = list(self._anchors(seen))
        titles = [a for a in anchors if a.is_title]
        yield from _ranked_lists([a for a in anchors if a.is_label], titles)[:_LISTS]
        yield from _spread(titles, _ARTICLES)
        if not titles:
            # Scripts build such a page; what feeds and sitemaps name can be read all the same.
            yield from (found.url for found in seen.links if found.kind in FEEDS)
            yield urljoin(seen.page.url, "/sitemap.xml")

    def _from_list(self, seen: Seen) -> Iterator[str]:
        if seen.kind == "article":
            return
        if not self._has_further and (pages := [f for f in seen.further if f.form is None]):
            self._has_further = True
            yield pages[0].url
        items = [_Anchor(found.url, "") for found in seen.items]
        yield from _spread(items or [a for a in self._anchors(seen) if a.is_title], _EACH)

    def _fresh(self, urls: Iterable[str]) -> Iterator[str]:
        for url in urls:
            if (key := key_of(url)) not in self._asked and len(self._asked) < self.most:
                self._asked.add(key)
                yield url

    def _anchors(self, seen: Seen) -> Iterator[_Anchor]:
        """The page's links that a crawl would follow, each once, with the longest text."""
        found: dict[str, _Anchor] = {}
        for element in _ANCHORS(seen.page.document.tree):
            made = link(element.get("href"), seen.page.url)
            if made is None or made.refused or not in_scope(made.url, self._hosts):
                continue
            anchor = _Anchor(made.url, text_of(element) or element.get("title", ""))
            if made.key not in found or len(anchor.text) > len(found[made.key].text):
                found[made.key] = anchor
        yield from (a for key, a in found.items() if key != key_of(seen.page.url))


def _from_feed(seen: Seen) -> Iterator[str]:
    """Some of the articles that a feed or sitemap names, or the last of its sitemaps."""
    further = [found.url for found in seen.links if found.kind in FEEDS]
    named = [_Anchor(found.url, "") for found in seen.links if found.kind not in FEEDS]
    yield from further[-1:] or _spread(named, _LISTS)


def _ranked_lists(labels: list[_Anchor], titles: list[_Anchor]) -> list[str]:
    """Addresses of lists, likeliest first: articles lie below them, or their name says news."""

    def rank(label: _Anchor) -> int:
        below = label.url.rstrip("/").removesuffix(".html") + "/"
        holds = any(title.url.startswith(below) for title in titles)
        return 2 * holds + bool(_NEWS.search(label.text))

    return [label.url for label in sorted(labels, key=rank, reverse=True) if rank(label)]


def _spread(anchors: list[_Anchor], most: int) -> list[str]:
    """Some of `anchors`, from as many folders as there are: templates differ by section."""
    folders: dict[str, list[str]] = {}
    for anchor in anchors:
        folders.setdefault(anchor.folder, []).append(anchor.url)
    rounds = [queue[n : n + 1] for n in range(most) for queue in folders.values()]
    return [url for queue in rounds for url in queue][:most]
