// Photos are made small before they travel: a phone's 6 MB picture becomes about 300 kB. A picture that this browser
// can't read is sent as it is, and the server decides.
(() => {
  'use strict';
  const LONGEST = 1600;
  const QUALITY = 0.8;

  const shrink = async (file) => {
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    } catch {
      return file;
    }
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', QUALITY); });
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], `${file.name.replace(/\.[^.]*$/, '')}.jpg`, { type: 'image/jpeg' });
  };

  document.addEventListener('change', async (event) => {
    const input = event.target;
    if (!event.isTrusted || !input.matches('input[type="file"][data-shrink]')) return;
    event.stopImmediatePropagation();
    const small = new DataTransfer();
    for (const file of await Promise.all(Array.from(input.files, shrink))) small.items.add(file);
    input.files = small.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, { capture: true });
})();
