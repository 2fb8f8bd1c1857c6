// The logging screen: shows the phrases of the chosen kind and moves found families into the list. Without it the screen
// is a plain form. Drafts and sending are app.js's.
(() => {
  'use strict';
  const form = () => document.getElementById('activity-form');

  const ready = () => {
    if (!form()) return;
    const kind = form().querySelector('[name="kind"]:checked');
    form().querySelectorAll('[data-phrases-for]').forEach((box) => {
      box.hidden = Boolean(kind) && box.dataset.phrasesFor !== kind.value;
      if (!box.hidden) box.open = true;
    });
    const name = form().querySelector('[data-kind-name]');
    if (kind && name) name.textContent = kind.dataset.name;
    const day = form().elements.occurred_on;
    const dayName = form().querySelector('[data-day-name]');
    if (dayName && day.value) {
      dayName.textContent = new Date(`${day.value}T12:00`).toLocaleDateString('id-ID', { day: 'numeric', month: 'short', year: 'numeric' });
    }
    const dates = form().querySelector('[data-step-dates]');
    if (dates) dates.hidden = false;
  };
  const countFamilies = () => {
    const count = document.querySelector('[data-family-count]');
    if (count) count.textContent = form().querySelectorAll('[data-family-list] [name="kpm"]:checked').length;
  };
  document.addEventListener('change', (event) => {
    const field = event.target;
    if (field.name === 'kind' || field.name === 'occurred_on') ready();
    if (field.name !== 'kpm') return;
    const row = field.closest('[data-family]');
    const list = form().querySelector('[data-family-list]');
    if (field.checked && row.closest('#family-results')) {
      const there = list.querySelector(`[data-family="${CSS.escape(row.dataset.family)}"]`);
      if (there) {
        there.querySelector('[name="kpm"]').checked = true;
        row.remove();
      } else {
        list.append(row);
      }
      field.focus();
    }
    countFamilies();
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-days]');
    if (!button) return;
    const day = new Date();
    day.setDate(day.getDate() + Number(button.dataset.days));
    const field = form().elements.next_step_on;
    field.value = [day.getFullYear(), String(day.getMonth() + 1).padStart(2, '0'), String(day.getDate()).padStart(2, '0')].join('-');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });

  // Enter or "Cari" looks for a family here; only without JavaScript it leads to the list.
  document.addEventListener('submit', (event) => {
    if (event.target.id !== 'family-find' || !window.htmx) return;
    event.preventDefault();
    htmx.trigger(document.querySelector('[data-family-search]'), 'search');
  });

  document.addEventListener('htmx:afterSettle', ready);
  document.addEventListener('langkah:restored', () => { ready(); countFamilies(); });
  ready();
})();
