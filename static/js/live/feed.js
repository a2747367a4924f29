// The room's news, told to this page as events on the document: `room:pin`,
// `room:stock`, `room:chat` … Whoever shows them listens; nobody asks this file.
// Keeps one connection; while there is none it asks for the room's state instead.
const room = document.querySelector('[data-ticket]');
const OVER = ['ended', 'cancelled'];
const ASK_EVERY_MS = 10000;
const LONGEST_PAUSE_MS = 15000;
const MOST_APART_MS = 2000;
const held = new Map();
let source = null;
let misses = 0;
let asking = 0;
let retrying = 0;
let turn = 0;
let clocks = apart();

const hear = {
  // What came before a snapshot is no measure for what comes after it.
  snapshot(news) {
    held.clear();
    setClock(news);
    tell('offers', news.offers);
    hear.pin(news.pin || { seq: 0, product_id: null });
    tell('history', news);
    news.chat.forEach((chat) => tell('chat', chat));
    if ('viewers' in news) tell('viewers', { count: news.viewers });
    if ('likes' in news) tell('likes', { count: news.likes });
    if (news.video) tell('video', news.video);
    hear.state(news);
  },
  state(news) {
    tell('state', news);
    if (OVER.includes(news.state) && !room.hasAttribute('data-host')) leave();
  },
  pin(news) { if (isNewer('pin', news.seq)) tell('pin', news); },
  price(news) { if (isNewer('price' + news.variant_id, news.at_us)) tell('price', news); },
  stock(news) { if (isNewer('stock' + news.variant_id, news.at_us)) tell('stock', news); },
  chats(list) { list.forEach((chat) => tell('chat', chat)); },
};
['chat', 'hide', 'viewers', 'likes', 'video', 'health'].forEach((kind) => {
  hear[kind] = (news) => tell(kind, news);
});

function tell(kind, detail) {
  document.dispatchEvent(new CustomEvent('room:' + kind, { detail }));
}

// News may overtake each other on their way from several servers.
function isNewer(what, stamp) {
  if (stamp < (held.get(what) || 0)) return false;
  held.set(what, stamp);
  return true;
}

async function enter() {
  hangUp();
  const mine = turn;
  try {
    const ticket = await read(room.dataset.ticket);
    if (mine !== turn) return;
    tell('ticket', ticket);
    if (ticket.events_url && window.EventSource) listen(ticket.events_url);
    else ask();
  } catch (error) {
    if (mine === turn) again();
  }
}

function listen(address) {
  const mine = new EventSource(address);
  source = mine;
  mine.onopen = () => { misses = 0; stopAsking(); checkClock(); };
  mine.onerror = () => { if (mine === source) lost(); };
  Object.keys(hear).forEach((kind) => {
    mine.addEventListener(kind, (event) => hear[kind](JSON.parse(event.data)));
  });
}

// The browser comes back by itself from a broken line, with what it heard last. A
// refusal is final: the pass is over, or the server has been away for long.
function lost() {
  misses += 1;
  if (source.readyState !== EventSource.CLOSED && misses < 4) return;
  source.close();
  again();
}

function again() {
  misses += 1;
  if (misses > 1) ask();
  const pause = Math.min(LONGEST_PAUSE_MS, 1000 * Math.pow(2, misses));
  window.clearTimeout(retrying);
  retrying = window.setTimeout(enter, pause * (0.5 + Math.random()));
}

function ask() {
  if (!asking) askAgain();
}

function askAgain() {
  asking = window.setTimeout(askAgain, ASK_EVERY_MS * (0.8 + 0.4 * Math.random()));
  if (document.hidden) return;
  read(room.dataset.stateUrl).then((news) => {
    if (asking) hear.snapshot(news);
  }).catch(() => {});
}

function stopAsking() {
  window.clearTimeout(asking);
  asking = 0;
}

function hangUp() {
  turn += 1;
  window.clearTimeout(retrying);
  if (source) source.close();
  source = null;
}

function leave() {
  stopAsking();
  hangUp();
}

function apart() { return Date.now() - performance.now(); }

function setClock(news) {
  clocks = apart();
  tell('clock', news);
}

// Where performance.now() stands still while a device sleeps, whatever goes by the
// room's clock is late afterwards; and who comes back soon gets no snapshot.
function checkClock() {
  if (document.hidden || Math.abs(apart() - clocks) < MOST_APART_MS) return;
  read(room.dataset.stateUrl).then(setClock).catch(() => {});
}

async function read(address) {
  const answer = await fetch(address, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

if (room) {
  enter();
  document.addEventListener('room:expired', enter);
  document.addEventListener('visibilitychange', checkClock);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', (event) => { if (event.persisted) enter(); });
}
