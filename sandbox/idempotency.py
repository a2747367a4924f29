"""Idempotency keys (https://docs.stripe.com/api/idempotent_requests)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandbox.errors import InvalidParameter, StripeError

LIFETIME_S = 86_400
_MAX_LENGTH = 255


@dataclass
class Answer:
    """A response: HTTP status, JSON body and the id of the request it answered."""

    status: int
    body: dict[str, Any]
    request_id: str


@dataclass
class _Use:
    path: str
    fingerprint: str
    used_at: int
    answer: Answer | None = None


class IdempotencyKeys:
    """The keys of one account and what was answered to each."""

    def __init__(self) -> None:
        self._uses: dict[str, _Use] = {}

    def begin(
        self, key: str, *, path: str, params: dict[str, Any], now: int
    ) -> Answer | None:
        """Claim `key`; return the saved answer when this request came before.

        Raises StripeError: 400 when path or parameters differ, 409 while the first
        request is still being worked on.
        """
        if len(key) > _MAX_LENGTH:
            message = "Idempotency keys can be at most 255 characters long."
            raise InvalidParameter(message, param="Idempotency-Key")
        use = self._uses.get(key)
        if use is None or use.used_at + LIFETIME_S <= now:
            self._uses[key] = _Use(path, _fingerprint(params), now)
            return None
        _refuse_other_request(key, use, path, params)
        if use.answer is None:
            raise _in_use(key)
        return use.answer

    def keep(self, key: str, answer: Answer) -> None:
        """Save the answer to the request that claimed `key`."""
        if key in self._uses:
            self._uses[key].answer = answer

    def release(self, key: str) -> None:
        """Forget a claim without an answer: the request never came to do its work."""
        use = self._uses.get(key)
        if use is not None and use.answer is None:
            del self._uses[key]

    def dump(self) -> dict[str, dict[str, Any]]:
        """Answered keys as JSON-ready dictionaries."""
        return {
            key: {
                "path": use.path,
                "fingerprint": use.fingerprint,
                "used_at": use.used_at,
                "answer": vars(use.answer),
            }
            for key, use in self._uses.items()
            if use.answer is not None
        }

    def load(self, dumped: dict[str, dict[str, Any]]) -> None:
        """Restore what `dump` gave."""
        for key, use in dumped.items():
            answer = Answer(**use["answer"])
            self._uses[key] = _Use(**(use | {"answer": answer}))


def _fingerprint(params: dict[str, Any]) -> str:
    canonical = json.dumps(params, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _refuse_other_request(
    key: str, use: _Use, path: str, params: dict[str, Any]
) -> None:
    advice = (
        f"Try using a key other than '{key}' if you meant to execute a different "
        "request."
    )
    if use.path != path:
        message = (
            "Keys for idempotent requests can only be used for the same endpoint they "
            f"were first used for ('{path}' vs '{use.path}'). {advice}"
        )
        raise StripeError(400, message, kind="idempotency_error")
    if use.fingerprint != _fingerprint(params):
        message = (
            "Keys for idempotent requests can only be used with the same parameters "
            f"they were first used with. {advice}"
        )
        raise StripeError(400, message, kind="idempotency_error")


def _in_use(key: str) -> StripeError:
    message = (
        "There is currently another in-progress request using this Idempotent Key "
        "(that probably means you submitted twice, and the other request is still "
        f"going through): {key}. Please try again later."
    )
    return StripeError(
        409, message, kind="idempotency_error", code="idempotency_key_in_use"
    )
