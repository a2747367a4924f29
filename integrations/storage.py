"""The photo store: what people upload, kept as small WebP pictures without EXIF.

Files are named by the digest of what was uploaded, so the same photo is kept once
and a name never changes its content.
"""

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from core.errors import N_, Invalid
from domain.catalogue import Photo

WIDTHS = (480, 960, 1600)
TALLEST_RATIO = 2
LARGEST_FILE = 15 * 1024 * 1024
MOST_PIXELS = {"JPEG": 55_000_000, "PNG": 30_000_000, "WEBP": 30_000_000}
QUALITY = 80
FULL = (ENOSPC, EDQUOT)

# Pillow warns from 89 million pixels on; ours is the stricter check, made by format.
Image.MAX_IMAGE_PIXELS = None

_NAME = re.compile(r"[0-9a-f]{64}-(?:480|960|1600)\.webp")
_one_decoder = threading.Lock()
"""A large photo takes a hundred megabytes while it is decoded: one at a time."""


class NotAPhoto(Invalid):
    """The file is no JPEG, PNG or WebP picture, or a broken one."""

    code = "not_a_photo"
    message = N_("“%(name)s”不是能用的照片。请选 JPG、PNG 或 WebP 格式的照片。")


class PhotoTooHeavy(Invalid):
    """The file has more bytes than a photo needs."""

    code = "photo_too_heavy"
    message = N_("“%(name)s”太大了，请选 15 MB 以内的照片。")


class PhotoTooWide(Invalid):
    """The picture has more pixels than may be decoded."""

    code = "photo_too_wide"
    message = N_(
        "“%(name)s”有 %(width)s×%(height)s 个像素，太大了。"
        "请用手机相册里的原图或截图，长宽缩小后再传。"
    )


class NoRoomForPhoto(Invalid):
    """The disk is full; the rest of the form can be kept without the photo."""

    code = "no_room_for_photo"
    message = N_(
        "“%(name)s”存不下，服务器的硬盘满了。可以先不带照片保存，字都还在；"
        "请告诉管服务器的人，过后再传。"
    )


class PhotoStore:
    """Photos in a folder, two levels deep."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, upload: IO[bytes], name: str) -> Photo:
        """Check, turn upright and store a photo; the same one again is not redone.

        name: what the person calls the file, for the sentence when it is refused.
        Raises NotAPhoto, PhotoTooHeavy, PhotoTooWide or NoRoomForPhoto.
        """
        content = upload.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise PhotoTooHeavy(name=name)
        key = hashlib.sha256(content).hexdigest()
        largest = self.path(key, WIDTHS[-1])
        if largest.exists():
            with Image.open(largest) as kept:
                return Photo(key, *kept.size)
        upload.seek(0)
        with _decoded(upload, name) as image:
            try:
                return self._write(key, image)
            except OSError as error:
                if error.errno not in FULL:
                    raise
                raise NoRoomForPhoto(name=name) from error

    def path(self, key: str, width: int) -> Path:
        """Where the file of a photo at a width lies."""
        return self.root / key[:2] / f"{key}-{width}.webp"

    def find(self, name: str) -> Path | None:
        """The file called `name` ("<key>-480.webp"), None when there is none."""
        if not _NAME.fullmatch(name):
            return None
        path = self.root / name[:2] / name
        return path if path.is_file() else None

    def _write(self, key: str, image: Image.Image) -> Photo:
        """Write every width, the largest last: while it is missing, none count."""
        size = image.size
        for width in WIDTHS:
            scaled = image.copy()
            scaled.thumbnail((width, width * TALLEST_RATIO), Image.Resampling.LANCZOS)
            _write_whole(self.path(key, width), scaled)
            size = scaled.size
        return Photo(key, *size)


@contextmanager
def _decoded(upload: IO[bytes], name: str) -> Iterator[Image.Image]:
    """The picture in `upload`, upright, in RGB or RGBA, without metadata."""
    with _one_decoder:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # the PDF library turns it on
        try:
            with Image.open(upload, formats=tuple(MOST_PIXELS)) as image:
                _refuse_too_many_pixels(image, name)
                if image.format == "JPEG":
                    image.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
                upright = ImageOps.exif_transpose(image)
                has_alpha = "A" in upright.mode or "transparency" in upright.info
                plain = upright.convert("RGBA" if has_alpha else "RGB")
        except PhotoTooWide:
            raise
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            ValueError,
            EOFError,
        ) as error:
            raise NotAPhoto(name=name) from error
        plain.info.clear()
        yield plain


def _refuse_too_many_pixels(image: Image.Image, name: str) -> None:
    """Look at the size in the header, before any pixel is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS[image.format or "PNG"]:
        raise PhotoTooWide(name=name, width=width, height=height)


def _write_whole(path: Path, image: Image.Image) -> None:
    """Write the file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            image.save(file, "WEBP", quality=QUALITY, method=4)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
