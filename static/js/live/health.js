// How the stream is doing, in figures and in words. The words stand in the page; this
// file only chooses among them.
const board = document.querySelector('[data-health]');
const SILENCE_MS = 6000;
let silence = 0;

function show(health) {
  board.dataset.health = health.on ? 'on' : 'off';
  board.querySelectorAll('[data-figure]').forEach((place) => {
    const value = health[place.dataset.figure];
    place.textContent = value === undefined || value === '' ? '–' : String(value);
  });
  const signs = signsOf(health);
  board.querySelectorAll('[data-advice]').forEach((words) => {
    words.hidden = !signs.includes(words.dataset.advice);
  });
  board.querySelector('[data-figures]').hidden = !health.on;
}

function signsOf(health) {
  const advice = (health.advice || []).filter((sign) => !isOurs(sign, health));
  if (!health.on) return advice.includes('waiting_back') ? advice : ['off'];
  return advice.length ? advice : ['fine'];
}

// What a browser records is converted in any case; its host cannot choose otherwise.
function isOurs(sign, health) {
  return sign === 'transcoding' && health.source === 'camera';
}

function hear(health) {
  window.clearTimeout(silence);
  show(health);
  silence = window.setTimeout(() => show({ on: false }), SILENCE_MS);
}

if (board) {
  document.addEventListener('room:health', (event) => hear(event.detail));
}
