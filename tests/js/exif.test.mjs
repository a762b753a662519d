// What a camera wrote into a JPEG stays with the smaller picture; a picture that was drawn upright is not turned again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withExif } from "../../static/js/onsite/exif.mjs";

const SMALLER = new Uint8Array([0xff, 0xd8, 0xff, 0xdb, 0, 2, 0xff, 0xd9]).buffer;
const JFIF = [0xff, 0xe0, 0, 4, 1, 2];
const SCAN = [0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9];

// A segment with one tag: Orientation, as cameras of either kind write it.
function exif({ little, turn = 6, tag = 0x0112 }) {
  const view = new DataView(new ArrayBuffer(26));
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, tag, little);
  view.setUint16(12, 3, little);
  view.setUint32(14, 1, little);
  view.setUint16(18, turn, little);
  const tiff = [...new Uint8Array(view.buffer)];
  return [0xff, 0xe1, 0, tiff.length + 8, ...Buffer.from("Exif\0\0"), ...tiff];
}
const jpeg = (...segments) => new Uint8Array([0xff, 0xd8, ...segments.flat(), ...SCAN]).buffer;
const joined = (parts) => [...Buffer.concat(parts.map((each) => Buffer.from(each)))];

describe("a picture made smaller", () => {
  for (const little of [true, false]) {
    it(`keeps the ${little ? "little" : "big"}-endian EXIF of its original, upright`, () => {
      const found = joined(withExif(jpeg(JFIF, exif({ little })), SMALLER));
      assert.deepEqual(found, [0xff, 0xd8, ...exif({ little, turn: 1 }), 0xff, 0xdb, 0, 2, 0xff, 0xd9]);
    });
  }

  it("keeps tags that say something else as they are", () => {
    const other = exif({ little: true, tag: 0x0110 });
    assert.deepEqual(joined(withExif(jpeg(other), SMALLER)).slice(2, 2 + other.length), other);
  });

  it("is itself where the original has none, or what is cut or made up", () => {
    const cut = jpeg(exif({ little: true })).slice(0, 20);
    const wild = exif({ little: true });
    wild[10 + 4] = 0xff; // the first table far behind the end
    wild[10 + 6] = 0xff;
    for (const original of [jpeg(JFIF), new ArrayBuffer(0), new Uint8Array([0x89, 0x50, 0x4e, 0x47]).buffer, cut, jpeg(wild)]) {
      assert.deepEqual(withExif(original, SMALLER), [SMALLER]);
    }
  });

  it("leaves the original as it was taken", () => {
    const original = jpeg(exif({ little: true }));
    const before = [...new Uint8Array(original)];
    withExif(original, SMALLER);
    assert.deepEqual([...new Uint8Array(original)], before);
  });
});
