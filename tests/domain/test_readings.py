"""Text as people read it, and masks put back where they belong."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.readings import one_line, read


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("Ａ１ ①", "a1 1"),
        ("⑬", "13"),
        ("1\ufe0f\u20e3", "1"),
        ("微\u200d信", "微信"),
        ("é", "é"),
        ("王⁎✱*＊", "王****"),
        ("一\u3000二\n三", "一 二 三"),
        ("\u3164\u2800\u115f", ""),
    ],
)
def test_a_text_reads(text: str, reads: str) -> None:
    assert read(text).text == reads


@given(st.text())
def test_each_sign_is_found_where_it_was_typed(text: str) -> None:
    reading = read(text)

    assert len(reading.at) == len(reading.text)
    assert list(reading.at) == sorted(reading.at)
    assert reading.replaced(re.compile("(?!)"), str.upper) == text


@given(st.text(), st.text())
def test_a_mask_covers_what_was_found_and_no_more(before: str, after: str) -> None:
    masked = read(f"{before}薯1\u200d2瓜{after}").replaced(
        re.compile("薯12瓜"), lambda part: "█" * len(part)
    )

    assert masked.startswith(f"{before}█████")
    rest = read(masked).text.replace("█", "")
    assert rest == (read(before).text + read(after).text).replace("█", "")


@given(st.text())
def test_a_shown_line_is_one_line(text: str) -> None:
    line = one_line(text)

    assert line == " ".join(line.split())
    assert one_line(line) == line
