"""Ledger entries and accounts in words a reader knows."""

from core.errors import N_
from core.i18n import gettext as _
from domain.ledger.legs import EntryKind
from domain.shares import PartyKind
from queries.income.orders import PostingRow

ENTRIES = {
    EntryKind.PAID: N_("买家付款"),
    EntryKind.FEE: N_("支付手续费"),
    EntryKind.FEE_BORNE: N_("手续费由谁承担"),
    EntryKind.AVAILABLE: N_("款项可以提取"),
    EntryKind.BANK_TRANSFER: N_("银行转账到账"),
    EntryKind.CASH_COLLECTED: N_("货到代收"),
    EntryKind.CASH_REMITTED: N_("代收款上交"),
    EntryKind.DELIVERED: N_("送达分账"),
    EntryKind.MEMBERS_ASSIGNED: N_("农户份额分到户"),
    EntryKind.REFUND: N_("退款"),
    EntryKind.REFUND_UNDELIVERED: N_("送达前退款"),
    EntryKind.LATE_PAYMENT: N_("超时付款退回"),
    EntryKind.COMPENSATION: N_("损坏赔付"),
    EntryKind.REFUND_DONE: N_("退款到账"),
    EntryKind.REFUND_FAILED: N_("退款没成功，冲回"),
    EntryKind.TO_BANK: N_("提到银行"),
    EntryKind.PAYOUT_BATCH: N_("发放批次"),
    EntryKind.PAYOUT_CONFIRMED: N_("发放到账"),
    EntryKind.PAYOUT_RETURNED: N_("发放退回"),
    EntryKind.VILLAGE_INCOME: N_("村集体收入"),
}

ACCOUNTS = {
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


def entry_words(kind: str) -> str:
    """What an entry records."""
    known = {str(entry): text for entry, text in ENTRIES.items()}
    return _(known[kind]) if kind in known else kind


def account_words(posting: PostingRow) -> str:
    """An account's name, with the family's where the reader may know it."""
    known = {str(kind): text for kind, text in ACCOUNTS.items()}
    kind = posting.account_kind
    name = _(known[kind]) if kind in known else kind
    return f"{name} {posting.farmer}" if posting.farmer else name
