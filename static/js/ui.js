// Every page works without this file; it only saves a round trip.
(function () {
  'use strict';
  var root = document.documentElement;
  root.classList.add('js');

  document.addEventListener('click', function (event) {
    var button = event.target.closest('[data-step],[data-copy],[data-print]');
    if (!button) return;
    if (button.hasAttribute('data-print')) window.print();
    else if (button.hasAttribute('data-copy')) copy(button);
    else step(button);
  });

  document.addEventListener('change', function (event) {
    var input = event.target;
    if (input.matches('.pick input')) highlight(input);
    if (input.matches('input[type=file][data-preview]')) preview(input);
  });

  // A second tap while the first is on its way must not send the form again.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.method !== 'post') return;
    if (form.hasAttribute('aria-busy')) { event.preventDefault(); return; }
    form.setAttribute('aria-busy', 'true');
    window.setTimeout(function () { form.removeAttribute('aria-busy'); }, 10000);
  });

  // Coming back with the back button shows the page as it was left.
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[aria-busy]').forEach(function (form) {
      form.removeAttribute('aria-busy');
    });
  });

  var errors = document.getElementById('errors');
  if (errors) errors.focus();

  function step(button) {
    var input = button.parentNode.querySelector('input');
    var wanted = (parseInt(input.value, 10) || 0) + Number(button.dataset.step);
    input.value = Math.min(Number(input.dataset.max), Math.max(1, wanted));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function copy(button) {
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      button.lastChild.textContent = button.dataset.copied;
    });
  }

  function highlight(input) {
    var inputs = input.type === 'radio'
      ? document.getElementsByName(input.name) : [input];
    Array.prototype.forEach.call(inputs, function (one) {
      var card = one.closest('.pick');
      if (card && one.form === input.form) card.classList.toggle('on', one.checked);
    });
  }

  // Small pictures of what was chosen, drawn before anything is sent.
  function preview(input) {
    var old = input.parentNode.querySelector('.previews');
    if (old) old.remove();
    var list = document.createElement('ul');
    list.className = 'previews';
    Array.prototype.slice.call(input.files, 0, 9).forEach(function (file) {
      var item = document.createElement('li');
      var image = document.createElement('img');
      var address = URL.createObjectURL(file);
      image.alt = file.name;
      image.onload = image.onerror = function () { URL.revokeObjectURL(address); };
      image.src = address;
      item.append(image, file.name);
      list.append(item);
    });
    input.after(list);
  }
})();
