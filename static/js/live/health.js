// How the stream is doing, in figures and in words, and an alarm while the room is on
// air without a picture. The words stand in the page; this file chooses among them.
const board = document.querySelector('[data-health]');
const alarm = document.querySelector('[data-gap]');
const camera = document.querySelector('[data-camera]');
const SILENCE_MS = 6000;
const GRACE_MS = 32000;
const SHUT = 'shut';
const COMING = ['asking', 'sending'];
const NOT_MEASURED_AT_0 = ['keyframe_s', 'width', 'height'];
let state = camera ? camera.querySelector('[data-state]').dataset.state : '';
let isOn = null;
let isAwaited = false;
let silence = 0;

function show(health) {
  const signs = signsOf(health);
  isOn = health.on && !signs.includes('no_video');
  isAwaited = signs.includes('waiting_back');
  board.dataset.health = health.on ? 'on' : 'off';
  board.classList.toggle('leaf', health.on);
  board.querySelectorAll('[data-figure]').forEach((place) => {
    place.textContent = figure(place.dataset.figure, health);
  });
  board.querySelectorAll('[data-advice]').forEach((words) => {
    words.hidden = !signs.includes(words.dataset.advice);
  });
  board.querySelector('[data-figures]').hidden = !health.on;
  warn();
}

function figure(name, health) {
  const value = health[name];
  const isUnknown = value === undefined || value === '';
  return isUnknown || (!value && NOT_MEASURED_AT_0.includes(name)) ? '–' : String(value);
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

// A stream that flows is told of every other second; one that is awaited only once.
function hear(health) {
  show(health);
  expectMore(isAwaited ? GRACE_MS : SILENCE_MS);
}

function expectMore(pause) {
  window.clearTimeout(silence);
  silence = window.setTimeout(() => show({ on: false }), pause);
}

function hearOfPicture(news) {
  if (news.on) expectMore(SILENCE_MS);
  else hear({ on: false, advice: news.waiting ? ['waiting_back'] : [] });
}

function hearOfState(news) {
  state = news.state;
  document.querySelectorAll('[data-while]').forEach((words) => {
    words.hidden = words.dataset.while !== state;
  });
  warn();
}

function warn() {
  const gap = gapOf();
  alarm.hidden = state !== 'live' || isOn !== false;
  alarm.querySelectorAll('[data-gap-when]').forEach((words) => {
    words.hidden = !words.dataset.gapWhen.split(' ').includes(gap);
  });
  alarm.querySelector('[data-gap-open]').disabled = opener().disabled;
}

function gapOf() {
  if (!opener().hidden) return isAwaited ? 'awaited' : SHUT;
  return COMING.includes(camera.dataset.camera) ? 'coming' : 'broken';
}

function opener() { return camera.querySelector('[data-do=open]'); }

if (board && alarm) {
  expectMore(SILENCE_MS);
  document.addEventListener('room:health', (event) => hear(event.detail));
  document.addEventListener('room:video', (event) => hearOfPicture(event.detail));
  document.addEventListener('room:state', (event) => hearOfState(event.detail));
  alarm.querySelector('[data-gap-open]').addEventListener('click', () => opener().click());
  new MutationObserver(warn).observe(camera, {
    attributes: true,
    attributeFilter: ['data-camera', 'disabled'],
    subtree: true,
  });
}
