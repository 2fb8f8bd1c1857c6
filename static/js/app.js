// Langkah: small help on every page. Everything works without it; no page needs it to be complete.
(() => {
  'use strict';
  const SENDING_MS = 20000; // after this a form may be sent again; its op_id keeps one entry from becoming two
  document.documentElement.classList.add('js');

  // htmx sends the CSRF token in a header; plain forms carry theirs in a field.
  document.addEventListener('htmx:configRequest', (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token && event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token.content;
  });

  // One tap, one request. Fields stay as they are, so a second try carries the same op_id.
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
    if (event.defaultPrevented || form.method !== 'post' || form.target) return;
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
    // On the way to another page the form stays held, or a second tap would slip in before the page goes.
    const leaves = event.detail.xhr && event.detail.xhr.getResponseHeader('HX-Redirect');
    if (event.target instanceof HTMLFormElement && !leaves) release(event.target);
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll('form[data-sending]').forEach(release);
  });

  // A part that could not be fetched or sent says so above the page; what stands on it stays. The logging screen has
  // words of its own.
  document.addEventListener('htmx:beforeRequest', () => {
    document.querySelectorAll('.content [data-unavailable]').forEach((notice) => notice.remove());
  });
  document.addEventListener('htmx:responseError', (event) => {
    if (event.detail.xhr.status !== 503 || event.target.closest('[data-draft-form]')) return;
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, 'text/html');
    const notice = answer.querySelector('[data-unavailable]');
    if (!notice) return;
    notice.setAttribute('role', 'alert');
    document.querySelector('#isi .content').prepend(notice);
    notice.scrollIntoView({ block: 'center' });
  });

  // What went wrong is read first; a link in it leads into the field.
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

  // Only a hint: a phone that says "online" may still have no internet.
  const bar = document.querySelector('[data-offline-bar]');
  const signal = () => { bar.hidden = navigator.onLine; };
  if (bar) {
    window.addEventListener('online', signal);
    window.addEventListener('offline', signal);
    signal();
  }
})();

// Drafts of activities and assessments, kept in this browser until the server has taken them: one for each form that
// was begun, under a tag of the user. They hold case numbers and what was typed, no names and no photos, and end after
// seven days. `page` is the path of the form.
(() => {
  'use strict';
  const PREFIX = 'langkah-draft:';
  const DAYS = 7;
  const user = document.body.dataset.user;
  if (!user) return;
  const mine = `${PREFIX}${user}:`;

  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const isStale = (draft) => !draft || Date.now() - draft.at > DAYS * 86400000;
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));

  const list = (page) => names().filter((name) => name.startsWith(mine))
    .map((name) => parse(localStorage.getItem(name)))
    .filter((draft) => (draft.page || '/kegiatan/catat/').startsWith(page))
    .sort((one, other) => other.at - one.at);
  const write = (draft) => {
    try {
      localStorage.setItem(mine + draft.op, JSON.stringify({ ...draft, at: Date.now() }));
      return true;
    } catch { // storage is full or switched off: the page says so instead of promising
      return false;
    }
  };
  const drop = (op) => localStorage.removeItem(mine + op);

  for (const name of names()) {
    if (isStale(parse(localStorage.getItem(name)))) localStorage.removeItem(name);
  }
  // The server names the entries it has taken; only then is a draft let go.
  document.querySelectorAll('[data-op]').forEach((message) => drop(message.dataset.op));
  document.querySelectorAll('[data-draft-reminder]').forEach((reminder) => {
    const [newest] = list(reminder.dataset.draftReminder);
    if (!newest || document.querySelector('[data-draft-form]')) return;
    reminder.hidden = false;
    const link = reminder.querySelector('[data-draft-link]');
    if (link) link.href = `${newest.page}?${newest.search}`;
  });

  window.langkahDraft = { list, write, drop };
})();
