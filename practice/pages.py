"""Renders the portal's pages in their layouts."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from practice import chance, dates, legal, shown, viewstate
from practice.grammar import texts
from practice.legal import Official
from practice.model import Article, Category, Headline
from practice.planting import AGENCIES, COLLAPSED, asked
from practice.portal import PAGE_SIZE, Portal
from practice.shown import Shown
from practice.spelling import dotted

LOAD_PATH = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
_WINDOW = 5
_SPAN = 5
_BOX = 8
_HOME = 20
_FIRST_CATEGORY_ID = 11_001
_SITE_ID = 5_042


def category_id(category: Category) -> int:
    """The number by which the vnPortal pager names a category."""
    return _FIRST_CATEGORY_ID + category.index


def charset(layout: str) -> str:
    """The encoding in which a layout's pages are sent."""
    return "windows-1258" if layout == "table2009" else "utf-8"


class Pages:
    """All pages of one portal, as text."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.home_layout = "kimson" if portal.layout == "mixed" else portal.layout
        self._site = _site(portal)
        self._environment = _environment()
        self._chrome = lru_cache(maxsize=None)(self._make_chrome)

    def article(self, k: int, base: str) -> str:
        """An article's own page; `base` is the root of the portal as it was asked."""
        article = self.portal.article(k)
        head = shown.headline(article.head, base)
        newer, older = self.portal.neighbours(k, _SPAN)
        layout = head.category.layout
        page = self._render(
            f"{layout}/article.html",
            layout,
            head=head,
            views=head.views,
            newer=self._heads(newer),
            older=self._heads(older),
            linked_data=shown.linked_data(article, self.portal.name, head.url, head.iso),
            **_parts(article, layout),
        )
        return unicodedata.normalize("NFD", page) if article.decomposed else page

    def print_view(self, k: int) -> str:
        """The same article for the printer."""
        article = self.portal.article(k)
        layout = article.head.category.layout
        return self._render(
            "print.html",
            layout,
            head=shown.headline(article.head),
            charset=charset(layout),
            blocks=[shown.block(each) for each in article.blocks],
        )

    def listing(self, category: Category, page: int) -> str:
        """One page of a category."""
        row = self.portal.row(category)
        pages = row.pages(PAGE_SIZE)
        state = viewstate.write(category.slug, page, self.portal.day)
        heads = self._heads(row.page(page, PAGE_SIZE))
        first = (page - 1) * PAGE_SIZE + 1
        return self._render(
            f"{category.layout}/listing.html",
            category.layout,
            category=category,
            heads=heads,
            page=page,
            pages=pages,
            total=row.present,
            shown=(first, first + len(heads) - 1),
            window=_window(page, pages),
            state=state,
            validation=viewstate.validation(state),
            load_path=LOAD_PATH,
            parameters=_load_parameters(category),
        )

    def items(self, category: Category, page: int) -> str:
        """The fragment that the vnPortal pager loads."""
        heads = self._heads(self.portal.row(category).page(page, PAGE_SIZE))
        return self._environment.get_template("vnportal/items.html").render(heads=heads)

    def home(self) -> str:
        """The first page of the portal."""
        newest = self._heads(self.portal.everything.slice(0, _HOME))
        return self._render("home.html", self.home_layout, newest=newest)

    def officials(self, page: int) -> str:
        """One page of the list of official documents."""
        first = (page - 1) * legal.PAGE_SIZE
        shown = legal.officials(self.portal.seed)[first : first + legal.PAGE_SIZE]
        return self._render(
            "officials.html", self.home_layout, officials=shown, page=page, pages=legal.pages()
        )

    def official(self, document: Official) -> str:
        """The page of one official document."""
        return self._render("official.html", self.home_layout, d=document)

    def page(self, heading: str, *paragraphs: str, form: str = "", layout: str = "") -> str:
        """A page that is no article, in the full dress of the portal."""
        return self._render(
            "page.html",
            layout or self.home_layout,
            heading=heading,
            texts=paragraphs,
            form=form,
        )

    def _heads(self, numbers: list[int]) -> list[Shown]:
        return [shown.headline(self.portal.headline(k)) for k in numbers]

    def _render(self, template: str, layout: str, **values: Any) -> str:
        return self._environment.get_template(template).render(
            site=self._site, layout=layout, chrome=self._chrome(layout), **values
        )

    def _make_chrome(self, layout: str) -> dict[str, Markup]:
        """Header and sidebar, the same on all pages of a layout and so rendered once."""
        rendered = {
            part: self._environment.get_template(f"{layout}/{part}.html").render(site=self._site)
            for part in ("header", "side")
        }
        # Safe: these templates have escaped everything already.
        return {part: Markup(text) for part, text in rendered.items()}  # noqa: S704


def _parts(article: Article, layout: str) -> dict[str, Any]:
    blocks = [shown.block(each) for each in article.blocks]
    figures = [each for each in blocks if each.kind == "figure"]
    return {
        "blocks": blocks,
        "lead_figure": figures[0] if layout == "vnportal" and figures else None,
        "author": article.author,
        "source": article.source,
        "attachments": article.attachments,
        "planted": article.planted,
    }


def _site(portal: Portal) -> dict[str, Any]:
    """What every page shows of the portal."""
    newest = portal.everything.slice(0, 60)
    heads = [portal.headline(k) for k in newest]
    most_read = sorted(heads, key=_read, reverse=True)[:_BOX]
    return {
        "name": portal.name,
        "district": portal.district,
        "today": dates.in_words(portal.today),
        "categories": portal.categories,
        "communes": texts("names")["communes"],
        "agencies": AGENCIES,
        "collapsed": COLLAPSED,
        "asked": asked(),
        "counts": portal.counts(),
        "documents": _documents(portal),
        "hot": shown.disguised(heads[:_BOX]),
        "read": [shown.headline(head) for head in most_read],
    }


def _read(head: Headline) -> int:
    return 0 if head.category.views == "none" else head.views


def _documents(portal: Portal) -> list[dict[str, str]]:
    """The box of new legal documents, whose dates are no article's."""
    dice = chance.dice(portal.seed, "documents")
    subjects = (
        "Kế hoạch phòng chống thiên tai và tìm kiếm cứu nạn",
        "Quyết định phê duyệt kế hoạch sử dụng đất",
        "Công văn về việc tăng cường phòng, chống dịch bệnh",
        "Thông báo lịch tiếp công dân của Chủ tịch UBND huyện",
        "Kế hoạch tuyển sinh các lớp đầu cấp",
        "Báo cáo công khai ngân sách quý II",
    )
    return [
        {"number": f"{dice.randint(10, 900)}/KH-UBND", "title": title, "on": f"{on:02}/06/2024"}
        for on, title in zip(range(28, 4, -4), subjects, strict=True)
    ]


def _window(page: int, pages: int) -> list[int]:
    """The page numbers that a pager shows: at most five around the current one."""
    first = max(1, min(page - _WINDOW // 2, pages - _WINDOW + 1))
    return list(range(first, min(pages, first + _WINDOW - 1) + 1))


def _load_parameters(category: Category) -> dict[str, str]:
    """What the vnPortal pager sends, with the values that stand in the page's script."""
    number = str(category_id(category))
    return {
        "article_category_id": number, "categoryIds": number, "site_id": str(_SITE_ID),
        "page": "1", "page_size": str(PAGE_SIZE), "keyword": "", "date_begin": "", "date_end": "",
        "show_no": "false", "show_post_date": "true", "num_of_text": "200",
        "show_view_count": "false", "filter_order_in_list": "PublishDate DESC",
        "is_default": "true", "new": "false", "number_of_day": "3", "no": "0",
        "articlelang": "vi-VN", "is_authenticated": "false",
    }  # fmt: skip


def _pasted(text: str) -> Markup:
    """Text as pasted from Word: here and there a word is cut in two spans."""
    words = text.split(" ")
    return Markup(" ").join(_cut(word, i) for i, word in enumerate(words))


def _cut(word: str, place: int) -> Markup:
    if place % 17 != 8 or len(word) < 2:
        return escape(word)
    return Markup("<span>{}</span><span>{}</span>").format(word[:1], word[1:])


def _environment() -> jinja2.Environment:
    with as_file(files("practice") / "templates") as folder:
        loader = jinja2.FileSystemLoader(folder)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters["dotted"] = dotted
    environment.filters["commas"] = "{:,}".format
    environment.filters["pasted"] = _pasted
    return environment
