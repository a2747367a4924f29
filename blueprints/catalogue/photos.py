"""Photos on their way from a form to the store, and back into the form.

An upload is stored at once. What the form carries along is its key, signed, so that
a mistake elsewhere in the form never costs the photo, and nobody can put a name into
the form that the store did not give out.
"""

from dataclasses import dataclass, field

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from blueprints.limits import count_for
from core.access import Actor
from core.errors import DomainError
from core.i18n import say
from integrations.storage import PhotoStore, StoredPhoto
from services.rates import UPLOAD_PER_ACCOUNT

LONGEST_NAME = 40


@dataclass
class Uploads:
    """Photos that came with a request, and why others were refused."""

    photos: list[StoredPhoto] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def photo_store() -> PhotoStore:
    """The store of this app."""
    return PhotoStore(current_app.config["TIANBO"].instance / "photos")


def keep_uploads(field_name: str, actor: Actor) -> Uploads:
    """Store every photo of a file field; a bad one is named, the others are kept."""
    uploads = Uploads()
    for file in request.files.getlist(field_name):
        if file.filename:
            _keep(file, actor, uploads)
    return uploads


def sign_photo(key: str, width: int, height: int) -> str:
    """What a form carries along for a stored photo."""
    return str(_signer().dumps([key, width, height]))


def read_photo(token: str) -> StoredPhoto | None:
    """The photo that `sign_photo` wrote down, None for anything else."""
    try:
        key, width, height = _signer().loads(token)
    except (BadSignature, ValueError):
        return None
    return StoredPhoto(key, width, height)


def _keep(file: FileStorage, actor: Actor, uploads: Uploads) -> None:
    try:
        count_for((UPLOAD_PER_ACCOUNT, str(actor.account_id)))
        name = (file.filename or "")[-LONGEST_NAME:]
        uploads.photos.append(photo_store().keep(file.stream, name))
    except DomainError as error:
        uploads.problems.append(say(error))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="stored photo")
