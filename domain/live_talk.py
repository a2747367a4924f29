"""What may be said in a live room, and under which name."""

import re
from collections.abc import Callable, Iterable
from unicodedata import normalize

from core.errors import N_, Conflict, Forbidden, Invalid, TooMany
from domain.live import SessionState

MAX_TEXT = 120
MAX_NAME = 12


class NotOnAir(Conflict):
    """Talk is for the time in which somebody is there to answer."""

    code = "not_on_air"
    message = N_("直播开着的时候才能说话，现在先看看清单吧。")


class Muted(Forbidden):
    """The host asked this person to be quiet."""

    code = "muted"
    message = N_("主播请您先歇一歇，这场直播里您只能看，不能再说话了。")


class TooFast(TooMany):
    """One person says more than anyone reads."""

    code = "too_fast"
    message = N_("说得太快啦，歇 %(retry_after_s)s 秒再发，字还给您留着。")


class RoomTooLoud(TooMany):
    """All together say more than anyone reads."""

    code = "room_too_loud"
    message = N_("大家说得太热闹了，过 %(retry_after_s)s 秒再发，字还给您留着。")


class NothingSaid(Invalid):
    """There is no text."""

    code = "nothing_said"
    message = N_("先写点什么，再发出去。")


class SaidTooMuch(Invalid):
    """The text is longer than a line of talk."""

    code = "said_too_much"
    message = N_("一次最多说 %(max)s 个字，请删短一些。")


class LeadsElsewhere(Invalid):
    """Links and accounts on other platforms: mostly swindlers leave them."""

    code = "leads_elsewhere"
    message = N_("这里不能留网址、微信号和 QQ 号，请删掉再发。")


class NameRefused(Invalid):
    """The name is too long, misleading or rude."""

    code = "name_refused"
    message = N_("这个昵称不能用。请换一个 12 个字以内、不像主播或客服的称呼。")


_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Control characters, what has no width, and what turns the text around it."""

_BETWEEN = "[\\s\u200d_.·,，、*/|~–—-]{0,2}"
"""What people put between the digits of a number to get it past a filter."""

_NUMERALS = str.maketrans("〇零一幺二三四五六七八九", "001123456789")
_PHONE = re.compile(
    rf"(?<!\d)(?:"
    rf"(?:\+?86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}\d){{9}}"
    rf"|0\d{{2,3}}{_BETWEEN}\d{{7,8}}"
    rf"|400{_BETWEEN}\d{{3,4}}{_BETWEEN}\d{{3,4}}"
    rf")(?!\d)"
)
_ENDINGS = "com|cn|net|org|top|xyz|shop|vip|cc|me|io|info|club|site|link|ltd"
_LINK = re.compile(
    rf"https?:|www\.|(?:\w\s?\.|[a-z0-9-]{{2,}}\s?。)\s?(?:{_ENDINGS})(?![a-z0-9])"
    r"|点\s?(?:com|cn|net)(?![a-z0-9])"
)
_ACCOUNT = re.compile(
    r"(?:微信|薇信|威信|v信|weixin|wechat|(?<![a-z])(?:vx|wx|qq)|加v|加微|扣扣|企鹅)"
    r"[号群是为加我的:\s]{0,4}[a-z0-9][-_a-z0-9]{4,19}"
)
_OWN_NAMES = re.compile(
    r"主播|官方|客服|管理员|系统|小助手|助理|田播|tianbo|admin|\*\*"
)
_RUDE_WORDS = (
    "傻逼 傻比 傻b 傻x 煞笔 沙比 他妈的 妈逼 妈b 操你妈 草你妈 草泥马 曹尼玛 日你妈 "
    "狗日的 王八蛋 混蛋 婊子 贱人 滚蛋 去死吧 脑残 弱智 狗屁 狗东西 畜生"
).split()
_RUDE_LATIN = "fuck shit bitch asshole cnm nmsl tmd sb".split()


def _rude_pattern() -> re.Pattern[str]:
    spread = [_BETWEEN.join(map(re.escape, word)) for word in _RUDE_WORDS]
    latin = [rf"(?<![a-z]){word}(?![a-z])" for word in _RUDE_LATIN]
    return re.compile("|".join([*spread, *latin]))


_RUDE = _rude_pattern()


def clean_text(text: str) -> str:
    """A line of talk as the room may see it: one line, numbers and rude words masked.

    Raises NothingSaid, SaidTooMuch, or LeadsElsewhere for links and accounts.
    """
    line = _one_line(text)
    if not line:
        raise NothingSaid
    if len(line) > MAX_TEXT:
        raise SaidTooMuch(max=MAX_TEXT)
    folded = _folded(line)
    if _LINK.search(folded) or _ACCOUNT.search(folded):
        raise LeadsElsewhere
    return _mask_rude(_mask_phones(line))


def clean_name(name: str) -> str:
    """A guest's name as the room may see it; "" stays "". Raises NameRefused."""
    line = _one_line(name)
    if len(line) > MAX_NAME or _is_misleading(_folded(line)):
        raise NameRefused
    return line


def _is_misleading(folded: str) -> bool:
    readings = (folded, folded.translate(_NUMERALS), folded.replace(" ", ""))
    patterns = (_LINK, _ACCOUNT, _OWN_NAMES, _RUDE, _PHONE)
    return any(pattern.search(text) for pattern in patterns for text in readings)


def guest_name(author: str) -> str:
    """What a guest without a name is called; the same guest stays the same.

    author: hexadecimal digits.
    """
    return f"游客{int(author, 16) % 10_000:04d}"


def masked_name(name: str) -> str:
    """An account holder's name in public: the family name and no more."""
    return f"{name.strip()[:1] or '客'}**"


def check_may_speak(state: str, author: str, muted: Iterable[str]) -> None:
    """Raise NotOnAir unless the session runs, Muted when the host said so."""
    if state != SessionState.LIVE:
        raise NotOnAir
    if author in muted:
        raise Muted


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _folded(text: str) -> str:
    """The text for comparing, as long as the text itself: １ and A are 1 and a."""
    return "".join(map(_fold, text))


def _fold(character: str) -> str:
    plain = normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


def _mask_phones(line: str) -> str:
    """Keep three digits of each number, so that its owner knows which it was."""
    digits = _folded(line).translate(_NUMERALS)
    return _replaced(line, _PHONE, digits, lambda found: f"{found[:3]}****")


def _mask_rude(line: str) -> str:
    return _replaced(line, _RUDE, _folded(line), lambda found: "*" * len(found))


def _replaced(
    line: str, pattern: re.Pattern[str], folded: str, mask: Callable[[str], str]
) -> str:
    """`line` with `mask` of each part whose folded text is found by `pattern`."""
    parts, end = [], 0
    for match in pattern.finditer(folded):
        parts += [line[end : match.start()], mask(line[match.start() : match.end()])]
        end = match.end()
    return "".join([*parts, line[end:]])
