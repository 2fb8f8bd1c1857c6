// A roll call: "Semua hadir" answers for every family at once, and the count stands beside the button that saves.
// Without it that link loads the page anew with everybody there. Drafts and sending are app.js's.
(() => {
  'use strict';
  const form = () => document.getElementById('roll-form');
  const chosen = (value) => form().querySelectorAll(`.roll [type="radio"][value="${value}"]:checked`).length;

  // Before Chrome 105 the style sheet can't fold away who came, or why nobody did, by what is chosen.
  const knowsHas = CSS.supports('selector(:has(a))');
  const show = (row, part, values) => {
    const box = row.querySelector(part);
    const choice = row.querySelector('[type="radio"]:checked');
    if (box) box.hidden = !choice || !values.includes(choice.value);
  };
  const fold = (row) => {
    show(row, '.attend__who', ['hadir']);
    show(row, '.attend__why', ['izin', 'tidak_hadir']);
  };

  const count = () => {
    if (!knowsHas) form().querySelectorAll('.attend').forEach(fold);
    const rows = form().querySelectorAll('.attend').length;
    const here = chosen('hadir');
    const away = chosen('izin') + chosen('tidak_hadir');
    const open = rows - here - away;
    const words = [`${here} hadir`, `${away} tidak`];
    if (open) words.push(`${open} belum dipilih`);
    form().querySelector('[data-roll-count]').textContent = words.join(', ');
  };

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-all-present]')) return;
    const boxes = form().querySelectorAll('.roll [type="radio"][value="hadir"]');
    boxes.forEach((box) => {
      box.checked = true;
      box.dispatchEvent(new Event('change', { bubbles: true }));
    });
    event.preventDefault(); // last, so that the link still leads on where this fails
  });
  document.addEventListener('change', (event) => {
    if (event.target.closest('.roll')) count();
  });

  const ready = () => { if (form()) count(); };
  document.addEventListener('htmx:afterSettle', ready);
  document.addEventListener('langkah:restored', ready);
  ready();
})();
