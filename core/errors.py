"""Errors that know their HTTP status and say one plain sentence to the person.

They import neither Flask nor SQLAlchemy, so `domain/` may raise them. `message` is
Chinese source text; the web layer translates it and then fills in `params`.
"""

from __future__ import annotations

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark `message` for extraction and return it unchanged."""
    return message


class DomainError(Exception):
    """A rule said no.

    status: HTTP status; code: stable name for JSON clients; message: Chinese
    sentence with `%(name)s` params, given as keywords when it is raised; field: what
    of a form or draft is to be written otherwise, empty when it is no single one.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    message: ClassVar[str] = N_("这一步没有做成，请返回上一页再试。")
    field: ClassVar[str] = ""

    def __init__(self, **params: object) -> None:
        super().__init__(params)
        self.params = params

    @property
    def text(self) -> str:
        """The untranslated sentence with its params filled in."""
        return self.message % self.params

    def __str__(self) -> str:
        return self.text


class NotFound(DomainError):
    """It does not exist, or lies outside the reader's scope."""

    status = 404
    code = "not_found"
    message = N_("没有找到这一页，可能网址不对或内容已经撤下。")


class NeedsLogin(DomainError):
    """A program asked for what only a logged-in person may have."""

    status = 401
    code = "login_needed"
    message = N_("请先登录，再做这一步。")


class Forbidden(DomainError):
    """The reader may see it but may not do this."""

    status = 403
    code = "forbidden"
    message = N_("您的账号不能做这一步，需要时请联系管理员。")


class Conflict(DomainError):
    """A race was lost: stock or state changed in between."""

    status = 409
    code = "conflict"
    message = N_("内容刚刚变了，请刷新页面再看一次。")


class Invalid(DomainError):
    """What was given breaks a rule."""

    status = 422
    code = "invalid"
    message = N_("填写的内容有误，请检查后再提交。")


class TooMany(DomainError):
    """Too many attempts; `retry_after_s` seconds until the next is accepted."""

    status = 429
    code = "too_many"
    message = N_("操作太频繁了，请过 %(retry_after_s)s 秒再试。")

    def __init__(self, *, retry_after_s: int, **params: object) -> None:
        super().__init__(retry_after_s=retry_after_s, **params)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """Something outside does not answer; nothing was lost, try again later."""

    status = 503
    code = "unavailable"
    message = N_("服务暂时连不上，请过一会儿再试，您填的内容没有丢。")


class Failure(DomainError):
    """Something broke on our side."""

    status = 500
    code = "failure"
    message = N_("我们这边出了点岔子，已经记下来了，请过几分钟再试。")


class BadRequest(DomainError):
    """The request cannot be understood."""


class MethodNotAllowed(DomainError):
    """The page exists, but not for this kind of request."""

    status = 405
    code = "method_not_allowed"
    message = N_("这个地址不能这样打开，请从页面上的按钮操作。")


class TooLarge(DomainError):
    """What was sent is too big."""

    status = 413
    code = "too_large"
    message = N_("文件太大了，请选 15 MB 以内的照片再传。")


class StateChanged(Conflict):
    """Another request moved the record first."""

    code = "state_changed"
    message = N_("这条记录刚刚被别人处理了，请刷新页面看最新状态。")
