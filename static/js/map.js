// The map beside the list of resources, which says the same; fetched only once it is opened.
(() => {
  'use strict';
  const WIDE = matchMedia('(min-width: 900px)');
  const PIN = 36;
  const NEAREST = 16; // zoom: closer than a kelurahan says more than is known
  const fold = document.querySelector('[data-map]');
  if (!fold) return;
  const canvas = fold.querySelector('[data-map-canvas]');
  const note = fold.querySelector('[data-map-note]');
  const honest = note.textContent;
  let map, pins, sprite;

  const fetched = (tag, attributes) => new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(tag), attributes, { onload: resolve, onerror: reject });
    document.head.append(element);
  });
  const asked = (url) => fetch(url, { headers: { Accept: 'application/json' } }).then((answer) => {
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  });
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const icon = (name, className, count) => {
    const box = make('div', '', '');
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('width', '20');
    svg.setAttribute('height', '20');
    use.setAttribute('href', `${sprite}#${name}`);
    svg.append(use);
    box.append(svg);
    if (count > 1) box.append(make('b', String(count)));
    return L.divIcon({ className: `map__pin ${className}`, html: box, iconSize: [PIN, PIN] });
  };

  // Several at one place are one pin with a list.
  const byPlace = (list) => {
    const places = new Map();
    list.forEach((pin) => {
      const key = pin.place.join();
      places.set(key, [...(places.get(key) || []), pin]);
    });
    return [...places.values()];
  };
  const popup = (list) => {
    const items = make('ul');
    list.forEach((pin) => {
      const item = make('li');
      const link = make('a', pin.name);
      link.href = pin.url;
      const about = [pin.category];
      if (!pin.exact) about.push('letak perkiraan');
      if (pin.stale) about.push('perlu diperiksa');
      item.append(link, document.createElement('br'), about.join(' · '));
      items.append(item);
    });
    return items;
  };

  const draw = (points) => {
    sprite = points.sprite;
    pins.clearLayers();
    byPlace(points.pins).forEach((list) => {
      const [first] = list;
      const looks = [list.every((pin) => pin.stale) && 'map__pin--stale', !first.exact && 'map__pin--near'];
      const title = list.length > 1 ? `${list.length} sumber daya` : first.name;
      L.marker(first.place, { icon: icon(first.icon, looks.filter(Boolean).join(' '), list.length), title, alt: title })
        .bindPopup(popup(list), { maxWidth: 240 })
        .addTo(pins);
    });
    points.areas.forEach((area) => {
      const name = make('div', area.name);
      L.marker(area.place, { icon: L.divIcon({ className: 'map__area', html: name, iconSize: [90, 20], iconAnchor: [45, -14] }), interactive: false, keyboard: false }).addTo(pins);
    });
    if (points.family) {
      const title = points.family.exact ? 'Rumah keluarga' : 'Kelurahan keluarga (perkiraan)';
      L.marker(points.family.place, { icon: icon('house', 'map__pin--family', 1), title, alt: title, zIndexOffset: 500 }).addTo(pins);
    }
    const shown = [...points.pins, ...(points.family ? [points.family] : [])];
    const places = (shown.length ? shown : points.areas).map((one) => one.place);
    if (places.length) map.fitBounds(places, { padding: [28, 28], maxZoom: NEAREST, animate: false });
    else map.setView([-6.92, 107.61], 11);
    const without = points.without ? `${points.without} di daftar tanpa titik di peta.` : '';
    note.textContent = [honest, without].filter(Boolean).join(' ');
  };
  let drawn;
  const refresh = async () => {
    const url = document.getElementById('resource-rows').dataset.points;
    if (url === drawn) return;
    draw(await asked(url));
    drawn = url;
  };

  const start = async () => {
    note.textContent = 'Memuat peta …';
    await Promise.all([
      fetched('link', { rel: 'stylesheet', href: fold.dataset.leafletCss }),
      fetched('script', { src: fold.dataset.leaflet }),
    ]);
    map = L.map(canvas, { scrollWheelZoom: false, zoomControl: false, attributionControl: false, zoomSnap: 0.5 });
    L.control.zoom({ zoomInTitle: 'Perbesar', zoomOutTitle: 'Perkecil' }).addTo(map);
    pins = L.layerGroup().addTo(map);
    await refresh();
    if (!fold.dataset.boundaries) return;
    const shapes = await asked(fold.dataset.boundaries);
    L.geoJSON(shapes, { style: { className: 'map__shape' }, interactive: false }).addTo(map);
    fold.querySelector('[data-map-caption]').textContent = shapes.caption;
  };
  const failed = () => { note.textContent = 'Peta tidak bisa dimuat sekarang. Daftar di halaman ini memuat hal yang sama.'; };

  let started;
  fold.addEventListener('toggle', () => {
    if (fold.open && !started) started = start().catch(failed);
  });
  document.addEventListener('htmx:afterSwap', () => {
    if (started) started.then(() => map && refresh()).catch(failed);
  });
  if (WIDE.matches) fold.open = true;
})();
