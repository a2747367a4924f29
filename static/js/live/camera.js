// The phone as a camera: what MediaRecorder cuts goes through a WebSocket. A recorder
// begins a new file, so every connection gets a recorder of its own.
const panel = document.querySelector('[data-camera]');
const preview = panel && panel.querySelector('[data-preview]');
const FORMATS = [
  'video/webm;codecs=h264,opus',
  'video/webm;codecs=vp8,opus',
  'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
  'video/mp4',
];
// Why the server closed a line; see media/endpoints/camera.py.
const FORGED = 4403;
const EXPIRED = 4404;
const TAKEN = 4405;
const NOT_WANTED = 4406;
const SLOW = 4407;
const UNREADABLE = 4408;
const WORDS = { [TAKEN]: 'taken', [UNREADABLE]: 'unable' };
const SLICE_MS = 200;
const GRACE_MS = 30000;
const STEADY_MS = 3000;
const MOST_WAITING = 3000000;
const FASTEST = 1500000;
const SLOWEST = 400000;
let address = '';
let film = null;
let socket = null;
let recorder = null;
let facing = 'user';
let speed = FASTEST;
let lostAt = 0;
let tries = 0;
let retrying = 0;
let settling = 0;
let isRefused = false;
let wake = null;
let isMuted = false;
let isSubmitting = false;

function say(what) {
  panel.dataset.camera = what;
  panel.querySelectorAll('[data-cam]').forEach((words) => {
    words.hidden = !words.dataset.cam.split(' ').includes(what);
  });
}

async function open() {
  say('asking');
  try {
    await look();
  } catch (error) {
    say(refusal(error));
    return;
  }
  if (panel.dataset.camera !== 'asking') {
    close();
    return;
  }
  tries = 0;
  lostAt = 0;
  isRefused = false;
  connect();
  stayAwake();
}

// A lock is let go of whenever the page is out of sight.
async function stayAwake() {
  if (!film || document.hidden || !navigator.wakeLock) return;
  if (wake && !wake.released) return;
  wake = await navigator.wakeLock.request('screen').catch(() => null);
  if (!film) letSleep();
}

function letSleep() {
  if (wake) wake.release();
  wake = null;
}

async function look() {
  const video = {
    facingMode: facing,
    width: { ideal: 720, max: 1280 },
    height: { ideal: 1280, max: 1280 },
    frameRate: { ideal: 25, max: 30 },
  };
  const audio = { echoCancellation: true, noiseSuppression: true };
  if (!navigator.mediaDevices || !window.MediaRecorder) throw new Error('unable');
  if (film) film.getTracks().forEach((track) => track.stop());
  film = await navigator.mediaDevices.getUserMedia({ video, audio });
  film.getAudioTracks().forEach((track) => { track.enabled = !isMuted; });
  film.getVideoTracks()[0].addEventListener('ended', close);
  preview.srcObject = film;
  preview.classList.toggle('mirrored', facing === 'user');
  preview.hidden = false;
  preview.play().catch(() => {});
}

function refusal(error) {
  if (error.name === 'NotAllowedError') return 'refused';
  if (error.name === 'NotFoundError' || error.name === 'OverconstrainedError') return 'missing';
  if (error.name === 'NotReadableError') return 'busy';
  return 'unable';
}

function connect() {
  if (!film || !address) return;
  const mine = new WebSocket(address);
  mine.binaryType = 'arraybuffer';
  socket = mine;
  mine.onopen = () => { if (mine === socket) record(mine); };
  mine.onclose = (event) => { if (mine === socket) lost(event.code); };
}

function record(line) {
  const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
  recorder = new MediaRecorder(film, {
    mimeType,
    videoBitsPerSecond: speed,
    audioBitsPerSecond: 64000,
    videoKeyFrameIntervalDuration: 1000,
  });
  recorder.ondataavailable = ({ data }) => { if (data.size) pass(line, data); };
  recorder.start(SLICE_MS);
  settling = window.setTimeout(settle, STEADY_MS);
  if (!isRefused) say('sending');
}

// The server opens every line before it refuses one: only what lasts has been let on.
function settle() {
  tries = 0;
  lostAt = 0;
  isRefused = false;
  say('sending');
}

// What cannot leave in time would only make everybody later: start anew, smaller.
function pass(line, data) {
  if (line.readyState !== WebSocket.OPEN) return;
  if (line.bufferedAmount > MOST_WAITING) {
    slower();
    line.close();
    return;
  }
  line.send(data);
}

function lost(code) {
  hush();
  if (!film) return;
  if (code === NOT_WANTED) {
    close();
    say('unwanted');
    return;
  }
  lostAt = lostAt || Date.now();
  tries += 1;
  isRefused = isRefused || code >= FORGED;
  if (code === SLOW) slower();
  if (code === FORGED || code === EXPIRED) document.dispatchEvent(new CustomEvent('room:expired'));
  say(WORDS[code] || (Date.now() - lostAt < GRACE_MS ? 'reconnecting' : 'away'));
  const pause = Math.min(5000, 300 * Math.pow(2, tries)) * (0.5 + Math.random());
  window.clearTimeout(retrying);
  retrying = window.setTimeout(connect, pause);
}

function slower() { speed = Math.max(SLOWEST, speed / 2); }

function hush() {
  window.clearTimeout(settling);
  if (recorder && recorder.state !== 'inactive') recorder.stop();
  recorder = null;
}

function close() {
  window.clearTimeout(retrying);
  hush();
  if (socket) { socket.onclose = null; socket.close(); }
  if (film) film.getTracks().forEach((track) => track.stop());
  socket = film = null;
  letSleep();
  preview.srcObject = null;
  preview.hidden = true;
  say('off');
}

// Whoever leaves the page takes the picture along; a form of the page may do so.
function keepHere(event) {
  if (!film || isSubmitting) return;
  event.preventDefault();
  event.returnValue = '';
}

async function turn() {
  facing = facing === 'user' ? 'environment' : 'user';
  await look().catch((error) => say(refusal(error)));
  if (socket) socket.close();
}

function mute(button) {
  isMuted = !isMuted;
  if (film) film.getAudioTracks().forEach((track) => { track.enabled = !isMuted; });
  button.setAttribute('aria-pressed', String(isMuted));
}

function start() {
  panel.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-do]');
    if (!button) return;
    ({ open, close, turn, mute })[button.dataset.do](button);
  });
  document.addEventListener('room:ticket', ({ detail }) => {
    address = (detail.camera_url || '').replace(/^http/, 'ws');
    panel.querySelector('[data-do=open]').disabled = !address;
  });
  document.addEventListener('room:state', ({ detail }) => {
    if (['ended', 'cancelled'].includes(detail.state) && film) close();
  });
  document.addEventListener('visibilitychange', stayAwake);
  document.addEventListener('submit', ({ target }) => {
    isSubmitting = !target.matches('[data-quiet], [data-say]');
  });
  window.addEventListener('beforeunload', keepHere);
  say('off');
}

if (panel) start();
