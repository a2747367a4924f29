// A changed quantity saves itself a moment later; without this file one taps the
// button beside it.
(function () {
  'use strict';
  var timers = new Map();

  document.addEventListener('change', function (event) {
    var form = event.target.closest('form[data-autosave]');
    if (!form) return;
    window.clearTimeout(timers.get(form));
    timers.set(form, window.setTimeout(function () { save(form); }, 700));
  });

  function save(form) {
    if (form.requestSubmit) form.requestSubmit(form.querySelector('.save'));
    else form.submit();
  }
})();
