// Suggests cities and districts while an address is typed. The fields stay plain
// text: without this file, or for a place that is not listed, one just types.
// <form data-places="address of pca.json"> with province, city and district.
(function () {
  'use strict';
  var form = document.querySelector('form[data-places]');
  if (!form) return;
  var city = form.elements.city;
  var district = form.elements.district;
  var places = null;
  var asked = false;

  form.addEventListener('focusin', ask);
  form.addEventListener('change', offer);

  function ask() {
    if (asked) return;
    asked = true;
    fetch(form.dataset.places).then(function (answer) { return answer.json(); })
      .then(function (read) { places = read; offer(); })
      .catch(function () { asked = false; });
  }

  function offer() {
    if (!places) return;
    var cities = places[form.elements.province.value] || {};
    suggest(city, Object.keys(cities));
    suggest(district, cities[city.value] || []);
  }

  function suggest(input, names) {
    var id = input.id + '-places';
    var list = document.getElementById(id);
    if (!list) {
      list = document.createElement('datalist');
      list.id = id;
      input.after(list);
      input.setAttribute('list', id);
    }
    list.textContent = '';
    names.forEach(function (name) {
      var option = document.createElement('option');
      option.value = name;
      list.append(option);
    });
  }
})();
