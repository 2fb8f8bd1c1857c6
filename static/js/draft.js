// Drafts of activities and assessments, kept in this browser until the server has taken them: one for each form that
// was begun, under a tag of the user. They hold case numbers and what was typed, no names and no photos, and end after
// seven days. `page` is the path of the form.
(() => {
  'use strict';
  const PREFIX = 'langkah-draft:';
  const DAYS = 7;
  const user = document.body.dataset.user;
  if (!user) return;
  const mine = `${PREFIX}${user}:`;

  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const isStale = (draft) => !draft || Date.now() - draft.at > DAYS * 86400000;
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));

  const list = (page) => names().filter((name) => name.startsWith(mine))
    .map((name) => parse(localStorage.getItem(name)))
    .filter((draft) => (draft.page || '/kegiatan/catat/').startsWith(page))
    .sort((one, other) => other.at - one.at);
  const write = (draft) => {
    try {
      localStorage.setItem(mine + draft.op, JSON.stringify({ ...draft, at: Date.now() }));
      return true;
    } catch { // storage is full or switched off: the page says so instead of promising
      return false;
    }
  };
  const drop = (op) => localStorage.removeItem(mine + op);

  for (const name of names()) {
    if (isStale(parse(localStorage.getItem(name)))) localStorage.removeItem(name);
  }
  // The server names the entries it has taken; only then is a draft let go.
  document.querySelectorAll('[data-op]').forEach((message) => drop(message.dataset.op));
  document.querySelectorAll('[data-draft-reminder]').forEach((reminder) => {
    const [newest] = list(reminder.dataset.draftReminder);
    if (!newest || document.querySelector('[data-draft-form]')) return;
    reminder.hidden = false;
    const link = reminder.querySelector('[data-draft-link]');
    if (link) link.href = `${newest.page}?${newest.search}`;
  });

  window.langkahDraft = { list, write, drop };
})();
