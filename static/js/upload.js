// Forms with data-upload send their files in the background, one request a file, each with its own
// client_id; data-upload-target="#id" receives the HTML of the answer. Without a script they post as usual.
(() => {
  "use strict";

  function line(form, file) {
    const box = document.createElement("div");
    box.className = "upload-line";
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", `上传 ${file.name}`);
    box.append(name, bar);
    form.append(box);
    return { box, bar };
  }

  function reasonOf(request) {
    if (request.status === 413) return "文件太大。";
    try {
      const errors = JSON.parse(request.responseText).errors;
      return Object.values(errors).flat().join("；");
    } catch {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const words = page.querySelector(".error-reason, .notice");
      return words ? words.textContent.trim() : `服务器没有接受（${request.status}）。`;
    }
  }

  // A fragment may say how far the whole page is: data-progress-now="2/3".
  function showProgress(sign) {
    if (!sign) return;
    const [done, total] = sign.dataset.progressNow.split("/");
    document.querySelectorAll("[data-progress-done]").forEach((each) => (each.textContent = done));
    document.querySelectorAll("[data-progress-total]").forEach((each) => (each.textContent = total));
    document.querySelectorAll("[data-progress-bar]").forEach((bar) => (bar.value = Number(done)));
  }

  // What is too heavy is not sent over a poor network to be refused at its end.
  function tooLarge(form, file) {
    const most = Number(form.dataset.most) || Infinity;
    if (file.size <= most) return "";
    const sizes = `${Math.ceil(file.size / 1048576)} MB，一个文件最多 ${most >> 20} MB`;
    const advice = file.type.startsWith("video/") ? "请在相机中调低清晰度，或者分段录制" : "请压缩";
    return `${sizes}。${advice}后再传。`;
  }

  function send(form, file, id, more) {
    const { box, bar } = line(form, file);
    const body = new FormData(form);
    body.delete("csrfmiddlewaretoken");
    body.set("file", file);
    body.set("client_id", id);
    Object.entries(more).forEach(([name, value]) => body.set(name, value));
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    Object.entries(portal.headers()).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.setRequestHeader("X-Requested-With", "autosave");
    request.upload.onprogress = (event) => event.lengthComputable && (bar.value = (event.loaded / event.total) * 100);

    const refuse = (reason, again) => {
      box.replaceChildren();
      const words = document.createElement("span");
      words.className = "form-error";
      words.setAttribute("role", "alert");
      words.textContent = `${file.name} 未上传：${reason}`;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-default btn-small";
      button.textContent = again ? "重试" : "知道了";
      button.onclick = () => {
        box.remove();
        if (again) send(form, file, id, more);
      };
      box.append(words, button);
    };
    const heavy = tooLarge(form, file);
    if (heavy) return refuse(heavy, false);

    request.onload = () => {
      const signedOut = request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname;
      if (request.status >= 500) return refuse("服务器暂时出错。", true);
      // Somebody else is signed in: the file waits here for whoever chose it.
      if (request.status >= 400) return refuse(reasonOf(request), request.status === 409);
      if (signedOut) return refuse("登录已失效，请在新标签页重新登录后重试。", true);
      box.remove();
      const target = document.querySelector(form.dataset.uploadTarget);
      if (target && portal.put(target, request.responseText)) showProgress(target.querySelector("[data-progress-now]"));
      return undefined;
    };
    request.onerror = () => refuse("网络连接中断。", true);
    request.send(body);
    return undefined;
  }

  async function placed(form) {
    const position = await portal.positionOf?.(form); // taking.js, where a page asks
    return position ? { position } : {};
  }

  // A file a page made itself (recorded, drawn); `more` goes along with it.
  portal.upload = async (form, file, more = {}) => send(form, file, portal.uuid(), { ...(await placed(form)), ...more });

  // On a sheet photographs are made smaller first, unless the original is wanted or the copy would be no smaller.
  async function smaller(form, file) {
    const keep = form.querySelector("[data-keep-original]")?.checked;
    if (!portal.prepare || keep !== false || !file.type.startsWith("image/")) return file;
    try {
      const { bytes, name } = await portal.prepare(file, { limit: Infinity, claims: Boolean(portal.wantsPosition?.(form)) });
      return bytes.byteLength < file.size ? new File([bytes], name, { type: "image/jpeg" }) : file;
    } catch {
      return file; // the portal says what is wrong with it
    }
  }

  // Files somebody chose or pasted.
  portal.chosen = (form, files) => {
    const position = placed(form);
    files.forEach(async (file) => send(form, await smaller(form, file), portal.uuid(), await position));
  };

  function begin(form, input) {
    portal.chosen(form, [...input.files]);
    input.value = "";
  }

  // Chosen before this script was there.
  document.querySelectorAll("form[data-upload] input[type=file]").forEach((input) => begin(input.form, input));
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-upload]");
    if (form && event.target.type === "file" && event.target.files.length) begin(form, event.target);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-upload]")) return;
    event.preventDefault();
    const input = event.target.querySelector("input[type=file]");
    if (input.files.length) begin(event.target, input);
  });
})();
