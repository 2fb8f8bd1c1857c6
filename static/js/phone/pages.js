// Pages without signal, put together in the service worker from what the server rendered ahead: a page or form made for a
// family that stands in for all, in which the values of the family asked for take the stand-in's place. No markup is made
// here.
self.langkahPages = (() => {
  'use strict';
  const MOST_FOUND = 12;
  const OPENED = 5;
  const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
  const CASE = /PKH-[0-9A-Z]{5}/;
  const PARTS = ['', 'riwayat/', 'keluarga/', 'rencana/']; // of a family's page; without signal they are one
  // As pkh_casework.places.WRITTEN, in its order.
  const ONE = '(0*\\d{1,3}|-+)';
  const PLACES = [
    [`(?:rt\\s*[/.,-]?\\s*rw|rt)?[\\s.:]*${ONE}\\s*[/\\\\]\\s*${ONE}`, 'rt', 'rw'],
    [`rt\\s*[/.,-]?\\s*rw[\\s.:]*${ONE}[\\s.,-]+${ONE}`, 'rt', 'rw'],
    [`rw\\s*[/.,-]?\\s*rt[\\s.:]*${ONE}[\\s/\\\\.,-]+${ONE}`, 'rw', 'rt'],
    [`rw[\\s.:]*${ONE}\\s*[/\\\\]\\s*${ONE}`, 'rw', 'rt'],
    [`rt[\\s.:]*${ONE}[\\s.,:;/\\\\-]*rw[\\s.:]*${ONE}`, 'rt', 'rw'],
    [`rw[\\s.:]*${ONE}[\\s.,:;/\\\\-]*rt[\\s.:]*${ONE}`, 'rw', 'rt'],
    [`rt[\\s.:]*${ONE}`, 'rt'],
    [`rw[\\s.:]*${ONE}`, 'rw'],
  ].map(([pattern, ...names]) => [new RegExp(`^${pattern}$`), names]);
  const MOST = 999;
  const readPlace = (asked) => {
    const text = asked.replace(/[\u2013]/g, '-').replace(/\br\s?\.\s?([tw])\b\.?/g, 'r$1 ').replace(/^[\s.,;]+|[\s.,;]+$/g, '');
    for (const [pattern, names] of PLACES) {
      const found = pattern.exec(text);
      if (!found) continue;
      const said = Object.fromEntries(names.map((name, at) => [name, Number(found[at + 1].replace(/-/g, '')) || null]));
      return Object.values(said).some((number) => number > MOST) ? null : { rt: said.rt || null, rw: said.rw || null };
    }
    return null;
  };

  const escape = (words) => String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const day = (at = new Date()) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  // --- search, as the server's: a place by its numbers, all else by finding.js ---
  const oneLine = (words) => words.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/\s+/g, ' ').trim();
  let finding = null;
  const search = (families, question, rules) => {
    const asked = oneLine(question);
    if (!asked) return families;
    const place = readPlace(asked);
    if (place && !place.rt && !place.rw) return families.filter((family) => !family.rt && !family.rw);
    if (place) return families.filter((family) => ['rt', 'rw'].every((name) => !place[name] || family[name] === place[name]));
    finding = finding || langkahFinding(rules); // the rules change with the program alone
    return finding(question, families);
  };

  // --- the stand-in's values, and those of a family ---
  const RANGE = /\ue000(nama|alamat|anggota|tujuan|langkah)\ue001/g;
  const settle = (html, { stand, family, thing, rendered }) => {
    const today = day();
    let page = html
      .replace(/name="op_id" value="[^"]*"/g, () => `name="op_id" value="${langkah.uuid7()}"`)
      .replace(new RegExp(`(value|max|min)="${rendered}"`, 'g'), `$1="${today}"`);
    if (!family) return page;
    const words = { nama: family.name, alamat: family.address || '', ...thing.words };
    page = page.split(stand.case).join(family.case)
      .replace(RANGE, (_, name) => escape(words[name] || ''))
      .split(stand.where).join(escape(family.where));
    Object.entries(thing.ids || {}).forEach(([from, to]) => { page = page.split(from).join(to); });
    return page;
  };
  // The page says of which moment it is, and which values its script puts into the form.
  const dress = (html, made, { fill = null, asks = '' } = {}) => html
    .replace('<body ', `<body data-made="${made}"${fill ? ` data-fill="${escape(JSON.stringify(fill))}"` : ''}${asks} `);
  const between = (html, open, close) => {
    const from = html.indexOf(open);
    return from < 0 ? '' : html.slice(from, html.indexOf(close, from) + close.length);
  };

  // --- the pages of one user ---
  const pagesOf = async (user) => {
    const known = await langkah.mark(user);
    if (langkah.isStale(known)) return null;
    const index = await langkah.page(user, 'index');
    if (!index) return null;
    const { stand_in: stand } = index;
    const shell = (address) => langkah.page(user, `shell:${address}`);
    const familyOf = async (number) => {
      const row = index.families.find((one) => one.case === number);
      return row && langkah.page(user, `family:${row.slot}`);
    };
    const show = (html, more = {}) => settle(html, { stand, rendered: known.day, thing: {}, ...more });

    const list = async (url, target) => {
      const rows = await langkah.page(user, 'rows');
      const question = url.searchParams.get('q') || '';
      const found = search(index.families, question, index.spelling);
      let page = await shell(`/kpm/?q=${stand.case}`);
      const row = between(page, '<li class="row">', '</li>');
      page = page.replace(row, () => found.map((family) => rows[family.slot]).join(''))
        .replace('<strong>1 KPM</strong>', `<strong>${found.length} KPM</strong>`)
        .replace(`value="${stand.case}"`, () => `value="${escape(question)}"`);
      if (target === 'household-rows') return between(page, '<section class="stack stack--tight" id="household-rows"', '</section>');
      return dress(page, known.made);
    };
    const rowOf = (page) => between(page, `<li class="row family" data-family="${stand.case}"`, '</li>');
    const find = async (url) => {
      const row = rowOf(await shell(`/kegiatan/catat/?kpm=${stand.case}`)).replace(' checked', '');
      const question = url.searchParams.get('q') || '';
      const found = question.trim() ? search(index.families, question, index.spelling).slice(0, MOST_FOUND) : [];
      const rows = found.map((family) => show(row, { family }));
      return `<ul class="rows" id="family-results" aria-live="polite">${rows.join('')}</ul>`;
    };
    const visit = async (url) => {
      const group = url.searchParams.get('kelompok');
      const cases = group ? index.families.filter((one) => String(one.group_pk) === group).map((one) => one.case) : url.searchParams.getAll('kpm');
      const families = (await Promise.all(Array.from(new Set(cases)).map(familyOf))).filter(Boolean);
      const alone = families.length === 1;
      const single = await shell(`/kegiatan/catat/?kpm=${stand.case}`);
      const row = rowOf(single);
      const rows = families.map((family) => show(row, { family })).join('');
      const open = families.length > OPENED ? [] : families;
      const first = open.map(({ inside }) => inside.promises + (alone ? '' : inside.goals)).join('');
      let page = alone ? single : await shell('/kegiatan/catat/');
      const place = between(page, '<ul class="rows family-list" data-family-list>', '</ul>');
      page = page.replace(place, () => `<ul class="rows family-list" data-family-list>${rows}</ul>${first}`);
      if (alone) ['goals', 'members'].forEach((name) => { page = page.replace(stand.inside[name], () => families[0].inside[name]); });
      page = show(page, { family: alone ? families[0] : null });
      const fill = { ...(group ? { group: [group], kind: ['p2k2'] } : {}), ...(url.searchParams.get('jenis') ? { kind: [url.searchParams.get('jenis')] } : {}) };
      return dress(page, alone ? families[0].made : known.made, { fill });
    };
    const home = async (family) => {
      const page = await shell(`/kpm/${stand.case}/`);
      const main = between(page, '<main ', '</main>');
      const open = main.slice(0, main.indexOf('>') + 1);
      return dress(show(page.replace(main, () => `${open}${family.page}</main>`), { family }), family.made);
    };
    const talk = async (family, url) => {
      const form = url.searchParams.get('bentuk') === 'lengkap' ? 'lengkap' : 'singkat';
      const page = await shell(`/asesmen/${stand.case}/?bentuk=${form}&jalur=${family.path}`);
      const asks = family.school ? '' : ' data-no-school';
      return page && dress(show(page, { family }), family.made, { asks });
    };
    const goal = async (family, url) => {
      const code = url.searchParams.get('indikator');
      if (!code) {
        if (family.goals_full) return null;
        const page = await shell(`/tujuan/baru/${stand.case}/`);
        return dress(show(page.replace(between(page, '<ul class="rows">', '</ul>'), () => family.scores), { family }), family.made);
      }
      const page = await shell(`/tujuan/baru/${stand.case}/?indikator=${stand.score}`);
      const named = page.replace(`name="score" value="${stand.score}"`, `name="score" value="${escape(code)}"`)
        .split(stand.score_name).join(escape(index.indicators[code] || code));
      return dress(show(named, { family }), family.made);
    };
    const referral = async (family, url) => {
      const resource = url.searchParams.get('sumber');
      if (!resource) return dress(show(await shell(`/rujukan/baru/?kpm=${stand.case}`), { family }), known.made);
      const [id, name] = stand.resource;
      let page = await shell(`/rujukan/baru/?kpm=${stand.case}&sumber=${id}`);
      page = page.split(`sumber=${id}"`).join(`sumber=${escape(resource)}"`).replace(`name="sumber" value="${id}"`, `name="sumber" value="${escape(resource)}"`);
      return dress(show(page.split(escape(name)).join(escape(index.resources[resource] || '')), { family }), known.made);
    };

    // The form of a member, a goal or a step: that of the stand-in's, with the ids and the values of the real one.
    const part = async (url, family, id) => {
      const member = family.members.find((one) => one.pk === id);
      const aim = family.goals.find((one) => one.pk === id || one.steps.some((step) => step.pk === id));
      const step = aim && aim.steps.find((one) => one.pk === id);
      const ids = { ...(member ? { [stand.member]: id } : {}), ...(aim ? { [stand.goal]: aim.pk } : {}), ...(step ? { [stand.step]: id } : {}) };
      const words = { anggota: member && member.name, tujuan: aim && aim.wish, langkah: step && step.text };
      let address = url.pathname.replace(family.case, stand.case);
      Object.entries(ids).forEach(([from, to]) => { address = address.replace(to, from); });
      const page = await shell(address);
      const goal = { '/ubah/': aim && aim.fill, '/langkah/': aim && aim.new_step }[(/\/[a-z]+\/$/.exec(address) || [])[0]];
      return page && dress(show(page, { family, thing: { ids, words } }), family.made, { fill: (member || step || {}).fill || goal });
    };

    // The HTML for an address, or null when the phone does not hold it. `target` is what htmx fills.
    const answer = async (url, target = '') => {
      const { pathname } = url;
      if (target && !['household-rows', 'family-results'].includes(target)) return null;
      if (pathname === '/kpm/') return list(url, target);
      if (pathname === '/kegiatan/catat/cari/') return find(url);
      if (target) return null;
      if (pathname === '/') return dress(show(await langkah.page(user, 'today')), known.made);
      if (pathname === '/kegiatan/catat/') return visit(url);
      const id = ID.exec(pathname);
      const number = (CASE.exec(pathname) || CASE.exec(url.searchParams.get('kpm') || '') || [])[0] || (id && index.ids[id[0]]);
      const family = number && await familyOf(number);
      if (family) {
        if (PARTS.includes(pathname.slice(`/kpm/${number}/`.length)) && pathname.startsWith('/kpm/')) return home(family);
        if (pathname === `/asesmen/${number}/`) return talk(family, url);
        if (pathname === `/tujuan/baru/${number}/`) return goal(family, url);
        if (pathname === '/rujukan/baru/') return referral(family, url);
        if (id) return part(url, family, id[0]);
        const page = await shell(pathname.replace(number, stand.case));
        return page && dress(show(page, { family }), family.made, { fill: pathname === `/kpm/${number}/ubah/` ? family.edit : null });
      }
      const page = await shell(pathname);
      return page && dress(show(page), known.made);
    };
    const missing = async () => dress(show(await shell('/hp/belum-ada/')), known.made);
    return { answer, missing };
  };

  return { pagesOf, search, readPlace };
})();
