"""How values look in templates. Pure functions; registered by `init_filters`."""

from datetime import date, datetime

from flask import Flask, url_for
from flask_babel import format_date

from core.clock import SHANGHAI, today
from core.i18n import day_words, gettext, page_language, translated
from core.web.addresses import static


def yuan_plain(fen: int) -> str:
    """Fen as yuan with two decimals and thousands: 123450 → 1,234.50."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def yuan(fen: int) -> str:
    """Fen with the yuan sign: −¥1,234.50."""
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{yuan_plain(abs(fen))}"


def yuan_parts(fen: int, *, exact: bool = False) -> tuple[str, str]:
    """Whole yuan with thousands, and the decimals: both, or no trailing zeros."""
    whole, decimals = yuan_plain(fen).split(".")
    return whole, decimals if exact else decimals.rstrip("0")


def wan(fen: int) -> str:
    """Fen as 万元 with one decimal, for headline figures: 1,145,000.00 → 114.5."""
    tenths = (abs(fen) + 50_000) // 100_000
    sign = "−" if fen < 0 and tenths else ""
    return f"{sign}{tenths // 10:,}.{tenths % 10}"


def jin(grams: int) -> str:
    """Grams in 斤 (500 g), at most two decimals, with the unit."""
    return str(gettext("%(jin)s 斤", jin=jin_plain(grams)))


def jin_plain(grams: int) -> str:
    """Grams in 斤 (500 g) without the unit: 2250 → 4.5."""
    hundredths = (abs(grams) * 100 + 250) // 500
    sign = "−" if grams < 0 and hundredths else ""
    whole, rest = divmod(hundredths, 100)
    decimals = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{sign}{whole:,}{decimals}"


def local_time(moment: datetime) -> str:
    """A moment in Asia/Shanghai, to the minute; with its year unless it is this one."""
    return f"{local_day(moment)} {local_clock(moment)}"


def local_clock(moment: datetime) -> str:
    """The time of day of a moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).strftime("%H:%M")


def local_day(moment: datetime) -> str:
    """The day of a moment in Asia/Shanghai, with its year unless it is this one."""
    day = moment.astimezone(SHANGHAI).date()
    if day.year != today().year:
        return local_date(day)
    return str(format_date(day, "M月d日" if page_language() == "zh" else "d MMM"))


def local_weekday(day: date) -> str:
    """A calendar day of this year with its weekday."""
    style = "M月d日 EEEE" if page_language() == "zh" else "EEEE d MMMM"
    return str(format_date(day, style))


def local_date(day: date | datetime) -> str:
    """A calendar day, with its year."""
    if isinstance(day, datetime):
        day = day.astimezone(SHANGHAI).date()
    return day_words(day)


def local_month(day: date) -> str:
    """The month of a calendar day, with its year."""
    style = "y年M月" if page_language() == "zh" else "MMM y"
    return str(format_date(day, style))


def mask_phone(phone: str) -> str:
    """A phone number with its middle hidden: 138****0002."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****"


def percent(basis_points: int) -> str:
    """Basis points as a percentage: 850 → 8.5%."""
    whole, rest = divmod(abs(basis_points), 100)
    decimals = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{'−' if basis_points < 0 else ''}{whole}{decimals}%"


def init_filters(app: Flask) -> None:
    """Register the filters and the `static` global."""
    for function in (
        yuan,
        yuan_plain,
        yuan_parts,
        wan,
        jin,
        jin_plain,
        local_time,
        local_clock,
        local_day,
        local_date,
        local_month,
        mask_phone,
        percent,
        translated,
    ):
        app.add_template_filter(function)
    app.add_template_global(static)
    app.add_template_global(url_for)
