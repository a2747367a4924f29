// The host's console without reloads, so that the camera stays on: forms are sent in
// the background, and the parts marked [data-fresh] are taken from the answer.
const PAUSE_MS = 1500;
const AGAIN_MS = 5000;
const trouble = document.querySelector('[data-trouble]');
let waiting = 0;
let turn = 0;

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches('[data-quiet]')) return;
  event.preventDefault();
  send(form).catch(() => complain(trouble.dataset.failed)).then(() => {
    form.removeAttribute('aria-busy');
  });
});

async function send(form) {
  const mine = turn += 1;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: 'POST', body });
  const page = await read(answer);
  if (answer.redirected && page.querySelector('.gate')) window.location.reload();
  if (mine !== turn) return;
  const reason = page.querySelector('main [role=alert], .lost h1 + p');
  complain(answer.ok || !reason ? '' : reason.textContent.trim());
  if (answer.ok) {
    forget();
    replace(page);
  } else {
    refresh();
  }
}

async function read(answer) {
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

function replace(page) {
  document.querySelectorAll('[data-fresh]').forEach((old) => {
    const fresh = page.getElementById(old.id);
    if (!fresh || fresh.isEqualNode(old)) return;
    const focused = old.contains(document.activeElement)
      && document.activeElement.getAttribute('data-key');
    old.replaceWith(document.importNode(fresh, true));
    if (focused) focus(focused);
  });
  document.dispatchEvent(new CustomEvent('console:fresh'));
}

// What an act of before had to say.
function forget() {
  document.querySelectorAll('.flashes').forEach((notes) => notes.remove());
}

function focus(key) {
  const again = document.querySelector(`[data-key="${key}"]`);
  if (again) again.focus({ preventScroll: true });
}

function complain(words) {
  trouble.hidden = !words;
  trouble.querySelector('[data-words]').textContent = words;
}

function refresh() { refreshIn(PAUSE_MS); }

function refreshIn(pause) {
  if (waiting) return;
  waiting = window.setTimeout(() => {
    waiting = 0;
    reread().catch(() => refreshIn(AGAIN_MS));
  }, pause);
}

async function reread() {
  const mine = turn;
  const answer = await fetch(window.location.href);
  if (answer.status >= 500) throw new Error(String(answer.status));
  const page = await read(answer);
  if (mine === turn) replace(page);
}

if (trouble) {
  ['stock', 'price', 'pin', 'state'].forEach((kind) => {
    document.addEventListener('room:' + kind, refresh);
  });
}
