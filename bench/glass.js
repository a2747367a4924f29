// Plays the stream that the address names, as the room's player does, and reads from
// every frame shown when it was drawn: 32 bars, the milliseconds of the wall clock.
const delays = [];
const BARS = 32;
const screen_ = document.getElementById('screen');
const strip = document.getElementById('strip');
const pen = strip.getContext('2d', { willReadFrequently: true });

function readBars() {
  pen.drawImage(screen_, 0, 0, screen_.videoWidth, 40, 0, 0, strip.width, 40);
  const pixels = pen.getImageData(0, 20, strip.width, 1).data;
  const width = strip.width / BARS;
  let stamp = 0;
  for (let bar = 0; bar < BARS; bar += 1) {
    const at = Math.floor((bar + 0.5) * width) * 4;
    stamp = stamp * 2 + (pixels[at] > 127 ? 1 : 0);
  }
  return stamp;
}

function watch() {
  delays.push((Date.now() % 2 ** BARS) - readBars());
  screen_.requestVideoFrameCallback(watch);
}

const hls = new Hls({
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.3,
  backBufferLength: 10,
  enableWorker: false,
});
hls.loadSource(window.location.search.slice(1));
hls.attachMedia(screen_);
screen_.play();
screen_.requestVideoFrameCallback(watch);
