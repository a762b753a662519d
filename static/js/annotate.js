// Arrows, frames and words on a copy of a photograph: drawn with finger, pen or mouse, sent as one more file of the
// item that names the photograph it was made from. Marks are kept in parts of the picture's width and height, so
// that turning the tablet moves nothing.
(() => {
  "use strict";

  const dialog = document.getElementById("marking");
  if (!dialog || !dialog.showModal) return;
  const LONGEST = 2560;
  const COLOUR = "#e0201b";
  const LEAST = 0.01; // a shorter stroke is a slip of the finger
  const canvas = dialog.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const said = dialog.querySelector(".marking-said");
  const words = dialog.querySelector(".marking-words");
  const [undo, keep] = ["[data-undo]", "[data-keep]"].map((each) => dialog.querySelector(each));
  const usual = said.textContent;
  let picture = null;
  let marks = [];
  let drawing = null;
  let tool = "arrow";
  let button = null; // the one that opened this
  let form = null; // what the copy is sent with; the list of files may be drawn anew meanwhile

  const tell = (sentence) => (said.textContent = sentence);
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };

  function draw() {
    const { width, height } = canvas;
    const line = Math.max(3, Math.round(Math.max(width, height) / 220));
    pen.drawImage(picture, 0, 0, width, height);
    pen.lineJoin = pen.lineCap = "round";
    for (const { kind, from, to, text } of drawing ? [...marks, drawing] : marks) {
      const [ax, ay, bx, by] = [from.x * width, from.y * height, to.x * width, to.y * height];
      const path = new Path2D();
      if (kind === "frame") path.rect(Math.min(ax, bx), Math.min(ay, by), Math.abs(bx - ax), Math.abs(by - ay));
      if (kind === "arrow") {
        const [turn, head] = [Math.atan2(by - ay, bx - ax), line * 6];
        path.moveTo(ax, ay);
        path.lineTo(bx, by);
        [-0.5, 0.5].forEach((side) => {
          path.moveTo(bx, by);
          path.lineTo(bx - head * Math.cos(turn + side), by - head * Math.sin(turn + side));
        });
      }
      // White around the red: to be seen on any picture.
      pen.strokeStyle = "#fff";
      pen.lineWidth = line * 2;
      if (kind === "text") {
        pen.font = `600 ${line * 9}px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif`;
        pen.textBaseline = "top";
        pen.strokeText(text, ax, ay);
        pen.fillStyle = COLOUR;
        pen.fillText(text, ax, ay);
        continue;
      }
      pen.stroke(path);
      pen.strokeStyle = COLOUR;
      pen.lineWidth = line;
      pen.stroke(path);
    }
    undo.disabled = keep.disabled = !marks.length;
  }

  function choose(wanted) {
    tool = wanted;
    dialog.querySelectorAll("[data-tool]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.tool === tool)));
    words.hidden = tool !== "text";
    if (tool === "text") words.querySelector("input").focus();
  }

  async function open(from) {
    button = from;
    form = from.closest(".sheet-item").querySelector("form[data-upload]");
    marks = [];
    const image = new Image();
    try {
      // A photograph that waits on a device has no address: the page gives one.
      image.src = from.dataset.picture || (await portal.pictureOf(from));
      await image.decode();
    } catch {
      return portal.toast("照片没有读出来，请检查网络后再试。");
    }
    picture = image;
    const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
    tell(usual);
    choose("arrow");
    draw();
    return dialog.showModal();
  }

  function save() {
    const name = `${button.dataset.name.replace(/\.[^.]+$/, "")}（标注）.jpg`;
    const original = button.dataset.annotate;
    keep.disabled = true;
    canvas.toBlob(
      (blob) => {
        if (!blob) return tell("副本没有做成，请再试一次。");
        portal.upload(form, new File([blob], name, { type: "image/jpeg" }), { copy_of: original, kind: "" });
        return dialog.close();
      },
      "image/jpeg",
      0.88,
    );
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const from = at(event);
    if (tool === "text") {
      const text = words.querySelector("input").value.trim();
      if (!text) return tell("请先输入文字，再点照片上的位置。");
      marks.push({ kind: "text", from, to: from, text });
      tell(usual);
      return draw();
    }
    canvas.setPointerCapture(event.pointerId);
    drawing = { kind: tool, from, to: from };
    return draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    drawing.to = at(event);
    draw();
  });
  canvas.addEventListener("pointerup", () => {
    if (drawing && Math.hypot(drawing.to.x - drawing.from.x, drawing.to.y - drawing.from.y) >= LEAST) marks.push(drawing);
    drawing = null;
    draw();
  });
  canvas.addEventListener("pointercancel", () => {
    drawing = null;
    draw();
  });
  undo.addEventListener("click", () => {
    marks.pop();
    draw();
  });
  keep.addEventListener("click", save);
  dialog.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
  // Esc by mistake: what is drawn is thrown away by the button alone.
  dialog.addEventListener("cancel", (event) => marks.length && event.preventDefault());
  dialog.querySelectorAll("[data-tool]").forEach((each) => each.addEventListener("click", () => choose(each.dataset.tool)));
  document.addEventListener("click", (event) => {
    const from = event.target.closest("[data-annotate]");
    if (from) open(from);
  });
})();
