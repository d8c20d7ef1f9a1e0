"""Official documents of the district: a list with a pager, a page and a PDF for each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import lru_cache

from practice import chance
from practice.grammar import person

PAGE_SIZE = 8
COUNT = 12
_KINDS = (
    ("Quyết định", "QĐ", True), ("Kế hoạch", "KH", False), ("Nghị quyết", "NQ", True),
    ("Thông báo", "TB", False), ("Chỉ thị", "CT", False), ("Báo cáo", "BC", False),
)  # fmt: skip
_ISSUERS = (("UBND huyện Kim Hải", "UBND"), ("HĐND huyện Kim Hải", "HĐND"))
_SUBJECTS = (
    ("Quy chế quản lý bến đò ngang trên địa bàn huyện", "Giao thông"),
    ("Kế hoạch phòng, chống thiên tai và tìm kiếm cứu nạn", "Nông nghiệp"),
    ("Phê duyệt kế hoạch sử dụng đất của các xã ven biển", "Đất đai"),
    ("Tăng cường công tác phòng, chống dịch bệnh cho đàn vật nuôi", "Chăn nuôi"),
    ("Lịch tiếp công dân định kỳ của lãnh đạo huyện", "Tiếp công dân"),
    ("Công khai dự toán ngân sách huyện", "Tài chính"),
)


@dataclass(frozen=True)
class Official:
    """One document as its page shows it."""

    n: int
    number: str
    kind: str
    issuer: str
    signer: str
    issued_on: date
    effective_on: date | None
    """None where the page says "Đang cập nhật"."""
    abstract: str
    field: str

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/van-ban/chi-tiet-{self.n}"

    @property
    def file(self) -> str:
        """Where its PDF lies."""
        return f"/uploads/van-ban/vb-{self.n}.pdf"

    @property
    def lines(self) -> tuple[str, ...]:
        """The text of the PDF."""
        return (self.issuer.upper(), f"Số: {self.number}", self.kind.upper(), self.abstract)


@lru_cache(maxsize=4)
def officials(seed: int) -> tuple[Official, ...]:
    """All documents, the newest first."""
    return tuple(_official(seed, n) for n in range(COUNT, 0, -1))


def pages() -> int:
    """How many pages the list has."""
    return -(-COUNT // PAGE_SIZE)


def truth(seed: int, base: str) -> list[dict[str, object]]:
    """The facts of each document, dates as YYYY-MM-DD."""
    return [
        asdict(each)
        | {
            "issued_on": each.issued_on.isoformat(),
            "effective_on": each.effective_on.isoformat() if each.effective_on else None,
            "url": base + each.path,
            "file": base + each.file,
        }
        for each in officials(seed)
    ]


def _official(seed: int, n: int) -> Official:
    dice = chance.dice(seed, "official", n)
    kind, sign, has_year = _KINDS[n % len(_KINDS)]
    issuer, office = _ISSUERS[sign == "NQ"]
    subject, field = _SUBJECTS[dice.randrange(len(_SUBJECTS))]
    issued_on = date(2022, 1, 3) + timedelta(days=60 * n + dice.randrange(40))
    year = f"{issued_on.year}/" if has_year else ""
    return Official(
        n=n,
        number=f"{dice.randint(5, 990)}/{year}{sign}-{office}",
        kind=kind,
        issuer=issuer,
        signer=person(dice),
        issued_on=issued_on,
        effective_on=issued_on + timedelta(days=10) if n % 3 else None,
        abstract=f"{subject} năm {issued_on.year}",
        field=field,
    )
