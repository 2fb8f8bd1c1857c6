// Hari ini: a swipe to the left opens the choices of a family, as its button does.
(() => {
  'use strict';
  const FAR = 48;
  let row = null;
  let from = null;
  document.addEventListener('touchstart', ({ target, touches: [at] }) => {
    row = target.closest('[data-swipe]');
    from = at;
  }, { passive: true });
  document.addEventListener('touchend', ({ changedTouches: [at] }) => {
    const across = at.clientX - (from || at).clientX;
    if (!row || Math.abs(across) < FAR || Math.abs(at.clientY - from.clientY) > Math.abs(across) / 2) return;
    const menu = row.querySelector('details');
    menu.open = across < 0;
    if (menu.open) menu.querySelector('summary').focus({ preventScroll: true });
  }, { passive: true });
})();
