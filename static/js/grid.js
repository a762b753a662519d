// The preview of a list as a grid: one stop for Tab, arrows move about; a press, Enter or typing turns a
// cell into a field; there Enter goes down, Tab right, Esc puts back what was there and leaves. Everything
// is sent with the form.
(() => {
  "use strict";

  const form = document.getElementById("grid");
  if (!form) return;
  const count = document.getElementById("grid-count");

  const cells = () => [...form.querySelectorAll("td[data-edit]")];
  let stop;

  function rest(cell) {
    if (stop) stop.tabIndex = -1;
    stop = cell;
    if (cell) cell.tabIndex = 0;
  }

  cells().forEach((cell) => {
    if (!cell.querySelector(".cell-edit")) cell.tabIndex = -1;
  });
  rest(cells().find((cell) => !cell.querySelector(".cell-edit")));

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
    rest(cell);
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
    cell.tabIndex = cell === stop ? 0 : -1;
  }

  const below = (cell) => {
    const row = cell.parentElement.nextElementSibling;
    return row && row.cells[cell.cellIndex];
  };

  const above = (cell) => {
    const row = cell.parentElement.previousElementSibling;
    return row && row.cells[cell.cellIndex];
  };

  const beside = (cell, step) => {
    const all = cells();
    return all[all.indexOf(cell) + step];
  };

  function go(cell) {
    if (!cell || !cell.dataset.edit) return;
    const field = cell.querySelector(".cell-edit");
    if (!field) rest(cell);
    (field || cell).focus();
  }

  const arrows = {
    ArrowDown: below,
    ArrowUp: above,
    ArrowLeft: (cell) => beside(cell, -1),
    ArrowRight: (cell) => beside(cell, 1),
  };

  form.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell && !event.target.closest("input, textarea, button, a")) open(cell);
  });

  function pressedOnCell(event, cell) {
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      open(cell);
    } else if (arrows[event.key]) {
      event.preventDefault();
      go(arrows[event.key](cell));
    } else if (event.key.length === 1 && event.key !== " ") {
      event.preventDefault();
      open(cell, event.key);
    }
  }

  function pressedInField(event, cell) {
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
      go(cell);
      tell();
    }
  }

  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (!cell || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === cell) pressedOnCell(event, cell);
    else if (event.target.matches(".cell-edit")) pressedInField(event, cell);
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
