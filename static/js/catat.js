// The logging screen: keeps a draft while you type, shows the phrases of the chosen kind, moves found families into
// the list, and says plainly when nothing could be sent. Without it the screen is a plain form.
(() => {
  'use strict';
  const SAVE_AFTER_MS = 600;
  const NOT_KEPT = new Set(['csrfmiddlewaretoken', 'photos', 'q']);
  const form = () => document.querySelector('[data-draft-form]');
  const drafts = () => window.langkahDraft;
  const keepsDraft = () => form() && !('noDraft' in form().dataset);

  // --- draft ---
  let timer = 0;
  let pending = false;
  const typed = () => Array.from(new FormData(form())).filter(([name]) => !NOT_KEPT.has(name));
  const say = (words) => {
    const state = document.querySelector('[data-draft-state]');
    if (state) state.textContent = words;
  };
  const save = () => {
    clearTimeout(timer);
    if (!pending || !keepsDraft()) return;
    pending = false;
    const kept = drafts().write({
      op: form().elements.op_id.value, search: location.search.replace(/[?&]draf=1/, ''), fields: typed(),
    });
    say(kept ? 'Draf tersimpan di HP ini' : 'Memori HP penuh: draf tidak tersimpan');
  };
  const touch = (event) => {
    if (!keepsDraft() || !event.target.closest('[data-draft-form]') || event.target.name === 'q') return;
    pending = true;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  };
  document.addEventListener('input', touch);
  document.addEventListener('change', touch);
  document.addEventListener('visibilitychange', save);
  window.addEventListener('pagehide', save);

  const casesOf = (draft) => draft.fields.filter(([name]) => name === 'kpm').map(([, value]) => value);
  const casesHere = () => Array.from(form().querySelectorAll('[data-family-list] [data-family]'), (row) => row.dataset.family);
  const restore = (draft) => {
    const fields = form().elements;
    const values = new Map();
    draft.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    const chosen = new Set(); // a role stands among those used last and in its card; one of the two is enough
    for (const field of fields) {
      if (!field.name || NOT_KEPT.has(field.name)) continue;
      const wanted = values.get(field.name) || [];
      if (field.type === 'radio') {
        if (chosen.has(field.name)) continue;
        field.checked = wanted.includes(field.value);
        if (field.checked) chosen.add(field.name);
      } else if (field.type === 'checkbox') field.checked = wanted.includes(field.value);
      else if (wanted.length) [field.value] = wanted;
      if (field.checked || (field.value && field.type !== 'radio' && field.type !== 'checkbox')) {
        if (field.type === 'hidden') continue;
        for (let box = field.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
      }
    }
    fields.op_id.value = draft.op;
    ready();
    say('Draf dipulihkan');
  };
  const resume = (draft) => {
    const missing = casesOf(draft).filter((number) => !casesHere().includes(number));
    if (missing.length === 0 || location.search.includes('draf=1')) {
      restore(draft);
      return;
    }
    const query = new URLSearchParams(draft.search);
    casesOf(draft).slice(0, 100).forEach((number) => {
      if (!query.has('kelompok') && !query.getAll('kpm').includes(number)) query.append('kpm', number);
    });
    query.set('draf', '1');
    location.assign(`${location.pathname}?${query}`);
  };
  const offer = () => {
    const box = document.querySelector('[data-draft-offer]');
    const draft = keepsDraft() && drafts().read();
    if (!box || !draft) return;
    if (location.search.includes('draf=1')) { restore(draft); return; }
    const at = new Date(draft.at);
    const time = box.querySelector('[data-draft-at]');
    time.dateTime = at.toISOString();
    time.textContent = at.toLocaleString('id-ID', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
    box.hidden = false;
    box.querySelector('[data-draft-use]').addEventListener('click', () => { box.hidden = true; resume(draft); });
    box.querySelector('[data-draft-drop]').addEventListener('click', () => { box.hidden = true; drafts().drop(); });
  };

  // --- the form itself ---
  const ready = () => {
    if (!form()) return;
    const kind = form().querySelector('[name="kind"]:checked');
    form().querySelectorAll('[data-phrases-for]').forEach((box) => {
      box.hidden = Boolean(kind) && box.dataset.phrasesFor !== kind.value;
      if (!box.hidden) box.open = true;
    });
    const name = form().querySelector('[data-kind-name]');
    if (kind && name) name.textContent = kind.dataset.name;
    const dates = form().querySelector('[data-step-dates]');
    if (dates) dates.hidden = false;
  };
  const countFamilies = () => {
    const count = document.querySelector('[data-family-count]');
    if (count) count.textContent = form().querySelectorAll('[data-family-list] [name="kpm"]:checked').length;
  };
  document.addEventListener('change', (event) => {
    const field = event.target;
    if (field.name === 'kind') {
      ready();
      field.closest('details').open = false;
    }
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

  // --- sending ---
  const problem = (words) => {
    const box = document.querySelector('[data-send-problem]');
    box.querySelector('[data-send-problem-text]').textContent = words;
    box.hidden = false;
    box.scrollIntoView({ block: 'center' });
  };
  const SAFE = 'Yang diketik aman sebagai draf di HP ini.';
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.target === form()) { save(); document.querySelector('[data-send-problem]').hidden = true; }
  });
  document.addEventListener('htmx:sendError', (event) => {
    if (event.target === form()) problem(`Tidak ada sinyal. ${SAFE} Tekan Simpan lagi bila sinyal sudah ada.`);
  });
  document.addEventListener('htmx:timeout', (event) => {
    if (event.target === form()) problem(`Sinyal terlalu lemah. ${SAFE} Tekan Simpan lagi; catatan tidak akan dobel.`);
  });
  document.addEventListener('htmx:responseError', (event) => {
    if (event.target === form()) problem(`Server sedang terganggu. ${SAFE} Coba simpan lagi beberapa menit lagi.`);
  });
  document.addEventListener('htmx:afterSettle', ready);
  ready();
  offer();
})();
