"""A room on small screens and in plain browsers: nothing lies over anything."""

from playwright.sync_api import Locator, Page, expect

from core.access import Actor
from services.live import chat
from tests.e2e.live.rooms import Arrange, NewVisitor, Room, chat_of, enter, say
from tests.e2e.steps import log_in
from tests.support.factories import Person

SHOW = "part => { part.hidden = false; }"
BOX = "part => part.getBoundingClientRect().toJSON()"


def chat_long(arrange: Arrange, room: Room, lines: int) -> None:
    """Let people have said so much that one sees the end only."""
    for turn in range(lines):
        with arrange():
            words = f"第 {turn} 句：薯粉不粉，甜不甜？"
            chat.say(Actor(visitor_id=turn + 1), room.id, words)


def small(page: Page) -> Page:
    """The smallest phone that is still sold."""
    page.set_viewport_size({"width": 320, "height": 640})
    return page


def lie_over_each_other(one: Locator, other: Locator) -> bool:
    """Whether two parts of the page share some of the screen."""
    first, second = one.evaluate(BOX), other.evaluate(BOX)
    is_beside = first["right"] <= second["left"] or second["right"] <= first["left"]
    is_above = first["bottom"] <= second["top"] or second["bottom"] <= first["top"]
    return not (is_beside or is_above)


def test_on_a_small_phone_words_leave_the_buttons_free(
    new_visitor: NewVisitor, arrange: Arrange, room: Room
) -> None:
    chat_long(arrange, room, 8)
    guest = small(enter(new_visitor(), room))
    title = guest.get_by_role("heading", level=1)
    guest.locator("[data-play]").evaluate(SHOW)

    assert not lie_over_each_other(guest.locator("[data-play]"), title)
    guest.locator("[data-play]").evaluate("part => { part.hidden = true; }")
    tools = guest.locator("[data-tools]")
    tools.evaluate(SHOW)
    for part in (title, guest.locator(".chat"), guest.locator(".pin")):
        assert not lie_over_each_other(tools, part)
    expect(guest.locator(".dock")).to_be_in_viewport(ratio=1)


def test_typing_leaves_the_picture_where_it_is(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)

    guest.get_by_label("问问主播").click()
    guest.keyboard.type("粉不粉？")

    assert guest.evaluate("window.scrollY") == 0
    assert guest.locator(".stage").evaluate("stage => stage.scrollTop") == 0


def test_one_long_line_leaves_room_for_others(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)

    say(guest, "能不能寄到聊城我家里" * 12)

    line = guest.locator(".chat li")
    expect(line).to_have_count(1)
    heights = line.evaluate(
        "line => [line.clientHeight, parseFloat(getComputedStyle(line).lineHeight)]"
    )
    assert heights[0] < 3.6 * heights[1]


def test_without_script_one_lands_at_ones_own_words(
    new_visitor: NewVisitor, arrange: Arrange, room: Room
) -> None:
    chat_long(arrange, room, 20)
    guest = new_visitor(scripted=False).page
    guest.goto(f"/live/{room.slug}")
    expect(guest.locator("noscript .cap")).to_be_visible()
    guest.get_by_label("想说的话").fill("我也想问一句")

    guest.get_by_role("button", name="发送").last.click()

    expect(chat_of(guest).last).to_contain_text("我也想问一句")
    expect(chat_of(guest).last).to_be_in_viewport(ratio=1)
    expect(chat_of(guest).first).not_to_be_in_viewport()


def test_when_the_last_words_are_taken_out_it_is_silent_again(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    guest = enter(new_visitor(), room)
    expect(guest.get_by_text("还没人说话")).to_be_visible()
    say(guest, "头一句")
    expect(guest.get_by_text("还没人说话")).to_be_hidden()
    host = log_in(new_visitor(width=1440).page, member)
    host.goto(f"/studio/sessions/{room.id}/console")

    host.get_by_role("button", name="撤掉").click()

    expect(guest.get_by_text("还没人说话")).to_be_visible()
    expect(host.get_by_text("还没人说话")).to_be_visible()


def test_what_the_room_is_about_unfolds_visibly(
    new_visitor: NewVisitor, room: Room
) -> None:
    guest = enter(new_visitor(), room)
    fold = guest.locator("summary").filter(has_text="这场直播")
    assert fold.evaluate("fold => getComputedStyle(fold).display") == "list-item"
