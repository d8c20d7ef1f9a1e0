"""Where everything stands: a portal whose addresses, names and articles follow from its seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from practice import chance
from practice.files import pdf, png
from practice.hostile import pages, xml
from practice.hostile.fault import FAULTS, Fault
from practice.hostile.frame import AROUND
from practice.model import Article
from practice.portal import Portal
from practice.spelling import slug

ORDINARY = 48
"""Good articles that stand in the listings, next to no fault in particular."""
FEW = 4
"""Good articles that only the sitemap lists, and as many that only the feed lists."""
PAGE_SIZE = 15
_FOLDERS = ("tin-tuc", "thong-bao", "van-ban", "su-kien", "hoat-dong", "cai-cach", "dau-tu", "y-te")
_TREES = (
    "lich",
    "kho",
    "muc",
    "tra-cuu",
    "du-lieu",
    "so-lieu",
    "thu-vien",
    "danh-muc",
    "chuyen-de",
)


class Site:
    """One hostile portal. `base` is its root without the slash at the end.

    It leads to the faults of `kinds` only; where those stand does not depend on the others.
    """

    def __init__(
        self, seed: int = 1, crawl_delay: float = 0.01, kinds: Iterable[str] = FAULTS
    ) -> None:
        self.kinds = frozenset(kinds)
        self.seed, self.crawl_delay = seed, crawl_delay
        self.base, self.port, self.canary_port = "", 0, 0
        self._portal = Portal(700, seed=seed)
        self._deal_articles()
        numbers = chance.dice(seed, "numbers").sample(range(100, 10_000), len(FAULTS))
        self._numbers = dict(zip(sorted(FAULTS), numbers, strict=True))
        self._paths = {kind: self._address(fault) for kind, fault in FAULTS.items()}
        self._places = {self.path_of_article(k): k for k in self._used}
        self._names = {self.name_of(k): k for k in self._used}
        self.article_page = lru_cache(maxsize=64)(self._article_page)

    def word(self, *choices: str) -> str:
        """One of `choices`, the same for the whole portal."""
        return chance.dice(self.seed, "word", *choices).choice(choices)

    @cached_property
    def login(self) -> str:
        """The path of the login page."""
        return self.word("/dang-nhap", "/tai-khoan/vao", "/user/login", "/he-thong/xac-thuc.aspx")

    @cached_property
    def return_to(self) -> str:
        """The parameter that says where to go after the login."""
        return self.word("redirect", "ReturnUrl", "tiep", "quay-lai")

    @cached_property
    def print_folder(self) -> str:
        """The folder of the print views."""
        return self.word("/print/", "/in-trang/", "/ban-de-in/")

    @cached_property
    def mail(self) -> str:
        """The path of the form that mails an article."""
        return self.word("/gui-email", "/gui-ban-be", "/SendMail.aspx")

    @cached_property
    def forbidden_folder(self) -> str:
        """A folder that robots.txt forbids."""
        return self.word("/quan-tri/", "/he-thong/", "/noi-bo/")

    @cached_property
    def forbidden_search(self) -> str:
        """A page that robots.txt forbids, with everything that begins like it."""
        return self.word("/tim-kiem", "/search", "/tra-tim")

    @cached_property
    def forbidden_parameter(self) -> str:
        """A parameter that robots.txt forbids on every page."""
        return self.word("xuat", "export", "tai-ve")

    @property
    def folders(self) -> str:
        """A pattern of the folders in which articles stand."""
        return "|".join(_FOLDERS)

    @property
    def allowed_folder(self) -> str:
        """A folder inside the forbidden one that robots.txt allows."""
        return f"{self.forbidden_folder}cong-khai/"

    @property
    def forbidden(self) -> str:
        """A pattern of decoded addresses that must not be asked for."""
        folder, allowed = re.escape(self.forbidden_folder), re.escape(self.allowed_folder)
        return (
            rf"(?!{allowed})(?:{folder}|{re.escape(self.forbidden_search)}"
            rf"|.*\?.*{self.forbidden_parameter}=|.*\.bak$)"
        )

    def robots(self) -> str:
        """The rules, with a mark at the start, odd case and comments, as found in the wild."""
        return (
            "\ufeff# robots.txt\r\nUser-agent: GPTBot\r\nDisallow: /\r\n\r\n"
            "user-agent : *  # mọi\r\n"
            f"Crawl-delay: {self.crawl_delay:g}\r\nDISALLOW: {self.forbidden_folder}\r\n"
            f"Allow: {self.allowed_folder}\r\nDisallow: {self.forbidden_search}\r\n"
            f"Disallow: /*?*{self.forbidden_parameter}=\r\nDisallow: /*.bak$\r\nDisallow:\r\n"
            f"Sitemap: {self.base}/sitemap.xml\r\n"
        )

    def canary(self, host: str) -> str:
        """An address that must not be asked for, on one of this machine's names."""
        return f"http://{host}:{self.canary_port}/"

    @property
    def alias(self) -> str:
        """The portal's own port under another name of this machine."""
        return f"http://localhost:{self.port}/"

    @property
    def disguised(self) -> str:
        """An address that begins like the portal's and leads to the canary."""
        return f"{self.base}@127.0.0.2:{self.canary_port}/"

    def path_of(self, kind: str) -> str:
        """Where the fault stands."""
        return self._paths[kind]

    def article_of(self, kind: str) -> int:
        """The article that would be at the fault's address."""
        return self._articles[kind]

    def neighbours_of(self, kind: str) -> list[int]:
        """The good articles that only the fault leads to."""
        return self._neighbours[kind]

    def made(self, k: int) -> Article:
        """An article by its number."""
        return self._portal.article(k)

    def name_of(self, k: int) -> str:
        """The last part of an article's address; lower case, without slashes."""
        return f"{slug(self.made(k).head.title)[:70]}-{10_000 + k}"

    def path_of_article(self, k: int) -> str:
        """The one right address of an article."""
        style = chance.number(3, self.seed, "style")
        folder = _FOLDERS[k % len(_FOLDERS)]
        ways = (f"/{folder}/{self.name_of(k)}.html", f"/{folder}/{self.name_of(k)}",
                f"/{folder}/-/view_content/{10_000 + k}-{self.name_of(k)}.html")  # fmt: skip
        return ways[style]

    def article_at(self, path: str) -> int | None:
        """The number of the article at a path, whatever its fault."""
        return self._places.get(path)

    def named(self, name: str) -> int | None:
        """The number of the article with a name."""
        return self._names.get(name)

    def has_languages(self, k: int) -> bool:
        """Whether its page has language links that grow."""
        return k in self.ordinary and k % 3 == 0

    def items(self, numbers: Iterable[int], places: Sequence[str] = ()) -> str:
        """Entries of a list, at their own addresses or at others."""
        each = list(numbers)
        hrefs = places or [self.path_of_article(k) for k in each]
        return "".join(pages.item(href, self.made(k)) for href, k in zip(hrefs, each, strict=True))

    def page(self, title: str, inside: str, extra: str = "", here: str = "/") -> str:
        """A page of the portal with what stands on all of them."""
        shown = [each for kind, each in AROUND.items() if kind in self.kinds]
        around = "".join(each.links(self, here) for each in shown)
        menu = "".join(f'<a href="/muc-{n}">Mục {n}</a> ' for n in range(len(self.listings)))
        return pages.page(self._portal.name, title, inside, menu + around, extra)

    def _article_page(
        self, k: int, inside: str = "", beside: str = "", extra: str = "", here: str = ""
    ) -> str:
        look = chance.number(len(pages.LOOKS), self.seed, "look")
        files, images = self._offered(k)
        box = pages.article(self.made(k), look, inside + images, beside + files)
        head = self.made(k).head
        return self.page(head.title, box, extra, here or self.path_of_article(k))

    def print_page(self, k: int) -> str:
        """An article for printing: the same text, no menu."""
        return pages.page("", self.made(k).head.title, pages.article(self.made(k), 0), "")

    def login_page(self) -> str:
        """The login page."""
        form = '<form method="post"><input name="u"><input type="password" name="p"></form>'
        return self.page("Đăng nhập", f"<h1>Đăng nhập hệ thống</h1>{form}")

    def home_page(self) -> str:
        """The home page: the way to all listings, trees and feeds."""
        trees = "".join(
            f'<li><a href="{path}">{path.strip("/")}</a></li>\n' for path in self._at("tree")
        )
        feeds = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="{path}">\n'
            for path in ["/rss.xml", *self._at("feed")]
        )
        return self.page("Trang chủ", f"<ul>{trees}</ul>", feeds)

    def listing(self, number: int, page: int) -> str | None:
        """A page of a listing, or None when there is none."""
        entries = self.listings[number][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        if not entries:
            return None
        last = -(-len(self.listings[number]) // PAGE_SIZE)
        pager = "".join(f'<a href="/muc-{number}?page={n}">{n}</a> ' for n in range(1, last + 1))
        title = f"Mục {number}"
        return self.page(title, f"<ul>{self.items(entries)}</ul><div>{pager}</div>")

    def sitemap(self, part: str) -> str | None:
        """The index of sitemaps, or the one that is in order."""
        places = [self.base + path for path in self._at("sitemap")]
        if "endless-sitemaps" in self.kinds:
            places.append(f"{self.base}{self.path_of('endless-sitemaps')}sitemap-0.xml")
        if part == "/sitemap.xml":
            return xml.index(f"{self.base}/sitemap-tin.xml", *places)
        listed = [*self.ordinary[:10], *self.only_in_sitemap]
        return xml.urlset(*(self.base + self.path_of_article(k) for k in listed))

    def feed(self) -> str:
        """The feed that is in order."""
        return xml.feed(
            *(
                f"<item><title>Tin {k}</title>"
                f"<link>{self.base}{self.path_of_article(k)}</link></item>"
                for k in self.only_in_feed
            )
        )

    def file(self, path: str) -> tuple[bytes, str] | None:
        """The good files that articles offer: (bytes, media type)."""
        found = re.fullmatch(r"/upload/tot-(\d+)\.(pdf|png)", path)
        if not found or int(found[1]) not in self.ordinary:
            return None
        if found[2] == "png":
            return png(path), "image/png"
        return pdf(
            [f"Văn bản số {found[1]}", self.made(int(found[1])).head.title]
        ), "application/pdf"

    def _at(self, place: str) -> list[str]:
        placed = [kind for kind, each in FAULTS.items() if each.place == place]
        return [self._paths[kind] for kind in placed if kind in self.kinds]

    def _offered(self, k: int) -> tuple[str, str]:
        """Links to files and images of an ordinary article, good ones and bad ones."""
        if k not in self.ordinary:
            return "", ""
        nth = self.ordinary.index(k)
        files, images = self._at("file")[nth : nth + 1], self._at("image")[nth : nth + 1]
        if nth % 8 == 0:
            files, images = [*files, f"/upload/tot-{k}.pdf"], [*images, f"/upload/tot-{k}.png"]
        links = "".join(f'<p><a href="{path}">Tải tệp đính kèm</a></p>' for path in files)
        return links, "".join(f'<p><img src="{path}" alt=""></p>' for path in images)

    def _deal_articles(self) -> None:
        """Who gets which article; numbers are dealt in the order of a shuffled pack."""
        pack = list(range(700))
        chance.dice(self.seed, "pack").shuffle(pack)
        deal = iter(pack)
        self.ordinary = [next(deal) for _ in range(ORDINARY)]
        self.only_in_sitemap = [next(deal) for _ in range(FEW)]
        self.only_in_feed = [next(deal) for _ in range(FEW)]
        pages_ = [kind for kind, each in FAULTS.items() if each.place == "page"]
        self._articles = {kind: next(deal) for kind in pages_}
        self._neighbours = {
            kind: [next(deal) for _ in range(each.neighbours)] for kind, each in FAULTS.items()
        }
        around = [k for own in self._neighbours.values() for k in own]
        self._used = [*self.ordinary, *self.only_in_sitemap, *self.only_in_feed,
                      *self._articles.values(), *around]  # fmt: skip
        shown = [k for kind, k in self._articles.items() if kind in self.kinds]
        listed = [*self.ordinary, *shown]
        chance.dice(self.seed, "listing").shuffle(listed)
        self.listings = [listed[n::4] for n in range(4)]

    def _address(self, fault: Fault) -> str:
        if fault.kind == "allowed-folder":
            return self.allowed_folder
        number = self._numbers[fault.kind]
        ending = ".xml" if fault.ending == ".html" else fault.ending
        if fault.place == "page":
            return self.path_of_article(self._articles[fault.kind])
        ways = {
            "tree": f"/{_TREES[number % len(_TREES)]}-{number}/",
            "sitemap": f"/sitemap-{number}{ending}",
            "feed": f"/rss-{number}.xml",
            "file": f"/upload/{number}/van-ban-{number}{fault.ending}",
            "image": f"/upload/anh-{number}{fault.ending}",
            "everywhere": "",
        }
        return ways[fault.place]
