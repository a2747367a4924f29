"""Whose passes hold: by the newest word, whatever the clock says."""

from datetime import timedelta

import pytest

from core import clock
from core.clock import now
from core.room_tokens import STAND_IN, ExpiredToken, Pass, Purpose, check, sign
from media.admission import Admission
from tests.support.databases import SECRET

DAY = timedelta(days=1)
DAY_US = 86_400_000_000
TOLD_US = 100 * DAY_US


def granted(purpose: Purpose = Purpose.PUBLISH, runner: str = "host") -> Pass:
    return Pass("honey", purpose, now() + timedelta(hours=2), runner, key=1)


def told(admission: Admission, *runners: str, at_us: int = TOLD_US) -> bool:
    return admission.note({"key": 1, "runners": [*runners], "at_us": at_us})


def test_before_anything_is_known_a_good_signature_is_enough() -> None:
    assert Admission().admits(granted())


@pytest.mark.parametrize("purpose", [Purpose.RUN, Purpose.PUBLISH])
def test_who_is_no_runner_any_more_is_shown_out(purpose: Purpose) -> None:
    admission = Admission()
    told(admission, "host", "lead")
    assert admission.admits(granted(purpose, "lead"))

    told(admission, "host", at_us=TOLD_US + 1)

    assert not admission.admits(granted(purpose, "lead"))
    assert not admission.admits(granted(purpose, ""))
    assert admission.admits(granted(purpose, "host"))
    assert admission.admits(granted(purpose, STAND_IN))


def test_viewers_are_nobodys_runners() -> None:
    admission = Admission()
    told(admission, "host")

    assert admission.admits(granted(Purpose.WATCH, "ann"))


def test_an_answer_that_was_kept_for_a_second_reinstates_nobody() -> None:
    admission = Admission()
    told(admission, "host")

    assert not told(admission, "host", "lead", at_us=TOLD_US - 1_000_000)
    assert not admission.admits(granted(runner="lead"))


def test_a_clock_set_back_a_day_is_heeded() -> None:
    admission = Admission()
    told(admission, "host", "lead")

    assert told(admission, "host", at_us=TOLD_US - DAY_US)
    assert not admission.admits(granted(runner="lead"))


def test_a_pass_ends_by_the_clock_it_was_made_by() -> None:
    """A day forward all passes are over, and new ones hold; a day back none is."""
    made = granted()
    token = sign(SECRET, made)
    with clock.at(now() + DAY):
        with pytest.raises(ExpiredToken):
            check(SECRET, token, "honey", Purpose.PUBLISH)
        new = sign(SECRET, granted())
        assert check(SECRET, new, "honey", Purpose.PUBLISH).key == 1
    with clock.at(now() - DAY):
        assert check(SECRET, token, "honey", Purpose.PUBLISH).subject == made.subject
