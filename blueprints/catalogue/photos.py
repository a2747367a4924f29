"""Photos on their way from a form to the store, back into the form, and to everyone.

An upload is stored at once. What the form carries along is its key, signed, so that
a mistake elsewhere in the form never costs the photo, and nobody can put a name into
the form that the store did not give out.
"""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField

from blueprints.limits import count_for
from blueprints.nouns import catalogue as bp
from core.access import Actor, public
from core.errors import DomainError, NotFound
from core.i18n import say
from domain.catalogue import Photo
from integrations.storage import PhotoStore
from services.rates import UPLOAD_PER_ACCOUNT

LONGEST_NAME = 40
FOREVER_S = 31_536_000


@dataclass
class Uploads:
    """Photos that came with a request, and why others were refused."""

    photos: list[Photo] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@bp.get("/photos/<name>")
@public
def photo(name: str) -> ResponseReturnValue:
    """A stored photo; its name never changes its content."""
    path = _photo_store().find(name)
    if path is None:
        raise NotFound()
    response = Response(path.read_bytes(), mimetype="image/webp")
    response.cache_control.public = True
    response.cache_control.max_age = FOREVER_S
    response.cache_control.immutable = True
    response.set_etag(path.stem)
    return response.make_conditional(request)


def keep_uploads(field_name: str, actor: Actor) -> Uploads:
    """Store every photo of a file field; a bad one is named, the others are kept."""
    uploads = Uploads()
    for file in request.files.getlist(field_name):
        if file.filename:
            _keep(file, actor, uploads)
    return uploads


def _keep(file: FileStorage, actor: Actor, uploads: Uploads) -> None:
    try:
        count_for((UPLOAD_PER_ACCOUNT, str(actor.account_id)))
        name = (file.filename or "")[-LONGEST_NAME:]
        uploads.photos.append(_photo_store().keep(file.stream, name))
    except DomainError as error:
        uploads.problems.append(say(error))


def _photo_store() -> PhotoStore:
    return PhotoStore(current_app.config["TIANBO"].instance / "photos")


class PhotoField(HiddenField):
    """A stored photo, carried along signed; a forged one is none."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = _read(str(valuelist[0])) if valuelist else None

    def _value(self) -> str:
        if self.data is None:
            return ""
        return str(_signer().dumps([self.data.key, self.data.width, self.data.height]))


def _read(token: str) -> Photo | None:
    try:
        return Photo(*_signer().loads(token))
    except (BadSignature, ValueError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="stored photo")
