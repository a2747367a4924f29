// How long until the session starts, by the server's clock: a phone's may be an hour
// off. Hidden in large type, where nothing moves.
const find = () => document.querySelector('[data-starts]');
let ahead = 0;
let ticking = 0;

function tick() {
  window.clearTimeout(ticking);
  const line = find();
  if (!line) return;
  const left = Math.round((Date.parse(line.dataset.starts) - now()) / 1000);
  const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  line.hidden = left <= 0 || left >= 86400;
  line.querySelectorAll('b').forEach((box, place) => {
    box.textContent = String(parts[place]).padStart(2, '0');
  });
  if (left > 0) ticking = window.setTimeout(tick, 1000 - now() % 1000);
}

// performance.now() goes on evenly when somebody corrects the phone's clock.
function now() { return performance.now() + ahead; }

function set(serverNow) { ahead = serverNow - performance.now(); }

// Somebody may have moved the session.
function hear(news) {
  set(news.at_ms);
  const line = find();
  if (line && news.starts_at_ms) line.dataset.starts = new Date(news.starts_at_ms).toISOString();
  tick();
}

if (find() && !document.documentElement.classList.contains('large')) {
  set(Number(find().dataset.now) || Date.now());
  document.addEventListener('room:clock', (event) => hear(event.detail));
  tick();
}
