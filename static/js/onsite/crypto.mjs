// Keys and ciphertext of what a device keeps. Every lease has a random key of 256 bits made by the server; on the
// device it lies wrapped under a key that only the person's PIN gives (PBKDF2). What is stored is AES-GCM, and the
// clear fields beside it are authenticated: nothing can be moved to another place or lease.
export const ITERATIONS = 600000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", typeof bytes === "string" ? encoder.encode(bytes) : bytes));
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export function base64Of(bytes) {
  let text = "";
  const all = new Uint8Array(bytes);
  for (let at = 0; at < all.length; at += 0x8000) text += String.fromCharCode(...all.subarray(at, at + 0x8000));
  return btoa(text);
}

export const importKey = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

async function pinKey(pin, salt, iterations) {
  const material = await crypto.subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// The raw key as only the PIN opens it.
export async function wrap(raw, pin, iterations = ITERATIONS) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await pinKey(pin, salt, iterations), raw);
  return { salt, iv, data, iterations };
}

// The key of a lease; null when the PIN is another one.
export async function unwrap({ salt, iv, data, iterations }, pin) {
  try {
    const raw = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await pinKey(pin, salt, iterations), data);
    return await importKey(raw);
  } catch (error) {
    if (error.name === "OperationError") return null;
    throw error;
  }
}

// `place` names what is sealed and where it lies, in an order of its own making.
export async function seal(key, place, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(place) }, key, bytes) };
}

export const open = (key, place, { iv, data }) =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(place) }, key, data);

export const sealValue = (key, place, value) => seal(key, place, encoder.encode(JSON.stringify(value)));
export const openValue = async (key, place, sealed) => JSON.parse(decoder.decode(await open(key, place, sealed)));
