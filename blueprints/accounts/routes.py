"""Log in by password or code, log out, register, change the password."""

from flask import (
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
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
from blueprints.limits import count_attempt, count_for
from blueprints.nouns import accounts as bp
from core.access import find_actor, get_actor, public, signed_in
from core.database import transaction
from core.i18n import gettext as _
from core.i18n import say
from core.web.addresses import safe_next
from domain.passwords import WeakPassword
from queries.demo.logins import LOGINS
from services.accounts import actors, codes, passwords, sessions
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
    if form.validate_on_submit():
        count_attempt(LOGIN_PER_ADDRESS, (LOGIN_PER_PHONE, form.phone.data))
        try:
            account_id = passwords.check_password(form.phone.data, form.password.data)
        except passwords.WrongLogin as error:
            form.password.errors = [say(error)]
        else:
            _renew_hash(account_id, form.password.data)
            return _enter(account_id, form.next.data)
    return _login_page(form), form.status


@bp.route("/login/code", methods=["GET", "POST"])
@public
def login_by_code() -> ResponseReturnValue:
    """Log in with the code that was sent by text message."""
    form = CodeForm(
        data={"next": request.args.get("next"), "phone": session.get("code_phone")}
    )
    if form.validate_on_submit():
        count_attempt(LOGIN_PER_ADDRESS, (LOGIN_BY_CODE_PER_PHONE, form.phone.data))
        with transaction():
            account_id = codes.use_code(form.phone.data, form.code.data)
        if account_id:
            session.pop("code_phone", None)
            return _enter(account_id, form.next.data)
        form.code.errors = [say(codes.WrongCode())]
    return _code_page(form), form.status


@bp.post("/codes")
@public
def send_code() -> ResponseReturnValue:
    """Send a one-time code; the answer does not tell whether the phone is known."""
    form = CodeRequestForm()
    if not form.validate_on_submit():
        page = CodeForm()
        page.phone.errors = form.phone.errors
        return _code_page(page), form.status
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
    if form.validate_on_submit():
        count_attempt(LOGIN_PER_ADDRESS)
        phone, name = form.phone.data, form.name.data
        try:
            chosen = passwords.new_password(phone, form.password.data)
            with transaction():
                account_id = passwords.register(phone, name, chosen).id
        except WeakPassword as error:
            form.password.errors = [say(error)]
        except passwords.PhoneTaken as error:
            form.phone.errors = [say(error)]
        else:
            return _enter(account_id, form.next.data)
    return render_template("accounts/register.html", form=form), form.status


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
    form = PasswordForm()
    if form.validate_on_submit():
        person = get_actor()
        count_for((LOGIN_PER_PHONE, person.phone))
        try:
            passwords.check_password(person.phone, form.old.data)
            chosen = passwords.new_password(person.phone, form.password.data)
            with transaction():
                passwords.set_password(person.account_id, chosen)
        except passwords.WrongLogin:
            form.old.errors = [_("现在的密码不对，请再输一次。")]
        except WeakPassword as error:
            form.password.errors = [say(error)]
        else:
            flash(_("密码改好了，其他设备都已退出。"), "ok")
            return _enter(person.account_id, url_for("accounts.me"))
    return render_template("accounts/password.html", form=form), form.status


@bp.get("/")
@signed_in
def me() -> ResponseReturnValue:
    """A person's own start: what they can do here."""
    return render_template("accounts/me.html", person=get_actor())


def _renew_hash(account_id: int, password: str) -> None:
    if renewal := passwords.renewed(account_id, password):
        with transaction():
            passwords.keep_renewal(renewal)


def _login_page(form: LoginForm) -> str:
    logins = LOGINS if _in_demo() else ()
    return render_template("accounts/login.html", form=form, logins=logins)


def _code_page(form: CodeForm) -> str:
    return render_template("accounts/login_by_code.html", form=form)


def _in_demo() -> bool:
    return bool(current_app.config["TIANBO"].demo)


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
    login_user(actors.find_session_actor(token))
    return redirect(safe_next(target, url_for("accounts.me")), 303)
