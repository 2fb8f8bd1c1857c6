// The page "HP ini", and the page that asks for the code: beginning, opening, shutting and leaving work without signal.
(() => {
  'use strict';
  const EASY = /^(\d)\1{5}$|^(012345|123456|234567|345678|456789|987654|654321|543210|121212|112233)$/;
  const at = (name, root = document) => root.querySelector(`[data-phone-${name}]`);
  const fault = (form, words) => {
    const place = at('error', form);
    place.textContent = words;
    place.hidden = !words;
    if (words) form.elements.code.focus();
  };
  const busy = (form, is) => form.querySelectorAll('button').forEach((button) => { button.disabled = is; });
  const onForm = (name, act) => {
    const form = at(name);
    if (!form) return;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      fault(form, '');
      busy(form, true);
      try { await act(form); } catch (error) {
        fault(form, 'Belum berhasil. Periksa sinyal, lalu coba lagi.');
        console.error(error); // and still told
      } finally { busy(form, false); }
    });
  };
  const digits = (typed) => typed.replace(/\s/g, ''); // a keyboard puts blanks where nobody typed any
  const codeIn = (form) => {
    const [code, again] = ['code', 'again'].map((name) => form.elements[name] && digits(form.elements[name].value));
    if (!/^\d{6}$/.test(code)) return fault(form, 'Kodenya 6 angka.');
    if (EASY.test(code)) return fault(form, 'Kode itu terlalu mudah ditebak. Pilih yang lain.');
    if (again !== undefined && again !== code) return fault(form, 'Kedua kode belum sama. Ketik sekali lagi.');
    return code;
  };
  const part = (name) => document.querySelectorAll('[data-phone-part]').forEach((one) => { one.hidden = one.dataset.phonePart !== name; });
  const state = (words) => { const place = at('state'); if (place) place.textContent = words; };

  // --- the page that asks for the code, also without anybody logged in ---
  onForm('unlock', async (form) => {
    const phone = await langkah.phone();
    const { state: told, left } = phone ? await langkah.unlock(phone.user, digits(form.elements.code.value)) : { state: 'gone' };
    form.elements.code.value = '';
    // Open, and still nothing to show: asking for the code again would lead nowhere.
    if (told === 'open' && langkah.isStale(await langkah.mark(phone.user))) fault(form, 'Kode cocok, tetapi data di HP ini belum diambil atau sudah terlalu lama. Buka sekali dengan sinyal; catatan di HP ini tidak hilang.');
    else if (told === 'open') location.reload();
    else if (told === 'wrong') fault(form, `Kode belum cocok. Masih ${left} kali lagi.`);
    else fault(form, 'Kode tidak bisa dipakai lagi. Masuk dengan sinyal dan sandi Anda; catatan di HP ini tidak hilang.');
  });
  if (!document.querySelector('[data-phone-part]')) return;

  // --- HP ini ---
  // From then on every page brings the scripts of the phone along.
  const forWork = (days) => { document.cookie = `hp=1; path=/; samesite=lax; max-age=${days * 86400}${location.protocol === 'https:' ? '; secure' : ''}`; };
  const manage = () => {
    const { user, when } = langkahPage;
    const draw = async () => {
      if (!await langkah.get('meta', `phone:${user}`)) { part('off'); return; }
      if (!await langkah.openKey(user)) { part('shut'); return; }
      part('on');
      forWork(400);
      const known = await langkah.mark(user) || {};
      at('count').textContent = known.families === undefined ? '–' : known.families;
      at('fetched').textContent = known.heard ? when(known.heard) : '–';
      const practice = await langkah.get('meta', `practice:${user}`);
      const button = document.querySelector('[data-phone-act="practice"]');
      button.dataset.on = button.dataset.on || button.textContent.trim();
      button.lastChild.textContent = practice ? ' Selesai latihan' : ` ${button.dataset.on}`;
      if (practice) state('Mode latihan: halaman dibuka seperti tanpa sinyal, dan catatan latihan tidak dikirim.');
      else if (!await langkah.get('meta', langkah.codeName(user))) state('Kode belum ada. Buat kode di bawah supaya HP ini bisa dibuka tanpa sinyal.');
    };
    onForm('begin', async (form) => {
      const code = codeIn(form);
      if (!code) return;
      const answer = await langkahPage.post('/hp/daftarkan/', { app: '' });
      if (answer.status !== 201) { fault(form, 'Belum tersambung ke server. Coba lagi saat ada sinyal.'); return; }
      const bytes = langkahPage.bytesOf(answer.said.key);
      await langkah.setCode(user, code, bytes);
      await langkah.openWith(user, bytes);
      await langkah.begin(user, answer.said.phone);
      forWork(400);
      form.reset();
      part('on');
      state('Mengambil data keluarga…');
      await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
      await langkahPage.fetchBundle({ force: true });
      location.reload(); // from here on this page, too, is one of a phone for work
    });
    onForm('code', async (form) => {
      const code = codeIn(form);
      if (!code) return;
      const bytes = await langkahPage.openWithServer(await langkah.get('meta', `phone:${user}`));
      if (!bytes) { fault(form, 'Kode baru hanya bisa dibuat saat ada sinyal.'); return; }
      await langkah.setCode(user, code, bytes);
      form.reset();
      form.closest('details').open = false;
      state('Kode baru tersimpan.');
    });
    const acts = {
      async refresh() {
        state('Mengambil data…');
        const done = await langkahPage.fetchBundle({ force: true }).catch(() => false);
        state(done ? 'Data terbaru sudah di HP ini.' : 'Belum berhasil. Coba lagi saat ada sinyal.');
      },
      async shut() {
        await langkah.shut(user);
        location.assign('/hp/buka/');
      },
      async practice() {
        const name = `practice:${user}`;
        if (await langkah.get('meta', name)) {
          for (const row of await outbox.rowsOf(user)) if (row.practice) await outbox.remove(row.op);
          await langkah.change(['meta', name]);
        } else await langkah.change(['meta', name, { since: Date.now() }]);
        location.assign('/');
      },
      async forget() {
        const { waiting, rejected } = await outbox.count(user);
        if (waiting + rejected) await outbox.send(user, { force: true });
        const left = await outbox.count(user);
        if (left.waiting + left.rejected) { state(`Masih ada ${left.waiting + left.rejected} catatan yang belum terkirim. Kirim dulu di Kiriman.`); return; }
        const { id } = await langkah.get('meta', `phone:${user}`);
        const { status } = await langkahPage.post(`/hp/${id}/hapus/`, {});
        if (!status && !navigator.onLine) { state('Perlu sinyal supaya server ikut tahu. Coba lagi nanti.'); return; }
        await langkah.wipe(user);
        forWork(0);
        const worker = await navigator.serviceWorker.getRegistration();
        if (worker) await worker.unregister();
        location.reload();
      },
    };
    document.addEventListener('click', async (event) => {
      const button = event.target.closest('[data-phone-act]');
      if (!button || !acts[button.dataset.phoneAct]) return;
      await acts[button.dataset.phoneAct]();
      if (button.dataset.phoneAct === 'refresh') draw();
    });
    langkahPage.started.then(draw);
  };
  if (self.langkahPage) manage(); else part('unsupported');
})();
