// Small help on every page; everything works without it.
(() => {
  'use strict';
  const SENDING_MS = 20000; // after this a form may be sent again; its op_id keeps one entry from becoming two
  document.documentElement.classList.add('js');

  // What the server sent is what stands in a form. A browser that comes back fills it in from memory, by position: ticks on
  // other people, a filter that is not in force, another's words. It is asked to keep none.
  const forms = () => Array.from(document.forms);
  const forgetful = () => forms().forEach((form) => form.setAttribute('autocomplete', 'off'));
  const asSent = () => forms().forEach((form) => form.reset());
  const [arrival] = performance.getEntriesByType('navigation');
  if (!arrival || arrival.type !== 'navigate') {
    let used = false; // then it is this person's, as is a draft put back
    ['pointerdown', 'keydown', 'input', 'langkah:restored'].forEach((name) => {
      document.addEventListener(name, () => { used = true; }, { capture: true, once: true });
    });
    asSent();
    window.addEventListener('pageshow', () => { if (!used) asSent(); }); // Chromium fills in only just before
  }
  forgetful();
  document.addEventListener('htmx:load', forgetful);
  // A page kept whole in memory may be another's: it is fetched anew.
  window.addEventListener('pagehide', () => { if (document.body.dataset.user) document.documentElement.hidden = true; });
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

  // A page that stood open over midnight keeps no day that is over where nobody chose one. The server asks about it too.
  const dayOf = (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  let day = dayOf(new Date());
  const turnDay = () => {
    const now = dayOf(new Date());
    if (now === day || document.visibilityState === 'hidden') return;
    document.querySelectorAll('form[method="post"] input[type="date"]').forEach((input) => {
      ['min', 'max'].forEach((bound) => { if (input[bound] === day) input[bound] = now; });
      if (input.defaultValue !== day || input.value !== day) return;
      input.defaultValue = now;
      input.value = now;
    });
    day = now;
  };
  document.addEventListener('visibilitychange', turnDay);
  window.addEventListener('focus', turnDay);
  document.addEventListener('focusin', turnDay); // a page that stays in sight

  // htmx sends the CSRF token in a header.
  document.addEventListener('htmx:configRequest', (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token && event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token.content;
  });

  // One tap, one request; a second try carries the same op_id.
  const release = (form) => {
    delete form.dataset.sending;
    form.querySelectorAll('[data-held]').forEach((button) => {
      button.removeAttribute('aria-disabled');
      delete button.dataset.held;
    });
  };
  const hold = (form) => {
    form.dataset.sending = '1';
    form.querySelectorAll('button:not([type="button"])').forEach((button) => {
      button.setAttribute('aria-disabled', 'true');
      button.dataset.held = '1';
    });
    setTimeout(() => release(form), SENDING_MS);
  };
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('target')) return;
    if (form.dataset.sending) event.preventDefault();
    else hold(form);
  });
  document.addEventListener('htmx:beforeRequest', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== 'post') return;
    if (form.dataset.sending) event.preventDefault();
    else hold(form);
  });
  document.addEventListener('htmx:afterRequest', (event) => {
    // On the way to another page it stays held.
    const leaves = event.detail.xhr && event.detail.xhr.getResponseHeader('HX-Redirect');
    if (event.target instanceof HTMLFormElement && !leaves) release(event.target);
  });

  // A part that could not be fetched says so above the page; forms have words of their own.
  document.addEventListener('htmx:beforeRequest', () => {
    document.querySelectorAll('.content [data-unavailable]').forEach((notice) => notice.remove());
  });
  document.addEventListener('htmx:responseError', (event) => {
    if (event.detail.xhr.status !== 503 || event.target.closest('form[method="post"]')) return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, 'text/html');
    const notice = answer.querySelector('[data-unavailable]');
    if (!notice) return;
    notice.setAttribute('role', 'alert');
    document.querySelector('#isi .content').prepend(notice);
    notice.scrollIntoView({ block: 'center' });
  });

  // What is offered for a moment goes when it is over, but not from under a finger or a key.
  const vanish = () => document.querySelectorAll('[data-vanish]').forEach((part) => {
    setTimeout(() => { if (!part.contains(document.activeElement)) part.remove(); }, part.dataset.vanish * 1000);
  });
  document.addEventListener('DOMContentLoaded', vanish);

  // What went wrong is read first, with a way into the field.
  const focusErrors = (root) => {
    const summary = root.querySelector('[data-error-summary]');
    if (summary) summary.focus();
  };
  const ready = (root) => {
    root.querySelectorAll('[data-reveal]').forEach((button) => { button.hidden = false; });
  };
  document.addEventListener('DOMContentLoaded', () => { ready(document); focusErrors(document); });
  document.addEventListener('htmx:afterSettle', (event) => { ready(event.target); focusErrors(event.target); });

  document.addEventListener('click', (event) => {
    const dismiss = event.target.closest('[data-dismiss]');
    if (dismiss) {
      dismiss.closest('.alert').remove();
      document.getElementById('isi').focus({ preventScroll: true });
      return;
    }
    const reveal = event.target.closest('[data-reveal]');
    if (reveal) {
      const input = document.getElementById(reveal.dataset.reveal);
      const shown = input.type === 'text';
      input.type = shown ? 'password' : 'text';
      reveal.setAttribute('aria-pressed', String(!shown));
      return;
    }
    const link = event.target.closest('[data-error-summary] a[href^="#"]');
    if (link) {
      const target = document.getElementById(link.hash.slice(1));
      const input = target && (target.matches('fieldset') ? target.querySelector('input') : target);
      if (input) { event.preventDefault(); input.focus(); }
    }
  });

  // A hint: who says "online" may still have no internet.
  const bar = document.querySelector('[data-offline-bar]');
  const signal = () => { bar.hidden = navigator.onLine; };
  if (bar) {
    window.addEventListener('online', signal);
    window.addEventListener('offline', signal);
    signal();
  }
})();

// One rule for every form that is sent: what is typed is kept until the server has taken it. A draft lies under a tag of
// its user, holds no names of people, no identity numbers and no photos, and ends after seven days.
(() => {
  'use strict';
  const PREFIX = 'langkah-draft:';
  const DAYS = 7;
  const SAVE_AFTER_MS = 1000; // from the first letter, not the last
  const MOST_SHOWN = 60;
  const NOT_KEPT = /^(csrfmiddlewaretoken|op_id|q|nik|no_kk|nip|username)$/;
  const PEOPLE = /^\/(kpm|petugas)\/|\/(kontak|pelatih)\//; // where `name` is that of a person
  const SEEN = ['version', 'seen']; // a change since then is told
  const TOO_MUCH = ['Isinya terlalu besar untuk dikirim sekaligus.', 'Kurangi keluarga atau foto, lalu kirim lagi.'];
  const REFUSED = {
    400: TOO_MUCH,
    403: ['Halaman ini sudah lama terbuka.', 'Muat ulang halaman ini, lalu kirim lagi.'],
    404: ['Data ini tidak ditemukan lagi.', 'Periksa apakah masih Anda dampingi.'],
    413: TOO_MUCH,
  };
  const { user } = document.body.dataset;
  if (!user) return;
  // An entry of the history is its user's, with what was searched for.
  const remember = (more) => history.replaceState({ ...history.state, user, ...more }, '');
  const { user: owner = user, stored } = history.state || {};
  if (owner !== user) {
    history.replaceState({ user }, '', location.pathname);
    location.reload();
    return;
  }
  remember();
  document.addEventListener('htmx:replacedInHistory', () => remember());

  // Drafts lie here, on a phone for work sealed (phone/page.js).
  const mine = `${PREFIX}${user}:`;
  const kept = new Map(); // key of a form: its draft
  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const isOver = (draft) => !draft || !draft.page || Date.now() - draft.at > DAYS * 86400000;
  const here = {
    all: () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).map((name) => {
      const draft = parse(localStorage.getItem(name));
      if (isOver(draft)) localStorage.removeItem(name);
      return name.startsWith(mine) && draft;
    }).filter(Boolean),
    put: (draft) => localStorage.setItem(mine + draft.op, JSON.stringify(draft)),
    drop: (key) => localStorage.removeItem(mine + key),
  };
  let shelf = here;
  const drafts = () => Array.from(kept.values()).sort((one, other) => other.at - one.at);
  const drop = async (key) => {
    kept.delete(key);
    try { await shelf.drop(key); } catch {}
  };
  const write = async (unnamed) => {
    const draft = { ...unnamed, at: Date.now() };
    await opened;
    kept.set(draft.op, draft);
    try { await shelf.put(draft); } catch { return false; } // full or switched off
    if (!kept.has(draft.op)) drop(draft.op); // stored meanwhile
    return true;
  };
  const openDrafts = async () => {
    if (self.langkahPage) shelf = await langkahPage.shelf(here) || here;
    (await shelf.all()).forEach((draft) => (isOver(draft) ? drop(draft.op) : kept.set(draft.op, draft)));
  };
  const opened = new Promise((done) => {
    document.addEventListener('DOMContentLoaded', () => openDrafts().catch(() => {}).then(done));
  });

  // --- forms ---
  const addressOf = (form) => form.getAttribute('hx-post') || form.getAttribute('action') || `${location.pathname}${location.search}`;
  const pathOf = (form) => new URL(addressOf(form), location.href).pathname;
  const keyOf = (form) => (form.elements.op_id ? form.elements.op_id.value : pathOf(form));
  const isSent = (form) => form.method === 'post' && !form.hasAttribute('target') && !('plain' in form.dataset) && !form.querySelector('[type="password"], [autocomplete="one-time-code"]');
  const isTicked = (field) => /^(radio|checkbox)$/.test(field.type);
  const FILLED = 'textarea, select, input:not([type="hidden"]):not([type="checkbox"]):not([type="search"]):not([type="file"])';
  const isEntry = (form) => isSent(form) && !('noDraft' in form.dataset)
    && Array.from(form.elements).some((field) => field.name && field.matches(FILLED));
  const entries = () => Array.from(document.forms).filter(isEntry);
  const isKept = (name) => Boolean(name) && !NOT_KEPT.test(name) && (shelf !== here || !(name === 'name' && PEOPLE.test(location.pathname)));

  const shown = (name) => {
    const template = document.querySelector(`template[data-memory="${name}"]`);
    return template && template.content.cloneNode(true).firstElementChild;
  };
  const content = () => document.querySelector('#isi .content');
  const above = (form, item) => {
    let place = form;
    for (let box = form; box; box = box.parentElement.closest('details')) place = box; // not folded away
    if (place) place.before(item);
    else content().prepend(item);
  };
  const clock = (item, at) => {
    item.querySelector('time').textContent = new Date(at).toLocaleString('id-ID', { dateStyle: 'short', timeStyle: 'short' });
  };
  const state = (form, words) => {
    let place = form.querySelector('[data-draft-state]');
    if (!place) {
      place = document.createElement('span');
      place.className = 'small muted';
      place.setAttribute('role', 'status');
      place.dataset.draftState = '';
      const bar = form.querySelector('.actionbar');
      const button = form.querySelector('button:not([type="button"])');
      if (bar) { bar.classList.add('actionbar--told'); bar.prepend(place); }
      else if (button) (button.closest('.btn-row') || button).before(place);
    }
    place.textContent = words;
  };

  // --- keeping ---
  const touched = new Map(); // key of a form: the names of the fields filled in
  const waiting = new Set();
  let timer = 0;
  const hasFiles = (form) => Array.from(form.elements).some((field) => field.type === 'file' && field.files.length);
  const keep = (form) => {
    const names = Array.from(touched.get(keyOf(form)) || []);
    if (!names.length || form.dataset.taken || !form.isConnected) return;
    const fields = Array.from(form.elements).filter((field) => names.includes(field.name) && field.type !== 'file');
    const texts = fields.filter((field) => /^text/.test(field.type)).map((field) => field.value.trim());
    const query = new URLSearchParams(location.search);
    query.delete('draf');
    write({
      op: keyOf(form),
      page: location.pathname,
      search: query.toString(),
      to: pathOf(form),
      names,
      fields: fields.filter((field) => !isTicked(field) || field.checked).map((field) => [field.name, field.value]),
      seen: SEEN.filter((name) => form.elements[name]).map((name) => [name, form.elements[name].value]),
      text: texts.sort((one, other) => other.length - one.length)[0] || '',
      photos: hasFiles(form),
    }).then((isKept) => {
      const words = hasFiles(form) ? 'Draf tersimpan di HP ini, tanpa foto' : 'Draf tersimpan di HP ini';
      if (!form.dataset.taken) state(form, isKept ? words : 'Memori HP penuh: draf tidak tersimpan');
    });
  };
  const keepAll = () => {
    clearTimeout(timer);
    timer = 0;
    waiting.forEach(keep);
    waiting.clear();
  };
  const touch = (event) => {
    const { form, name } = event.target;
    if (!form || !isKept(name) || !isEntry(form)) return;
    const names = touched.get(keyOf(form)) || new Set();
    touched.set(keyOf(form), names.add(name));
    waiting.add(form);
    if (!timer) timer = setTimeout(keepAll, SAVE_AFTER_MS);
  };
  document.addEventListener('input', touch);
  document.addEventListener('change', touch);
  document.addEventListener('visibilitychange', keepAll);
  window.addEventListener('pagehide', keepAll);

  // --- offering ---
  const namesOf = (draft) => new Set(draft.names || draft.fields.map(([name]) => name));
  const restore = (form, draft) => {
    const values = new Map();
    draft.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) || []), value]));
    const chosen = new Set(); // a role stands among those used last and in its card; one of the two is enough
    for (const field of form.elements) {
      // What stands on the page is the page's to say.
      if (!namesOf(draft).has(field.name) || !isKept(field.name) || /^(file|hidden)$/.test(field.type)) continue;
      const wanted = values.get(field.name) || [];
      if (field.type === 'radio') {
        field.checked = wanted.includes(field.value) && !chosen.has(field.name);
        if (field.checked) chosen.add(field.name);
      } else if (field.type === 'checkbox') field.checked = wanted.includes(field.value);
      else if (wanted.length) field.value = wanted.length > 1 ? wanted.shift() : wanted[0];
      if (isTicked(field) ? !field.checked : !field.value) continue;
      for (let box = field.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
    }
    (draft.seen || []).forEach(([name, value]) => { if (form.elements[name]) form.elements[name].value = value; });
    if (form.elements.op_id) form.elements.op_id.value = draft.op;
    touched.set(draft.op, namesOf(draft));
    form.hidden = false;
    state(form, draft.photos ? 'Draf dipulihkan. Pilih lagi fotonya' : 'Draf dipulihkan');
    form.dispatchEvent(new CustomEvent('langkah:restored', { bubbles: true }));
  };
  // Families that were added to a visit stand on the page once its address names them.
  const casesOf = (draft) => draft.fields.filter(([name]) => name === 'kpm').map(([, value]) => value);
  const resume = (form, draft) => {
    const query = new URLSearchParams(draft.search);
    const here = new URLSearchParams(location.search);
    const cases = casesOf(draft).filter((value) => !form.querySelector(`[name="kpm"][value="${CSS.escape(value)}"]`));
    if (here.get('draf') === draft.op || (draft.search === here.toString() && !cases.length)) {
      restore(form, draft);
      return;
    }
    if (!query.has('kelompok')) cases.slice(0, 100).forEach((value) => query.append('kpm', value));
    query.set('draf', draft.op);
    location.assign(`${location.pathname}?${query}`);
  };
  const describe = (draft) => {
    const cases = Array.from(new Set([...new URLSearchParams(draft.search).getAll('kpm'), ...casesOf(draft)]));
    const parts = cases.length > 1 ? [`${cases[0]} dan ${cases.length - 1} keluarga lain`] : cases;
    return [...parts, draft.text ? `“${draft.text.slice(0, MOST_SHOWN)}”` : `${namesOf(draft).size} isian`].join(', ');
  };
  const offer = (draft) => {
    const form = entries().find((one) => pathOf(one) === (draft.to || draft.page));
    if (form && draft.op === new URLSearchParams(location.search).get('draf')) { restore(form, draft); return; }
    const item = shown('offer');
    const [use, away] = item.querySelectorAll('button');
    // A page that has no such form any more still gives back what was written.
    item.querySelector('[data-draft-what]').textContent = form ? describe(draft) : draft.text;
    clock(item, draft.at);
    use.hidden = !form;
    use.addEventListener('click', () => { item.remove(); resume(form, draft); });
    away.addEventListener('click', () => { item.remove(); drop(draft.op); });
    above(form, item);
  };
  const remind = (open) => {
    const item = open.length && shown('reminder');
    if (!item) return;
    const link = item.querySelector('a');
    link.href = `${open[0].page}${open[0].search ? `?${open[0].search}` : ''}`;
    content().prepend(item);
  };

  // --- stored already: this entry of the history was answered, so Back must not lead into storing it twice ---
  const mark = (form) => {
    form.dataset.taken = '1';
    waiting.delete(form);
    drop(keyOf(form));
    if (isEntry(form)) remember({ stored: { to: pathOf(form), at: Date.now() } });
  };
  document.addEventListener('langkah:taken', ({ target }) => mark(target)); // in the outbox
  const tellStored = () => {
    if (stored) entries().filter((form) => pathOf(form) === stored.to).forEach((form) => {
      const item = shown('stored');
      clock(item, stored.at);
      item.querySelector('button').addEventListener('click', () => {
        remember({ stored: null });
        item.remove();
        form.hidden = false;
        form.dispatchEvent(new CustomEvent('langkah:restored', { bubbles: true }));
      });
      above(form, item);
      form.hidden = true;
    });
  };

  // --- sending: over htmx, so that a failure leaves everything where it is ---
  const dress = () => {
    if (!window.htmx) return;
    Array.from(document.forms).filter((form) => isSent(form) && !form.hasAttribute('hx-post')).forEach((form) => {
      form.setAttribute('hx-post', addressOf(form));
      form.setAttribute('hx-target', '#isi');
      form.setAttribute('hx-swap', 'outerHTML show:window:top');
      form.setAttribute('hx-encoding', form.enctype);
      htmx.process(form);
    });
  };
  const problem = ([what, then], reload = false) => {
    const box = shown('problem');
    box.querySelector('[data-send-problem-text]').textContent = `${what} Yang diketik tidak hilang. ${then}`;
    box.querySelector('[data-send-reload]').hidden = !reload;
    content().prepend(box);
    box.scrollIntoView({ block: 'center' });
  };
  const onForm = (name, act) => document.addEventListener(name, (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && isSent(form)) act(form, event.detail, event);
  });
  onForm('htmx:beforeRequest', keepAll);
  onForm('htmx:sendError', () => problem(['Tidak ada sinyal.', 'Kirim lagi bila sinyal sudah ada.']));
  onForm('htmx:timeout', () => problem(['Sinyal terlalu lemah.', 'Kirim lagi; isian tidak akan dobel.']));
  onForm('htmx:responseError', (form, { xhr }) => {
    problem(REFUSED[xhr.status] || ['Server sedang terganggu.', 'Coba lagi beberapa menit lagi.'], xhr.status === 403);
  });

  let refused;
  onForm('htmx:beforeOnLoad', (form, { xhr }, event) => {
    const header = (name) => xhr.getResponseHeader(name) || '';
    refused = null;
    // Each page of ours says what it may run; that of a Wi-Fi that wants a login first does not.
    if (xhr.status < 400 && !header('Content-Security-Policy')) {
      event.preventDefault();
      if (!form.dataset.waits) problem(['Yang menjawab bukan Langkah, mungkin Wi-Fi yang minta masuk dulu.', 'Sambungkan dulu, lalu kirim lagi.']);
      return;
    }
    if (xhr.status >= 400 || header('HX-Retarget') || header('HX-Redirect').startsWith('/masuk/')) return;
    const answer = header('HX-Redirect') ? null : new DOMParser().parseFromString(xhr.responseText, 'text/html');
    const key = keyOf(form);
    const again = answer && (answer.querySelector('[data-error-summary], .field--error') || answer.querySelector(`[name="op_id"][value="${CSS.escape(key)}"]`));
    if (again) refused = { key, to: pathOf(form), names: touched.get(key) };
    else mark(form);
  });
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const form = detail.requestConfig.elt;
    if (form.getAttribute('hx-target') === '#isi' && !detail.xhr.getResponseHeader('HX-Retarget')) detail.selectOverride = '#isi';
  });
  document.addEventListener('htmx:load', () => {
    dress();
    // Refused under one number and shown again under another: the draft goes along.
    if (!refused || !refused.names) return;
    entries().filter((form) => pathOf(form) === refused.to && keyOf(form) !== refused.key).forEach((form) => {
      drop(refused.key);
      touched.set(keyOf(form), refused.names);
      keep(form);
      refused = null;
    });
  });

  opened.then(() => document.querySelectorAll('[data-op]').forEach((message) => drop(message.dataset.op)));
  dress();
  document.addEventListener('DOMContentLoaded', tellStored);
  opened.then(() => {
    const open = drafts();
    const onPage = open.filter((draft) => draft.page === location.pathname);
    onPage.reverse().forEach(offer);
    if (!onPage.length) remind(open);
  });
})();
