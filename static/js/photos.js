// Photos are made small before they travel: a phone's 6 MB picture becomes about 300 kB. A picture that this browser
// can't read is sent as it is, and the server decides. While pictures are still being made small their form can't be
// sent: a second try would carry other pictures under the same number.
(() => {
  'use strict';
  const LONGEST = 1600;
  const QUALITY = 0.8;

  // Older browsers refuse 'from-image'; an <img> stands upright by itself.
  const decode = async (file) => {
    try {
      return await createImageBitmap(file, { imageOrientation: 'from-image' });
    } catch {
      const img = new Image();
      img.src = URL.createObjectURL(file);
      try { await img.decode(); } finally { URL.revokeObjectURL(img.src); }
      return img;
    }
  };
  const shrink = async (file) => {
    try {
      const bitmap = await decode(file);
      const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement('canvas');
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      if (bitmap.close) bitmap.close();
      const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', QUALITY); });
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' });
    } catch {
      return file;
    }
  };

  const small = new WeakSet(); // files as small as they get
  const turns = new WeakMap(); // input: the number of its latest choice
  const busy = new Set(); // inputs whose latest choice is not small yet
  const waits = (form) => Array.from(busy).some((input) => input.form === form);

  const show = (form) => {
    const waiting = waits(form);
    form.querySelector('[data-photos-state]').textContent = waiting ? 'Foto sedang dikecilkan. Tunggu sebentar.' : '';
    for (const button of form.elements) {
      if (button.type !== 'submit') continue;
      if (waiting) button.setAttribute('aria-disabled', 'true');
      else if (!form.dataset.sending) button.removeAttribute('aria-disabled');
    }
  };

  document.addEventListener('change', async (event) => {
    const input = event.target;
    if (!input.matches('input[type="file"][data-shrink]')) return;
    const turn = (turns.get(input) || 0) + 1;
    turns.set(input, turn);
    const files = Array.from(input.files);
    if (event.detail === 'small') files.forEach((file) => small.add(file)); // put back by a script (phone/page.js)
    if (files.every((file) => small.has(file))) {
      busy.delete(input);
      show(input.form);
      return;
    }
    event.stopImmediatePropagation();
    busy.add(input);
    show(input.form);
    try {
      const chosen = new DataTransfer();
      for (const file of files) { // one after the other: two big pictures at once are too much for a small phone
        chosen.items.add(small.has(file) ? file : await shrink(file));
        if (turns.get(input) !== turn) return; // a later choice has taken over
      }
      input.files = chosen.files;
    } catch {} // sent as they are
    Array.from(input.files).forEach((file) => small.add(file));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, { capture: true });

  document.addEventListener('submit', (event) => {
    if (!waits(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  // A form drawn anew keeps its input, not its button.
  document.addEventListener('htmx:afterSettle', () => busy.forEach((input) => show(input.form)));

  // Chosen photos are shown small, and each can be taken out again before sending.
  const showPhotos = (picker) => {
    const input = picker.querySelector('input[type="file"]');
    const list = picker.querySelector('[data-photo-previews]');
    list.querySelectorAll('img').forEach((img) => URL.revokeObjectURL(img.src));
    list.textContent = '';
    list.append(...Array.from(input.files, (file, index) => {
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
