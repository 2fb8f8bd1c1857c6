// The map that the server drew: nearer and farther by buttons, moved by scrolling; where a point is asked for, a tap fills
// it in. Without this script the map is a picture, and the numbers can be typed.
(() => {
  'use strict';
  const NEAREST = 3; // each step doubles the side of the sheet
  const DIGITS = 6;

  const nearness = (map) => Number(map.dataset.near || 0);
  const zoom = (map, step) => {
    const before = nearness(map);
    const after = Math.min(NEAREST, Math.max(0, before + step));
    const times = 2 ** (after - before);
    const middle = (start, seen) => (start + seen / 2) * times - seen / 2;
    const left = middle(map.scrollLeft, map.clientWidth);
    const top = middle(map.scrollTop, map.clientHeight);
    map.dataset.near = after;
    map.scrollTo(left, top);
    map.closest('[data-map-frame]').querySelectorAll('[data-zoom]').forEach((button) => {
      button.disabled = after === (button.dataset.zoom > 0 ? NEAREST : 0);
    });
  };

  const mark = (map, x, y) => {
    const sign = map.querySelector('[data-map-mark]');
    const isThere = x >= 0 && x <= 1 && y >= 0 && y <= 1;
    sign.setAttribute('visibility', isThere ? 'visible' : 'hidden');
    if (!isThere) return;
    sign.setAttribute('cx', `${100 * x}%`);
    sign.setAttribute('cy', `${100 * y}%`);
  };
  const fieldOf = (map) => document.getElementById(map.dataset.mapTap);
  const put = (map, left, top) => {
    const sheet = map.querySelector('.map__sheet').getBoundingClientRect();
    const x = (left - sheet.left) / sheet.width;
    const y = (top - sheet.top) / sheet.height;
    if (x < 0 || x > 1 || y < 0 || y > 1) return;
    const { north, west, side, width } = map.dataset;
    const point = [north - y * side, Number(west) + x * width];
    const field = fieldOf(map);
    field.value = point.map((number) => number.toFixed(DIGITS)).join(', ');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const follow = (map) => {
    const { north, west, side, width } = map.dataset;
    const found = fieldOf(map).value.match(/^\s*(-?\d+[.,]\d+)\s*[,;\s]\s*(\d+[.,]\d+)\s*$/);
    const [latitude, longitude] = found ? found.slice(1).map((text) => Number(text.replace(',', '.'))) : [NaN, NaN];
    mark(map, (longitude - west) / width, (north - latitude) / side);
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-zoom]');
    if (button) zoom(button.closest('[data-map-frame]').querySelector('[data-map]'), Number(button.dataset.zoom));
    const map = event.target.closest('[data-map-tap]');
    if (map) put(map, event.clientX, event.clientY);
  });
  document.addEventListener('keydown', (event) => {
    if (!event.target.matches('[data-map]')) return;
    if (event.key === '+' || event.key === '-') zoom(event.target, event.key === '+' ? 1 : -1);
    if (event.key === 'Enter' && event.target.dataset.mapTap) {
      const seen = event.target.getBoundingClientRect();
      put(event.target, seen.left + seen.width / 2, seen.top + seen.height / 2);
    }
  });
  document.addEventListener('input', (event) => {
    document.querySelectorAll('[data-map-tap]').forEach((map) => {
      if (event.target === fieldOf(map)) follow(map);
    });
  });
  const show = () => {
    document.querySelectorAll('[data-map-zoom]').forEach((part) => { part.hidden = false; });
    document.querySelectorAll('[data-map-tap]').forEach(follow);
  };
  document.addEventListener('DOMContentLoaded', show);
  document.addEventListener('htmx:afterSwap', show);
})();
