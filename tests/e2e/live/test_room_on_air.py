"""One hosts from a camera, one watches and buys, one sees the replay."""

import re

from playwright.sync_api import Dialog, Locator, Page, expect

from tests.e2e.live.house import LiveHouse
from tests.e2e.live.rooms import NewVisitor, Room
from tests.e2e.steps import log_in, until
from tests.support.factories import Person

PATIENCE_MS = 20_000
SWEET_POTATO_MS = 4_000
KEEP_CALLS = """Math.random = () => 0;
window.calls = [];
window.WebSocket = class extends WebSocket {
  constructor(address) { super(address); window.calls.push(performance.now()); }
};"""
KEEP_WORDS = """() => {
  const panel = document.querySelector('[data-camera]');
  window.words = [];
  new MutationObserver(() => window.words.push(panel.dataset.camera))
    .observe(panel, { attributeFilter: ['data-camera'] });
}"""
KEEP_LOCKS = """window.locks = [];
Object.defineProperty(navigator, 'wakeLock', { value: { async request() {
  const lock = { released: false, release() { lock.released = true; } };
  window.locks.push(lock);
  return lock;
} } });"""
COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
PAUSES_MS = 300 + 600 + 1_200 + 2_400


def open_camera(page: Page, room: Room) -> None:
    """Open the console and send the phone's picture."""
    page.goto(f"/studio/sessions/{room.id}/console")
    camera_panel(page).get_by_role("button", name="打开镜头").click()
    expect(page.get_by_text("画面在往外送")).to_be_visible()
    health = page.get_by_role("region", name="画面好不好")
    fine = health.get_by_text("画面和声音都正常")
    expect(fine).to_be_visible(timeout=PATIENCE_MS)


def camera_panel(page: Page) -> Locator:
    """The part of the console that sends the phone's picture."""
    return page.get_by_role("region", name="我的画面")


def watch(page: Page, room: Room) -> Locator:
    """Enter the room and tap play; the picture moves."""
    page.goto(f"/live/{room.slug}")
    page.get_by_role("button", name="点开看直播").click()
    screen = page.get_by_label("直播画面").locator("video")
    it_plays(screen)
    return screen


def it_plays(screen: Locator) -> None:
    """The picture goes on from where it is now."""
    reached = screen.evaluate("screen => screen.currentTime")
    screen.page.wait_for_function(
        "([screen, reached]) => screen.videoWidth && screen.currentTime > reached + 1",
        arg=[screen.element_handle(), reached],
        timeout=PATIENCE_MS,
    )


def test_from_the_camera_to_the_replays_chapter(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = log_in(new_visitor().page, member)
    open_camera(host, room)
    guest = new_visitor().page
    screen = watch(guest, room)

    guest.get_by_label("问问主播").fill("薯粉不粉？")
    guest.get_by_role("button", name="发送").first.click()
    expect(host.get_by_role("list", name="聊天记录")).to_contain_text("薯粉不粉？")
    host.wait_for_timeout(SWEET_POTATO_MS)
    host.get_by_role("button", name=re.compile("^讲这个.*苗山大姜")).click()
    guest.get_by_role("button", name="马上买 苗山大姜").click()
    expect(guest.get_by_text("苗山大姜 放进小黄车了")).to_be_visible()
    it_plays(screen)
    expect(host.get_by_text("画面在往外送")).to_be_visible()

    host.get_by_role("button", name="结束直播").click()
    host.get_by_role("button", name="确定结束").click()
    expect(guest.get_by_text("播完了，喜欢的还能接着买。")).to_be_visible()
    expect(guest.get_by_label("问问主播")).to_be_hidden()
    expect(guest.get_by_role("button", name="点个赞")).to_be_hidden()
    expect(guest.get_by_text("直播中")).to_be_hidden()
    expect(guest.get_by_text("已结束")).to_be_visible()

    later = new_visitor().page
    later.goto(f"/live/{room.slug}")
    until(later, later.get_by_role("list", name="回放章节"))
    the_chapters_lead_to_their_seconds(later)
    the_links_work_without_script(later, new_visitor(scripted=False).page)


def test_who_is_sending_is_asked_before_the_page_goes(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = log_in(new_visitor().page, member)
    open_camera(host, room)
    breadcrumb = host.get_by_role("main").get_by_role("link", name="直播", exact=True)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    host.once("dialog", stay)
    breadcrumb.click()
    expect(host.get_by_text("画面在往外送")).to_be_visible()
    assert asked == ["beforeunload"]
    camera_panel(host).get_by_role("button", name="关掉镜头").click()
    breadcrumb.click()
    expect(host).to_have_url(re.compile("/studio/sessions$"))


def the_chapters_lead_to_their_seconds(page: Page) -> None:
    """Tapping a chapter jumps there, and shows what is talked about."""
    chapters = page.get_by_role("list", name="回放章节").get_by_role("link")
    expect(chapters).to_contain_text(["蜜薯", "苗山大姜"])
    second = int(chapters.last.get_attribute("data-at") or 0)
    assert second > 3

    chapters.last.click()

    tape = page.locator("[data-tape]")
    page.wait_for_function(
        "([tape, second]) => tape.currentTime >= second && !tape.seeking",
        arg=[tape.element_handle(), second],
        timeout=2_000,
    )
    expect(page.get_by_role("article").get_by_role("heading")).to_have_text("苗山大姜")
    expect(chapters.last).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"\?at=\d+$"))


def the_links_work_without_script(page: Page, plain: Page) -> None:
    """The same address lands on the same second where no script runs."""
    last = page.get_by_role("list", name="回放章节").get_by_role("link").last
    second = last.get_attribute("data-at")
    plain.goto(page.url)
    tape = plain.locator("[data-tape]")
    expect(tape).to_have_attribute("src", re.compile(f"replay.mp4#t={second}$"))
    expect(plain.get_by_role("article").get_by_role("heading")).to_have_text("苗山大姜")


def test_a_lost_picture_comes_back_by_itself(
    new_visitor: NewVisitor, live_server: LiveHouse, room: Room, member: Person
) -> None:
    hosting, watching = new_visitor(), new_visitor()
    host = log_in(hosting.page, member)
    open_camera(host, room)
    guest = watching.page
    screen = watch(guest, room)

    live_server.kill("media")
    expect(host.get_by_text("网断了一下")).to_be_visible(timeout=PATIENCE_MS)
    live_server.start_media()

    expect(host.get_by_text("画面在往外送")).to_be_visible(timeout=PATIENCE_MS)
    expect(guest.get_by_text("信号断了")).to_be_hidden(timeout=2 * PATIENCE_MS)
    it_plays(screen)
    host.get_by_role("button", name="关掉镜头").click()
    expect(guest.get_by_text("信号断了，正在等主播回来。")).to_be_visible(
        timeout=2 * PATIENCE_MS
    )
    for visitor in (hosting, watching):
        visitor.faults.clear()  # the browser's own words for a server that is away


def test_a_second_camera_asks_ever_more_seldom(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    first = log_in(new_visitor().page, member)
    open_camera(first, room)
    second = log_in(new_visitor().page, member)
    second.add_init_script(KEEP_CALLS)
    second.goto(f"/studio/sessions/{room.id}/console")
    second.evaluate(KEEP_WORDS)

    camera_panel(second).get_by_role("button", name="打开镜头").click()

    second.wait_for_function("() => window.calls.length > 4", timeout=PATIENCE_MS)
    calls = second.evaluate("window.calls")
    assert calls[4] - calls[0] >= PAUSES_MS - len(calls)
    expect(second.get_by_text("已经有别的设备在推这一场了")).to_be_visible()
    assert second.evaluate("window.words").count("sending") == 1
    first.get_by_role("button", name="关掉镜头").click()
    expect(second.get_by_text("画面在往外送")).to_be_visible(timeout=PATIENCE_MS)


def test_the_screen_stays_awake_when_its_host_comes_back(
    new_visitor: NewVisitor, room: Room, member: Person
) -> None:
    host = log_in(new_visitor().page, member)
    host.add_init_script(KEEP_LOCKS)
    open_camera(host, room)
    host.evaluate("window.locks[0].released = true")

    for _ in range(2):
        host.evaluate(COME_BACK)

    host.wait_for_function("() => window.locks.length > 1")
    host.get_by_role("button", name="关掉镜头").click()
    host.evaluate(COME_BACK)
    assert host.evaluate("window.locks.map((lock) => lock.released)") == [True, True]
