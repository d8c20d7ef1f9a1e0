"""Text facts: folding, tone placement, numbers."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.vietnamese import FOLDING, fold, nfc, squeeze, tone_placements, whole_number


def test_fold_knows_every_marked_letter_and_d_with_stroke() -> None:
    assert fold("Đường liên thôn ở Kim Sơn") == "Duong lien thon o Kim Son"
    assert len(FOLDING) == 134


def test_fold_takes_decomposed_text() -> None:
    assert fold(unicodedata.normalize("NFD", "nông thôn mới")) == "nong thon moi"


@given(st.text(alphabet=[*FOLDING, *"abc xyz1,."]))
def test_folding_keeps_the_number_of_characters(text: str) -> None:
    assert len(fold(text)) == len(nfc(text))
    assert fold(text).isascii()


@pytest.mark.parametrize(
    ("old", "new"),
    [("hòa", "hoà"), ("khỏe", "khoẻ"), ("thủy", "thuỷ"), ("Ủy ban", "Uỷ ban"), ("HÒA", "HOÀ")],
)
def test_both_tone_placements_are_found_from_either(old: str, new: str) -> None:
    assert tone_placements(old) == [old, new]
    assert tone_placements(new) == [new, old]


@pytest.mark.parametrize("word", ["hoàn", "quý", "quỳ", "toán", "khuya", "huyện", "nong"])
def test_closed_syllables_and_qu_have_one_placement(word: str) -> None:
    assert tone_placements(word) == [word]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("478 lượt xem", 478),
        ("Lượt xem: 1.204", 1204),
        ("1 204", 1204),
        ("45.000.000đ", 45_000_000),
        ("0 lượt", 0),
        ("không", None),
        ("5 trong 1 đánh giá", None),
    ],
)
def test_whole_number_reads_one_number_or_none(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_squeeze_folds_every_kind_of_space() -> None:
    assert squeeze("\ufeffHội\u00a0nghị \n\t tổng\u200b kết ") == "Hội nghị tổng kết"
