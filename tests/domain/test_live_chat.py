from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from domain.live import SessionState
from domain.live_chat import (
    MAX_TEXT,
    LeadsElsewhere,
    Muted,
    NameOfTheirs,
    NameRefused,
    NothingSaid,
    NotOnAir,
    SaidTooMuch,
    check_may_speak,
    check_own_name,
    clean_name,
    clean_text,
    guest_name,
    masked_name,
)

HARMLESS = [
    "这个蜜薯甜不甜？",
    "5 斤装 29.9 元，发济南几天到",
    "可以微信支付吗",
    "我妈的生日你们送礼盒吗",
    "红薯吃多了放屁怎么办",
    "好吃。vip 有优惠吗",
    "去死皮的姜膏有吗",
    "库存 1000000 斤够吗",
    "订单号 2026112400012345 到哪了",
    "Is the ginger fresh? 1.5 kg please",
    "价格 29.90、39.90、49.90",
    "加 2 箱，一共 100 斤",
    "微信付 29.90 行不行",
    "<b>粗体</b> & 'quotes'",
    "👨‍👩‍👧 一家人都爱吃",
    "%(name)s {} {{7*7}}",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_talk_stays_as_it_is(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("打给我13812345678", "打给我138****"),
        ("138 1234 5678 谢谢", "138**** 谢谢"),
        ("138-1234-5678", "138****"),
        ("１３８１２３４５６７８", "１３８****"),
        ("一三八一二三四五六七八", "一三八****"),
        ("1.3.8.1.2.3.4.5.6.7.8", "1.3****"),
        ("+86 13812345678", "+86****"),
        ("座机0531-88881234", "座机053****"),
        ("400-800-1234", "400****"),
        ("1\u200b3812345678", "138****"),
        ("1\u200d3812345678", "1\u200d3****"),
        ("138 - 1234 - 5678 谢谢", "138**** 谢谢"),
        ("(138)1234(5678)", "(138****)"),
        ("138:1234:5678", "138****"),
        ("壹叁捌壹贰叁肆伍陆柒捌", "壹叁捌****"),
        ("⑬⑧①②③④⑤⑥⑦⑧", "⑬⑧①****"),
        ("138\u034f1234\u28005678", "138****"),
        ("1\ufe0f\u20e3381234567\u20dd8\ufe0f\u20e3！", "1\ufe0f\u20e3****！"),
    ],
)
def test_phone_numbers_are_masked(text: str, seen: str) -> None:
    assert clean_text(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com",
        "看 HTTPS://例子",
        "www.example.com",
        "淘宝.com 更便宜",
        "shop . cn",
        "abc。com",
        "ａｂｃ．ｃｏｍ",
        "某某点com",
        "加微信 abcdef123",
        "微信号：wxid_abc123",
        "VX:tudou888",
        "加v tudou888",
        "Ｖ信tudou888",
        "QQ 12345678",
        "qq群：12345678",
        "微信13812345678",
        "微\u200d信abc12345",
        "微 信：abc12345",
        "v\ufe0fx:abc12345",
        "加薇❤abc12345",
        "看baidu.\u200dcom",
        "https\u034f://a.b/",
    ],
)
def test_ways_to_other_platforms_are_refused(text: str) -> None:
    with pytest.raises(LeadsElsewhere):
        clean_text(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("你个傻逼主播", "你个**主播"),
        ("傻 逼", "***"),
        ("FUCK this", "**** this"),
        ("ｆｕｃｋ", "****"),
        ("王八蛋！", "***！"),
        ("傻\u034f逼", "**"),
    ],
)
def test_rude_words_are_masked(text: str, seen: str) -> None:
    assert clean_text(text) == seen


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b\ufeff", "\u200d\u200d"])
def test_nothing_is_not_said(text: str) -> None:
    with pytest.raises(NothingSaid):
        clean_text(text)


def test_a_line_has_its_length() -> None:
    assert clean_text("薯" * MAX_TEXT) == "薯" * MAX_TEXT
    with pytest.raises(SaidTooMuch):
        clean_text("薯" * (MAX_TEXT + 1))
    with pytest.raises(SaidTooMuch):
        clean_text("1" * 10_000)


def test_talk_is_one_line() -> None:
    assert clean_text("  一\n\n二\t三 ") == "一 二 三"


@pytest.mark.parametrize("name", ["", "爱吃姜的人", "Li Lei", "<b>", "王"])
def test_a_guest_may_choose_a_name(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "主播",
        "官 方",
        "田播客服",
        "Admin",
        "王**",
        "傻逼",
        "13812345678",
        "a.com",
        "加微信 abcdef",
        "很" * 13,
        "主\u200d播",
        "主\ufe0f播",
        "主.播",
        "客\u3164服",
        "王⁎⁎",
        "①③⑧12345678",
    ],
)
def test_misleading_names_are_refused(name: str) -> None:
    with pytest.raises(NameRefused):
        clean_name(name)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("王小明", "王小明"),
        ("王 小\u200d明", "王小明"),
        ("王.小_明", "王小明"),
        ("我是王小明", "王小明"),
        ("ａｌｉｃｅ", "Alice"),
        ("ALICE", " alice "),
        ("王", "王"),
        ("i am L i", "Li"),
        ("李Li88", "Li"),
        ("liwei88", "Li Wei"),
    ],
)
def test_a_guest_has_no_name_of_those_in_charge(name: str, taken: str) -> None:
    with pytest.raises(NameOfTheirs):
        check_own_name(name, ["李小红", taken])


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("王小红", "王小明"),
        ("小明", "王小明"),
        ("王婶", "王"),
        ("<b>", "——"),
        ("薯", ""),
        ("Alice", "Li"),
        ("Charlie", "Li"),
    ],
)
def test_names_that_only_resemble_theirs_are_a_guests_own(
    name: str, taken: str
) -> None:
    check_own_name(name, [taken])


def test_names_in_public_say_little() -> None:
    assert masked_name("王小明") == "王**"
    assert masked_name("Alice Brown") == "A**"
    assert masked_name(" ") == "客**"
    assert guest_name("00ff") == "游客0255"
    assert guest_name("f" * 12) == guest_name("f" * 12)


@pytest.mark.parametrize("state", [s for s in SessionState if s != SessionState.LIVE])
def test_nobody_speaks_in_an_empty_room(state: SessionState) -> None:
    with pytest.raises(NotOnAir):
        check_may_speak(state, "ab", [])


def test_who_was_muted_is_quiet() -> None:
    check_may_speak("live", "ab", ["cd"])
    with pytest.raises(Muted):
        check_may_speak("live", "ab", ["cd", "ab"])


@given(st.text(max_size=150))
def test_whatever_is_typed_is_said_or_refused_in_words(text: str) -> None:
    with suppress(Invalid):
        said = clean_text(text)
        assert 0 < len(said) <= MAX_TEXT
        assert "\n" not in said


@given(st.text(max_size=20))
def test_whatever_a_guest_is_called(name: str) -> None:
    with suppress(NameRefused):
        assert len(clean_name(name)) <= 12
