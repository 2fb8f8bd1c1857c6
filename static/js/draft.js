// The draft of one activity, kept in this browser until the server has taken it. One per user; holds case numbers and
// what was typed, no names and no photos; forgotten after seven days.
(() => {
  'use strict';
  const PREFIX = 'langkah-draft:';
  const DAYS = 7;
  const user = document.body.dataset.user;
  if (!user) return;
  const key = PREFIX + user;

  const parse = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const isStale = (draft) => !draft || Date.now() - draft.at > DAYS * 86400000;

  const read = () => {
    const draft = parse(localStorage.getItem(key));
    return isStale(draft) ? null : draft;
  };
  const write = (draft) => {
    try {
      localStorage.setItem(key, JSON.stringify({ ...draft, at: Date.now() }));
      return true;
    } catch { // storage is full or switched off: the page says so instead of promising
      return false;
    }
  };
  const drop = () => localStorage.removeItem(key);

  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX) && isStale(parse(localStorage.getItem(name)))) localStorage.removeItem(name);
  }
  // The server names the entries it has taken; only then is the draft let go.
  document.querySelectorAll('[data-op]').forEach((message) => {
    const draft = read();
    if (draft && draft.op === message.dataset.op) drop();
  });
  const reminder = document.querySelector('[data-draft-reminder]');
  if (reminder && read() && !document.querySelector('[data-draft-form]')) reminder.hidden = false;

  window.langkahDraft = { read, write, drop };
})();
