// Share the address of this page, which shows others the same as far as they may see it; or print it, all unfolded.
// Where there is room for all topics none is folded away.
(() => {
  'use strict';
  const share = async () => {
    const told = document.querySelector('[data-shared]');
    const link = { title: document.title, url: location.href };
    try {
      if (navigator.share) await navigator.share(link);
      else {
        await navigator.clipboard.writeText(link.url);
        told.textContent = 'Tautan sudah disalin.';
      }
    } catch (error) {
      if (error.name !== 'AbortError') told.textContent = 'Salin tautan dari bilah alamat.';
    }
  };
  const unfold = (which) => document.querySelectorAll(which).forEach((one) => { one.open = true; });
  document.addEventListener('DOMContentLoaded', () => {
    if (matchMedia('(min-width: 900px)').matches) unfold('.topic');
    const row = document.querySelector('[data-share-row]');
    if (!row) return;
    row.hidden = false;
    row.querySelector('[data-share]').addEventListener('click', share);
    row.querySelector('[data-print]').addEventListener('click', () => window.print());
  });
  addEventListener('beforeprint', () => unfold('details'));
})();
