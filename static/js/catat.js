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
  const searchOnly = () => {
    const query = new URLSearchParams(location.search);
    query.delete('draf');
    return query.toString();
  };
  const save = () => {
    clearTimeout(timer);
    if (!pending || !keepsDraft()) return;
    pending = false;
    const kept = drafts().write({
      op: form().elements.op_id.value, search: searchOnly(), fields: typed(),
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
    if (missing.length === 0) {
      restore(draft);
      return;
    }
    const query = new URLSearchParams(draft.search);
    casesOf(draft).slice(0, 100).forEach((number) => {
      if (!query.has('kelompok') && !query.getAll('kpm').includes(number)) query.append('kpm', number);
    });
    query.set('draf', draft.op);
    location.assign(`${location.pathname}?${query}`);
  };
  const describe = (draft) => {
    const cases = casesOf(draft);
    if (cases.length === 0) return 'tanpa keluarga';
    return cases.length === 1 ? cases[0] : `${cases[0]} dan ${cases.length - 1} keluarga lain`;
  };
  const offer = () => {
    const list = document.querySelector('[data-draft-offers]');
    if (!list || !keepsDraft()) return;
    const wanted = new URLSearchParams(location.search).get('draf');
    drafts().list().forEach((draft) => {
      if (draft.op === wanted) { restore(draft); return; }
      const item = document.querySelector('template[data-draft-offer]').content.cloneNode(true).firstElementChild;
      const at = new Date(draft.at);
      item.querySelector('[data-draft-what]').textContent = describe(draft);
      item.querySelector('time').dateTime = at.toISOString();
      item.querySelector('time').textContent = at.toLocaleString('id-ID', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
      item.querySelector('[data-draft-use]').addEventListener('click', () => { item.remove(); resume(draft); });
      item.querySelector('[data-draft-drop]').addEventListener('click', () => { item.remove(); drafts().drop(draft.op); });
      list.append(item);
    });
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
    if (event.target.id !== 'family-find') return;
    event.preventDefault();
    htmx.trigger(document.querySelector('[data-family-search]'), 'search');
  });

  // --- sending ---
  const problem = (words, reload = false) => {
    const box = document.querySelector('[data-send-problem]');
    box.querySelector('[data-send-problem-text]').textContent = words;
    box.querySelector('[data-send-reload]').hidden = !reload;
    box.hidden = false;
    box.scrollIntoView({ block: 'center' });
  };
  const SAFE = 'Yang diketik aman sebagai draf di HP ini.';
  const REFUSED = {
    400: 'Isinya terlalu besar untuk dikirim sekaligus. Kurangi keluarga atau foto, lalu simpan lagi.',
    403: `Halaman ini sudah lama terbuka. ${SAFE} Muat ulang, pilih Lanjutkan, lalu simpan.`,
    413: 'Fotonya terlalu besar untuk dikirim sekaligus. Kurangi fotonya, lalu simpan lagi.',
  };
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
    if (event.target !== form()) return;
    const { status } = event.detail.xhr;
    problem(REFUSED[status] || `Server sedang terganggu. ${SAFE} Coba simpan lagi beberapa menit lagi.`, status === 403);
  });
  document.addEventListener('htmx:afterSettle', ready);
  ready();
  offer();
})();
