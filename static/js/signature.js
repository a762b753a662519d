// A canvas with data-signature-for="INPUT ID" writes the signature as a PNG data URL into that input.
//
// A tablet gets turned while people sign. What was signed is kept in the measure of an unturned page and shown
// as much smaller as it takes to hold every stroke; what is added then counts in the same measure.
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

  function begin(canvas) {
    const input = document.getElementById(canvas.dataset.signatureFor);
    const field = canvas.closest(".signature-field");
    const warning = field && field.querySelector("[data-signature-error]");
    const pad = new SignaturePad(canvas, { penColor: "#10233d", minWidth: 0.8, maxWidth: 2.6 });
    canvas.dataset.ready = "yes";
    let signed = []; // in the measure of an unturned page
    let scale = 1;

    const keep = () => {
      input.value = pad.isEmpty() ? "" : pad.toDataURL("image/png");
      if (warning && input.value) warning.hidden = true;
    };

    const take = () => (signed = scaled(pad.toData(), 1 / scale));

    function fit() {
      const points = signed.flatMap((stroke) => stroke.points);
      const right = points.reduce((most, point) => Math.max(most, point.x), 0) + MARGIN;
      const bottom = points.reduce((most, point) => Math.max(most, point.y), 0) + MARGIN;
      scale = Math.min(1, canvas.offsetWidth / right, canvas.offsetHeight / bottom);
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(scaled(signed, scale));
      keep();
    }

    let size = "";
    new ResizeObserver(() => {
      const now = `${canvas.offsetWidth} ${canvas.offsetHeight}`;
      if (now === size || !canvas.offsetWidth) return;
      size = now;
      take();
      fit();
    }).observe(canvas);

    pad.addEventListener("endStroke", () => {
      take();
      keep();
    });
    document.querySelectorAll(`[data-signature-clear="${input.id}"]`).forEach((button) =>
      button.addEventListener("click", () => {
        signed = [];
        fit();
      }),
    );
    if (input.form)
      input.form.addEventListener("submit", (event) => {
        if (input.value || !("signatureRequired" in input.dataset)) return;
        event.preventDefault();
        if (warning) warning.hidden = false;
        canvas.scrollIntoView({ block: "center" });
      });
  }

  const beginAll = () => document.querySelectorAll("canvas[data-signature-for]:not([data-ready])").forEach(begin);
  beginAll();
  document.addEventListener("htmx:afterSwap", beginAll);
})();
