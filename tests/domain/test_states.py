"""What a state is called changes nothing of what it is."""

from domain.live import SessionState
from domain.states import Labelled


class Lamp(Labelled):
    ON = "on", "亮着", "leaf"
    OFF = "off", "关着"


def test_a_labelled_member_is_its_name_in_the_database() -> None:
    assert Lamp("on") is Lamp.ON
    assert [str(Lamp.ON), f"{Lamp.ON}", Lamp.ON.value] == ["on"] * 3
    assert "on" in set(Lamp)


def test_it_says_its_word_and_its_colour() -> None:
    assert (Lamp.ON.label, Lamp.ON.tone) == ("亮着", "leaf")
    assert (Lamp.OFF.label, Lamp.OFF.tone) == ("关着", "")
    assert all(state.label for state in SessionState)
