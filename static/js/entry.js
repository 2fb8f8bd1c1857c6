// A form that is long to fill in ([data-draft-form]): what is typed is kept as a draft, an earlier draft is offered, and
// what could not be sent is said plainly. The script of the page starts it with what only that page knows:
// `describe(draft)` in words, `address(draft)` to go to first when the draft belongs to another state of the page (or
// null), `ready(draft)` after each redraw and restored draft.
(() => {
  'use strict';
  const SAVE_AFTER_MS = 600;
  const NOT_KEPT = new Set(['csrfmiddlewaretoken', 'photos', 'q']);
  const SAFE = 'Yang diketik aman sebagai draf di HP ini.';
  const REFUSED = {
    400: 'Isinya terlalu besar untuk dikirim sekaligus. Kurangi keluarga atau foto, lalu simpan lagi.',
    403: `Halaman ini sudah lama terbuka. ${SAFE} Muat ulang, pilih Lanjutkan, lalu simpan.`,
    413: 'Fotonya terlalu besar untuk dikirim sekaligus. Kurangi fotonya, lalu simpan lagi.',
  };
  const form = () => document.querySelector('[data-draft-form]');
  const drafts = () => window.langkahDraft;
  const keepsDraft = () => form() && !('noDraft' in form().dataset);

  // --- draft ---
  let timer = 0;
  let pending = false;
  const say = (words) => {
    const state = document.querySelector('[data-draft-state]');
    if (state) state.textContent = words;
  };
  const search = () => {
    const query = new URLSearchParams(location.search);
    query.delete('draf');
    return query.toString();
  };
  const save = () => {
    clearTimeout(timer);
    if (!pending || !keepsDraft()) return;
    pending = false;
    const kept = drafts().write({
      op: form().elements.op_id.value,
      page: location.pathname,
      search: search(),
      fields: Array.from(new FormData(form())).filter(([name]) => !NOT_KEPT.has(name)),
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

  const restore = (draft) => {
    const fields = form().elements;
    const values = new Map();
    draft.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    const chosen = new Set(); // a role stands among those used last and in its card; one of the two is enough
    for (const field of fields) {
      if (!field.name || NOT_KEPT.has(field.name)) continue;
      if (field.type === 'hidden' && field.name === 'kpm') continue; // which families are listed is the page's to say
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
    say('Draf dipulihkan');
  };
  const offer = (page) => {
    const list = document.querySelector('[data-draft-offers]');
    if (!list || !keepsDraft()) return;
    const resume = (draft) => {
      const query = page.address(draft);
      if (query) {
        query.set('draf', draft.op);
        location.assign(`${location.pathname}?${query}`);
        return;
      }
      restore(draft);
      page.ready(draft);
    };
    const wanted = new URLSearchParams(location.search).get('draf');
    drafts().list(location.pathname).forEach((draft) => {
      if (draft.op === wanted) { restore(draft); page.ready(draft); return; }
      const item = document.querySelector('template[data-draft-offer]').content.cloneNode(true).firstElementChild;
      const at = new Date(draft.at);
      item.querySelector('[data-draft-what]').textContent = page.describe(draft);
      item.querySelector('time').dateTime = at.toISOString();
      item.querySelector('time').textContent = at.toLocaleString('id-ID', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
      item.querySelector('[data-draft-use]').addEventListener('click', () => { item.remove(); resume(draft); });
      item.querySelector('[data-draft-drop]').addEventListener('click', () => { item.remove(); drafts().drop(draft.op); });
      list.append(item);
    });
  };

  // --- sending ---
  const problem = (words, reload = false) => {
    const box = document.querySelector('[data-send-problem]');
    box.querySelector('[data-send-problem-text]').textContent = words;
    box.querySelector('[data-send-reload]').hidden = !reload;
    box.hidden = false;
    box.scrollIntoView({ block: 'center' });
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

  window.langkahEntry = (page) => {
    document.addEventListener('htmx:afterSettle', () => page.ready());
    page.ready();
    offer(page);
  };
})();
