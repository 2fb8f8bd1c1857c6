// Kiriman, the part on this phone: every entry with its state, sending now, and the backup.
(() => {
  'use strict';
  const box = document.querySelector('[data-outbox]');
  if (!box || !self.langkahPage) return;
  const { user, started, when } = langkahPage;
  const PILLS = { waiting: 'soon', stored: 'ok', held: 'warn', rejected: 'overdue' };
  const word = (name) => box.querySelector('[data-outbox-words]').content.querySelector(`[data-word="${name}"]`).textContent;
  const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 1e6).toLocaleString('id-ID', { maximumFractionDigits: 1 })} MB`);
  const tell = (name) => { box.querySelector('[data-outbox-told]').textContent = name ? word(name) : ''; };

  const answerWords = (answer) => {
    if (!answer) return '';
    const faults = Object.values(answer.errors || {}).reduce((all, some) => all.concat(some), []);
    return answer.receipt ? `Kode tanda terima ${answer.receipt}` : faults.join(' ') || answer.reason || '';
  };
  const draw = async () => {
    const rows = (await outbox.rowsOf(user)).reverse();
    const phone = await outbox.phoneOf(user);
    const entries = await Promise.all(rows.map(async (row) => ({ row, entry: await outbox.entryOf(row), answer: await outbox.answerOf(row) })));
    const list = box.querySelector('[data-outbox-rows]');
    const items = entries.map(({ row, entry, answer }) => {
      const item = box.querySelector('[data-outbox-row]').content.cloneNode(true).firstElementChild;
      const part = (name) => item.querySelector(`[data-row-${name}]`);
      part('title').textContent = entry ? entry.title : '•••';
      part('family').textContent = entry ? entry.family.split(' ').slice(0, 2).join(', ') : '';
      part('at').textContent = when(row.at);
      part('size').textContent = size(row.size);
      const sealed = row.state === 'waiting' && row.phone !== phone; // for an earlier key of this phone
      part('answer').textContent = sealed ? word('sealed') : answerWords(answer);
      part('state').textContent = word(row.practice ? 'practice' : sealed ? 'old-key' : row.state);
      part('state').classList.add(`pill--${PILLS[row.state]}`);
      const open = entry && outbox.isOpen(row);
      part('open').hidden = !open;
      if (open) part('open').href = `${entry.path}#kiriman=${row.op}`;
      part('drop').hidden = row.state !== 'rejected' && !sealed;
      let sure = false;
      part('drop').addEventListener('click', async () => {
        if (!sure) { sure = true; part('answer').textContent = word('drop'); return; }
        await outbox.remove(row.op);
        draw();
      });
      return item;
    });
    list.textContent = '';
    list.append(...items);
    const { waiting, rejected, sent, others } = await outbox.count(user);
    const foreign = box.querySelector('[data-outbox-others]');
    foreign.dataset.words = foreign.dataset.words || foreign.textContent;
    foreign.textContent = foreign.dataset.words.replace('{n}', others);
    foreign.hidden = !others;
    box.querySelector('[data-outbox-received]').textContent = rows.filter((row) => ['stored', 'held'].includes(row.state)).length;
    box.querySelector('[data-outbox-waiting]').textContent = waiting + rejected;
    box.querySelector('[data-outbox-sent]').textContent = sent ? `Terakhir diterima ${when(sent)}` : '';
  };
  box.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-outbox-act]');
    if (!button) return;
    if (button.dataset.outboxAct === 'send') {
      tell('busy');
      tell(await outbox.send(user, { force: true }));
    } else {
      const files = await outbox.backups(user);
      files.forEach((backup, at) => {
        const file = new Blob([JSON.stringify(backup)], { type: 'application/json' });
        const name = `cadangan-langkah-${new Date().toISOString().slice(0, 10)}${at ? `-${at + 1}` : ''}.json`;
        const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: name });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      });
    }
    draw();
  });
  started.then(async () => {
    const { others } = await outbox.count(user);
    if (!others && !await langkah.get('meta', `phone:${user}`)) return;
    box.hidden = false;
    draw();
    const drawSoon = langkah.seldom(draw);
    window.addEventListener('langkah:outbox', drawSoon);
    if (self.BroadcastChannel) new BroadcastChannel('langkah').addEventListener('message', drawSoon);
  });
})();
