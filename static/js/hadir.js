// A roll call: "Semua hadir" answers for every family at once, and the count stands beside the button that saves.
// Without it that link loads the page anew with everybody there. Drafts and sending are app.js's.
(() => {
  'use strict';
  const form = () => document.getElementById('roll-form');
  const chosen = (value) => form().querySelectorAll(`.roll [type="radio"][value="${value}"]:checked`).length;

  const count = () => {
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
    event.preventDefault();
    const boxes = form().querySelectorAll('.roll [type="radio"][value="hadir"]');
    boxes.forEach((box) => {
      box.checked = true;
      box.dispatchEvent(new Event('change', { bubbles: true }));
    });
  });
  document.addEventListener('change', (event) => {
    if (event.target.closest('.roll')) count();
  });

  const ready = () => { if (form()) count(); };
  document.addEventListener('htmx:afterSettle', ready);
  document.addEventListener('langkah:restored', ready);
  ready();
})();
