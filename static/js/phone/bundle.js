// Fetching the pages for the way without signal, in the service worker: it goes on when the page is left.
self.langkahBundle = (() => {
  'use strict';
  const REFRESH_AFTER = 10 * 60000;
  const STATIC = 'langkah-static';
  const filesIn = async (cache) => (await cache.keys()).map((request) => new URL(request.url).pathname);
  const addFiles = async (addresses) => {
    const cache = await caches.open(STATIC);
    const kept = new Set(await filesIn(cache));
    for (const address of addresses) if (!kept.has(address) || address.startsWith('/hp/')) await cache.add(address);
  };
  const dropFiles = async (addresses) => {
    const cache = await caches.open(STATIC);
    for (const address of await filesIn(cache)) if (!addresses.includes(address)) await cache.delete(address);
  };
  const keep = async (user, said, csp, before) => {
    const earlier = said.whole ? null : await langkah.page(user, 'index');
    const rows = (earlier && await langkah.page(user, 'rows')) || {};
    const families = new Map((earlier ? earlier.families : []).map((family) => [family.case, family]));
    const ids = (earlier && earlier.ids) || {};
    const changes = [];
    const put = async (name, thing) => changes.push(['pages', langkah.pageName(user, name), await langkah.seal(user, name, thing)]);
    let slot = Math.max(0, ...Array.from(families.values(), (family) => family.slot));
    for (const family of said.families) {
      const known = families.get(family.case);
      const place = known ? known.slot : slot += 1;
      const { row, find, ...page } = family;
      rows[place] = row;
      const { name, rw, rt, where, group, group_pk, seen_on } = family;
      families.set(family.case, { slot: place, case: family.case, name, rw, rt, where, group, group_pk, seen_on, ...find });
      family.members.forEach(({ pk }) => { ids[pk] = family.case; });
      family.goals.forEach(({ pk, steps }) => { ids[pk] = family.case; steps.forEach((step) => { ids[step.pk] = family.case; }); });
      await put(`family:${place}`, { ...page, made: said.made });
    }
    // Whoever was handed over leaves the phone.
    const held = new Set(said.cases);
    for (const family of families.values()) {
      if (held.has(family.case)) continue;
      delete rows[family.slot];
      changes.push(['pages', langkah.pageName(user, `family:${family.slot}`)]);
    }
    const { stand_in, indicators, resources, spelling } = said.shells ? said : earlier;
    await put('index', { families: said.cases.map((number) => families.get(number)).filter(Boolean), ids, stand_in, indicators, resources, spelling });
    await put('rows', rows);
    if (said.today) await put('today', said.today);
    for (const [address, page] of Object.entries({ ...said.shells, ...said.meetings })) await put(`shell:${address}`, page);
    const mark = {
      ...before, mark: said.mark, app: said.app, csp: csp || before.csp, heard: Date.now(), families: said.cases.length,
      made: said.today ? said.made : before.made, day: said.today ? said.day : before.day, statics: said.statics || before.statics,
    };
    const files = [...mark.statics, '/hp/buka/'];
    await addFiles(files); // before the pages that need them
    const made = new Set(changes.map(([, name]) => name));
    const old = said.whole ? (await langkah.pagesOf(user)).filter((name) => !made.has(name)).map((name) => ['pages', name]) : [];
    await langkah.change(['meta', langkah.markName(user), mark], ...changes, ...old);
    await dropFiles(files);
  };
  // Fetch what changed since the last time, or all; true when something came and was kept. One at a time, and not more often
  // than every few minutes unless it is asked for.
  const refresh = (user, { force = false } = {}) => navigator.locks.request('langkah-bundle', { ifAvailable: true }, async (lock) => {
    const known = await langkah.mark(user) || {};
    if (!lock || (!force && known.heard && Math.abs(Date.now() - known.heard) < REFRESH_AFTER) || !await langkah.openKey(user)) return false;
    const response = await fetch(`/hp/bekal/?sejak=${encodeURIComponent(known.mark || '')}`, { cache: 'no-store', redirect: 'manual' });
    if (response.headers.get('X-Langkah') !== '1' || !response.ok) return false;
    const said = await response.json();
    if (said.user !== user) return false; // somebody else is logged in meanwhile
    await keep(user, said, response.headers.get('Content-Security-Policy'), known);
    return true;
  });

  return { refresh };
})();
