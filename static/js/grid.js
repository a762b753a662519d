// The preview of a list as a grid: a press, Enter or typing turns a cell into a field; Enter goes down,
// Tab right, Esc puts back what was there. Everything is sent with the form.
(() => {
  "use strict";

  const form = document.getElementById("grid");
  if (!form) return;
  const count = document.getElementById("grid-count");

  function tell() {
    const changed = [...form.querySelectorAll(".cell-edit")].filter((field) => field.value !== field.defaultValue);
    count.textContent = changed.length ? `已改 ${changed.length} 格，尚未检查。` : "";
  }

  function open(cell, typed) {
    const known = cell.querySelector(".cell-edit");
    if (known) {
      known.focus();
      return;
    }
    const was = document.createElement("input");
    was.type = "hidden";
    was.name = `was:${cell.dataset.edit}`;
    was.value = cell.dataset.raw;
    const field = document.createElement(/\n/.test(cell.dataset.raw) ? "textarea" : "input");
    field.className = "form-control cell-edit";
    field.name = cell.dataset.edit;
    field.defaultValue = cell.dataset.raw;
    field.value = typed === undefined ? cell.dataset.raw : typed;
    field.autocomplete = "off";
    field.setAttribute("aria-label", cell.dataset.label);
    cell.querySelector(".cell-text").hidden = true;
    cell.removeAttribute("tabindex");
    cell.prepend(was, field);
    field.focus();
    if (typed === undefined && field.select) field.select();
    tell();
  }

  function close(cell) {
    const text = cell.querySelector(".cell-text");
    const field = cell.querySelector(".cell-edit");
    if (!text || !field || field.value !== field.defaultValue) return;
    field.previousElementSibling.remove();
    field.remove();
    text.hidden = false;
    cell.tabIndex = 0;
  }

  const below = (cell) => {
    const row = cell.parentElement.nextElementSibling;
    return row && row.cells[cell.cellIndex];
  };

  const beside = (cell, step) => {
    const all = [...form.querySelectorAll("td[data-edit]")];
    return all[all.indexOf(cell) + step];
  };

  form.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell && !event.target.closest("input, textarea, button, a")) open(cell);
  });

  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (!cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === cell) {
      if (event.key === "Enter" || event.key === "F2") {
        event.preventDefault();
        open(cell);
      } else if (event.key === "ArrowDown" && below(cell)) {
        event.preventDefault();
        below(cell).focus();
      } else if (event.key.length === 1 && event.key !== " ") {
        event.preventDefault();
        open(cell, event.key);
      }
      return;
    }
    if (!event.target.matches(".cell-edit")) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      const next = below(cell);
      close(cell);
      if (next && next.dataset.edit) open(next);
    } else if (event.key === "Tab") {
      const next = beside(cell, event.shiftKey ? -1 : 1);
      if (!next) return;
      event.preventDefault();
      close(cell);
      open(next);
    } else if (event.key === "Escape") {
      event.target.value = event.target.defaultValue;
      close(cell);
      cell.focus();
      tell();
    }
  });

  form.addEventListener("input", tell);
  form.addEventListener("focusout", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell && event.target.matches(".cell-edit")) setTimeout(() => cell.contains(document.activeElement) || close(cell));
  });

  let sent = false;
  form.addEventListener("submit", () => {
    sent = true;
  });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && count.textContent) event.preventDefault();
  });
})();
