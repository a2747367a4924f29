// Buying goes on beside the video: the form of the page is sent in the background,
// the button answers, and a strip says what the cart holds or why it does not. Once the
// picture is scrolled away the strip stands at the foot of the screen. Without this
// file a form leads to the checkout.
const ANSWER_MS = 4000;
const ABOVE_DOCK = '-96px 0px 0px 0px';
const strip = document.querySelector('[data-strip]');
const boxes = new Map();
const answers = new WeakMap();
let isAway = false;

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!strip || event.defaultPrevented || !form.matches('.buy-now')) return;
  event.preventDefault();
  forget();
  put(form).catch(() => refuse(form, strip.dataset.failed)).then(() => {
    form.removeAttribute('aria-busy');
  });
});

async function put(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete('now');
  const answer = await fetch(form.action, { method: 'POST', body });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const cart = page.querySelector('[data-cart]');
  if (!answer.ok || !cart) {
    refuse(form, reason(page) || strip.dataset.failed);
    return;
  }
  say(strip.dataset.done.replace('{name}', form.dataset.name), cart.dataset.sum);
  count(cart.dataset.cart);
  confirm(form, body.get('variant_id'), Number(body.get('quantity')));
}

function reason(page) {
  const place = page.querySelector('main [role=alert], .lost h1 + p');
  return place ? place.textContent.trim() : '';
}

function refuse(form, words) {
  say(words, '');
  relabel(form, '');
}

// Only what the cart really holds has a sum and a way to pay it.
function say(words, sum) {
  strip.hidden = false;
  strip.classList.toggle('refused', !sum);
  strip.querySelector('[data-words]').textContent = words;
  strip.querySelector('[data-sum]').textContent = sum;
  strip.querySelector('a').hidden = !sum;
  place();
  if (!isAway) strip.scrollIntoView({ block: 'nearest' });
}

function count(number) {
  document.querySelectorAll('[data-count]').forEach((badge) => {
    badge.hidden = number === '0';
    badge.firstChild.textContent = number;
  });
}

// The button tells how many of its box were put in here, then asks again.
function confirm(form, box, quantity) {
  boxes.set(box, (boxes.get(box) || 0) + quantity);
  relabel(form, String(boxes.get(box)));
  answers.set(form, window.setTimeout(() => relabel(form, ''), ANSWER_MS));
}

function relabel(form, number) {
  window.clearTimeout(answers.get(form));
  const told = form.querySelector('[data-told]');
  told.textContent = number && told.dataset.told.replace('{n}', number);
  told.hidden = !number;
  form.querySelector('[data-asks]').classList.toggle('vh', Boolean(number));
}

// What the chat complained of before is no answer to buying.
function forget() {
  document.querySelectorAll('[data-complaint]').forEach((note) => { note.hidden = true; });
}

function place() {
  const isAfloat = isAway && !strip.hidden;
  document.documentElement.classList.toggle('afloat', isAfloat);
}

// Gone by upwards: what is still below a tall picture is scrolled to.
function watch([dock]) {
  isAway = !dock.isIntersecting && dock.boundingClientRect.top < window.innerHeight / 2;
  place();
}

if (strip && window.IntersectionObserver) {
  const sight = { rootMargin: ABOVE_DOCK, threshold: 0.5 };
  new IntersectionObserver(watch, sight).observe(document.querySelector('.dock'));
}
