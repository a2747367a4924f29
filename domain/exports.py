"""Files that a worker makes of a list: their states, and how many there may be."""

from datetime import timedelta

from core.errors import N_, Conflict
from domain.states import Labelled

KEPT_FOR = timedelta(days=1)
MOST_UNDERWAY = 5
MOST_OF_ONE = 20
LARGEST_FILE = 32 * 1024 * 1024
ROOM = 512 * 1024 * 1024
"""Bytes of all files together; the oldest make room for a new one."""
MOST_TRIES = 3
"""A file that ends its worker each time must not do so for ever."""


class ExportState(Labelled):
    """How far a file is."""

    WAITING = "waiting", N_("排队中"), "ginger"
    MAKING = "making", N_("正在做"), "ginger"
    READY = "ready", N_("做好了"), "leaf", "check"
    FAILED = "failed", N_("没做成"), "haw"


UNDERWAY = (ExportState.WAITING, ExportState.MAKING)


class TooManyExports(Conflict):
    """One person asks for more than others should wait for."""

    code = "too_many_exports"
    message = N_("您还有 %(count)s 个文件正在做，等做好一个再要。")


class FileTooLarge(Conflict):
    """No one reads it, and it would fill the disk."""

    code = "file_too_large"
    message = N_("文件太大了。请把期间选短些，或者加上别的条件，再要一次。")


NOT_ALLOWED = N_("这个文件您现在不能看了，或者条件已经不对。请回到列表再要一次。")
NOT_MADE = N_("试了几次都没做成。请把期间选短些，再要一次；还是不行，请找管理员。")
