"""Log in by password or code, log out, register, change the password."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from blueprints.accounts.forms import (
    CodeForm,
    CodeRequestForm,
    LoginForm,
    PasswordForm,
    RegisterForm,
)
from blueprints.buyers import find_visitor, forget_browser
from blueprints.limits import count_attempt, counted_attempt
from blueprints.nouns import accounts as bp
from core.access import SignedIn, find_actor, get_actor, public, signed_in
from core.config import current_settings
from core.database import transaction
from core.i18n import gettext as _
from core.web.addresses import safe_next
from queries.accounts import find_session_actor
from queries.demo.logins import LOGINS
from services.accounts import codes, passwords, sessions
from services.orders.cart import merge_carts
from services.rates import (
    CODE_PER_ADDRESS,
    CODE_PER_PHONE,
    LOGIN_BY_CODE_PER_PHONE,
    LOGIN_PER_ADDRESS,
    LOGIN_PER_PHONE,
)


@bp.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Log in with phone and password."""
    form = LoginForm(data={"next": request.args.get("next", "")})
    phone, password = form.phone.data, form.password.data
    done = counted_attempt(
        form,
        lambda: passwords.check_password(phone, password),
        (LOGIN_PER_PHONE, phone),
        by_address=LOGIN_PER_ADDRESS,
    )
    if done is None:
        logins = LOGINS if current_settings().demo else ()
        page = render_template("accounts/login.html", form=form, logins=logins)
        return page, form.status
    _renew_hash(done.value, password)
    return _enter(done.value, form.next.data)


@bp.route("/login/code", methods=["GET", "POST"])
@public
def login_by_code() -> ResponseReturnValue:
    """Log in with the code that was sent by text message."""
    form = CodeForm(
        data={"next": request.args.get("next"), "phone": session.get("code_phone")}
    )
    done = counted_attempt(
        form,
        lambda: _use_code(form.phone.data, form.code.data),
        (LOGIN_BY_CODE_PER_PHONE, form.phone.data),
        by_address=LOGIN_PER_ADDRESS,
    )
    if done is None:
        return _code_page(form)
    session.pop("code_phone", None)
    return _enter(done.value, form.next.data)


@bp.post("/codes")
@public
def send_code() -> ResponseReturnValue:
    """Send a one-time code; the answer does not tell whether the phone is known."""
    form = CodeRequestForm()
    if not form.validate_on_submit():
        page = CodeForm()
        page.phone.errors = form.phone.errors
        return _code_page(page)
    count_attempt(CODE_PER_ADDRESS, (CODE_PER_PHONE, form.phone.data))
    with transaction():
        codes.send_code(form.phone.data)
    session["code_phone"] = form.phone.data
    flash(_("如果这个手机号注册过，验证码马上就到。"), "info")
    target = safe_next(form.next.data, default="")
    return redirect(url_for("accounts.login_by_code", next=target or None), 303)


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> ResponseReturnValue:
    """Open a buyer's account."""
    form = RegisterForm(data={"next": request.args.get("next", "")})
    done = counted_attempt(form, lambda: _open(form), by_address=LOGIN_PER_ADDRESS)
    if done is None:
        return render_template("accounts/register.html", form=form), form.status
    return _enter(done.value, form.next.data)


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
    """Change the password; every session ends and this one starts anew."""
    form, person = PasswordForm(), get_actor()
    limit = (LOGIN_PER_PHONE, person.phone)
    if counted_attempt(form, lambda: _change_password(person, form), limit) is None:
        return render_template("accounts/password.html", form=form), form.status
    flash(_("密码改好了，其他设备都已退出。"), "ok")
    return _enter(person.account_id, url_for("accounts.me"))


@bp.get("/")
@signed_in
def me() -> ResponseReturnValue:
    """A person's own start: what they can do here."""
    return render_template("accounts/me.html", person=get_actor())


def _renew_hash(account_id: int, password: str) -> None:
    if renewal := passwords.renewed(account_id, password):
        with transaction():
            passwords.keep_renewal(renewal)


def _use_code(phone: str, code: str) -> int:
    """Refused only when the transaction is over: a wrong code counts too."""
    with transaction():
        account_id = codes.use_code(phone, code)
    if account_id is None:
        raise codes.WrongCode()
    return account_id


def _open(form: RegisterForm) -> int:
    phone = form.phone.data
    chosen = passwords.new_password(phone, form.password.data)
    with transaction():
        return passwords.register(phone, form.name.data, chosen).id


def _change_password(person: SignedIn, form: PasswordForm) -> None:
    passwords.check_own_password(person, form.old.data)
    chosen = passwords.new_password(person.phone, form.password.data)
    with transaction():
        passwords.set_password(person.account_id, chosen)


def _code_page(form: CodeForm) -> ResponseReturnValue:
    return render_template("accounts/login_by_code.html", form=form), form.status


def _enter(account_id: int, target: str | None) -> ResponseReturnValue:
    """Open a session of this browser; the one it had ends."""
    visitor_id = find_visitor()
    former = find_actor()
    with transaction():
        if former is not None:
            sessions.end_session(former.session_token)
        token = sessions.open_session(account_id)
        if visitor_id is not None:
            merge_carts(visitor_id, account_id)
    login_user(find_session_actor(token))
    return redirect(safe_next(target, url_for("accounts.me")), 303)
