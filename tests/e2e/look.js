// What a person would complain about on a page: too wide, no heading, fields and
// buttons without a name. Everything that is folded is unfolded first.
() => {
  const root = document.documentElement;
  const complaints = [];
  const named = (one) => `${one.tagName.toLowerCase()}.${one.className || one.id}`;

  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  for (const size of ['large', 'standard']) {
    root.classList.toggle('large', size === 'large');
    const over = root.scrollWidth - root.clientWidth;
    if (over > 0) complaints.push(`${size}: ${over} px too wide, ${culprits()}`);
  }
  const headings = [...document.querySelectorAll('h1')].filter(isVisible);
  if (headings.length !== 1) complaints.push(`${headings.length} <h1>`);
  complaints.push(...doubled().map((id) => `id ${id} twice`));
  complaints.push(...nameless().map((one) => `no name: ${named(one)}`));
  return complaints;

  function culprits() {
    return [...document.body.querySelectorAll('*')]
      .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
      .filter((one) => !one.closest('.scroll')).slice(0, 4).map(named).join(' ');
  }

  function isVisible(one) { return one.getClientRects().length > 0; }

  function doubled() {
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    return [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
  }

  function nameless() {
    const fields = 'input:not([type=hidden]), select, textarea, button, a[href]';
    return [...document.querySelectorAll(fields)].filter((one) => !(
      one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')
      || (one.labels && one.labels.length) || one.textContent.trim()
      || one.querySelector('img[alt]:not([alt=""]), svg[aria-label]')));
  }
}
