"""What may be said in a live room, and under which name."""

import re
from collections.abc import Iterable

from core.errors import N_, Conflict, DomainError, Invalid, TooMany
from domain.live import SessionState
from domain.readings import one_line, read

MAX_TEXT = 120
MAX_NAME = 12


class NotOnAir(Conflict):
    """Talk is for the time in which somebody is there to answer."""

    code = "not_on_air"
    message = N_("直播开着的时候才能说话，现在先看看清单吧。")


class Muted(DomainError):
    """The host asked this person to be quiet: the page stays, with the sentence."""

    status = 403
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


class NameOfTheirs(NameRefused):
    """The name is that of somebody whom the room would take at their word."""

    code = "name_of_theirs"
    message = N_("这是主播或联盟负责人的名字，请换一个您自己的昵称。")


_BETWEEN = r"[\s_.·,，、。:*/|~–—()\[\]【】<>-]{0,3}"
"""What people put between the digits of a number to get it past a filter."""

_NUMERALS = str.maketrans(
    "〇零一幺壹二贰三叁四肆五伍六陆七柒八捌九玖", "001112233445566778899"
)
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
    r"(?:微信|薇信|威信|v\s?信|weixin|wechat|(?<![a-z])(?:vx|wx|qq)|加[v微薇]|扣扣|企鹅)"
    r"[号群是为加我的\W]{0,4}[a-z0-9][-_a-z0-9]{4,19}"
)
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_NO_WORD = re.compile(r"[\W_]+")
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
    line = one_line(text)
    reading = read(line)
    if not reading.text.strip():
        raise NothingSaid
    if len(line) > MAX_TEXT:
        raise SaidTooMuch(max=MAX_TEXT)
    if any(found(reading.text) for found in (_LINK.search, _finds_account)):
        raise LeadsElsewhere
    return _mask_rude(_mask_phones(line))


def clean_name(name: str) -> str:
    """A guest's name as the room may see it; "" stays "". Raises NameRefused."""
    line = one_line(name)
    if len(line) > MAX_NAME or _is_misleading(read(line).text):
        raise NameRefused
    return line


def check_own_name(name: str, theirs: Iterable[str]) -> None:
    """Raise NameOfTheirs for a guest's name that reads as one of `theirs`, or holds it.

    A name of a single sign is in too many others to be looked for inside them, and
    one in Latin letters is looked for as a word: "Li" does not refuse an Alice.
    """
    chosen = _signs(name)
    for taken in filter(None, map(_signs, theirs)):
        if taken == chosen or (len(taken) > 1 and _holds(name, chosen, taken)):
            raise NameOfTheirs


def _holds(name: str, chosen: str, taken: str) -> bool:
    if not taken.isascii():
        return taken in chosen
    word = r"[\W_]*".join(taken)
    found = re.search(rf"(?<![a-z]){word}(?![a-z])", read(name).text)
    return found is not None


def _signs(name: str) -> str:
    return _NO_WORD.sub("", read(name).text)


def _finds_account(text: str) -> bool:
    return any(_ACCOUNT.search(one) for one in (text, _GAP.sub("", text)))


def _is_misleading(text: str) -> bool:
    readings = (text, text.translate(_NUMERALS), _NO_WORD.sub("", text))
    patterns = (_LINK, _ACCOUNT, _OWN_NAMES, _RUDE, _PHONE)
    return any(pattern.search(one) for pattern in patterns for one in readings)


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


def _mask_phones(line: str) -> str:
    """Keep three signs of each number, so that its owner knows which it was."""
    digits = read(line).translated(_NUMERALS)
    return digits.replaced(_PHONE, lambda found: f"{found[:3]}****")


def _mask_rude(line: str) -> str:
    return read(line).replaced(_RUDE, lambda found: "*" * len(found))
