// Files as they are chosen: the bytes are copied at once (a phone may take the file away again), photographs are made
// smaller unless the original is wanted, and a small picture is made to be seen without a network.
import { withExif } from "./exif.mjs";

const LONGEST = 2560;
const QUALITY = 0.85;
const THUMB = 160;
const SHRINKABLE = ["image/jpeg", "image/png", "image/webp"];

export class FileError extends Error {}

async function drawn(blob, longest, quality) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

// A canvas that is too large turns black on some tablets: the copy is looked at before the original is let go.
async function shrunk(original) {
  const copy = await drawn(original, LONGEST, QUALITY);
  const seen = await createImageBitmap(copy);
  const fine = seen.width > 0 && copy.size > 0 && copy.size < original.size;
  seen.close();
  return fine ? copy : null;
}

const addressOf = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

function adviceFor(file, keep) {
  if (file.type.startsWith("video/")) return "在相机中调低清晰度，或者分段录制";
  return `${keep ? "不勾选“保留原图”，或者" : ""}压缩`;
}

// `claims`: whether the person allows that a smaller copy says when and where its camera took it.
export async function prepare(file, { keep = false, limit, claims = false }) {
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    throw new FileError(`“${file.name}”读不出来：可能已被移走，或者还在云端没有下载。请重新选择。`);
  }
  if (!bytes.byteLength) throw new FileError(`“${file.name}”是空文件，请重新选择。`);
  let name = file.name || "照片.jpg";
  let thumb = "";
  let seen = true;
  const original = new Blob([bytes], { type: file.type });
  if (file.type.startsWith("image/")) {
    try {
      const smaller = !keep && SHRINKABLE.includes(file.type) ? await shrunk(original) : null;
      thumb = await addressOf(await drawn(smaller || original, THUMB, 0.7));
      if (smaller) {
        const drawnAnew = await smaller.arrayBuffer();
        bytes = claims ? await new Blob(withExif(bytes, drawnAnew)).arrayBuffer() : drawnAnew;
        name = name.replace(/\.(jpe?g|png|webp)$/i, "") + ".jpg";
      }
    } catch {
      seen = false; // HEIC, or damaged: the server looks at the original
    }
  }
  if (bytes.byteLength > limit) throw new FileError(`“${file.name}”超过 ${limit >> 20} MB，没有存下。请${adviceFor(file, keep)}后再添加。`);
  return { bytes, name, thumb, seen };
}
