// What was filled in on this phone and is not known to have arrived: kept sealed before anything is sent, sent in order by
// one sender, and let go only when the server names it. For pages and for the service worker.
self.outbox = (() => {
  'use strict';
  const SCHEMA = 1;
  const HEADER = 'X-Langkah';
  const BATCH = 20;
  const BATCH_BYTES = 600000; // of fields; the server takes no more than some megabytes at once
  const BATCH_PHOTOS = 12; // they lie at the server until their entry comes, and not too many may
  const PIECE = 256 * 1024; // bytes of a photo that travel at once
  const GRACE_DAYS = 7; // what arrived is kept so long, should the server lose it
  const FIRST_WAIT = 5000;
  const LONGEST_WAIT = 15 * 60000;
  const PATIENCE = 45000;
  const CASE = /PKH-[0-9A-Z]{5}/g;
  const SETTLED = ['stored', 'duplicate', 'held'];
  const channel = self.BroadcastChannel ? new BroadcastChannel('langkah') : null;
  const tell = () => { if (channel) channel.postMessage('outbox'); self.dispatchEvent(new Event('langkah:outbox')); };

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const photoName = (op, sha256) => `${op}:${sha256}`;
  const rowsOf = async (user) => (await langkah.all('outbox')).map(([, row]) => row).filter((row) => row.user === user)
    .sort((one, other) => one.seq - other.seq);
  // Not at the server, and not for it to decide: sent later, or corrected by its author first.
  const isOpen = (row) => ['waiting', 'rejected'].includes(row.state);
  const waiting = (rows) => rows.filter((row) => row.state === 'waiting' && !row.practice);
  const photosOf = async (op) => (await langkah.names('photos')).filter((name) => name.startsWith(`${op}:`));
  // The phone as the server knows it: what was sealed for an earlier one opens no more, here or by another key.
  const phoneOf = async (user) => (await langkah.get('meta', `phone:${user}`) || {}).id;

  // Keep what a form holds: {op, title, path, fields: [[name, value]], files: [[name, File]], practice}. Resolves when it
  // is on the disk, with its number: what is put again under the same op takes the place of the earlier one.
  const put = async (user, { op, title, path, fields, files, practice = false }) => {
    // As a browser sends them: the same entry sent by the page and from here must be the same to the server.
    const sent = fields.map(([name, value]) => [name, value.replace(/\r\n|\r|\n/g, '\r\n')]);
    const cases = [path, ...sent.map(([, value]) => value)].join(' ').match(CASE) || [];
    const photos = [];
    const changes = [];
    let size = 0;
    for (const [field, file] of files) {
      const bytes = await file.arrayBuffer();
      const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes));
      const name = photoName(op, sha256);
      photos.push({ field, name: file.name, sha256, size: bytes.byteLength });
      changes.push(['photos', name, { ...await langkah.seal(user, sha256, bytes), op }]);
      size += bytes.byteLength;
    }
    const entry = { schema: SCHEMA, op_id: op, path, fields: sent, photos, family: Array.from(new Set(cases)).join(' '), title };
    const sealed = await langkah.seal(user, op, entry);
    const seq = (await langkah.get('meta', `seq:${user}`) || 0) + 1;
    const named = new Set(photos.map(({ sha256 }) => photoName(op, sha256)));
    const old = (await photosOf(op)).filter((name) => !named.has(name)).map((name) => ['photos', name]);
    const row = { ...sealed, op, seq, phone: await phoneOf(user), at: Date.now(), size: size + sealed.data.byteLength, photos: photos.length, practice };
    await langkah.change(...changes, ...old, ['meta', `seq:${user}`, seq], ['outbox', op, { ...row, state: 'waiting' }]);
    tell();
    return seq;
  };
  // What was kept of an entry; null where no key opens it.
  const opened = (name, sealed) => langkah.unseal(name, sealed).catch((error) => { if (error.name !== 'OperationError') throw error; return null; });
  const entryOf = (row) => opened(row.op, row);
  const answerOf = async (row) => (row.answer ? opened(`${row.op}:answer`, row.answer) : null);

  // What the server said of the entry of this op and number; what arrived stays for some days, without its photos. An entry
  // that was written anew meanwhile is another one and goes on waiting. Whether it was settled.
  const settle = async (op, seq, { state, receipt = '', reason = '', errors = {} }) => {
    const row = await langkah.get('outbox', op);
    if (!row || row.seq !== seq) return false;
    const answer = await langkah.seal(row.user, `${op}:answer`, { receipt, reason, errors });
    const kept = { ...row, state: state === 'duplicate' ? 'stored' : state, answer, answered: Date.now() };
    const arrived = SETTLED.includes(state) ? [['meta', `sent:${row.user}`, Date.now()], ...(await photosOf(op)).map((name) => ['photos', name])] : [];
    const settled = await langkah.changeIf((there) => there && there.seq === seq, ['outbox', op, kept], ...arrived);
    tell();
    return settled;
  };
  const remove = async (op) => {
    await langkah.change(['outbox', op], ...(await photosOf(op)).map((name) => ['photos', name]));
    tell();
  };
  const tidy = async (user) => {
    const old = (await rowsOf(user)).filter((row) => ['stored', 'held'].includes(row.state) && Date.now() - row.answered > GRACE_DAYS * 86400000);
    if (old.length) await langkah.change(...old.map((row) => ['outbox', row.op]));
  };
  // Numbers for everybody who holds this phone; nothing else of another's entries is told.
  const count = async (user) => {
    const rows = (await langkah.all('outbox')).map(([, row]) => row).filter((row) => !row.practice);
    const mine = rows.filter((row) => row.user === user);
    return {
      waiting: waiting(mine).length,
      rejected: mine.filter((row) => row.state === 'rejected').length,
      others: rows.filter((row) => row.user !== user && isOpen(row)).length,
      oldest: waiting(mine).reduce((least, row) => Math.min(least, row.at), Infinity),
      sent: await langkah.get('meta', `sent:${user}`),
    };
  };

  // --- sending ---
  // An answer of ours, or null: a captive portal, a redirect, a page of another server are none.
  const ask = async (address, init = {}) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const response = await fetch(address, {
        ...init, cache: 'no-store', redirect: 'manual', credentials: 'same-origin', signal: patience.signal,
        headers: { ...init.headers, Accept: 'application/json' },
      });
      if (response.headers.get(HEADER) !== '1') return { status: 0, retry: response.headers.get('Retry-After') };
      return { status: response.status, retry: response.headers.get('Retry-After'), said: await response.json() };
    } catch (error) {
      return { status: 0, error };
    } finally {
      clearTimeout(timer);
    }
  };
  const photoOf = async (op, { sha256 }) => langkah.unsealBytes(sha256, await langkah.get('photos', photoName(op, sha256)));
  // 'whole'; 'late' when the way is bad; 'refused' when the server does not want it, which holds up this entry alone.
  const upload = async (row, photo, csrf) => {
    const bytes = await photoOf(row.op, photo);
    if (!bytes) return 'refused';
    const address = `/hp/foto/${photo.sha256}/`;
    const known = await ask(address);
    if (known.status !== 200) return known.status === 422 ? 'refused' : 'late';
    let at = known.said.received;
    while (at < bytes.byteLength) {
      const piece = bytes.slice(at, at + PIECE);
      const told = await ask(`${address}?dari=${at}&jumlah=${bytes.byteLength}`, { method: 'PUT', body: piece, headers: { 'X-CSRFToken': csrf, 'Content-Type': 'application/octet-stream' } });
      if (told.status === 422) return 'refused';
      if (![200, 409].includes(told.status) || told.said.received === at) return 'late';
      at = told.said.received;
    }
    return 'whole';
  };
  // As many as travel at once: at least one.
  const together = (rows) => {
    let [bytes, photos] = [0, 0];
    return rows.slice(0, BATCH).filter((row, at) => {
      bytes += row.data.byteLength;
      photos += row.photos;
      return !at || (bytes <= BATCH_BYTES && photos <= BATCH_PHOTOS);
    });
  };
  const delay = async (user, retry) => {
    const { wait = FIRST_WAIT / 2 } = await langkah.get('meta', `retry:${user}`) || {};
    const longer = Math.min(LONGEST_WAIT, wait * 2);
    const asked = Number(retry) * 1000 || 0;
    await langkah.change(['meta', `retry:${user}`, { wait: longer, at: Date.now() + Math.max(asked, longer * (0.5 + Math.random())) }]);
    return 'waits';
  };
  // Who is logged in, and whether this phone may still be one.
  const askToken = async (user) => {
    const id = await phoneOf(user);
    return ask(id ? `/hp/tanda/?phone=${id}` : '/hp/tanda/');
  };
  const isOver = async (user) => (await askToken(user)).status === 410;
  // Asked now and then, also while nobody is logged in, so that a phone that was ended forgets.
  const HEED_AFTER = 10 * 60000;
  const heed = async (user) => {
    const last = await langkah.get('meta', `heeded:${user}`) || 0;
    if (Math.abs(Date.now() - last) < HEED_AFTER) return;
    const { status } = await askToken(user);
    if (status === 410) await langkah.wipe(user);
    else if (status) await langkah.change(['meta', `heeded:${user}`, Date.now()]);
  };
  const sendAll = async (user, { force }) => {
    const pause = await langkah.get('meta', `retry:${user}`);
    if (!force && pause && pause.at > Date.now()) return 'waits';
    const phone = await phoneOf(user);
    const all = waiting(await rowsOf(user));
    if (!all.length) return 'empty';
    if (!all.some((row) => row.phone === phone)) return 'sealed';
    if (!await langkah.openKey(user)) return 'shut';
    const before = Date.now();
    const { status, said, retry } = await askToken(user);
    if (status === 410) { await langkah.wipe(user); return 'ended'; }
    if (status === 401) return 'login';
    if (status !== 200) return delay(user, retry);
    if (said.user !== user) return 'other';
    await langkah.change(['meta', 'skew', Math.round((said.now - (before + Date.now()) / 2) / 1000)]);
    const undecided = new Set(); // entries, and the families that they are about: what comes after waits for them
    for (;;) {
      const rows = together(waiting(await rowsOf(user)).filter((row) => row.phone === phone && !undecided.has(row.op)));
      if (!rows.length) return undecided.size ? delay(user) : 'empty';
      const found = await Promise.all(rows.map(entryOf));
      rows.filter((_, at) => !found[at]).forEach((row) => undecided.add(row.op)); // shut meanwhile
      const opened = found.filter(Boolean);
      const wait = (entry) => [entry.op_id, ...entry.family.split(' ')].filter(Boolean).forEach((name) => undecided.add(name));
      const isNext = (entry) => !entry.family.split(' ').some((name) => undecided.has(name));
      opened.filter((entry) => !isNext(entry)).forEach(wait);
      const entries = opened.filter(isNext);
      if (!entries.length) continue;
      const seqOf = new Map(rows.map((row) => [row.op, row.seq]));
      for (const entry of entries) {
        const row = rows.find(({ op }) => op === entry.op_id);
        for (const photo of entry.photos) if (await upload(row, photo, said.csrf) === 'late') return delay(user);
      }
      const sent = await ask('/hp/kirim/', {
        method: 'POST', body: JSON.stringify({ user, entries: entries.map(({ title, ...entry }) => entry) }),
        headers: { 'X-CSRFToken': said.csrf, 'Content-Type': 'application/json' },
      });
      if (sent.status === 401) return 'login';
      if (sent.status !== 200) return delay(user, sent.retry);
      if (sent.said.answers.some((answer) => answer.status === 401)) return 'login';
      const answers = new Map(sent.said.answers.filter((answer) => answer.state).map((answer) => [answer.op_id, answer]));
      for (const entry of entries) {
        const answer = answers.get(entry.op_id);
        if (answer) await settle(entry.op_id, seqOf.get(entry.op_id), answer); else wait(entry);
      }
      if (answers.size) await langkah.change(['meta', `retry:${user}`]);
    }
  };
  // Send what waits, by one sender in all pages and workers: 'empty', 'waits' (tried again later), 'login', 'other' (somebody
  // else is logged in), 'shut' (the key is not open), 'sealed' (all for an earlier key), 'ended' (this phone is none any
  // more), 'practice', 'busy'. Who forces it, a person or a signal that is back, waits for the turn.
  const send = (user, { force = false } = {}) => navigator.locks.request('langkah-outbox', { ifAvailable: !force }, async (lock) => {
    if (!lock) return 'busy';
    if (await langkah.get('meta', `practice:${user}`)) return 'practice';
    const ended = await sendAll(user, { force }).catch((error) => {
      console.error(error); // what waits goes on waiting
      return delay(user);
    });
    await tidy(user);
    tell();
    return ended;
  });

  // Files with what waits, sealed as it lies here, one for each key: a koordinator can hand them in for their owner.
  const backups = async (user) => {
    const base64 = (bytes) => {
      let binary = '';
      new Uint8Array(bytes).forEach((byte) => { binary += String.fromCharCode(byte); });
      return btoa(binary);
    };
    const packed = (row) => ({ iv: base64(row.iv), data: base64(row.data) });
    const rows = (await rowsOf(user)).filter(isOpen);
    const photos = await langkah.all('photos');
    return Array.from(new Set(rows.map((row) => row.phone)), (phone) => {
      const mine = rows.filter((row) => row.phone === phone);
      const ops = new Set(mine.map((row) => row.op));
      return {
        format: 1,
        phone,
        entries: mine.map((row) => ({ op_id: row.op, ...packed(row) })),
        photos: photos.filter(([, row]) => ops.has(row.op)).map(([name, row]) => ({ sha256: name.split(':')[1], ...packed(row) })),
      };
    });
  };

  return { heed, isOver, isOpen, put, rowsOf, entryOf, answerOf, photoOf, phoneOf, settle, remove, count, send, backups, ask };
})();
