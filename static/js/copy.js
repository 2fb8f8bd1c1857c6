// Copies the text of a field to the clipboard. Without it, or without permission, the text is there to be marked.
(() => {
  'use strict';
  const start = () => document.querySelectorAll('[data-copy]').forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', async () => {
      const field = document.getElementById(button.dataset.copy);
      const told = document.querySelector('[data-copied]');
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        told.textContent = 'Sudah disalin. Tempelkan di pesan untuk mitra.';
      } catch {
        told.textContent = 'Belum dapat disalin. Tekan lama pada pesan, lalu pilih Salin.';
      }
    });
  });
  document.addEventListener('DOMContentLoaded', start);
})();
