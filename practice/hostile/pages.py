"""The markup of the portal's pages."""

from __future__ import annotations

from html import escape

from practice.model import Article

LOOKS = (
    ("tieu-de", "ngay-dang", "noi-dung", "Ngày đăng: "),
    ("title-detail", "post-date", "content-detail", ""),
    ("news-title", "date", "news-content", "Cập nhật: "),
    ("bai-viet-ten", "thoi-gian", "bai-viet-than", "Đăng ngày "),
)


def paragraphs(article: Article) -> list[str]:
    """The texts of its body that the hostile portal shows: its plain paragraphs."""
    return [block.text for block in article.blocks if block.kind == "p"]


def article(made: Article, look: int, inside: str = "", beside: str = "") -> str:
    """The box of an article; `inside` stands in its text, `beside` below it."""
    title, dated, text, label = LOOKS[look]
    shown = [f"<p>{escape(line)}</p>" for line in paragraphs(made)]
    shown.insert(1, inside)
    return (
        f'<div class="chi-tiet"><h1 class="{title}">{escape(made.head.title)}</h1>\n'
        f'<div class="{dated}">{label}{made.head.at:%d/%m/%Y}</div>\n'
        f'<div class="{text}">' + "\n".join(shown) + f"</div>\n{beside}</div>"
    )


def page(portal: str, title: str, inside: str, menu: str, extra: str = "") -> str:
    """A whole page; `extra` stands in its head."""
    return (
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
        f"<title>{escape(title)} - {escape(portal)}</title>{extra}</head>\n<body>"
        f'<div class="header">Thứ tư, 03/07/2024</div>\n<div class="menu">{menu}</div>\n'
        f"{inside}\n"
        f'<div class="footer">Cơ quan chủ quản: {escape(portal)}. Điện thoại: 0229.0000.000</div>'
        "</body></html>\n"
    )


def item(href: str, made: Article) -> str:
    """An entry of a list."""
    head = made.head
    link = f'<a href="{escape(href)}">{escape(head.title)}</a>'
    return f'<li class="item">{link} <span>{head.at:%d/%m/%Y}</span></li>\n'
