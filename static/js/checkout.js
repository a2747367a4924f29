// Asks the server for freight as soon as the province is chosen, and shows the sum
// that it answers. Without this file a button does the same.
(function () {
  'use strict';
  var form = document.querySelector('form[data-quote]');
  if (!form || !window.fetch) return;
  var asked = 0;
  var answered = 0;
  var wantsToGo = false;

  form.elements.province.addEventListener('change', ask);
  // Chosen before this file came, or put back by the browser.
  if (form.elements.province.value && !goButton()) ask();
  form.addEventListener('submit', function (event) {
    if (answered === asked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wantsToGo = true;
  }, true);

  function ask() {
    var turn = asked += 1;
    var body = new URLSearchParams(new FormData(form));
    body.set('quote', '1');
    sum().setAttribute('aria-busy', 'true');
    fetch(form.action, { method: 'POST', body: body, redirect: 'error' })
      .then(function (answer) { return answer.text(); })
      .then(function (page) { if (turn === asked) show(page); })
      .catch(function () { sum().removeAttribute('aria-busy'); })
      .then(function () { if (turn === asked) settle(); });
  }

  function show(page) {
    var fresh = new DOMParser().parseFromString(page, 'text/html').getElementById('sum');
    if (fresh) sum().replaceWith(document.importNode(fresh, true));
  }

  function settle() {
    answered = asked;
    if (!wantsToGo) return;
    wantsToGo = false;
    var button = goButton();
    if (button && form.requestSubmit) form.requestSubmit(button);
  }

  function goButton() { return sum().querySelector('button:not([name])'); }

  function sum() { return document.getElementById('sum'); }
})();
