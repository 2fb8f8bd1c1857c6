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

  // Chosen photos are shown small, and each can be taken out again before sending.
  const showPhotos = (picker) => {
    const input = picker.querySelector('input[type="file"]');
    const list = picker.querySelector('[data-photo-previews]');
    list.querySelectorAll('img').forEach((img) => URL.revokeObjectURL(img.src));
    list.replaceChildren(...Array.from(input.files, (file, index) => {
      const item = document.createElement('li');
      const img = document.createElement('img');
      img.src = URL.createObjectURL(file);
      img.alt = `Foto ${index + 1}`;
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('aria-label', `Buang foto ${index + 1}`);
      const cross = document.createElement('span');
      cross.textContent = '×';
      button.append(cross);
      button.addEventListener('click', () => {
        const kept = new DataTransfer();
        Array.from(input.files).forEach((other) => { if (other !== file) kept.items.add(other); });
        input.files = kept.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
        input.focus();
      });
      item.append(img, button);
      return item;
    }));
  };
  document.addEventListener('change', (event) => {
    const picker = event.target.closest('[data-photo-picker]');
    if (picker && event.target.type === 'file') showPhotos(picker);
  });
})();
