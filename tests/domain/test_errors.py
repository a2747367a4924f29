"""Errors: each says one sentence, fills it in, and knows its status."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import domain
from core.errors import Conflict, DomainError, Forbidden, NotFound, TooMany

for module in pkgutil.walk_packages(domain.__path__, "domain."):
    importlib.import_module(module.name)


def below(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for error in base.__subclasses__():
        if error.__module__.startswith(("core.errors", "domain.")):
            yield error
            yield from below(error)


ERRORS = sorted(set(below(DomainError)), key=str)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_says_a_chinese_sentence(error: type[DomainError]) -> None:
    names = re.findall(r"%\((\w+)\)s", error.message)
    sentence = error.message % dict.fromkeys(names, "x")
    assert re.search("[一-鿿]", sentence)
    assert sentence.endswith("。")
    assert not re.search("[一-鿿][,:;?!]", sentence)
    assert 400 <= error.status < 600


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))


def test_params_fill_the_sentence() -> None:
    error = TooMany(retry_after_s=30)
    assert "30 秒" in error.text
    assert str(error) == error.text
    assert (error.status, error.retry_after_s) == (429, 30)


def test_statuses_are_those_of_the_contract() -> None:
    assert (NotFound.status, Forbidden.status, Conflict.status) == (404, 403, 409)
