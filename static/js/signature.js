// A canvas with data-signature-for="INPUT ID" writes the signature as a PNG data URL into that input, and its
// strokes (x, y and milliseconds of each point) as JSON into INPUT ID-strokes; what stands there is drawn again.
// What has fewer points than the page asks for, or is smaller, is no signature: the server refuses it, too.
//
// A tablet gets turned while people sign. What was signed is kept in the measure of an unturned page and shown
// as much smaller as it takes to hold every stroke; what is added then counts in the same measure. Where the pen left
// the canvas nobody saw ink, and there is none: a stroke ends at the edge and begins there again.
(() => {
  "use strict";

  const MARGIN = 4;

  // Strokes in another measure: their points, and how thick they are.
  const scaled = (strokes, by) =>
    strokes.map((stroke) => ({
      ...stroke,
      minWidth: stroke.minWidth * by,
      maxWidth: stroke.maxWidth * by,
      dotSize: stroke.dotSize * by,
      points: stroke.points.map((point) => ({ ...point, x: point.x * by, y: point.y * by })),
    }));

  // The pieces of a stroke that lie on a canvas of this size, from edge to edge.
  function onCanvas(stroke, width, height) {
    const at = ({ x, y, ...point }) => ({ ...point, x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) });
    const pieces = [];
    let piece = null;
    let outside = null; // the last point before the pen came in again
    for (const point of stroke.points) {
      const edge = at(point);
      const inside = edge.x === point.x && edge.y === point.y;
      if (inside && !piece) pieces.push((piece = outside ? [outside] : []));
      if (piece) piece.push(edge);
      if (!inside) piece = null;
      outside = inside ? null : edge;
    }
    return pieces.map((points) => ({ ...stroke, points }));
  }

  const tenth = (value) => Math.round(value * 10) / 10;

  // Strokes as they are sent; the first point of all is at 0 ms.
  function written(strokes) {
    const start = strokes[0]?.points[0]?.time || 0;
    return strokes.map(({ points }) => points.map(({ x, y, time }) => [tenth(x), tenth(y), Math.round(time - start)]));
  }

  function drawn(text, { dotSize, minWidth, maxWidth, penColor }) {
    return JSON.parse(text || "[]").map((points) => ({
      ...{ dotSize, minWidth, maxWidth, penColor },
      points: points.map(([x, y, time]) => ({ x, y, time, pressure: 0.5 })),
    }));
  }

  function isSignature(strokes, least) {
    const points = strokes.flatMap((stroke) => stroke.points);
    const extent = (axis) => Math.max(...points.map((point) => point[axis])) - Math.min(...points.map((point) => point[axis]));
    const [count, long, short] = least.split(" ").map(Number);
    const sides = points.length ? [extent("x"), extent("y")] : [0, 0];
    return points.length >= count && Math.max(...sides) >= long && Math.min(...sides) >= short;
  }

  function begin(canvas) {
    const input = document.getElementById(canvas.dataset.signatureFor);
    const strokes = document.getElementById(`${input.id}-strokes`);
    const field = canvas.closest(".signature-field");
    const warning = field && field.querySelector("[data-signature-error]");
    const pad = new SignaturePad(canvas, { penColor: "#10233d", minWidth: 0.8, maxWidth: 2.6 });
    canvas.dataset.ready = "yes";
    let signed = drawn(strokes.value, pad); // in the measure of an unturned page
    let scale = 1;
    let sheet = { width: 0, height: 0 }; // the canvas as it was fitted
    let penDown = false;

    const isSigned = () => isSignature(signed, strokes.dataset.signatureLeast);
    const keep = () => {
      input.value = signed.length ? pad.toDataURL("image/png") : "";
      strokes.value = signed.length ? JSON.stringify(written(signed)) : "";
      if (warning && isSigned()) warning.hidden = true;
    };

    const take = () =>
      (signed = scaled(
        pad.toData().flatMap((stroke) => onCanvas(stroke, sheet.width, sheet.height)),
        1 / scale,
      ));

    function fit() {
      const points = signed.flatMap((stroke) => stroke.points);
      const right = points.reduce((most, point) => Math.max(most, point.x), 0) + MARGIN;
      const bottom = points.reduce((most, point) => Math.max(most, point.y), 0) + MARGIN;
      scale = Math.min(1, canvas.offsetWidth / right, canvas.offsetHeight / bottom);
      sheet = { width: canvas.offsetWidth, height: canvas.offsetHeight };
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(scaled(signed, scale));
      keep();
    }

    // The pad forgets which pen it follows when it is cleared: while one is down the fit waits.
    const refit = () => {
      const same = canvas.offsetWidth === sheet.width && canvas.offsetHeight === sheet.height;
      if (!penDown && !same && canvas.offsetWidth) fit();
    };
    new ResizeObserver(refit).observe(canvas);

    pad.addEventListener("beginStroke", () => (penDown = true));
    pad.addEventListener("endStroke", () => {
      penDown = false;
      take();
      keep();
      refit();
    });
    document.querySelectorAll(`[data-signature-clear="${input.id}"]`).forEach((button) =>
      button.addEventListener("click", () => {
        signed = [];
        pad.off(); // a pen that is still down has nothing to go on with
        pad.on();
        penDown = false;
        fit();
      }),
    );
    if (input.form)
      input.form.addEventListener("submit", (event) => {
        if (isSigned() || !("signatureRequired" in input.dataset)) return;
        event.preventDefault();
        if (warning) warning.hidden = false;
        canvas.scrollIntoView({ block: "center" });
      });
  }

  const beginAll = () => document.querySelectorAll("canvas[data-signature-for]:not([data-ready])").forEach(begin);
  beginAll();
  document.addEventListener("htmx:afterSwap", beginAll);
})();
