// Columns of a list a person does not want to see. Their names stand in the address (hide), so that
// filters, pages, the way back and 我的视图 keep them; without this script every column shows.
(() => {
  "use strict";

  const PARAMETER = "hide";
  const bar = document.querySelector("form[data-filter]");
  const table = [...document.querySelectorAll("main table.table")].find(
    (each) => each.tHead?.rows.length === 1 && each.tHead.rows[0].cells.length > 2,
  );
  const slot = document.querySelector("[data-list-columns]");
  const hidden = () => new Set((new URLSearchParams(location.search).get(PARAMETER) ?? "").split(",").filter(Boolean));

  function nameOf(head) {
    const copy = head.cloneNode(true);
    copy.querySelectorAll(".visually-hidden, i").forEach((each) => each.remove());
    return copy.textContent.replace(/\s+/g, "");
  }

  // The first column with a name says which row it is and stays; so does what has none.
  const columns = table ? [...table.tHead.rows[0].cells].map(nameOf) : [];
  const first = columns.findIndex(Boolean);

  function show() {
    const away = hidden();
    const rows = [...table.rows].filter((row) => row.cells.length === columns.length);
    columns.forEach((name, at) => rows.forEach((row) => (row.cells[at].hidden = at > first && away.has(name))));
  }

  const withHidden = (address) => {
    const url = new URL(address, location.href);
    const names = [...hidden()].join(",");
    if (names) url.searchParams.set(PARAMETER, names);
    else url.searchParams.delete(PARAMETER);
    return url;
  };

  function choose(name, isShown) {
    const away = hidden();
    if (isShown) away.delete(name);
    else away.add(name);
    const url = new URL(location.href);
    if (away.size) url.searchParams.set(PARAMETER, [...away].join(","));
    else url.searchParams.delete(PARAMETER);
    history.replaceState(history.state, "", url);
    show();
  }

  function offer() {
    const away = hidden();
    const list = slot.querySelector("div");
    columns.forEach((name, at) => {
      if (at <= first || !name) return;
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !away.has(name) });
      box.addEventListener("change", (event) => {
        event.stopPropagation(); // the filter has not changed
        choose(name, box.checked);
      });
      label.append(box, name);
      list.append(label);
    });
    slot.hidden = false;
  }

  if (bar && table && slot?.hidden) {
    show();
    offer();
    bar.addEventListener("submit", () => {
      bar.querySelector(`input[name=${PARAMETER}]`)?.remove();
      const names = [...hidden()].join(",");
      if (names) bar.append(Object.assign(document.createElement("input"), { type: "hidden", name: PARAMETER, value: names }));
    });
    document.addEventListener("click", ({ target }) => {
      const link = target.closest('a[href^="?"]');
      if (link) link.href = withHidden(link.href).search || "?";
      const kept = target.closest("a[data-kept-lists]");
      if (!kept) return;
      const url = new URL(kept.href);
      url.searchParams.set("query", location.search.slice(1));
      kept.href = url.href;
    });
  }
})();
