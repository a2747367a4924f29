"""Which payment account stands behind an order, its secrets sealed at rest."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from flask import has_request_context
from sqlalchemy import select

from core.config import current_settings
from core.database import db
from core.errors import NotFound
from integrations.gateway import Gateway, PaymentNotSetUp
from models.cooperative import Cooperative
from models.payments import PaymentAccount

STRIPE = "stripe"
DEFAULT = "default"


@dataclass(frozen=True)
class Merchant:
    """A payment account as webhooks name it; cooperative_id None for the default."""

    gateway: Gateway
    cooperative_id: int | None


def gateway_for(cooperative_id: int) -> Gateway:
    """The cooperative's own account, else the default one.

    Raises PaymentNotSetUp when there is neither.
    """
    account = db.session.scalar(
        select(PaymentAccount).where(
            PaymentAccount.cooperative_id == cooperative_id,
            PaymentAccount.provider == STRIPE,
        )
    )
    return _own(account) if account else _default()


def get_merchant(name: str) -> Merchant:
    """The account a webhook address names: `default` or a cooperative's slug.

    Raises NotFound for any other name.
    """
    if name == DEFAULT:
        return Merchant(_default(), None)
    account = db.session.scalar(
        select(PaymentAccount)
        .join(Cooperative, Cooperative.id == PaymentAccount.cooperative_id)
        .where(Cooperative.slug == name, PaymentAccount.provider == STRIPE)
    )
    if account is None:
        raise NotFound()
    return Merchant(_own(account), account.cooperative_id)


def _own(account: PaymentAccount) -> Gateway:
    try:
        return _stripe(unseal(account.secret_key), unseal(account.webhook_secret))
    except InvalidToken as error:
        raise PaymentNotSetUp() from error


def _default() -> Gateway:
    settings = current_settings()
    if settings.stripe_secret_key is None:
        raise PaymentNotSetUp()
    return _stripe(settings.stripe_secret_key, settings.stripe_webhook_secret)


def _stripe(secret_key: str, webhook_secret: str | None) -> Gateway:
    # `stripe` is slow to load
    from integrations.stripe_gateway import IN_A_JOB, IN_A_PAGE, StripeGateway

    patience = IN_A_PAGE if has_request_context() else IN_A_JOB
    base = current_settings().stripe_api_base
    return StripeGateway(secret_key, webhook_secret, base, patience)


def seal(secret: str) -> str:
    """`secret` as it may stand in the database: only the settings hold the key."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given. Raises InvalidToken under another SECRET_KEY."""
    return _box().decrypt(sealed.encode()).decode()


def _box() -> Fernet:
    material = b"tianbo sealed 1" + current_settings().secret_key.encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(material).digest()))
