// The logging screen, without this a plain form. Drafts and sending are app.js's.
(() => {
  'use strict';
  const form = () => document.getElementById('activity-form');

  const ready = () => {
    if (!form()) return;
    const kind = form().querySelector('[name="kind"]:checked');
    const others = form().querySelector('[data-other-kinds]');
    if (others) {
      others.querySelectorAll('[data-phrases-for]').forEach((box) => others.before(box));
      others.remove();
    }
    form().querySelectorAll('[data-phrases-for]').forEach((box) => {
      box.hidden = Boolean(kind) && box.dataset.phrasesFor !== kind.value;
    });
    if (!form().dataset.role) form().dataset.role = form().querySelector('[name="sub_role"]:checked') ? 'chosen' : 'open';
    fitPhrases();
    nameRole();
    const name = document.querySelector('[data-kind-name]');
    if (kind && name) name.textContent = kind.dataset.name;
    document.querySelectorAll('[data-reached]').forEach((word) => {
      word.textContent = kind && 'call' in kind.dataset ? 'Tersambung' : 'Bertemu';
    });
    const day = form().elements.occurred_on;
    const dayName = document.querySelector('[data-day-name]');
    if (dayName && day.value) {
      dayName.textContent = new Date(`${day.value}T12:00`).toLocaleDateString('id-ID', { dateStyle: 'medium' });
    }
    const dates = form().querySelector('[data-step-dates]');
    if (dates) dates.hidden = false;
  };
  // A phrase that can't be true of the families as they are ticked is hidden, unless it is ticked.
  const fitPhrases = () => {
    const told = new Set([...form().querySelectorAll('[data-family-list] [name^="met-"]:checked')].map((field) => field.value));
    form().querySelectorAll('[data-met]').forEach((option) => {
      option.hidden = told.size > 0 && !told.has(option.dataset.met) && !option.querySelector('input').checked;
    });
  };
  // The button names the role, so that pressing it confirms it.
  const nameRole = () => {
    const chosen = form().querySelector('[name="sub_role"]:checked');
    const name = form().querySelector('[data-role-name]');
    if (name) name.textContent = chosen ? `sebagai ${chosen.dataset.name}` : '';
  };
  // The first ticked phrase suggests its role, as long as nobody chose one by hand.
  const suggestRole = () => {
    if (form().dataset.role === 'chosen') return;
    const phrase = form().querySelector('[name="phrase"][data-suggests]:checked');
    const suggested = phrase && form().querySelector(`[name="sub_role"][value="${phrase.dataset.suggests}"]`);
    form().querySelectorAll('[name="sub_role"]').forEach((field) => { field.checked = field === suggested; });
    nameRole();
  };
  const countFamilies = () => {
    const count = document.querySelector('[data-family-count]');
    if (count) count.textContent = form().querySelectorAll('[data-family-list] [name="kpm"]:checked').length;
  };
  document.addEventListener('change', (event) => {
    const field = event.target;
    if (!form() || !form().contains(field)) return;
    if (field.name === 'kind' || field.name === 'occurred_on') ready();
    if (field.name.startsWith('met-')) fitPhrases();
    if (field.name === 'phrase') suggestRole();
    if (field.name === 'sub_role') {
      form().dataset.role = 'chosen';
      nameRole();
    }
    if (field.name !== 'kpm') return;
    const row = field.closest('[data-family]');
    const list = form().querySelector('[data-family-list]');
    if (field.checked && row.closest('#family-results, #family-neighbours')) {
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
  document.addEventListener('langkah:restored', () => {
    if (!form()) return;
    delete form().dataset.role;  // what a draft brought back was chosen before
    ready();
    countFamilies();
  });
  ready();
})();
