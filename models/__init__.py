"""Tables, constraints and the transitions of one aggregate. Import models from here."""

from models.accounts import (
    Account,
    AccountSession,
    OneTimeCode,
    RateCounter,
    RoleGrant,
    Visitor,
)
from models.alliances import (
    Alliance,
    AllianceCooperative,
    AllianceMember,
    Brand,
    Town,
    Village,
)
from models.catalogue import (
    BatchDelivery,
    HarvestBatch,
    Product,
    ProductPhoto,
    ProductVersion,
    Variant,
)
from models.cooperative import Cooperative, Farmer, FreightPolicy, SplitPolicy
from models.history import StateChange
from models.income import Employment, IncomeVoucher
from models.ledger import JournalEntry, LedgerAccount, Posting
from models.live import LineUpItem, LiveEvent, LiveRecording, LiveSession
from models.orders import (
    Cart,
    CartItem,
    Checkout,
    Order,
    OrderAccess,
    OrderLine,
    Shipment,
    StockReservation,
)
from models.outbox import Job, SentMessage
from models.payments import (
    Payment,
    PaymentAccount,
    Refund,
    RefundLine,
    WebhookEvent,
)
from models.training import Certificate, TrainingRecord

__all__ = [
    "Account",
    "AccountSession",
    "Alliance",
    "AllianceCooperative",
    "AllianceMember",
    "BatchDelivery",
    "Brand",
    "Cart",
    "CartItem",
    "Certificate",
    "Checkout",
    "Cooperative",
    "Employment",
    "Farmer",
    "FreightPolicy",
    "HarvestBatch",
    "IncomeVoucher",
    "Job",
    "JournalEntry",
    "LedgerAccount",
    "LineUpItem",
    "LiveEvent",
    "LiveRecording",
    "LiveSession",
    "OneTimeCode",
    "Order",
    "OrderAccess",
    "OrderLine",
    "Payment",
    "PaymentAccount",
    "Posting",
    "Product",
    "ProductPhoto",
    "ProductVersion",
    "RateCounter",
    "Refund",
    "RefundLine",
    "RoleGrant",
    "SentMessage",
    "Shipment",
    "SplitPolicy",
    "StateChange",
    "StockReservation",
    "Town",
    "TrainingRecord",
    "Variant",
    "Village",
    "Visitor",
    "WebhookEvent",
]
