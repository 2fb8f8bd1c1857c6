// Tunjukkan ke keluarga: its words are read aloud, and its picture is handed to another app, where the browser can.
(() => {
  'use strict';
  const words = (place) => place.textContent.replace(/\s+/g, ' ').trim();

  // Only a voice that lives on this phone: others send what they read to a server.
  const listen = document.querySelector('[data-listen]');
  const speech = window.speechSynthesis;
  const voice = () => speech.getVoices().find((one) => one.localService && /^id\b/i.test(one.lang.replace('_', '-')));
  const offer = () => { listen.hidden = !voice(); };
  const tell = () => { listen.querySelector('span').textContent = speech.speaking || speech.pending ? 'Berhenti' : 'Dengarkan'; };
  if (listen && speech && window.SpeechSynthesisUtterance) {
    offer();
    if (speech.addEventListener) speech.addEventListener('voiceschanged', offer);
    else speech.onvoiceschanged = offer;
    listen.addEventListener('click', () => {
      if (speech.speaking || speech.pending) { speech.cancel(); tell(); return; }
      document.querySelectorAll('[data-say]').forEach((place) => {
        const said = new SpeechSynthesisUtterance(words(place));
        said.voice = voice();
        said.lang = 'id-ID';
        said.rate = 0.9;
        said.onend = tell;
        speech.speak(said);
      });
      tell();
    });
    window.addEventListener('pagehide', () => speech.cancel());
  }

  // Without sharing of files the link opens the picture, to be kept.
  const share = document.querySelector('[data-share]');
  const state = document.querySelector('[data-share-state]');
  const can = (files) => Boolean(navigator.canShare && navigator.canShare({ files }));
  if (share && can([new File([], 'langkah.png', { type: 'image/png' })])) {
    share.addEventListener('click', async (event) => {
      event.preventDefault();
      state.textContent = 'Menyiapkan gambar …';
      try {
        const answer = await fetch(share.href, { credentials: 'same-origin' });
        const blob = await answer.blob();
        if (!answer.ok || blob.type !== 'image/png') throw new Error('no picture');
        const files = [new File([blob], 'langkah-keluarga.png', { type: 'image/png' })];
        state.textContent = '';
        await navigator.share({ files });
      } catch (error) {
        state.textContent = error.name === 'AbortError' ? '' : 'Gambar belum dapat dibagikan. Periksa sinyal, lalu coba lagi.';
      }
    });
  }
})();
