// A section of a sheet by a quick hand: 其余符合 speaks only of what is still open on this page, and the next section
// asks by itself; on a keyboard 1 to 4 answer the item in hand and go on to the next one.
(() => {
  "use strict";

  const rest = document.querySelector("form[data-rest]");
  const itemOf = (code) => document.getElementById(`item-${code}`);
  const isOpen = (section) => !section.querySelector("form[data-autosave] input[type=radio]:checked");
  const items = () => [...document.querySelectorAll(".sheet-item:has(form[data-autosave])")];

  function count() {
    const open = [...rest.querySelectorAll("input[name=item]")].filter((field) => {
      field.disabled = !isOpen(itemOf(field.dataset.code));
      return !field.disabled;
    });
    const codes = open.map((field) => field.dataset.code);
    rest.hidden = !codes.length;
    rest.querySelector("button").textContent = `其余${codes.length}项符合`;
    rest.dataset.confirm = `本节还有${codes.length}项未判定：${codes.join("、")}。确认都已检查并且符合？每项单独记录判定人和时间。`;
  }

  if (rest) {
    count();
    document.addEventListener("change", count);
    // Come here from the section before: its confirmation goes on with this one.
    if (new URLSearchParams(location.search).has("rest") && !rest.hidden) rest.requestSubmit();
  }

  // The item the next key is for. It is remembered here, because what has the focus may be taken off the page: a
  // fragment that an answer of the server brings replaces what was there, and a key must not go to another item then.
  let inHand = null;
  const itemAt = (place) => items().find((each) => each.contains(place));
  const isPlace = (place) => place instanceof Element && place !== document.body;
  document.addEventListener("focusin", ({ target }) => isPlace(target) && (inHand = itemAt(target) || null));

  function itemInHand() {
    const place = document.activeElement;
    if (isPlace(place)) return itemAt(place);
    return inHand?.isConnected ? inHand : items().find(isOpen);
  }

  function onwards(from, to) {
    const place = to || document.querySelector(".sheet-footer .btn-primary");
    place?.focus({ preventScroll: true });
    if (to) from.scrollIntoView({ block: "center" });
    inHand = to ? from : null;
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, select, input:not([type=radio]), dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !/^[1-4]$/.test(event.key)) return;
    const now = itemInHand();
    const choice = now?.querySelectorAll("form[data-autosave] input[type=radio]:not(:disabled)")[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.click();
    const note = now.querySelector("textarea");
    const wanted = note && !note.closest("[data-needs-note]").hidden;
    const next = items()[items().indexOf(now) + 1];
    // After the last item the way on is in hand: one key too many answers nothing again.
    if (wanted) onwards(now, note);
    else onwards(next, next?.querySelector("form[data-autosave] input[type=radio]:not(:disabled)"));
  });
})();
