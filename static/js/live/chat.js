// The chat: new lines, one's own words without a reload, hidden lines gone. Lines are
// text and nothing else.
const MOST_LINES = 200;
const MOST_ON_PICTURE = 6;
const SAY_EVERY_MS = 8000;
const TAIL = 50;
const SETTLED_MS = 5000;
const isLarge = document.documentElement.classList.contains('large');
const log = document.querySelector('[data-log]');
const picture = document.querySelector('[data-overlay]');
const drawn = document.querySelector('template[data-line]');
const newer = document.querySelector('[data-newer]');
const ear = document.querySelector('[data-ear]');
const answered = new Map();
let me = log ? log.dataset.me : '';
let saidAt = 0;

function hear(chat) {
  if (log.querySelector(`[data-seq="${chat.seq}"]`)) return;
  const stays = !isLarge && isAtEnd();
  put(log, chat, MOST_LINES);
  if (picture) put(picture, chat, MOST_ON_PICTURE);
  showSilence(false);
  if (stays || chat.author === me) toEnd();
  else newer.hidden = log.scrollHeight <= log.clientHeight;
  readOut(chat);
}

function line(chat) {
  const item = drawn.content.cloneNode(true).querySelector('li');
  item.dataset.seq = chat.seq;
  item.dataset.author = chat.author;
  const isHost = chat.author && chat.author === log.dataset.host;
  if (isHost) item.classList.add('hs');
  else if (chat.author && chat.author === me) item.classList.add('own');
  item.querySelector('b').textContent = isHost ? log.dataset.hostName : chat.name;
  item.querySelector('span').textContent = chat.text;
  item.querySelectorAll('form').forEach((form) => aim(form, chat));
  return item;
}

// The host's buttons: which line, whose.
function aim(form, chat) {
  const address = form.getAttribute('action');
  form.setAttribute('action', address.replace('/0/', `/${chat.seq}/`));
  if (form.elements.author) form.elements.author.value = chat.author;
}

// What was missed may come after what was said later.
function put(list, chat, most) {
  const later = Array.from(list.children).find((item) => seqOf(item) > chat.seq);
  list.insertBefore(line(chat), later || null);
  while (list.children.length > most) list.firstElementChild.remove();
}

function seqOf(item) { return Number(item.dataset.seq); }

function isAtEnd() { return log.scrollHeight - log.scrollTop - log.clientHeight < 60; }

function toEnd() {
  log.scrollTop = log.scrollHeight;
  newer.hidden = true;
}

// Somebody who listens to the page hears a line now and then, not every one.
function readOut(chat) {
  const now = Date.now();
  if (now - saidAt < SAY_EVERY_MS || chat.author === me) return;
  saidAt = now;
  ear.textContent = `${chat.name} ${chat.text}`;
}

function hide(seq) {
  document.querySelectorAll(`[data-seq="${seq}"]`).forEach((item) => item.remove());
  showSilence(!log.children.length);
}

function showSilence(isSilent) {
  document.querySelectorAll('[data-silence]').forEach((note) => { note.hidden = !isSilent; });
}

// What the last lines of the room do not hold was hidden while this page heard nothing.
// Older lines than those may still stand here; one's own of just now may not be there
// yet.
function compare({ chat, at_ms: at }) {
  const seen = new Set(chat.map((one) => one.seq));
  const first = chat.length < TAIL ? 0 : chat[0].seq;
  Array.from(log.children).map(seqOf).forEach((seq) => {
    const isNew = answered.get(seq) > at - SETTLED_MS;
    if (seq >= first && !seen.has(seq) && !isNew) hide(seq);
  });
}

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const headers = { Accept: 'application/json' };
  const answer = await fetch(form.action, { method: 'POST', body, headers });
  const said = await answer.json();
  if (!answer.ok) {
    complain(form, said.message);
    return;
  }
  complain(form, '');
  form.elements.text.value = '';
  me = said.author;
  answered.set(said.seq, said.at_ms);
  hear(said);
  mark();
}

// One's own line may come with the news before its answer says whose it is.
function mark() {
  document.querySelectorAll(`[data-author="${me}"]:not(.hs)`).forEach((item) => {
    item.classList.add('own');
  });
}

function complain(form, words) {
  const place = form.parentNode.querySelector('[data-complaint]');
  place.textContent = words;
  place.hidden = !words;
}

function remember(name) {
  document.querySelectorAll('[data-say] [name=name]').forEach((field) => {
    field.value = name;
  });
}

function close() {
  document.querySelectorAll('[data-while-live]').forEach((part) => { part.hidden = true; });
  document.querySelectorAll('[data-say]').forEach((form) => { form.hidden = true; });
  document.querySelectorAll('[data-closed]').forEach((note) => { note.hidden = false; });
}

function start() {
  log.scrollTop = log.scrollHeight;
  log.addEventListener('scroll', () => { if (isAtEnd()) newer.hidden = true; });
  newer.addEventListener('click', toEnd);
  document.addEventListener('room:history', (event) => compare(event.detail));
  document.addEventListener('room:chat', (event) => hear(event.detail));
  document.addEventListener('room:hide', (event) => hide(event.detail.seq));
  document.addEventListener('room:state', ({ detail }) => {
    if (detail.state === 'ended' || detail.state === 'cancelled') close();
  });
  document.addEventListener('change', ({ target }) => {
    if (target.matches('[data-say] [name=name]')) remember(target.value);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches('[data-say]')) return;
    event.preventDefault();
    send(form).catch(() => complain(form, form.dataset.failed)).then(() => {
      form.removeAttribute('aria-busy');
    });
  });
}

if (log) start();
