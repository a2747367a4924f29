"""The host's console: what one must know while the room is on air."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.live.house import LiveHouse
from tests.e2e.live.rooms import NewVisitor, Room
from tests.e2e.steps import log_in
from tests.support.factories import Person

PATIENCE_MS = 30_000
LOST = "观众现在看不到画面"
COME_BACK = "30 秒内回来"


def open_console(page: Page, session_id: int) -> Page:
    """Open the console of a session."""
    page.goto(f"/studio/sessions/{session_id}/console")
    return page


def health_says(page: Page, words: str) -> None:
    """Among what may be said of the stream, this is shown."""
    health = page.get_by_role("region", name="画面好不好")
    expect(health.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)


def alarm_of(page: Page) -> Locator:
    """The bar over the console while nobody sees anything."""
    return page.get_by_role("alert").filter(has_text=LOST)


def it_alarms(page: Page) -> None:
    """The bar is there, and in sight."""
    expect(alarm_of(page)).to_be_in_viewport(timeout=PATIENCE_MS)


def it_is_calm(page: Page) -> None:
    """Pictures come, and no bar says otherwise."""
    health_says(page, "画面和声音都正常")
    expect(alarm_of(page)).to_have_count(0)


def test_on_air_without_a_picture_alarms_until_there_is_one(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = open_console(log_in(new_visitor().page, member), room.id)
    it_alarms(host)

    alarm_of(host).get_by_role("button", name="打开镜头").click()

    it_is_calm(host)
    open_console(host, room.id)
    it_alarms(host)


def test_while_the_host_is_awaited_the_words_stay(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = open_console(log_in(new_visitor().page, member), room.id)
    host.get_by_role("button", name="打开镜头").last.click()
    it_is_calm(host)

    host.get_by_role("button", name="关掉镜头").click()

    it_alarms(host)
    health_says(host, COME_BACK)
    host.wait_for_timeout(8_000)  # longer than silence is borne while a picture flows
    health_says(host, COME_BACK)
    expect(alarm_of(host).get_by_text(COME_BACK)).to_be_visible()


def test_a_rehearsal_does_not_look_like_being_on_air(
    new_visitor: NewVisitor,
    member: Person,
    planned: Room,
) -> None:
    host = open_console(log_in(new_visitor().page, member), planned.id)
    host.get_by_role("button", name="打开镜头").click()
    it_is_calm(host)
    expect(host.get_by_text("试画面", exact=True)).to_be_visible()
    expect(host.get_by_text("正在送画面")).to_be_hidden()

    host.get_by_role("button", name="开播").click()

    expect(host.get_by_text("正在送画面")).to_be_visible()
    expect(host.get_by_text("试画面", exact=True)).to_be_hidden()
    expect(alarm_of(host)).to_have_count(0)
    host.get_by_role("button", name="关掉镜头").click()
    it_alarms(host)


def test_with_the_media_server_away_the_host_is_told(
    new_visitor: NewVisitor, live_server: LiveHouse, room: Room, member: Person
) -> None:
    visitor = new_visitor()
    host = open_console(log_in(visitor.page, member), room.id)
    host.get_by_role("button", name="打开镜头").last.click()
    it_is_calm(host)

    live_server.kill("media")

    it_alarms(host)
    expect(alarm_of(host).get_by_text("正在接回来")).to_be_visible()
    live_server.start_media()
    it_is_calm(host)
    visitor.faults.clear()  # the browser's own words for a server that is away


def test_what_cannot_be_recorded_is_told(
    new_visitor: NewVisitor, live_server: LiveHouse, room: Room, member: Person
) -> None:
    """Viewers are not: they see the picture."""
    place = live_server.instance / "media" / room.slug
    place.parent.mkdir(exist_ok=True)
    place.write_text("no folder can be made here")
    host = open_console(log_in(new_visitor().page, member), room.id)

    host.get_by_role("button", name="打开镜头").last.click()

    health_says(host, "现在录不下来")
    expect(alarm_of(host)).to_have_count(0)


def test_on_a_phone_the_picture_comes_first_and_tall(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = open_console(log_in(new_visitor().page, member), room.id)

    picture = host.locator(".phone").bounding_box()

    assert picture is not None
    assert picture["height"] > 1.6 * picture["width"]
    tops = [
        host.get_by_role("region", name=name).bounding_box()["y"]  # type: ignore[index]
        for name in ("我的画面", "画面好不好", "讲哪个，点哪个", "观众在说", "时间线")
    ]
    assert tops == sorted(tops)
    assert tops[0] < 2 * 844 / 3
    note = host.locator(".phone .cap").first
    assert note.evaluate("note => getComputedStyle(note).color") == "rgb(255, 255, 255)"
