// The assessment: one question a screen, back and forth, and a summary before it is sent. The family's finger on a picture
// leads to the next question; in the summary the pendamping agrees to all, or opens the one that they see otherwise.
// Without it, and when anything in it fails, the page is one long form. Drafts and sending are app.js's.
(() => {
  'use strict';
  const LEADS_ON_MS = 300; // so long the chosen picture is seen
  const form = () => document.getElementById('assessment-form');
  const screens = () => Array.from(form().querySelectorAll('[data-screen]'));
  const questions = () => screens().filter((screen) => screen.matches('.ask'));
  const part = (screen, name) => screen.querySelector(`[name="${screen.dataset.screen}-${name}"]`);
  const chosen = (screen, name) => screen.querySelector(`[name="${screen.dataset.screen}-${name}"]:checked`);
  const bar = (name) => form().querySelector(`[data-step-${name}]`);
  const knowsHas = CSS.supports('selector(:has(a))');
  let at = 0;
  let tapped = null;
  let aside = false;

  const stepAside = (error) => {
    aside = true;
    form().classList.remove('assessment--steps');
    screens().forEach((screen) => { screen.hidden = false; });
    form().querySelectorAll('.ask__own, .ask__reason, .ask__note').forEach((part) => { part.hidden = false; });
    form().querySelectorAll('[data-steps-only], [data-step-back], [data-step-next]').forEach((button) => { button.hidden = true; });
    bar('send').hidden = false;
    console.error(error); // and still told
  };
  const guarded = (act) => (...given) => {
    if (aside || !form()) return;
    try { act(...given); } catch (error) { stepAside(error); }
  };

  const say = (words) => { form().querySelector('[data-draft-state]').textContent = words; };
  // What is still missing on a screen: the field to fill in and the words for it; null when the way on is free.
  const missing = (screen) => {
    const family = chosen(screen, 'family');
    if (!family) return [part(screen, 'family'), 'Pilih satu gambar, atau Lewati dulu.'];
    if (family.value === 'tidak_berlaku' && !part(screen, 'reason').value.trim()) return [part(screen, 'reason'), 'Tulis mengapa tidak berlaku.'];
    const own = chosen(screen, 'level');
    const differs = own && !['sama', family.value].includes(own.value);
    if (family.closest('.anchor') && differs && !part(screen, 'note').value.trim()) return [part(screen, 'note'), 'Tulis mengapa berbeda.'];
    return null;
  };
  const waitsForOwn = (screen) => Boolean(screen.querySelector('.anchor :checked')) && !chosen(screen, 'level');
  const answer = (screen) => {
    const family = chosen(screen, 'family');
    if (!family) return 'Belum dijawab';
    if (!family.closest('.anchor')) return family.parentElement.textContent.trim();
    const words = family.closest('.anchor').querySelector('[data-words]').textContent;
    const own = chosen(screen, 'level');
    return own && !['sama', family.value].includes(own.value) ? `${words}. Menurut Anda: ${own.parentElement.textContent.trim()}` : words;
  };

  const agree = (screen) => {
    const same = screen.querySelector(`[name="${screen.dataset.screen}-level"][value="sama"]`);
    same.checked = true;
    same.dispatchEvent(new Event('change', { bubbles: true }));
  };

  // Before Chrome 105 the style sheet can't fold away what a screen does not ask yet.
  const fold = (screen) => {
    const family = chosen(screen, 'family');
    const own = chosen(screen, 'level');
    const levelled = Boolean(family && family.closest('.anchor'));
    screen.querySelector('.ask__own').hidden = !levelled;
    screen.querySelector('.ask__reason').hidden = !family || family.value !== 'tidak_berlaku';
    screen.querySelector('.ask__note').hidden = !levelled || !own || own.value === 'sama';
  };
  const label = () => {
    if (!knowsHas) questions().forEach(fold);
    const screen = screens()[at];
    const asks = screen.matches('.ask');
    const last = at === screens().length - 1;
    bar('back').hidden = at === 0;
    bar('next').hidden = last;
    bar('send').hidden = !last;
    bar('send').querySelector('[data-agrees]').hidden = !questions().some(waitsForOwn);
    bar('next').textContent = asks && waitsForOwn(screen) ? 'Setuju, lanjut' : asks ? 'Lanjut' : 'Mulai';
  };
  const review = () => {
    const rows = form().querySelector('[data-review-rows]');
    const open = questions().filter((screen) => !chosen(screen, 'family'));
    rows.textContent = '';
    rows.append(...questions().map((screen) => {
      const row = form().querySelector('[data-review-row]').content.cloneNode(true).firstElementChild;
      const button = row.querySelector('button');
      button.textContent = screen.dataset.name;
      button.addEventListener('click', guarded(() => show(screens().indexOf(screen))));
      row.querySelector('.row__meta').textContent = answer(screen);
      return row;
    }));
    const skipped = questions().filter((screen) => (chosen(screen, 'family') || {}).value === 'dilewati');
    const words = form().querySelector('[data-review-skipped]');
    words.textContent = `Dilewati dulu: ${skipped.map((screen) => screen.dataset.name.toLowerCase()).join(', ')}.`;
    words.hidden = skipped.length === 0;
    form().querySelector('[data-review]').hidden = false;
    form().querySelector('[data-review-own]').hidden = !questions().some(waitsForOwn);
    form().querySelector('[data-review-open]').hidden = open.length === 0;
    form().querySelector('[data-review-count]').textContent = `${open.length} pertanyaan`;
  };
  const show = (index, { focus = true } = {}) => {
    at = Math.max(0, Math.min(index, screens().length - 1));
    screens().forEach((screen, number) => { screen.hidden = number !== at; });
    if (at === screens().length - 1) review();
    say('');
    label();
    if (!focus) return;
    screens()[at].focus({ preventScroll: true });
    window.scrollTo(0, form().getBoundingClientRect().top + window.scrollY - 8);
  };
  const next = () => {
    const screen = screens()[at];
    const lacking = screen.matches('.ask') && missing(screen);
    if (lacking) {
      say(lacking[1]);
      lacking[0].focus();
      return;
    }
    if (screen.matches('.ask') && waitsForOwn(screen)) agree(screen);
    show(at + 1);
  };
  // Once for each question: who comes back to it is about to choose otherwise. A key that moves through the pictures
  // leads nowhere.
  const leadOn = (screen) => {
    if (screen !== tapped || screen.dataset.led) return;
    screen.dataset.led = '1';
    setTimeout(guarded(() => { if (screens()[at] === screen) show(at + 1); }), LEADS_ON_MS);
  };
  const firstOpen = () => {
    const index = screens().findIndex((screen) => screen.matches('.ask') && !chosen(screen, 'family'));
    return index < 0 ? screens().length - 1 : index;
  };

  document.addEventListener('click', guarded((event) => {
    if (!event.target.closest('#assessment-form')) return;
    const picture = event.target.closest('.anchor');
    if (picture && event.detail) tapped = picture.closest('[data-screen]'); // the change comes after it
    else if (event.target.closest('[data-to-start]')) show(0);
    else if (event.target.closest('[data-step-next]')) next();
    else if (event.target.closest('[data-step-back]')) show(at - 1);
    else if (event.target.closest('[data-to-review]')) show(screens().length - 1);
    else if (event.target.closest('[data-skip-rest]')) {
      questions().filter((screen) => !chosen(screen, 'family')).forEach((screen) => {
        const skip = screen.querySelector('[value="dilewati"]');
        skip.checked = true;
        skip.dispatchEvent(new Event('change', { bubbles: true }));
      });
      review();
    }
  }));
  // A link to a mistake opens its screen before app.js puts the cursor into the field.
  document.addEventListener('click', guarded((event) => {
    const link = event.target.closest('[data-error-summary] a[href^="#"]');
    const target = link && document.getElementById(link.hash.slice(1));
    const screen = target && target.closest('[data-screen]');
    if (screen) show(screens().indexOf(screen), { focus: false });
  }), true);
  // Enter in a field means the next question; only the summary sends.
  document.addEventListener('submit', guarded((event) => {
    if (event.target !== form()) return;
    if (at === screens().length - 1) { questions().filter(waitsForOwn).forEach(agree); return; }
    event.preventDefault();
    event.stopPropagation();
    next();
  }), true);
  document.addEventListener('change', guarded((event) => {
    if (!event.target.closest('#assessment-form')) return;
    label();
    if (event.target.closest('.anchor')) leadOn(event.target.closest('[data-screen]'));
  }));

  const ready = guarded(({ restored = false } = {}) => {
    form().classList.add('assessment--steps');
    form().querySelectorAll('[data-steps-only]').forEach((button) => { button.hidden = false; });
    const wrong = screens().findIndex((screen) => screen.querySelector('.field--error'));
    const reviewed = 'editing' in form().dataset || form().querySelector('[data-error-summary]');
    const start = wrong >= 0 ? wrong : restored ? firstOpen() : reviewed ? screens().length - 1 : 1;
    show(start, { focus: restored });
  });
  document.addEventListener('htmx:afterSettle', () => ready());
  document.addEventListener('langkah:restored', () => ready({ restored: true }));
  ready();
})();
