// Buying goes on beside the video: the form of the page is sent in the background,
// and a strip says what the cart holds. Without this file it leads to the checkout.
const strip = document.querySelector('[data-strip]');

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!strip || event.defaultPrevented || !form.matches('.buy-now')) return;
  event.preventDefault();
  put(form).catch(() => say(strip.dataset.failed)).then(() => {
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
    say(reason(page) || strip.dataset.failed);
    return;
  }
  say(strip.dataset.done.replace('{name}', form.dataset.name));
  count(cart.dataset.cart, cart.dataset.sum);
}

function reason(page) {
  const place = page.querySelector('main [role=alert], .lost h1 + p');
  return place ? place.textContent.trim() : '';
}

function say(words) {
  strip.hidden = false;
  strip.querySelector('[data-words]').textContent = words;
}

function count(boxes, sum) {
  document.querySelectorAll('[data-count]').forEach((badge) => {
    badge.hidden = boxes === '0';
    badge.firstChild.textContent = boxes;
  });
  strip.querySelector('[data-sum]').textContent = sum;
}
