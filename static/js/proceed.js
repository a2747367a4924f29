// Goes on to pay once the payment provider answers. Without this file the page asks by
// refreshing itself.
(function () {
  'use strict';
  var PAUSE_MS = 3000;
  var waiting = document.querySelector('[data-proceed]');
  if (!waiting || !window.fetch) return;
  window.setTimeout(ask, PAUSE_MS);

  function ask() {
    fetch(waiting.dataset.proceed, { headers: { Accept: 'application/json' } })
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        if (found.waits) throw found;
        window.location.replace(found.url);
      })
      .catch(function () { window.setTimeout(ask, PAUSE_MS); });
  }
})();
