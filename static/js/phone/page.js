// A page on a phone that its user works with: what is filled in is kept here before it is sent, the header says what waits,
// and the pages for the way without signal are fetched. On other phones it does nothing.
(() => {
  'use strict';
  const KEY_PATIENCE = 4000; // then a form keeps its draft as on any phone
  const HEAR_AFTER = 10 * 60000;
  const SEND_TIMEOUT = 20000;
  const NUMBERS = /^(nik|no_kk|number)$/; // never rest on a phone
  const ELSEWHERE = /^\/(masuk|keluar|akun|hp|petugas|jawab)\//;
  const { user, made } = document.body.dataset;
  if (!user || !langkah.usable()) return;
  const isAhead = Boolean(made);
  let phone = null; // {user, id} once this phone is the user's and open
  let practice = false;
  let reached = false; // whether the server answered since a page from the phone is shown: who says "online" may have no internet

  const shown = (name) => document.querySelector(`template[data-memory="${name}"]`).content.cloneNode(true).firstElementChild;
  const content = () => document.querySelector('#isi .content');
  const when = (at) => new Date(at).toLocaleString('id-ID', { dateStyle: 'medium', timeStyle: 'short' });

  // --- what the header says ---
  // The number alone, without whose it is, for the login page.
  const remember = (many) => {
    try {
      const { [user]: _, ...others } = JSON.parse(localStorage.getItem('langkah-waiting') || '{}');
      localStorage.setItem('langkah-waiting', JSON.stringify(many ? { ...others, [user]: many } : others));
    } catch {} // no store, no number
  };
  const status = document.querySelector('[data-phone-status]');
  const refreshStatus = async () => {
    if (!status) return;
    const { waiting, rejected, sent } = await outbox.count(user);
    const online = navigator.onLine && !practice && (!isAhead || reached);
    const words = practice ? 'Latihan' : online ? 'Ada sinyal' : 'Tanpa sinyal';
    status.hidden = false;
    status.classList.toggle('is-offline', !online);
    status.classList.toggle('is-waiting', waiting + rejected > 0);
    status.querySelector('[data-phone-signal]').textContent = words;
    status.querySelector('[data-phone-waiting]').textContent = waiting + rejected ? `${waiting + rejected} menunggu` : '';
    status.title = sent ? `Terakhir diterima server ${when(sent)}` : 'Belum ada yang dikirim dari HP ini';
    document.querySelectorAll('[data-waiting-here]').forEach((place) => {
      place.hidden = !waiting;
      place.textContent = `Diterima server. ${waiting} lagi menunggu di HP ini.`;
    });
    remember(waiting + rejected);
  };

  // --- forms ---
  const addressOf = (form) => form.getAttribute('hx-post') || form.getAttribute('action') || `${location.pathname}${location.search}`;
  const isWrite = (form) => form.method === 'post' && !form.hasAttribute('target') && !('plain' in form.dataset)
    && !ELSEWHERE.test(new URL(addressOf(form), location.href).pathname)
    && !Array.from(form.elements).some((field) => field.type === 'password' || (NUMBERS.test(field.name) && field.value));
  const hasFields = (form) => Array.from(form.elements).some((field) => field.name && field.matches('textarea, select, input:not([type="hidden"])'));
  const keep = async (form, submitter) => {
    if (!form.elements.op_id) {
      const field = Object.assign(document.createElement('input'), { type: 'hidden', name: 'op_id', value: langkah.uuid7() });
      form.append(field);
    }
    const data = Array.from(new FormData(form)).filter(([name]) => name !== 'csrfmiddlewaretoken');
    if (submitter && submitter.name) data.push([submitter.name, submitter.value]);
    const title = form.dataset.title || (hasFields(form) ? document.title.split(' · ')[0] : (submitter || form).textContent.trim().replace(/\s+/g, ' '));
    const seq = await outbox.put(user, {
      op: form.elements.op_id.value,
      title,
      path: addressOf(form),
      fields: data.filter(([, value]) => typeof value === 'string'),
      files: data.filter(([, value]) => typeof value !== 'string' && value.size),
      practice,
    });
    form.dataset.seq = seq;
  };
  // It rests on the phone: the page is done with it, and says where it is.
  const rest = async (form) => {
    form.dispatchEvent(new CustomEvent('langkah:taken', { bubbles: true }));
    delete form.dataset.keeping;
    if (!hasFields(form)) {
      const told = shown('resting');
      form.replaceWith(told);
      told.focus();
      return;
    }
    await refreshStatus().catch(console.error); // the next page may be nobody's, who is told the number
    try { sessionStorage.setItem('langkah-kept', String(Date.now())); } catch {}
    const back = document.querySelector('.page-head .back');
    location.assign(back ? back.getAttribute('href') : '/');
  };
  const problem = (words) => {
    const box = shown('problem');
    box.querySelector('[data-send-problem-text]').textContent = words;
    box.querySelector('[data-send-reload]').hidden = true;
    content().prepend(box);
    box.scrollIntoView({ block: 'center' });
  };
  const wake = async () => {
    const worker = navigator.serviceWorker && await navigator.serviceWorker.getRegistration();
    if (worker && worker.sync) worker.sync.register('langkah-outbox').catch(() => {}); // only where the browser wakes workers
  };

  // On the way to the form itself, after all that listens on the document: what stops a form there is not kept.
  document.body.addEventListener('submit', async (event) => {
    const { target: form, submitter } = event;
    if (!phone || event.defaultPrevented || !isWrite(form)) return;
    if (form.dataset.kept) { delete form.dataset.kept; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.keeping) return;
    form.dataset.keeping = '1';
    try {
      await keep(form, submitter);
    } catch (error) {
      delete form.dataset.keeping;
      if (navigator.onLine && !practice) { // as without a phone: sent from the page, which keeps what was typed
        form.dataset.kept = '1';
        form.requestSubmit(submitter);
        return;
      }
      problem(error.message === 'shut' ? 'Kunci HP sudah tertutup. Isian masih ada di sini. Buka kunci dulu, lalu simpan lagi.'
        : 'Memori HP penuh, jadi isian ini belum tersimpan. Isian masih ada di halaman ini. Kosongkan memori, atau kirim saat ada sinyal.');
      return;
    }
    if (!navigator.onLine || practice || isAhead || !window.htmx) {
      rest(form);
      if (!practice) outbox.send(user).then(refreshStatus);
      return;
    }
    form.dataset.kept = '1';
    form.dataset.waits = form.elements.op_id.value;
    form.requestSubmit(submitter);
  }, true);
  const onForm = (name, act) => document.addEventListener(name, (event) => {
    if (event.target instanceof HTMLFormElement && event.target.dataset.waits) act(event.target, event.detail, event);
  });
  onForm('htmx:configRequest', (form, detail) => { detail.headers['X-Langkah'] = '1'; });
  onForm('htmx:beforeSend', (form, { xhr }) => { xhr.timeout = SEND_TIMEOUT; });
  // The server's word about it comes with the page that answers.
  onForm('htmx:beforeOnLoad', (form, { xhr }, event) => {
    const [op, state, receipt] = (xhr.getResponseHeader('X-Langkah-Entry') || '').split(' ');
    // Not ours, or the login page, which would carry the form along a second time.
    if (xhr.getResponseHeader('X-Langkah') !== '1' || (!state && xhr.status < 400)) { event.preventDefault(); late(form, event); return; }
    if (op !== form.dataset.waits || !state) return;
    if (state === 'rejected') outbox.remove(op); // the page that comes shows it, to be corrected
    else outbox.settle(op, Number(form.dataset.seq), { state, receipt });
    delete form.dataset.waits;
    delete form.dataset.keeping;
  });
  // Nothing came, or nothing of ours: it waits here.
  const late = (form, event) => {
    delete form.dataset.waits;
    event.stopImmediatePropagation();
    wake();
    rest(form);
  };
  ['htmx:sendError', 'htmx:timeout', 'htmx:sendAbort'].forEach((name) => {
    document.body.addEventListener(name, (event) => {
      if (event.target instanceof HTMLFormElement && event.target.dataset.waits) late(event.target, event);
    }, true);
  });
  document.body.addEventListener('htmx:responseError', (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.dataset.waits && event.detail.xhr.status >= 500) late(form, event);
    else if (form instanceof HTMLFormElement) { delete form.dataset.waits; delete form.dataset.keeping; }
  }, true);
  document.addEventListener('htmx:afterRequest', (event) => { if (event.target instanceof HTMLFormElement) delete event.target.dataset.keeping; });

  // --- a page that was rendered ahead ---
  const fill = (form, values) => {
    const wanted = new Map(Object.entries(values));
    for (const field of form.elements) {
      if (!wanted.has(field.name)) continue;
      const chosen = wanted.get(field.name).map(String);
      if (/^(radio|checkbox)$/.test(field.type)) field.checked = chosen.includes(field.value);
      else if (field.type !== 'file') field.value = chosen.length > 1 ? chosen.shift() : chosen[0] || '';
    }
    form.dispatchEvent(new CustomEvent('langkah:restored', { bubbles: true }));
  };
  // The form that has one of these fields, beside those that every form has.
  const formFor = (values) => {
    const names = Object.keys(values).filter((name) => name !== 'op_id' && name !== 'version');
    return Array.from(document.forms).find((form) => form.method === 'post' && names.some((name) => form.elements[name]));
  };
  // A page that was rendered on another day tells what has come near or gone by since.
  const DAY = 86400000;
  const SOON = 30;
  const OVERDUE = 60;
  const daysSince = (text) => Math.round((new Date().setHours(12, 0, 0, 0) - new Date(`${text}T12:00`)) / DAY);
  const tellDays = () => {
    document.querySelectorAll('[data-seen]').forEach((place) => {
      const days = daysSince(place.dataset.seen);
      const number = place.querySelector('.stat__num');
      if (number) {
        number.textContent = days;
        if (days === 0) place.querySelector('.stat__label').textContent = 'baru dikunjungi hari ini';
        return;
      }
      place.textContent = days === 0 ? 'Hari ini' : days === 1 ? 'Kemarin' : `${days} hari lalu`;
      place.className = `pill pill--${days >= OVERDUE ? 'overdue' : days >= SOON ? 'soon' : 'ok'}`;
    });
    document.querySelectorAll('[data-due]').forEach((place) => {
      const days = daysSince(place.getAttribute('datetime'));
      const word = days > 0 ? 'lewat, ' : days === 0 ? 'hari ini, ' : days === -1 ? 'besok, ' : '';
      if (days > 0) place.classList.add('pill', 'pill--overdue');
      place.textContent = `${word}${place.textContent}`;
    });
  };
  const dressAhead = () => {
    const told = shown('ahead');
    told.querySelector('time').textContent = when(Number(made));
    content().prepend(told);
    const values = JSON.parse(document.body.dataset.fill || '{}');
    const form = formFor(values);
    if (form) fill(form, values);
    tellDays();
    const asked = document.querySelectorAll('[data-asked-of="anak_sekolah"]');
    if (!('noSchool' in document.body.dataset) || !asked.length) return;
    const talk = asked[0].form || asked[0].closest('form');
    asked.forEach((part) => part.remove());
    talk.dispatchEvent(new CustomEvent('langkah:restored', { bubbles: true }));
  };
  // The photos that were chosen, as they are: they were made small the first time.
  const choose = async (input, op, photos) => {
    const chosen = new DataTransfer();
    for (const photo of photos) chosen.items.add(new File([await outbox.photoOf(op, photo)], photo.name, { type: 'image/jpeg' }));
    input.files = chosen.files;
    input.dispatchEvent(new CustomEvent('change', { bubbles: true, detail: 'small' }));
  };
  // An entry that was refused, or that its author wants to look at again.
  const reopen = async () => {
    const op = new URLSearchParams(location.hash.slice(1)).get('kiriman');
    const row = op && await langkah.get('outbox', op);
    if (!row || row.user !== user) return;
    const entry = await outbox.entryOf(row);
    if (!entry) return;
    // Families that were added to a visit stand on the page once its address names them.
    const query = new URLSearchParams(location.search);
    const cases = entry.fields.filter(([name]) => name === 'kpm').map(([, value]) => value);
    const missing = cases.filter((number) => !document.querySelector(`[name="kpm"][value="${CSS.escape(number)}"]`) && !query.getAll('kpm').includes(number));
    if (missing.length) {
      ['kpm', 'kelompok'].forEach((name) => query.delete(name));
      cases.forEach((number) => query.append('kpm', number));
      location.replace(`${location.pathname}?${query}${location.hash}`);
      return;
    }
    const values = {};
    entry.fields.forEach(([name, value]) => { values[name] = [...(values[name] || []), value]; });
    const form = formFor(values);
    if (form) {
      fill(form, values);
      for (const name of new Set(entry.photos.map(({ field }) => field))) await choose(form.elements[name], row.op, entry.photos.filter(({ field }) => field === name));
    }
    history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  };
  const tellKept = () => {
    let at = 0;
    try { at = Number(sessionStorage.getItem('langkah-kept')); sessionStorage.removeItem('langkah-kept'); } catch {}
    if (at && Date.now() - at < 60000) content().prepend(shown(practice ? 'practised' : 'kept'));
  };
  // What of this family waits here stands on its page too.
  const tellWaiting = async () => {
    const number = (/^\/kpm\/(PKH-[0-9A-Z]{5})\/$/.exec(location.pathname) || [])[1];
    if (!number) return;
    const rows = (await outbox.rowsOf(user)).filter(outbox.isOpen);
    const entries = (await Promise.all(rows.map(outbox.entryOf))).filter((entry) => entry && entry.family.split(' ').includes(number));
    if (!entries.length) return;
    const box = shown('waiting');
    const list = box.querySelector('ul');
    const item = list.firstElementChild;
    entries.forEach((entry, at) => {
      const line = at ? item.cloneNode(true) : item;
      line.textContent = entry.title;
      list.append(line);
    });
    content().prepend(box);
  };

  // --- the pages for later: fetched by the worker, which goes on when this page is left ---
  const fetchBundle = async ({ force = false } = {}) => {
    const { active } = await navigator.serviceWorker.ready;
    return new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = ({ data }) => done(data);
      active.postMessage({ refresh: user, force }, [channel.port2]);
    });
  };

  // --- the key, and the word with the server ---
  const post = (address, fields) => outbox.ask(address, {
    method: 'POST', body: new URLSearchParams(fields),
    headers: { 'X-CSRFToken': document.querySelector('meta[name="csrf-token"]').content, 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)).buffer;
  const ended = async () => {
    await langkah.wipe(user);
    phone = null;
  };
  const openWithServer = async (known) => {
    const { app = '' } = await langkah.mark(user) || {};
    const answer = await post('/hp/kunci/', { phone: known.id, app });
    if (answer.status === 410 && await outbox.isOver(user)) await ended();
    if (answer.status !== 200) return null;
    return bytesOf(answer.said.key);
  };
  const hear = async () => {
    const last = await langkah.get('meta', `heard:${user}`) || 0;
    const { waiting, oldest } = await outbox.count(user);
    if (Date.now() - last < HEAR_AFTER && !waiting) return;
    const since = waiting ? String(Math.round(oldest)) : '';
    const { app = '' } = await langkah.mark(user) || {};
    const answer = await post('/hp/kabar/', { phone: phone.id, app, waiting: String(waiting), since, at: String(Date.now()) });
    if (answer.status === 410 && await outbox.isOver(user)) await ended(); // else somebody else is logged in
    else if (answer.status === 200) await langkah.change(['meta', `heard:${user}`, Date.now()]);
  };
  const contact = async ({ force = false } = {}) => {
    if (!phone || practice || !navigator.onLine) return;
    await outbox.send(user, { force });
    if (isAhead) {
      reached = Boolean((await outbox.ask('/hp/tanda/')).status);
      refreshStatus();
      return;
    }
    await hear();
    if (phone) await fetchBundle().catch(() => false);
    refreshStatus();
  };

  // --- leaving: what could be read here goes, what waits stays for its owner ---
  const leave = document.querySelector('[data-phone-leave]');
  const askToSend = async () => {
    if (!leave) return;
    const { waiting, rejected } = await outbox.count(user);
    leave.querySelector('[data-phone-logout]').hidden = !(waiting + rejected);
    leave.querySelector('[data-phone-logout-count]').textContent = waiting + rejected;
  };
  if (leave) {
    leave.addEventListener('submit', async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      await langkah.leave(user).catch(console.error); // logging out must not depend on this store
      leave.submit();
    }, true);
    leave.querySelector('[data-phone-logout-send]').addEventListener('click', async () => {
      await outbox.send(user, { force: true });
      askToSend();
    });
  }

  const start = async () => {
    const last = await langkah.phone();
    if (last && last.user !== user) await langkah.shut(last.user); // another person holds the phone now
    const known = await langkah.get('meta', `phone:${user}`);
    if (!known) return;
    if (!last || last.user !== user) await langkah.begin(user, known.id);
    practice = Boolean(await langkah.get('meta', `practice:${user}`));
    document.body.classList.toggle('is-practice', practice);
    if (!await langkah.openKey(user) && navigator.onLine && !isAhead) {
      const bytes = await openWithServer(known);
      if (bytes) await langkah.openWith(user, bytes);
    }
    if (!await langkah.openKey(user)) { refreshStatus(); return; }
    phone = { user, id: known.id };
    document.body.classList.add('is-phone');
    navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
    if (isAhead) dressAhead();
    tellKept();
    await reopen();
    await tellWaiting();
    await askToSend();
    await refreshStatus();
    contact({ force: !isAhead }); // a page that came from the server says that it can be heard
  };
  const again = () => { refreshStatus(); contact({ force: true }); };
  window.addEventListener('online', again);
  window.addEventListener('offline', refreshStatus);
  const refreshSoon = langkah.seldom(refreshStatus);
  window.addEventListener('langkah:outbox', refreshSoon);
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') contact(); });
  if (self.BroadcastChannel) new BroadcastChannel('langkah').addEventListener('message', refreshSoon);
  setInterval(() => contact(), 60000);

  const started = start();
  // Where drafts lie once the key is open; those that lie unsealed in `local` come along. Null while it is shut.
  const shelf = async (local) => {
    await Promise.race([started, new Promise((done) => { setTimeout(done, KEY_PATIENCE); })]);
    if (!phone) return null;
    for (const draft of local.all()) {
      await langkah.keepDraft(user, draft.op, draft);
      local.drop(draft.op);
    }
    return {
      all: async () => {
        const rows = new Map((await outbox.rowsOf(user)).map((row) => [row.op, row.at]));
        const [over, open] = [[], []]; // a page may be gone before it can drop the draft of what rests in the outbox
        (await langkah.draftsOf(user)).forEach((draft) => (rows.get(draft.op) >= draft.at ? over : open).push(draft));
        await Promise.all(over.map((draft) => langkah.dropDraft(user, draft.op)));
        return open;
      },
      put: (draft) => langkah.keepDraft(user, draft.op, draft),
      drop: (key) => langkah.dropDraft(user, key),
    };
  };
  self.langkahPage = { user, when, post, bytesOf, openWithServer, fetchBundle, contact, refreshStatus, shelf, started };
})();
