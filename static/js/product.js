// Choosing another box shows its price and its split at once; without this file
// the links above the split do.
(function () {
  'use strict';
  document.addEventListener('change', function (event) {
    var input = event.target;
    if (!input.matches('.pdp [name=variant_id]')) return;
    var drawn = document.querySelector('template[data-box="' + input.value + '"]');
    if (!drawn) return;
    var parts = drawn.content.cloneNode(true);
    ['.offer', '#yuan'].forEach(function (selector) {
      var old = document.querySelector(selector);
      var fresh = parts.querySelector(selector);
      if (old && fresh) old.replaceWith(fresh);
    });
  });
})();
