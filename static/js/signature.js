// A canvas with data-signature-for="INPUT ID" writes the signature as a PNG data URL into that input.
(() => {
  "use strict";

  function begin(canvas) {
    const input = document.getElementById(canvas.dataset.signatureFor);
    const field = canvas.closest(".signature-field");
    const warning = field && field.querySelector("[data-signature-error]");
    const pad = new SignaturePad(canvas, { penColor: "#10233d", minWidth: 0.8, maxWidth: 2.6 });
    canvas.dataset.ready = "yes";

    const keep = () => {
      input.value = pad.isEmpty() ? "" : pad.toDataURL("image/png");
      if (warning && input.value) warning.hidden = true;
    };

    function fit() {
      const strokes = pad.toData();
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(strokes);
    }

    let width = 0;
    new ResizeObserver(() => {
      if (canvas.offsetWidth === width || !canvas.offsetWidth) return;
      width = canvas.offsetWidth;
      fit();
    }).observe(canvas);

    pad.addEventListener("endStroke", keep);
    document.querySelectorAll(`[data-signature-clear="${input.id}"]`).forEach((button) =>
      button.addEventListener("click", () => {
        pad.clear();
        keep();
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
