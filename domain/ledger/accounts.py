"""The codes of the ledger's accounts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import N_
from domain.shares import Party, PartyKind

_CODE = re.compile(
    r"(?P<owner>coop|village):(?P<owner_id>[0-9]+)"
    r":(?P<kind>[a-z_]+(?::[a-z]+)?)(?::(?P<id>[0-9]+))?"
)

LABELS: Mapping[str, str] = {
    "stripe_pending": N_("支付平台待结款"),
    "stripe_available": N_("支付平台可提款"),
    "bank": N_("银行存款"),
    "cod_receivable": N_("代收款应收"),
    "order_clearing": N_("订单待送达款"),
    "refund_clearing": N_("退款待付"),
    "payout_clearing": N_("发放在途"),
    "psp_fee": N_("支付手续费"),
    "psp_fee_recovered": N_("手续费已由各方承担"),
    "freight_payable": N_("应付运费"),
    "claim:carrier": N_("应向承运方收的赔付"),
    "claim:platform": N_("应向平台收的赔付"),
    PartyKind.HOST_ALLIANCE: N_("应付联盟"),
    PartyKind.HOST_USER: N_("应付主播"),
    PartyKind.PLATFORM: N_("应付平台"),
    PartyKind.VILLAGE: N_("应付村集体"),
    PartyKind.RESERVE: N_("合作社公积"),
    PartyKind.MEMBER: N_("应付农户"),
    PartyKind.MEMBERS_UNASSIGNED: N_("农户份额（还没分到户）"),
}
"""By kind; Chinese source text."""


@dataclass(frozen=True)
class CoopAccounts:
    """The accounts in one cooperative's books."""

    coop_id: int

    def _code(self, name: str) -> str:
        return f"coop:{self.coop_id}:{name}"

    @property
    def stripe_pending(self) -> str:
        """Paid by buyers, not yet released by the payment service."""
        return self._code("stripe_pending")

    @property
    def stripe_available(self) -> str:
        """Released by the payment service, not yet at the bank."""
        return self._code("stripe_available")

    @property
    def bank(self) -> str:
        """The cooperative's bank account."""
        return self._code("bank")

    @property
    def cod_receivable(self) -> str:
        """Cash collected by carriers and not yet remitted."""
        return self._code("cod_receivable")

    @property
    def order_clearing(self) -> str:
        """Paid by buyers for what has not been delivered."""
        return self._code("order_clearing")

    @property
    def refund_clearing(self) -> str:
        """Granted to buyers and not yet returned to them."""
        return self._code("refund_clearing")

    @property
    def payout_clearing(self) -> str:
        """Sent to the bank for parties and not yet confirmed."""
        return self._code("payout_clearing")

    @property
    def psp_fee(self) -> str:
        """Payment fees charged."""
        return self._code("psp_fee")

    @property
    def psp_fee_recovered(self) -> str:
        """Payment fees that a party bears."""
        return self._code("psp_fee_recovered")

    @property
    def freight_payable(self) -> str:
        """Freight owed to carriers."""
        return self._code("freight_payable")

    def claim(self, bearer: str) -> str:
        """What the carrier or the platform owes for spoiled goods."""
        return self._code(f"claim:{bearer}")

    def party(self, party: Party) -> str:
        """What the cooperative owes a party."""
        suffix = "" if party.id is None else f":{party.id}"
        return self._code(f"{party.kind}{suffix}")


@dataclass(frozen=True)
class VillageAccounts:
    """The accounts in one village collective's books."""

    village_id: int

    @property
    def funds(self) -> str:
        """The collective's money."""
        return f"village:{self.village_id}:funds"

    def income(self, kind: str) -> str:
        """The collective's income of one kind, operating or subsidy."""
        return f"village:{self.village_id}:{kind}_income"


@dataclass(frozen=True)
class AccountFacts:
    """What an account's code says: whose books, what for, and for whom.

    kind: the code's middle, such as "bank", "member" or "host:alliance".
    """

    kind: str
    coop_id: int | None
    village_id: int | None
    party: Party | None

    @property
    def farmer_id(self) -> int | None:
        """The farmer whose account it is, if any."""
        if self.party is None or self.party.kind is not PartyKind.MEMBER:
            return None
        return self.party.id


def account_facts(code: str) -> AccountFacts:
    """Read an account's code. Raises ValueError when it is none."""
    found = _CODE.fullmatch(code)
    if not found:
        raise ValueError(f"not an account: {code}")
    owner_id = int(found["owner_id"])
    kind, owner_id = found["kind"], int(found["owner_id"])
    if found["owner"] == "village":
        return AccountFacts(kind, None, owner_id, None)
    party = _party(kind, found["id"])
    village_id = party.id if party and party.kind is PartyKind.VILLAGE else None
    return AccountFacts(kind, owner_id, village_id, party)


def find_party(code: str) -> Party | None:
    """The party whose account `code` is, or None for any other account."""
    return account_facts(code).party


def _party(kind: str, party_id: str | None) -> Party | None:
    if kind not in frozenset(PartyKind):
        return None
    return Party(PartyKind(kind), int(party_id) if party_id else None)
