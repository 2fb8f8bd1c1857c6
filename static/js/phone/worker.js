// The service worker: the network first, and without it the page that was rendered ahead. It never touches a form that is
// sent; what waits in the outbox it may send when the signal is back.
(() => {
  'use strict';
  const STATIC = 'langkah-static';
  const PATIENCE = 7000; // a page that comes later than this is taken from the phone, if it is there
  const HASHED = /\.[0-9a-f]{12}\./;

  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

  const files = async (request) => {
    const cache = await caches.open(STATIC);
    const kept = await cache.match(request.url);
    if (kept && HASHED.test(request.url)) return kept;
    return fetch(request).catch((error) => { if (kept) return kept; throw error; });
  };
  const html = (body, csp) => new Response(body, {
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Content-Security-Policy': csp },
  });
  const plain = (words) => new Response(words, { status: 503, headers: { 'Content-Type': 'text/plain; charset=utf-8' } });
  const lockedPage = async () => {
    const page = await (await caches.open(STATIC)).match('/hp/buka/');
    return page || plain('Tidak ada sinyal. Buka lagi bila sinyal sudah ada.');
  };

  // The page for a request as this phone holds it: null when it does not; the page that asks for the code when it is shut.
  const ahead = async (request) => {
    const phone = await langkah.phone();
    if (!phone) return null;
    const url = new URL(request.url);
    const target = request.headers.get('HX-Target') || '';
    if (!await langkah.openKey(phone.user)) return target ? null : lockedPage();
    const pages = await langkahPages.pagesOf(phone.user);
    if (!pages) return target ? null : lockedPage();
    const { csp } = await langkah.mark(phone.user);
    const body = await pages.answer(url, target) || (target ? null : await pages.missing());
    return body && html(body, csp);
  };
  // Nobody sees where a redirect leads: it is ours while our server can be heard. In trouble its pages are of little use.
  const isOurs = async (response) => {
    if (response.type === 'opaqueredirect') return (await outbox.ask('/hp/tanda/')).status > 0;
    return response.status < 500 && response.headers.has('Content-Security-Policy');
  };
  // The cookie by which the server's pages bring the scripts of the phone: a browser that is killed forgets it.
  const askForScripts = async () => {
    if (!self.cookieStore || await cookieStore.get('hp')) return;
    await cookieStore.set({ name: 'hp', value: '1', sameSite: 'lax', expires: Date.now() + 400 * 86400000 });
  };
  const page = async (request, phone) => {
    if (!phone) return fetch(request);
    await askForScripts().catch(console.error); // the pages of the server are pages without
    const practice = await langkah.get('meta', `practice:${phone.user}`);
    if (practice) return await ahead(request) || plain('Mode latihan: halaman ini butuh sinyal.');
    let late;
    const patience = new Promise((done) => { late = setTimeout(() => done(null), PATIENCE); });
    const network = fetch(request).then(async (response) => (await isOurs(response) ? response : null)).catch(() => null);
    const first = await Promise.race([network, patience]);
    clearTimeout(late);
    return first || await ahead(request) || await network || Response.error();
  };

  self.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== self.location.origin) return;
    if (url.pathname.startsWith('/static/')) event.respondWith(files(request));
    else if (request.mode === 'navigate' && !/^\/(masuk|keluar|healthz|readyz)/.test(url.pathname)) {
      const known = langkah.phone();
      event.respondWith(known.then((phone) => page(request, phone)));
      event.waitUntil(known.then((phone) => phone && outbox.heed(phone.user)));
    } else if (request.headers.get('HX-Target')) event.respondWith(langkah.phone().then((phone) => page(request, phone)));
  });

  self.addEventListener('message', (event) => {
    const { refresh, force } = event.data;
    if (!refresh) return;
    const told = langkahBundle.refresh(refresh, { force }).catch(() => false); // a page asks again
    event.waitUntil(told.then((done) => event.ports[0].postMessage(done)));
  });

  // Where the browser can, it wakes this worker when the signal is back, also without a page.
  self.addEventListener('sync', (event) => {
    if (event.tag !== 'langkah-outbox') return;
    event.waitUntil(langkah.phone().then((phone) => phone && outbox.send(phone.user, { force: true })));
  });
})();
