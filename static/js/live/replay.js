// The replay: chapters jump without a reload, and the card below the picture shows
// what is being talked about. Without this file a chapter is a link to its second.
const tape = document.querySelector('[data-tape]');
const links = Array.from(document.querySelectorAll('[data-at]'));
let current = null;

function secondOf(link) { return Number(link.dataset.at); }

function follow() {
  const passed = links.filter((link) => secondOf(link) <= tape.currentTime + 0.3);
  const now = passed[passed.length - 1] || null;
  if (now === current) return;
  current = now;
  links.forEach((link) => {
    if (link === now) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
  const detail = now
    ? { seq: Number(now.dataset.seq), product_id: Number(now.dataset.chapter) || null }
    : { seq: 0, product_id: null };
  document.dispatchEvent(new CustomEvent('room:pin', { detail }));
}

function jump(event) {
  const link = event.target.closest('[data-at]');
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  go(secondOf(link));
  tape.play().catch(() => {});
  window.history.replaceState(null, '', link.href);
  tape.scrollIntoView({ block: 'nearest' });
}

function go(second) {
  if (tape.readyState > 0) tape.currentTime = second;
  else tape.addEventListener('loadedmetadata', () => go(second), { once: true });
}

// #t=75 in the address, as others write such links.
function fromAddress() {
  const found = /[#&]t=(\d+)/.exec(window.location.hash);
  if (found) go(Number(found[1]));
}

if (tape) {
  document.addEventListener('click', jump);
  ['timeupdate', 'seeked', 'loadedmetadata'].forEach((kind) => {
    tape.addEventListener(kind, follow);
  });
  window.addEventListener('hashchange', fromAddress);
  fromAddress();
}
