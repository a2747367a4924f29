// What the room offers: the pinned card, prices, stock, sold out. A card is anything
// with [data-product]; its boxes are the [data-box] of its form.
const words = document.querySelector('[data-words-left]');
const stand = document.querySelector('[data-pinned]');
const FEW = 30;
const boxes = new Map();
let pinned = null;

const idOf = (box) => Number(box.value);
const known = (box) => boxes.get(idOf(box));
const boxesOf = (card) => Array.from(card.querySelectorAll('[data-box]'));
const cards = () => document.querySelectorAll('[data-product]');
const productOf = (card) => Number(card.dataset.product);

function learn(card) {
  boxesOf(card).forEach((box) => {
    const { price, stock } = box.dataset;
    boxes.set(idOf(box), { price: Number(price), stock: Number(stock), listed: true });
  });
}

function draw(card) {
  const own = boxesOf(card);
  const isListed = own.some((box) => known(box).listed);
  const left = own.filter((box) => known(box).listed && known(box).stock > 0);
  const shown = chosen(card, left) || cheapest(left.length ? left : own);
  own.forEach(label);
  if (shown) show(card, shown);
  const stock = left.length ? known(shown).stock : 0;
  card.querySelector('[data-stock-words]').textContent = stockWords(isListed, stock);
  card.querySelector('.buy-now').hidden = !left.length;
  const sold = card.querySelector('[data-sold]');
  sold.hidden = left.length > 0;
  sold.textContent = stockWords(isListed, 0);
}

// A box that somebody chose stays chosen while it is left.
function chosen(card, left) {
  const picker = card.querySelector('select[data-touched]');
  return picker && left.find((box) => box.value === picker.value);
}

function cheapest(some) {
  return some.slice().sort((one, other) => known(one).price - known(other).price)[0];
}

function show(card, box) {
  if (box.tagName === 'OPTION') box.selected = true;
  const place = card.querySelector('.price');
  const [whole, decimals] = yuan(known(box).price);
  place.textContent = '';
  place.append(part('small', '¥'), whole);
  if (Number(decimals)) place.append(part('small', '.' + decimals.replace(/0$/, '')));
  if (place.classList.contains('s')) return;
  const unit = part('span', ' / ' + box.dataset.name);
  unit.className = 'u';
  place.append(unit);
}

function part(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function yuan(fen) {
  const whole = Math.floor(fen / 100).toLocaleString('en-US');
  return [whole, String(fen % 100).padStart(2, '0')];
}

function label(box) {
  if (box.tagName !== 'OPTION') return;
  const { price, stock } = known(box);
  const note = stock < FEW ? ' · ' + stockWords(true, stock, words.dataset.wordsBox) : '';
  box.textContent = `${box.dataset.name} ¥${yuan(price).join('.')}${note}`;
  box.disabled = !stock;
}

function stockWords(isListed, stock, few) {
  const said = words.dataset;
  if (!isListed) return said.wordsGone;
  if (!stock) return said.wordsNone;
  const pattern = stock < FEW ? few || said.wordsFew : said.wordsLeft;
  return pattern.replace('{n}', String(stock));
}

function pin(news) {
  if (stand && pinned !== news.product_id) put(news.product_id);
  cards().forEach((card) => {
    const isOn = productOf(card) === news.product_id;
    card.classList.toggle('on', isOn);
    card.querySelectorAll('[data-on]').forEach((mark) => { mark.hidden = !isOn; });
    card.querySelectorAll('[name=pin]').forEach((field) => {
      field.value = isOn ? String(news.seq) : '';
    });
  });
}

// Each product's card was drawn by the server and waits in a template.
function put(product) {
  pinned = product;
  const drawn = product && document.querySelector(`template[data-pin="${product}"]`);
  stand.textContent = '';
  if (drawn) stand.append(drawn.content.cloneNode(true));
  stand.querySelectorAll('[data-product]').forEach(draw);
}

function hold(list) {
  boxes.forEach((box) => { Object.assign(box, { stock: 0, listed: false }); });
  list.forEach((offer) => offer.boxes.forEach((box) => {
    const { price_fen: price, stock } = box;
    boxes.set(box.variant_id, { price, stock, listed: offer.listed });
  }));
  cards().forEach(draw);
}

function change(variant, difference) {
  if (!boxes.has(variant)) return;
  Object.assign(boxes.get(variant), difference);
  cards().forEach((card) => {
    if (boxesOf(card).some((box) => idOf(box) === variant)) draw(card);
  });
}

if (words) {
  cards().forEach(learn);
  const first = stand && stand.querySelector('[data-product]');
  pinned = first ? productOf(first) : null;
  document.addEventListener('change', (event) => {
    if (!event.target.matches('.buy-now select')) return;
    event.target.setAttribute('data-touched', '');
    draw(event.target.closest('[data-product]'));
  });
  document.addEventListener('room:offers', (event) => hold(event.detail));
  document.addEventListener('room:pin', (event) => pin(event.detail));
  document.addEventListener('room:price', ({ detail }) => {
    change(detail.variant_id, { price: detail.price_fen });
  });
  document.addEventListener('room:stock', ({ detail }) => {
    change(detail.variant_id, { stock: detail.stock, listed: detail.listed });
  });
}
