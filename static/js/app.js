// What every page shares: confirmation, drop-downs, dismissible messages, one submission per click,
// stock phrases, filters carried into export links, messages for failed htmx requests.
(() => {
  "use strict";

  document.documentElement.classList.add("js");

  // Confirmation in a native dialog --------------------------------------------------------------
  const ask = document.getElementById("ask");

  function confirmFirst(form, submitter) {
    const yes = document.getElementById("ask-yes");
    document.getElementById("ask-text").textContent = form.dataset.confirm;
    yes.textContent = form.dataset.confirmLabel || "确定";
    yes.className = `btn btn-${form.dataset.confirmTone === "danger" ? "danger" : "primary"}`;
    ask.returnValue = "";
    ask.showModal();
    ask.addEventListener(
      "close",
      () => {
        if (ask.returnValue !== "yes") return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter);
      },
      { once: true },
    );
  }

  // Capture: before htmx or anything else sees the submission.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.dataset.confirm || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      confirmFirst(form, event.submitter);
    },
    true,
  );

  document.addEventListener("htmx:confirm", (event) => {
    const { question, issueRequest } = event.detail;
    if (!question) return;
    event.preventDefault();
    document.getElementById("ask-text").textContent = question;
    ask.returnValue = "";
    ask.showModal();
    ask.addEventListener("close", () => ask.returnValue === "yes" && issueRequest(true), { once: true });
  });

  // One submission per click ---------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    delete form.dataset.confirmed;
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
    const button = event.submitter;
    // After this turn, so that the button's own name and value are still sent.
    setTimeout(() => {
      form.querySelectorAll("button[type=submit], button:not([type])").forEach((each) => {
        each.disabled = true;
        each.dataset.sent = "yes";
      });
      if (button) button.classList.add("is-busy");
    });
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-sent]").forEach((button) => {
      button.disabled = false;
      button.classList.remove("is-busy");
      delete button.dataset.sent;
    });
  });

  // Drop-downs are <details>: one open at a time, Esc or a press outside closes ------------------
  const popovers = () => document.querySelectorAll("details[data-popover][open]");

  document.addEventListener("click", (event) => {
    popovers().forEach((each) => each.contains(event.target) || each.removeAttribute("open"));
    const closer = event.target.closest("[data-popover-close]");
    if (closer) closer.closest("details").removeAttribute("open");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    popovers().forEach((each) => {
      each.removeAttribute("open");
      each.querySelector("summary").focus();
    });
  });

  // At the edge of a narrow screen a drop-down moves in until all of it is seen.
  function keepInside(body) {
    body.style.translate = "";
    const { left, right } = body.getBoundingClientRect();
    const edge = 8;
    const over = right - (document.documentElement.clientWidth - edge);
    const by = left < edge ? edge - left : -Math.max(over, 0);
    if (by) body.style.translate = `${by}px`;
  }

  document.addEventListener(
    "toggle",
    (event) => {
      const opened = event.target;
      if (!opened.matches("details[data-popover][open]")) return;
      keepInside(opened.querySelector("summary").nextElementSibling);
      const field = opened.querySelector("textarea, input:not([type=hidden])");
      if (field) field.focus();
    },
    true,
  );

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // Messages -------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) button.closest("[data-dismissible]").remove();
  });

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function toast(text, tone = "bad") {
    const box = element("div", `notice notice-${tone}`);
    box.dataset.dismissible = "";
    const words = element("div", "", text);
    const close = element("button", "notice-close");
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "关闭提示");
    close.innerHTML = '<i class="ti ti-x" aria-hidden="true"></i>';
    box.append(words, close);
    document.getElementById("toasts").replaceChildren(box);
  }

  // crypto.randomUUID needs HTTPS; a portal inside an office may be plain HTTP.
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // The cookie is the fresher one: signing in again in another tab changes the token.
  const token = () =>
    (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] ||
    document.querySelector("input[name=csrfmiddlewaretoken]")?.value ||
    "";

  // Whose work this page is. Everything it posts says so, and the portal refuses what is not of who is signed
  // in now: on a shared tablet a colleague may have signed in in another tab.
  const writtenFor = document.querySelector("meta[name=written-for]")?.content || "";
  const headers = () => ({ "X-CSRFToken": token(), ...(writtenFor && { "X-Written-For": writtenFor }) });
  const cookie = (name) => (document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`)) || [])[1];

  document.addEventListener("formdata", (event) => {
    if (writtenFor && event.target.method === "post") event.formData.set("written_for", writtenFor);
  });

  // A form that would be refused is not sent at all: its page would be gone, and what was typed with it.
  const ANYBODYS = /\/accounts\/(sign-in|sign-out|act\/\d+)\/$/;
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const now = (cookie("signed_in_as") || "").replace(/"/g, "");
      if (!writtenFor || form.method !== "post" || form.dataset.autosave !== undefined || now === writtenFor) return;
      if (ANYBODYS.test(new URL(form.getAttribute("action") || "", location.href).pathname)) return;
      event.preventDefault();
      delete form.dataset.confirmed;
      event.stopImmediatePropagation();
      const person = (stamp) => stamp.split(".")[0];
      toast(
        !now
          ? "登录已失效，没有提交。请在新标签页重新登录后再提交；填写的内容仍在本页。"
          : person(now) === person(writtenFor)
            ? "您在另一页切换了身份，没有提交。请先切换回原来的身份再提交；填写的内容仍在本页。"
            : "现在登录的是另一位用户，没有提交。请由填写人重新登录后再提交；填写的内容仍在本页。",
      );
    },
    true,
  );

  document.addEventListener("htmx:configRequest", (event) => Object.assign(event.detail.headers, headers()));
  // The answer to an ended session is the page to sign in on: it has no place inside another page.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.responseURL.includes("/accounts/sign-in/")) return;
    event.detail.shouldSwap = false;
    toast("登录已失效，操作没有完成。请在新标签页重新登录后重试；填写的内容仍在本页。");
  });

  // htmx comes where a page asks for it. It starts by itself once the page is complete, not before.
  const { htmx: htmxAddress, leaving } = document.currentScript.dataset;
  function needHtmx() {
    if (document.readyState !== "complete" || !document.querySelector("[hx-get], [hx-post], [data-hx-get], [data-hx-post]")) return;
    if (document.querySelector(`script[src="${htmxAddress}"]`)) return;
    const script = document.createElement("script");
    script.src = htmxAddress;
    document.head.append(script);
  }
  window.addEventListener("load", needHtmx);

  // Who signs out leaves nothing of a visit to read on this device; what sees to it comes when somebody does.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!leaving || form.dataset.locking || !/\/sign-out\/$/.test(form.getAttribute("action") || "")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      form.dataset.locking = "yes";
      const script = document.createElement("script");
      script.src = leaving;
      script.onload = () => form.requestSubmit();
      script.onerror = () => form.submit();
      document.head.append(script);
    },
    true,
  );

  // Two requests of one card may be answered in another order than the server looked at its records: a
  // fragment says when it looked (data-as-of), and the later look stays, also that of a part inside it.
  const lookedAt = (part) => Number(part?.querySelector("[data-as-of]")?.dataset.asOf || 0);
  function put(target, html) {
    const came = document.createElement("template");
    came.innerHTML = html;
    if (lookedAt(came.content) < lookedAt(target)) return false;
    const kept = target.querySelector("[data-item-extra]");
    target.innerHTML = html;
    const fresh = target.querySelector("[data-item-extra]");
    if (kept && fresh && lookedAt(kept) > lookedAt(fresh)) fresh.replaceWith(kept);
    if (window.htmx) htmx.process(target);
    else needHtmx();
    return true;
  }

  window.portal = { toast, uuid, headers, writtenFor, put, element };

  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(
      status === 404
        ? "没有找到这条记录：它可能已被移走，或不在您当前身份的范围内。"
        : `操作没有完成（${status}）。请稍后重试。`,
    );
  });
  document.addEventListener("htmx:sendError", () => toast("网络连接中断，操作没有完成。请检查网络后重试。"));

  // Stock phrases go into the note of the same form ----------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-phrase]");
    if (!button) return;
    const note = button.closest("form").querySelector("textarea");
    if (!note) return;
    // The note may still be folded away, when words are taken before an answer is chosen.
    const box = note.closest("[data-needs-note]");
    if (box) box.hidden = false;
    const before = note.value.trimEnd();
    note.value = before ? `${before}${/[。；，]$/.test(before) ? "" : "；"}${button.dataset.phrase}` : button.dataset.phrase;
    note.dispatchEvent(new Event("input", { bubbles: true }));
    note.focus();
  });

  // Filters: a change of a select applies at once; exports take the filter along ------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filter], form[data-filter-form]");
    if (form && event.target.matches("select, input[type=date], [data-autosubmit]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-filter], form[data-filter-form]")) return;
    // Keep empty fields out of the address.
    const empty = [...form.elements].filter((field) => field.name && !field.value && !field.disabled);
    empty.forEach((field) => (field.disabled = true));
    setTimeout(() => empty.forEach((field) => (field.disabled = false)));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-with-filter]");
    if (!link) return;
    const url = new URL(link.href);
    new URLSearchParams(location.search).forEach((value, key) => key === "page" || url.searchParams.set(key, value));
    link.href = url.href;
  });

  // A long table on one page: rows that say none of the words hide, chosen ones stay --------------
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-rows-filter]");
    if (!field) return;
    const words = field.value.trim().toLowerCase();
    document.querySelectorAll(`#${field.dataset.rowsFilter} tbody > tr:not(.group-row)`).forEach((row) => {
      const chosen = [...row.querySelectorAll("select")].some((each) => each.value);
      const text = [...row.cells].filter((cell) => !cell.querySelector("select")).map((cell) => cell.textContent);
      row.hidden = !chosen && !text.join(" ").toLowerCase().includes(words);
    });
  });

  // One tick for all the rows of a page --------------------------------------------------------
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-check-all]")) return;
    const boxes = event.target.closest("form").querySelectorAll("tbody input[type=checkbox]");
    boxes.forEach((box) => (box.checked = event.target.checked));
  });

  // What scrolls sideways can be reached with the keyboard ----------------------------------------
  const reachable = () =>
    document.querySelectorAll(".table-wrap, .panel-flush > .panel-body, .grid-scroll, .annex-scroll, .group-strip").forEach((box) => {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  reachable();
  window.addEventListener("resize", reachable);
  document.addEventListener("htmx:afterSettle", reachable);

  // On a sheet: jump to the next item nobody has answered ----------------------------------------
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-jump-open]")) return;
    const open = [...document.querySelectorAll("form[data-autosave]")].find(
      (form) => form.querySelector("input[type=radio]:not(:disabled)") && !form.querySelector("input[type=radio]:checked"),
    );
    if (!open) return;
    event.preventDefault();
    (open.closest(".sheet-item") || open).scrollIntoView({ block: "start" });
    open.querySelector("input[type=radio]").focus({ preventScroll: true });
  });

  // Tick boxes: the one in the heading ticks every row of the page ---------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.dataset.tickAll;
    if (!form) return;
    document.querySelectorAll(`input[type=checkbox][form="${form}"]`).forEach((box) => {
      box.checked = event.target.checked;
    });
  });
})();
