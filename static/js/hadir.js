// A roll call, or what came of a tahap: "Semua hadir" answers at once for every family (a link that says `data-all`;
// "Sisanya cair" for those not answered yet), and the count stands beside the button that saves.
// Without it that link loads the page anew so answered. Drafts and sending are app.js's.
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
    show(row, '.attend__who', ['hadir', 'masalah']);
    show(row, '.attend__why', ['izin', 'tidak_hadir', 'masalah']);
  };

  const ANSWERS = { // word: the values that are counted under it
    hadir: ['hadir'], tidak: ['izin', 'tidak_hadir'], 'belum tahu': ['tak_tahu'],
    cair: ['cair'], 'belum cair': ['belum'], bermasalah: ['masalah'],
  };

  const count = () => {
    if (!knowsHas) form().querySelectorAll('.attend').forEach(fold);
    let open = form().querySelectorAll('.attend').length;
    const words = [];
    Object.entries(ANSWERS).forEach(([word, values]) => {
      const boxes = values.map((value) => `.roll [type="radio"][value="${value}"]`);
      if (!form().querySelector(boxes.join())) return; // another page's answers
      const number = values.reduce((sum, value) => sum + chosen(value), 0);
      words.push(`${number} ${word}`);
      open -= number;
    });
    if (open) words.push(`${open} belum dipilih`);
    form().querySelector('[data-roll-count]').textContent = words.join(', ');
  };

  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-all]');
    if (!link) return;
    const all = link.dataset.all;
    form().querySelectorAll(`.roll [type="radio"][value="${all}"]`).forEach((box) => {
      if (all === 'cair' && box.closest('.attend').querySelector('[type="radio"]:checked')) return;
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
