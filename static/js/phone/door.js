// At the door: how much waits on this phone, the number alone, for whoever comes next (page.js keeps it).
(() => {
  'use strict';
  const told = document.querySelector('[data-phone-others]');
  try {
    const many = Object.values(JSON.parse(localStorage.getItem('langkah-waiting') || '{}')).reduce((sum, one) => sum + one, 0);
    told.textContent = told.textContent.replace('{n}', many);
    told.hidden = !many;
  } catch {} // no store, no number
})();
