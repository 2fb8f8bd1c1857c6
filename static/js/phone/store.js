// What rests on a phone that its user works with: all of it sealed with the key of that user and phone. The key itself is
// here only while it is open, and can't be read out; a copy wrapped by a code of six digits opens it without signal.
// For pages and for the service worker.
self.langkah = (() => {
  'use strict';
  const OPEN_HOURS = 12;
  const KEPT_DAYS = 7;
  const ROUNDS = 600000;
  const TRIES = 5;
  const STORES = ['meta', 'pages', 'outbox', 'photos', 'drafts'];
  const text = new TextEncoder();

  // The system may close the database at any time: the next use opens it anew.
  let opening = null;
  const forget = () => { opening = null; };
  const database = () => {
    if (!opening) {
      opening = idb.openDB('langkah', 1, {
        upgrade(db) { STORES.filter((name) => !db.objectStoreNames.contains(name)).forEach((name) => db.createObjectStore(name)); },
        blocking(_, __, event) { event.target.close(); forget(); },
        terminated: forget,
      });
      opening.catch(forget);
    }
    return opening;
  };
  const closed = (error) => /^(InvalidStateError|AbortError|UnknownError)$/.test(error.name);
  const attempt = async (act) => {
    try { return await act(await database()); } catch (error) {
      if (!closed(error)) throw error;
      forget();
      return act(await database());
    }
  };
  const get = (store, name) => attempt((db) => db.get(store, name));
  const names = (store) => attempt((db) => db.getAllKeys(store));
  const all = (store) => attempt(async (db) => {
    const [names, rows] = await Promise.all([db.getAllKeys(store), db.getAll(store)]);
    return names.map((name, at) => [name, rows[at]]);
  });
  // Changes of several stores, all or none: [store, name, row]; without a row it is taken away. The first of them is made
  // only if `fits` says so of the row that is there; whether they were made.
  const changeIf = (fits, ...changes) => attempt(async (db) => {
    const work = db.transaction(Array.from(new Set(changes.map(([store]) => store))), 'readwrite', { durability: 'strict' });
    const { done } = work;
    done.catch(() => {}); // told below, with what came first
    try {
      const [[store, name]] = changes;
      if (fits && !fits(await work.objectStore(store).get(name))) return false;
      const asked = changes.map(([place, key, row]) => (row === undefined ? work.objectStore(place).delete(key) : work.objectStore(place).put(row, key)));
      await Promise.all([...asked, done]);
    } catch (error) {
      try { work.abort(); } catch {} // over already
      throw error;
    }
    return true;
  });
  const change = (...changes) => changeIf(null, ...changes);

  // --- the key ---
  const keyName = (user) => `key:${user}`;
  const codeName = (user) => `code:${user}`;
  const phoneName = (user) => `phone:${user}`;
  const markName = (user) => `mark:${user}`;
  const OPEN_MS = OPEN_HOURS * 3600000;
  const shut = (user) => change(['meta', keyName(user)]);
  // Asked for anew each time: another page, or this one, may have shut it for the worker too.
  const openKey = async (user) => {
    const known = await get('meta', keyName(user));
    if (!known) return null;
    const left = known.until - Date.now();
    if (left > 0 && left <= OPEN_MS) return known.key; // more is left when the clock was set back
    await shut(user);
    return null;
  };
  const openWith = async (user, bytes) => {
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    await change(['meta', keyName(user), { key, until: Date.now() + OPEN_MS }]);
    return key;
  };
  const wrapping = async (code, salt, rounds) => {
    const typed = await crypto.subtle.importKey('raw', text.encode(code), 'PBKDF2', false, ['deriveKey']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
    return crypto.subtle.deriveKey(how, typed, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  };
  const random = (count) => crypto.getRandomValues(new Uint8Array(count));
  const setCode = async (user, code, bytes) => {
    const salt = random(16);
    const iv = random(12);
    const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await wrapping(code, salt, ROUNDS), bytes);
    await change(['meta', codeName(user), { salt, iv, wrapped, rounds: ROUNDS, tries: 0, at: Date.now() }]);
  };
  // 'open'; 'wrong', with how many tries are left; 'gone' when there is no copy (any more).
  const unlock = async (user, code) => {
    const copy = await get('meta', codeName(user));
    if (!copy) return { state: 'gone' };
    await change(['meta', codeName(user), { ...copy, tries: copy.tries + 1 }]); // before it is tried: a killed browser counts
    try {
      const key = await wrapping(code, copy.salt, copy.rounds);
      const bytes = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: copy.iv }, key, copy.wrapped);
      await openWith(user, bytes);
      await change(['meta', codeName(user), { ...copy, tries: 0 }]);
      return { state: 'open' };
    } catch (error) {
      if (error.name !== 'OperationError') throw error;
      const left = TRIES - copy.tries - 1;
      if (left > 0) return { state: 'wrong', left };
      await change(['meta', codeName(user)]);
      return { state: 'gone' };
    }
  };

  // --- sealing: each thing under its own name, so that one can't be put in the place of another ---
  const seal = async (user, name, content) => {
    const key = await openKey(user);
    if (!key) throw new Error('shut');
    const iv = random(12);
    const bytes = content instanceof ArrayBuffer ? content : text.encode(JSON.stringify(content));
    return { user, iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: text.encode(name) }, key, bytes) };
  };
  const unsealBytes = async (name, row) => {
    const key = row && await openKey(row.user);
    if (!key) return null;
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv, additionalData: text.encode(name) }, key, row.data);
  };
  const unseal = async (name, row) => {
    const bytes = await unsealBytes(name, row);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };

  // --- who works with this phone ---
  // {user, id} of the last who did, or null.
  const phone = async () => {
    const user = await get('meta', 'user');
    const known = user && await get('meta', phoneName(user));
    return known ? { user, ...known } : null;
  };
  const begin = (user, id) => change(['meta', 'user', user], ['meta', phoneName(user), { id, since: Date.now() }]);
  const pageName = (user, name) => `${user}/${name}`;
  const page = async (user, name) => unseal(name, await get('pages', pageName(user, name)));
  const mark = (user) => get('meta', markName(user));
  const pagesOf = async (user) => (await names('pages')).filter((name) => name.startsWith(`${user}/`));
  // Pages ahead are kept for some days after the last word from the server.
  const isStale = (known) => !known || Date.now() - known.heard > KEPT_DAYS * 86400000;
  // Nothing can be read here any more.
  const shutOut = async (user) => change(['meta', keyName(user)], ['meta', markName(user)], ...(await pagesOf(user)).map((name) => ['pages', name]));
  // What the user could read here is gone, and the way to it; what waits to be sent stays, sealed.
  const wipe = async (user) => {
    await shutOut(user);
    const drafts = (await all('drafts')).filter(([, row]) => row.user === user);
    const gone = [codeName(user), `practice:${user}`, phoneName(user)].map((name) => ['meta', name]);
    await change(...gone, ...drafts.map(([name]) => ['drafts', name]));
  };

  // --- drafts: forms that are not finished ---
  const draftName = (user, key) => `${user}/${key}`;
  const keepDraft = async (user, key, draft) => change(['drafts', draftName(user, key), await seal(user, draftName(user, key), draft)]);
  const dropDraft = (user, key) => change(['drafts', draftName(user, key)]);
  const draftsOf = async (user) => {
    const rows = (await all('drafts')).filter(([, row]) => row.user === user);
    return (await Promise.all(rows.map(([name, row]) => unseal(name, row)))).filter(Boolean);
  };

  // At once, and then a few times a second at most, however often it is asked for: a queue that is sent tells of each entry.
  const seldom = (act) => {
    let due = 0;
    let asked = false;
    const often = () => {
      asked = Boolean(due);
      if (due) return;
      act();
      due = setTimeout(() => { due = 0; if (asked) often(); }, 200);
    };
    return often;
  };
  // A UUIDv7: 48 bits of time in ms, the rest random; what the server makes for a form, too.
  const uuid7 = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let rest = Date.now();
    for (let at = 5; at >= 0; at -= 1) { bytes[at] = rest % 256; rest = Math.floor(rest / 256); }
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
  // Logging out: nobody works with this phone, and what could be read is gone; what waits or is half written stays sealed.
  const leave = async (user) => {
    await shutOut(user);
    await change(['meta', 'user']);
  };
  const usable = () => Boolean(self.isSecureContext && self.indexedDB && self.crypto && crypto.subtle && self.caches);

  return {
    get, names, all, change, changeIf, openKey, openWith, shut, setCode, unlock, seal, unseal, unsealBytes, phone, begin, page, pageName, mark, markName,
    pagesOf, isStale, wipe, leave, usable, codeName, uuid7, seldom, keepDraft, dropDraft, draftsOf,
  };
})();
