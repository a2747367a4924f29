"""The photo store: what it keeps, what it refuses, what it forgets."""

import io
import struct
import zlib
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from core.errors import DomainError
from integrations.storage import (
    WIDTHS,
    NoRoomForPhoto,
    NotAPhoto,
    PhotoStore,
    PhotoTooHeavy,
    PhotoTooWide,
)
from tests.support.small_disk import fill_up, make_room, small_disk

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
TURNED_RIGHT = 6


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore(tmp_path / "photos")


def picture(
    size: tuple[int, int] = (2000, 1500), kind: str = "JPEG", mode: str = "RGB"
) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, 120 if mode == "L" else None).save(file, kind)
    file.seek(0)
    return file


def flat_png(side: int) -> io.BytesIO:
    """A black PNG whose file is tiny and whose pixels are many."""
    rows = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    pixels = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks)))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    kind, content = chunk
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_webp_in_three_widths(store: PhotoStore, kind: str) -> None:
    kept = store.keep(picture(kind=kind), "a")
    sizes = []
    for width in WIDTHS:
        with Image.open(store.path(kept.key, width)) as image:
            assert image.format == "WEBP"
            sizes.append(image.size)
    assert sizes == [(480, 360), (960, 720), (1600, 1200)]
    assert (kept.width, kept.height) == (1600, 1200)


def test_a_small_photo_is_not_blown_up(store: PhotoStore) -> None:
    kept = store.keep(picture((300, 200)), "small")
    assert (kept.width, kept.height) == (300, 200)


def test_a_very_tall_picture_stays_within_bounds(store: PhotoStore) -> None:
    kept = store.keep(picture((400, 9000)), "tall")
    with Image.open(store.path(kept.key, 480)) as image:
        assert image.height == 960


def test_place_and_camera_are_forgotten_and_the_picture_stands_upright(
    store: PhotoStore,
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_RIGHT
    exif[MAKE] = "a phone"
    exif.get_ifd(GPS)[1] = "N"
    file = io.BytesIO()
    Image.new("RGB", (800, 400)).save(file, "JPEG", exif=exif)
    file.seek(0)
    kept = store.keep(file, "turned")
    assert (kept.width, kept.height) == (400, 800)
    for width in WIDTHS:
        with Image.open(store.path(kept.key, width)) as image:
            assert not image.getexif()
            assert "exif" not in image.info


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "1"])
def test_every_way_of_writing_colours_is_taken(store: PhotoStore, mode: str) -> None:
    kind = "JPEG" if mode in ("L", "CMYK") else "PNG"
    assert store.keep(picture((90, 60), kind, mode), mode).width == 90


def test_the_same_photo_is_kept_once_under_the_same_key(store: PhotoStore) -> None:
    first = store.keep(picture(), "a")
    written = store.path(first.key, 1600).stat().st_mtime_ns
    assert store.keep(picture(), "b") == first
    assert store.path(first.key, 1600).stat().st_mtime_ns == written


def test_a_huge_picture_in_a_tiny_file_is_refused_before_it_is_decoded(
    store: PhotoStore,
) -> None:
    file = flat_png(13_000)
    assert len(file.getvalue()) < 25_000
    with pytest.raises(PhotoTooWide) as refused:
        store.keep(file, "巨图.png")
    assert "13000×13000" in str(refused.value)
    assert not store.root.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + bytes(40),
        picture().getvalue()[:200],
        picture(kind="PNG").getvalue()[:120],
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20),
    ],
    ids=["empty", "text", "svg", "gif", "half jpeg", "half png", "no png", "no webp"],
)
def test_what_is_no_photo_gets_a_sentence(store: PhotoStore, content: bytes) -> None:
    with pytest.raises(NotAPhoto) as refused:
        store.keep(io.BytesIO(content), "笔记.txt")
    assert "笔记.txt" in str(refused.value)
    assert not list(store.root.rglob("*")) if store.root.exists() else True


def test_a_file_over_15_mb_is_refused_unread(store: PhotoStore) -> None:
    with pytest.raises(PhotoTooHeavy):
        store.keep(io.BytesIO(bytes(15 * 1024 * 1024 + 1)), "a")


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key",
        "a" * 64 + "-481.webp",
        "A" * 64 + "-480.webp",
        "a" * 64 + "-480.webp",
        "a" * 64 + "-480.webp\n",
        "",
        "\0",
    ],
)
def test_no_other_file_can_be_asked_for(store: PhotoStore, name: str) -> None:
    assert store.find(name) is None


def test_a_kept_photo_is_found_by_its_name(store: PhotoStore) -> None:
    kept = store.keep(picture(), "a")
    found = store.find(f"{kept.key}-480.webp")
    assert found == store.path(kept.key, 480)


def test_half_written_files_are_never_served(store: PhotoStore) -> None:
    kept = store.keep(picture(), "a")
    store.path(kept.key, 1600).unlink()
    assert store.keep(picture(), "a") == kept
    assert store.path(kept.key, 1600).exists()
    assert not list(store.root.rglob("*.part"))


def test_a_full_disk_is_told_and_leaves_no_pieces(tmp_path: Path) -> None:
    with small_disk(tmp_path, "1m") as disk:
        store = PhotoStore(disk / "photos")
        kept = store.keep(picture(), "a")
        fill_up(disk)
        with pytest.raises(NoRoomForPhoto, match="存不下"):
            store.keep(picture((900, 700)), "b")

        assert {path.name[:64] for path in store.root.rglob("*.*")} == {kept.key}
        make_room(disk)
        assert store.keep(picture((900, 700)), "b").width == 900


def test_many_uploads_at_once_do_not_disturb_each_other(store: PhotoStore) -> None:
    results: list[object] = []

    def keep(shade: int) -> None:
        file = io.BytesIO()
        Image.new("RGB", (600, 400), (shade, 0, 0)).save(file, "PNG")
        file.seek(0)
        try:
            results.append(store.keep(file, "a").key)
        except DomainError as error:
            results.append(error)

    threads = [Thread(target=keep, args=(shade % 3,)) for shade in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 9
    assert len(set(results)) == 3
