"""Log in by password or code, log out, register, change the password."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from blueprints.accounts.forms import (
    CodeForm,
    CodeRequestForm,
    LoginForm,
    NewPasswordForm,
    PasswordForm,
    RegisterForm,
)
from blueprints.buyers import find_visitor, forget_browser
from blueprints.known import (
    code_limits,
    login_limits,
    remember_browser,
    this_browser,
)
from blueprints.limits import count_for, counted_attempt
from blueprints.navigation import home_of
from blueprints.nouns import accounts as bp
from core.access import SignedIn, find_actor, get_actor, public, signed_in
from core.config import current_settings
from core.database import transaction
from core.errors import N_
from core.i18n import gettext as _
from core.web.addresses import safe_next
from queries.accounts import find_session_actor
from queries.demo.logins import LOGINS
from queries.register import invitations_to
from services.accounts import codes, passwords, sessions
from services.accounts.codes import Purpose
from services.orders.cart import merge_carts
from services.rates import RateLimit

SENT = {
    Purpose.LOGIN: N_("如果这个手机号注册过，验证码马上就到。"),
    Purpose.REGISTER: N_("验证码马上就到，请看短信。"),
}


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Log in with phone and password."""
    form = LoginForm(data={"next": request.args.get("next", "")})
    phone, password = form.phone.data, form.password.data
    done = counted_attempt(
        form, lambda: passwords.check_password(phone, password), *_limits(form)
    )
    if done is None:
        logins = LOGINS if current_settings().demo else ()
        page = render_template("accounts/login.html", form=form, logins=logins)
        return page, form.status
    _renew_hash(done.value, password)
    return _enter(done.value, phone, form.next.data)


@bp.route("/login/code", methods=["GET", "POST"])
@public
def login_by_code() -> ResponseReturnValue:
    """Log in with the code that was sent by text message."""
    asked = {"next": request.args.get("next"), "phone": session.get("code_phone")}
    form = CodeForm(data=asked)
    done = counted_attempt(form, lambda: _use_code(form), *_limits(form))
    if done is None:
        return _code_page(form)
    target = form.next.data
    if not passwords.has_password(done.value):
        flash(_("手机号确认好了。从前的密码不再有效，请设一个新密码。"), "ok")
        target = target or url_for("accounts.password")
    return _enter(done.value, form.phone.data, target, by_code=True)


@bp.post("/codes")
@public
def send_code() -> ResponseReturnValue:
    """Send a one-time code; the answer does not tell whether the phone is known."""
    form = CodeRequestForm()
    registers = form.purpose.data == Purpose.REGISTER
    if not form.validate_on_submit():
        shown: CodeForm = RegisterForm() if registers else CodeForm()
        shown.phone.errors = form.phone.errors
        return _code_page(shown)
    count_for(*code_limits(form.phone.data))
    purpose = Purpose.REGISTER if registers else Purpose.LOGIN
    with transaction():
        codes.send_code(form.phone.data, this_browser(), purpose)
    asked = {"code_phone": form.phone.data, "code_name": form.name.data}
    session.update(asked, code_for=purpose)
    flash(_(SENT[purpose]), "info")
    target = safe_next(form.next.data, default="") or None
    page = "accounts.register" if registers else "accounts.login_by_code"
    return redirect(url_for(page, next=target), 303)


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Open a buyer's account for who has the code that was sent to the phone."""
    asked = {"phone": session.get("code_phone"), "name": session.get("code_name")}
    form = RegisterForm(data={"next": request.args.get("next", ""), **asked})
    done = counted_attempt(form, lambda: _open(form), *_limits(form))
    if done is None:
        return _code_page(form)
    return _enter(done.value, form.phone.data, form.next.data, by_code=True)


@bp.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """End this browser's session."""
    with transaction():
        sessions.end_session(get_actor().session_token)
    logout_user()
    session.clear()
    response = redirect(url_for("home.index"), 303)
    forget_browser(response)
    return response


@bp.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change the password; every session ends and this one starts anew.

    Who was just let in by a code need not know the old one: it may be forgotten, or
    a stranger's.
    """
    person = get_actor()
    form = NewPasswordForm() if person.may_reset_password else PasswordForm()
    limits = login_limits(person.phone)
    if counted_attempt(form, lambda: _change_password(person, form), *limits) is None:
        return render_template("accounts/password.html", form=form), form.status
    flash(_("密码改好了，其他设备都已退出。"), "ok")
    return _enter(person.account_id, person.phone, url_for("accounts.me"))


@bp.get("/")
@signed_in
def me() -> ResponseReturnValue:
    """A person's own start: what they can do here."""
    person = get_actor()
    invited = len(invitations_to(person))
    return render_template("accounts/me.html", person=person, invited=invited)


def _renew_hash(account_id: int, password: str) -> None:
    if renewal := passwords.renewed(account_id, password):
        with transaction():
            passwords.keep_renewal(renewal)


def _use_code(form: CodeForm) -> int:
    """Refused only when the transaction is over: a wrong code counts too."""
    with transaction():
        account_id = codes.find_proven_account(
            form.phone.data, form.code.data, this_browser()
        )
    if account_id is None:
        raise codes.WrongCode()
    return account_id


def _open(form: RegisterForm) -> int:
    """The account; a wrong code is refused when its transaction is over, as above."""
    phone, account_id = form.phone.data, None
    chosen = passwords.new_password(phone, form.password.data)
    with transaction():
        if codes.use_code(phone, form.code.data, this_browser(), Purpose.REGISTER):
            account_id = passwords.open_account(phone, form.name.data, chosen)
    if account_id is None:
        raise codes.WrongCode()
    return account_id


def _change_password(person: SignedIn, form: NewPasswordForm) -> None:
    if isinstance(form, PasswordForm):
        passwords.check_own_password(person, form.old.data)
    chosen = passwords.new_password(person.phone, form.password.data)
    with transaction():
        passwords.set_password(person.account_id, chosen)


def _code_page(form: CodeForm) -> ResponseReturnValue:
    """Who registers is asked for the phone only, until a code was sent."""
    registers = isinstance(form, RegisterForm)
    purpose = Purpose.REGISTER if registers else Purpose.LOGIN
    is_sent = session.get("code_for") == purpose or "code" in request.form
    template = f"accounts/{'register' if registers else 'login_by_code'}.html"
    return render_template(template, form=form, is_sent=is_sent), form.status


def _limits(form: LoginForm | CodeForm) -> list[tuple[RateLimit, str]]:
    by_code = isinstance(form, CodeForm)
    return login_limits(form.phone.data or "", by_code=by_code)


def _enter(
    account_id: int, phone: str, target: str | None, *, by_code: bool = False
) -> ResponseReturnValue:
    """Open a session of this browser; the one it had ends."""
    for word in ("code_phone", "code_name", "code_for"):
        session.pop(word, None)
    visitor_id = find_visitor()
    former = find_actor()
    with transaction():
        if former is not None:
            sessions.end_session(former.session_token)
        token = sessions.open_session(account_id, by_code=by_code)
        if visitor_id is not None:
            merge_carts(visitor_id, account_id)
    person = find_session_actor(token)
    login_user(person)
    response = redirect(safe_next(target, home_of(person)), 303)
    remember_browser(response, phone)
    return response
