"""What everyone sees: the schedule, and a session's room, in which they talk."""

import re
from typing import Any
from urllib.parse import urljoin

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer, start_buyer
from blueprints.forms import attempt
from blueprints.limits import counted_transaction
from blueprints.live.forms import ChatForm
from blueprints.live.tickets import find_author, host_author
from blueprints.nouns import live as bp
from core.access import NOBODY, Actor, find_actor, public
from core.clock import millis, now
from core.config import current_settings
from core.errors import NotFound, TooMany
from core.pages.paging import page_number
from core.pages.pictures import qr_svg
from core.web.error_pages import wants_json
from core.web.page_cache import kept_page
from core.web.requests import client_address
from domain.live import Platform, SessionState
from domain.live_chat import RoomTooLoud
from domain.live_replay import clock_of
from queries.live import cards, replays, rooms
from queries.live.runners import runners_of
from services import rates
from services.live import chat
from services.rates import NEW_SPEAKERS_PER_ADDRESS, TALK_PER_ADDRESS

NUMBER = re.compile(r"[0-9]{1,9}")
FRESH_FOR_S = 1

bp.add_app_template_filter(clock_of)
bp.add_app_template_global(Platform, "Platform")
bp.add_app_template_global(SessionState, "SessionState")


@bp.get("/live")
@public
@kept_page
def index() -> ResponseReturnValue:
    """Running, coming and past sessions."""
    return render_template(
        "live/index.html",
        on_air=cards.sessions_on_air(),
        to_come=cards.sessions_to_come(12),
        past=cards.sessions_past(page_number(request.args.get("page"))),
        day_heading=cards.day_heading,
    )


@bp.get("/live/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """A session's page; what it says of price and stock is what the shop has."""
    return _room_page(slug, ChatForm())


@bp.post("/live/<slug>/messages")
@public
def say(slug: str) -> ResponseReturnValue:
    """Say something in a running session; what is refused stays in the form."""
    session_id = rooms.get_session(slug).id
    form = ChatForm()
    said = attempt(
        form,
        lambda: chat.say(
            _speaker(),
            session_id,
            form.text.data or "",
            name=form.name.data or "",
            known_as=_own_name(),
        ),
        within=lambda: counted_transaction(TALK_PER_ADDRESS),
    )
    if form.refused and wants_json():
        raise form.refused
    if said is None:
        return _room_page(slug, form)
    if wants_json():
        return jsonify(said.value.to_json()), 201
    return redirect(url_for("live.show", slug=slug, _anchor="side"), 303)


@bp.get("/live/<slug>/replay")
@public
def replay(slug: str) -> ResponseReturnValue:
    """The recording itself; `at` is a pin's number and leads to its second."""
    found = replays.replay_of(rooms.get_session(slug))
    if found is None:
        raise NotFound()
    chapter = found.find_chapter(_pin_number())
    return redirect(f"{found.url}#t={chapter.at_s}" if chapter else found.url, 303)


@bp.get("/live/<slug>/state")
@public
def state(slug: str) -> ResponseReturnValue:
    """The room as it is: state, pin, offers and talk, without viewers and video.

    `at_ms` is the moment before it was read.
    """
    at = now()
    room = rooms.get_room(NOBODY, slug)
    response = jsonify({"at_ms": millis(at), **_state_of(room)})
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_FOR_S
    return response


def room_context(room: rooms.Room) -> dict[str, Any]:
    """What the page of a room and its host's console both show."""
    replay = replays.replay_of(room.session)
    return {
        "room": room,
        "session": room.session,
        "moments": rooms.timeline(room.session.id),
        "host_author": host_author(room.session),
        "replay": replay,
        "is_replay_coming": replay is None and replays.is_replay_coming(room.session),
        "is_replay_late": replay is None and replays.is_replay_late(room.session),
        "now_ms": millis(now()),
    }


def _room_page(slug: str, form: ChatForm) -> ResponseReturnValue:
    room = rooms.get_room(find_actor() or NOBODY, slug)
    page = urljoin(current_settings().public_url, url_for("live.show", slug=slug))
    text = render_template(
        "live/show.html",
        **room_context(room),
        code=qr_svg(room.session.room_url or page),
        chat_form=form,
        me=find_author(room.session.id),
        ticket_url=url_for("live.ticket", slug=slug),
    )
    response = make_response(text, form.status)
    if isinstance(form.refused, TooMany):
        response.headers["Retry-After"] = str(form.refused.retry_after_s)
    return response


def _speaker() -> Actor:
    """Who speaks; a browser that says its first line is counted more closely.

    Each request without a cookie is somebody new, whom the host has not muted yet.
    Raises RoomTooLoud.
    """
    if find_buyer() is None:
        wait_s = rates.count(NEW_SPEAKERS_PER_ADDRESS, client_address())
        if wait_s:
            raise RoomTooLoud(retry_after_s=wait_s)
    return start_buyer()


def _own_name() -> str | None:
    actor = find_actor()
    return actor.name if actor else None


def _pin_number() -> int:
    """The number in the address; 0, which is before every pin, for what is none."""
    text = request.args.get("at", "")
    return int(text) if NUMBER.fullmatch(text) else 0


def _state_of(room: rooms.Room) -> dict[str, Any]:
    view = room.view
    pin = {"seq": view.pin_seq, "product_id": view.pinned_product_id}
    return {
        "state": room.session.state,
        "starts_at_ms": millis(room.session.starts_at),
        "key": room.session.stream_key,
        "runners": runners_of(room.session.id),
        "pin": None if view.pin_seq is None else pin,
        "offers": [
            {
                "product_id": offer.product_id,
                "listed": offer.is_listed,
                "boxes": [
                    {
                        "variant_id": box.variant_id,
                        "price_fen": box.price_fen,
                        "stock": box.stock,
                    }
                    for box in offer.boxes
                ],
            }
            for offer in room.offers
        ],
        "chat": [line.to_json() for line in room.chat],
    }
