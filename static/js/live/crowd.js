// How many are here, and a heart for the host. Hearts fly only where movement is
// welcome.
const form = document.querySelector('[data-like]');
const MOST_AT_ONCE = 5;
const still = document.documentElement.classList.contains('large')
  || window.matchMedia('(prefers-reduced-motion: reduce)').matches;
let address = '';
let known = 0;
let isFirst = true;
let sentAt = 0;

function like() {
  const now = Date.now();
  if (!address || now - sentAt < 300) return;
  sentAt = now;
  show(known + 1);
  fetch(address, { method: 'POST', keepalive: true }).catch(() => {});
}

function show(count) {
  document.querySelectorAll('[data-likes]').forEach((place) => {
    place.textContent = count > 9999 ? '9999+' : String(count);
    place.hidden = !count && place.parentNode === form;
  });
  if (form) fly(Math.min(MOST_AT_ONCE, count - known));
  known = count;
}

function fly(count) {
  if (still || document.hidden) return;
  for (let place = 0; place < count; place += 1) {
    const heart = form.querySelector('svg').cloneNode(true);
    heart.setAttribute('class', 'fly fly-' + Math.ceil(Math.random() * 4));
    heart.addEventListener('animationend', () => heart.remove());
    form.append(heart);
  }
}

document.addEventListener('room:viewers', ({ detail }) => {
  document.querySelectorAll('[data-viewers]').forEach((place) => {
    const count = detail.count.toLocaleString('en-US');
    place.textContent = (place.dataset.viewers || '{n}').replace('{n}', count);
    place.hidden = false;
  });
});

document.addEventListener('room:likes', ({ detail }) => {
  if (isFirst) known = detail.count;
  isFirst = false;
  show(detail.count);
});

if (form) {
  form.addEventListener('click', like);
  document.addEventListener('room:ticket', ({ detail }) => {
    address = detail.likes_url || '';
    form.hidden = !address;
  });
}
