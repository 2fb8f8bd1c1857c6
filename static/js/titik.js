// Fills a point with where the phone is, when the person asks for it. Without a location, or without
// permission, the numbers can be typed or pasted.
(() => {
  'use strict';
  const PATIENCE = 20000;
  const WHY = {
    1: 'Izin lokasi ditolak. Tulis angkanya, atau izinkan lokasi untuk Langkah di setelan HP.',
    2: 'Lokasi belum ketemu. Coba di luar rumah.',
    3: 'Terlalu lama mencari. Coba lagi di luar rumah.',
  };

  const start = () => {
    const part = document.querySelector('[data-locate]');
    if (!part || !navigator.geolocation) return;
    const button = part.querySelector('button');
    const told = part.querySelector('[data-located]');
    const field = document.getElementById('id_point');
    part.hidden = false;
    button.addEventListener('click', () => {
      button.disabled = true;
      told.textContent = 'Mencari lokasi…';
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        field.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        told.textContent = `Titik terisi, ketepatan sekitar ${Math.round(coords.accuracy)} meter. Periksa, lalu simpan.`;
        button.disabled = false;
      }, ({ code }) => {
        told.textContent = WHY[code] || WHY[2];
        button.disabled = false;
      }, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 0 });
    });
  };
  document.addEventListener('DOMContentLoaded', start);
})();
