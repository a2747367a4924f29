// The picture. Nothing of it is fetched before somebody taps play; hls.js only where
// the browser cannot play HLS by itself. Says honestly what is not there.
const stage = document.querySelector('[data-player]');
const screen = stage && stage.querySelector('[data-screen]');
const LIVE_TUNING = {
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.3,
  backBufferLength: 10,
  enableWorker: false,
};
const FAR_BEHIND_S = 8;
const STUCK_MS = 3000;
let ticket = null;
let hls = null;
let library = null;
let isWanted = false;
let isOn = null;
let wasOn = false;
let isHushed = false;
let state = stage ? stage.dataset.state : '';
let ahead = 0;
let tries = 0;
let retrying = 0;
let stuck = 0;

// Apple's browsers play low-latency HLS well; others that claim to play it do not.
function playsItself() {
  const mayPlay = screen.canPlayType('application/vnd.apple.mpegurl') !== '';
  return mayPlay && ('ManagedMediaSource' in window || !('MediaSource' in window));
}

function isSoundOnly() { return stage.classList.contains('sound-only'); }

function say(what) {
  stage.dataset.picture = what;
  stage.querySelectorAll('[data-when]').forEach((words) => {
    words.hidden = words.dataset.when !== what;
  });
}

// The host may look at the picture before the session begins.
function isOpen() {
  return state === 'live' || (state === 'planned' && stage.hasAttribute('data-early'));
}

function look() {
  const isPlaying = !screen.paused && screen.readyState > 2;
  const canPlay = Boolean(ticket && ticket.video_url) && isOpen() && isOn !== false;
  stage.querySelector('[data-play]').hidden = !canPlay || isWanted;
  stage.querySelector('[data-tools]').hidden = !canPlay || !isWanted;
  screen.hidden = !isWanted;
  if (!isOpen()) say(wasOn ? 'over' : '');
  else if (isOn === false) say(wasOn ? 'lost' : 'waiting');
  else if (isWanted && !isPlaying) say(tries > 2 ? 'failed' : 'loading');
  else if (isPlaying && isHushed && screen.muted) say('muted');
  else say(isPlaying && isSoundOnly() ? 'sound' : '');
  stage.querySelectorAll('[data-mute] [data-face]').forEach((face) => {
    face.hidden = (face.dataset.face === 'off') !== screen.muted;
  });
}

async function start() {
  stop();
  const address = isSoundOnly() ? ticket.audio_url : ticket.video_url;
  if (playsItself()) screen.src = address;
  else await attach(address);
  if (isWanted) await play();
}

async function attach(address) {
  const Hls = await fetchLibrary();
  if (!isWanted) return;
  stop();
  if (!Hls.isSupported()) throw new Error('no media source');
  hls = new Hls(LIVE_TUNING);
  hls.on(Hls.Events.ERROR, (event, problem) => { if (problem.fatal) mend(problem); });
  hls.loadSource(address);
  hls.attachMedia(screen);
}

function fetchLibrary() {
  library = library || new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = stage.dataset.hls;
    script.onload = () => done(window.Hls);
    script.onerror = () => { library = null; failed(new Error('no library')); };
    document.head.append(script);
  });
  return library;
}

// Browsers start a video with sound only soon after a tap; without sound always.
async function play() {
  try {
    await screen.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError') return;
    isHushed = true;
    screen.muted = true;
    await screen.play().catch(() => {});
  }
  look();
}

function mend(problem) {
  if (problem.type === 'mediaError' && tries < 2) {
    tries += 1;
    hls.recoverMediaError();
  } else {
    again();
  }
}

function again() {
  stop();
  tries += 1;
  look();
  window.clearTimeout(retrying);
  if (!isWanted || isOn === false || !isOpen()) return;
  const pause = Math.min(10000, 500 * Math.pow(2, tries));
  retrying = window.setTimeout(attempt, pause * (0.5 + Math.random()));
}

function attempt() { start().catch(again).then(look); }

function stop() {
  window.clearTimeout(retrying);
  if (hls) hls.destroy();
  else if (screen.src) { screen.removeAttribute('src'); screen.load(); }
  hls = null;
}

function want() {
  isWanted = true;
  tries = 0;
  attempt();
  look();
}

function rest() {
  isWanted = false;
  stop();
  look();
}

// The button that was tapped goes away; whoever uses keys is not left nowhere.
function handOver(name) {
  stage.querySelector(`[${name}]`).focus({ preventScroll: true });
}

function hearOfPicture(news) {
  const came = news.on && isOn === false;
  isOn = news.on;
  wasOn = wasOn || isOn;
  if (isWanted && (came || news.discontinuity)) want();
  else look();
}

function hearOfState(news) {
  const began = news.state === 'live' && state === 'planned';
  state = news.state;
  if (isWanted && !isOpen()) rest();
  if (began && stage.hasAttribute('data-reload')) window.location.reload();
  document.querySelectorAll('[data-began]').forEach((link) => { link.hidden = !began; });
  look();
}

// A room that was left paused comes back to now, not to where it stopped.
function catchUp() {
  tries = 0;
  if (hls && hls.latency > FAR_BEHIND_S && hls.liveSyncPosition) {
    screen.currentTime = hls.liveSyncPosition;
  }
  stage.classList.toggle('wide', screen.videoWidth > screen.videoHeight);
  look();
}

// Seconds between the camera and this screen, where the page wants to know.
function measure() {
  const date = hls && hls.playingDate;
  const place = document.querySelector('[data-delay]');
  if (!date || !place) return;
  const seconds = (performance.now() + ahead - date.getTime()) / 1000;
  place.textContent = Math.max(0, seconds).toFixed(1);
  document.querySelectorAll('[data-late]').forEach((line) => { line.hidden = false; });
}

function listen() {
  stage.addEventListener('click', ({ target }) => {
    if (target.closest('[data-play]')) { want(); handOver('data-rest'); }
    if (target.closest('[data-rest]')) { rest(); handOver('data-play'); }
    if (target.closest('[data-mute]')) { setMuted(!screen.muted); look(); }
    if (target.closest('[data-sound-only]')) switchSound();
  });
  ['playing', 'volumechange', 'pause'].forEach((kind) => {
    screen.addEventListener(kind, kind === 'playing' ? catchUp : look);
  });
  screen.addEventListener('error', () => { if (isWanted && !hls && screen.src) again(); });
  screen.addEventListener('waiting', () => {
    window.clearTimeout(stuck);
    stuck = window.setTimeout(() => { if (screen.readyState < 3) look(); }, STUCK_MS);
  });
  document.addEventListener('room:ticket', ({ detail }) => { ticket = detail; look(); });
  document.addEventListener('room:video', ({ detail }) => hearOfPicture(detail));
  document.addEventListener('room:state', ({ detail }) => hearOfState(detail));
  document.addEventListener('room:clock', ({ detail }) => {
    ahead = detail.at_ms - performance.now();
  });
  window.setInterval(measure, 2000);
}

function switchSound() {
  const button = stage.querySelector('[data-sound-only]');
  stage.classList.toggle('sound-only');
  button.setAttribute('aria-pressed', String(isSoundOnly()));
  if (isSoundOnly() && !stage.hasAttribute('data-early')) setMuted(false);
  want();
}

function setMuted(isMuted) {
  isHushed = false;
  screen.muted = isMuted;
}

function savesData() { return navigator.connection && navigator.connection.saveData; }

if (stage) {
  if (savesData()) stage.classList.add('sound-only');
  stage.querySelector('[data-sound-only]').setAttribute('aria-pressed', String(isSoundOnly()));
  listen();
}
