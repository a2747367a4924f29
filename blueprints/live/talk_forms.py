"""Forms of a room's talk."""

from blueprints.fields import TextField
from blueprints.forms import Form
from core.i18n import lazy_gettext as _l
from services.live.talk import Saying


class TalkForm(Form):
    """A line of talk. What is wrong with it is for the rules of talk to say."""

    text = TextField(_l("想说的话"))
    name = TextField(_l("怎么称呼您"))

    def to_saying(self) -> Saying:
        """What was typed, as the service takes it."""
        return Saying(self.text.data or "", self.name.data or "")


class MuteForm(Form):
    """Who is to be quiet, by what the room calls them."""

    author = TextField(_l("观众"))
