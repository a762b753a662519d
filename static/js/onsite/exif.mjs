// What a camera wrote into a JPEG (EXIF: time, place) goes along when the picture is made smaller: a canvas drops it.
const [APP1, SCAN, ORIENTATION, SHORT] = [0xe1, 0xda, 0x0112, 3];
const HEAD = 10; // FF E1, two bytes of length, "Exif", two zeros; then the TIFF part

// The segment with the EXIF of a JPEG, a copy; null without one, or when it is not what it says.
function segmentOf(bytes) {
  const view = new DataView(bytes);
  let at = 2;
  while (at + HEAD < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== SCAN) {
    const length = view.getUint16(at + 2) + 2;
    // "Exif" in ASCII
    if (view.getUint8(at + 1) === APP1 && view.getUint32(at + 4) === 0x45786966) {
      return at + length <= view.byteLength ? bytes.slice(at, at + length) : null;
    }
    at += length;
  }
  return null;
}

// The smaller picture was drawn upright: the turn that the camera asked for is done.
function upright(segment) {
  const view = new DataView(segment, HEAD);
  const little = view.getUint16(0) === 0x4949;
  const first = view.getUint32(4, little);
  for (let left = view.getUint16(first, little), at = first + 2; left > 0; left -= 1, at += 12) {
    if (view.getUint16(at, little) === ORIENTATION && view.getUint16(at + 2, little) === SHORT) view.setUint16(at + 8, 1, little);
  }
  return segment;
}

// Parts of the smaller picture with the EXIF of the original, for a Blob; the smaller picture alone where there is none.
export function withExif(original, smaller) {
  let segment = null;
  try {
    segment = segmentOf(original);
    if (segment) upright(segment);
  } catch {
    return [smaller]; // cut or made up: RangeError
  }
  return segment ? [smaller.slice(0, 2), segment, smaller.slice(2)] : [smaller];
}
