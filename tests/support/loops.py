"""Coroutines in tests that are no coroutines."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

Value = TypeVar("Value")


def run_apart(work: Coroutine[Any, Any, Value]) -> Value:
    """What `work` returns, on an event loop of its own.

    On a thread of its own too: where a browser was opened before, the main thread's
    loop counts as running.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, work).result()
