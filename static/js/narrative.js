// Beside the editor of a report: a figure of the table is put where the cursor was last, a suggested text
// behind what is written. What a figure says is the server's business; here it is only named.
(() => {
  "use strict";

  const picker = document.querySelector("[data-figure-picker]");
  const TEXTS = "form[data-autosave] textarea, textarea[data-figures]";
  const isText = (node) => node instanceof Element && node.matches(TEXTS);
  let last = document.querySelector(TEXTS);

  document.addEventListener("focusin", ({ target }) => isText(target) && (last = target));

  const typed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

  function insert(field, text) {
    field.focus();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    typed(field);
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-take]");
    if (!button) return;
    const field = button.closest("form").querySelector("textarea");
    const before = field.value.trimEnd();
    field.value = before ? `${before}\n${button.dataset.take}` : button.dataset.take;
    button.closest("details").open = false;
    typed(field);
    field.focus();
  });

  if (!picker) return;
  const row = picker.querySelector("[data-pick-row]");
  const figure = picker.querySelector("[data-pick-figure]");
  const isWhole = () => row.value.split(".").length > 2; // such a row is a figure of its own

  // Only the columns the block of the chosen row has.
  function narrow() {
    const block = row.selectedOptions[0]?.dataset.block;
    figure.hidden = isWhole();
    for (const option of figure.options) {
      option.hidden = option.disabled = !option.dataset.blocks.split(" ").includes(block);
    }
    if (figure.selectedOptions[0]?.disabled) figure.value = [...figure.options].find((each) => !each.disabled)?.value ?? "";
  }

  row.addEventListener("change", narrow);
  picker.querySelector("[data-pick]").addEventListener("click", () => {
    if (!last) return;
    const place = row.selectedOptions[0].textContent.trim();
    const column = figure.selectedOptions[0]?.textContent.trim().split("：").pop() ?? "";
    const isTotal = row.value.endsWith(".total");
    const name = isWhole() ? place : isTotal ? column : `${place}·${column}`;
    insert(last, `【${name}：${isWhole() ? row.value : `${row.value}.${figure.value}`}】`);
  });
  narrow();
})();
