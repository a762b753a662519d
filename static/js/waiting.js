// What a page could not save yet waits on this device: sealed with AES-GCM under a key that the portal gives only to
// pages of the person who wrote it, and that is never stored. Whoever signs in next, or finds the tablet, has
// ciphertext; its writer signs in again, and the page goes on with it.
//
// Without HTTPS browsers offer no cryptography: then edits wait in memory alone, and no page is left quietly.
(() => {
  "use strict";

  const NAME = "waiting";
  const STORE = "edits";
  const PATIENCE_MS = 3000;
  const OLD = "autosave:"; // plain text of pages before this one, in localStorage
  const { keys: given } = document.currentScript.dataset;
  const owner = `${portal.writtenFor || "-"}:`;
  const able = Boolean(given && window.indexedDB && window.crypto?.subtle);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  const answerOf = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  let opening = null;
  function connect() {
    if (opening) return opening;
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "place" });
    opening = answerOf(request).then((db) => {
      db.onversionchange = () => db.close();
      db.onclose = () => (opening = null); // the tablet slept: opened again when it is needed
      return db;
    });
    opening.catch(() => (opening = null));
    return opening;
  }

  async function write(act) {
    const tx = (await connect()).transaction(STORE, "readwrite");
    const done = new Promise((resolve, reject) => {
      tx.oncomplete = resolve;
      tx.onabort = () => reject(tx.error);
    });
    act(tx.objectStore(STORE));
    tx.commit?.(); // at once: a page that is left loses what is not committed
    await done;
  }

  // Keys --------------------------------------------------------------------------------------------
  const keys = able
    ? given.split(" ").map((text) => {
      const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    })
    : [];

  async function sealed(place, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: encoder.encode(place) };
    return { place, iv, data: await crypto.subtle.encrypt(how, await keys[0], encoder.encode(JSON.stringify(value))) };
  }

  // The value, or undefined when no key of this person opens it.
  async function opened({ place, iv, data }) {
    for (const key of keys) {
      try {
        const how = { name: "AES-GCM", iv, additionalData: encoder.encode(place) };
        return JSON.parse(decoder.decode(await crypto.subtle.decrypt(how, await key, data)));
      } catch {
        // Sealed under an older secret of the portal, or damaged.
      }
    }
    return undefined;
  }

  // Places: one write at a time for each, and of what came meanwhile only the last --------------------
  const wanted = new Map();
  const writing = new Map();

  async function catchUp(place) {
    try {
      while (wanted.has(place)) {
        const value = wanted.get(place);
        wanted.delete(place);
        const row = value && (await sealed(place, value));
        await write((store) => (row ? store.put(row) : store.delete(place)));
      }
    } catch {
      // Storage full or switched off: memory still holds the edit.
      wanted.delete(place);
    }
    writing.delete(place);
  }

  // A value, or null for what has been saved.
  function keep(name, value) {
    if (!able) return undefined;
    const place = owner + name;
    wanted.set(place, value);
    if (!writing.has(place)) writing.set(place, catchUp(place));
    return writing.get(place);
  }

  async function read(found) {
    await Promise.all(writing.values());
    const rows = await answerOf((await connect()).transaction(STORE).objectStore(STORE).getAll());
    for (const row of rows.filter((each) => each.place.startsWith(owner))) {
      const value = await opened(row);
      if (value !== undefined) found.set(row.place.slice(owner.length), value);
    }
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(OLD + owner))) {
      const name = key.slice((OLD + owner).length);
      if (!found.has(name)) {
        found.set(name, JSON.parse(localStorage.getItem(key)));
        await keep(name, found.get(name));
      }
      localStorage.removeItem(key);
    }
  }

  // What pages of this person and membership left here, by name. A database that does not answer holds nobody up.
  async function load() {
    const found = new Map();
    if (able) await Promise.race([read(found).catch(() => {}), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    return found;
  }

  portal.waiting = { keep, load, isWriting: (name) => writing.has(owner + name) };
})();
