// Sound as evidence, recorded by the browser where it can and may; sent as a file of the item like any other.
(() => {
  "use strict";

  const KINDS = ["audio/mp4", "audio/webm;codecs=opus", "audio/webm"];
  const SECOND = 1000;
  const BITS = 48000; // clear speech; 20 MB are then some 55 minutes
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return;
  const type = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
  if (!type) return;
  document.documentElement.classList.add("may-record");
  let running = null;

  function show(button, words) {
    button.querySelector("[data-record-text]").textContent = words;
    button.classList.toggle("is-recording", Boolean(running));
    button.setAttribute("aria-pressed", String(Boolean(running)));
  }

  function tell(form, words) {
    form.querySelector(".record-fault")?.remove();
    if (!words) return;
    const line = portal.element("p", "form-error record-fault", words);
    line.setAttribute("role", "alert");
    form.append(line);
  }

  async function start(button) {
    const form = button.closest("form");
    tell(form, "");
    let sound;
    try {
      sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      const refused = error.name === "NotAllowedError" || error.name === "SecurityError";
      return tell(form, refused ? "没有使用麦克风的许可：请在浏览器的网站设置中允许，或者用“选文件”添加录音。" : "没有找到可用的麦克风，请用“选文件”添加录音。");
    }
    const recorder = new MediaRecorder(sound, { mimeType: type, audioBitsPerSecond: BITS });
    const [parts, most, since] = [[], Number(form.dataset.most) || Infinity, Date.now()];
    let weight = 0;
    recorder.ondataavailable = ({ data }) => {
      if (data.size) parts.push(data);
      weight += data.size;
      if (weight > most * 0.95 && recorder.state === "recording") recorder.stop(); // the last part still fits
    };
    let told;
    const kept = new Promise((resolve) => (told = resolve));
    recorder.onstop = async () => {
      clearInterval(running.clock);
      sound.getTracks().forEach((each) => each.stop());
      running = null;
      show(button, "录音");
      const plain = type.split(";")[0];
      const moment = new Date(since).toLocaleString("sv-SE").replace(/[^\d]/g, "");
      if (weight) await portal.upload(form, new File(parts, `录音${moment}${plain === "audio/mp4" ? ".m4a" : ".webm"}`, { type: plain }), { kind: "" });
      told();
    };
    recorder.start(SECOND);
    running = { button, recorder, kept };
    running.clock = setInterval(() => {
      const seconds = Math.floor((Date.now() - since) / SECOND);
      show(button, `停止（${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}）`);
    }, SECOND / 2);
    return show(button, "停止（0:00）");
  }

  // A page that is about to put the item away: what was recorded so far is kept before it goes.
  portal.recorded = () => {
    if (!running) return Promise.resolve();
    if (running.recorder.state !== "inactive") running.recorder.stop();
    return running.kept;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-record]");
    if (!button) return;
    if (!running) start(button);
    else if (running.button === button) running.recorder.stop();
    else tell(button.closest("form"), "正在另一项录音，请先停止。");
  });
  window.addEventListener("beforeunload", (event) => running && event.preventDefault());
})();
