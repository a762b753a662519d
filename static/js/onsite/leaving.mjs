// Fetched when somebody signs out (app.js): who signs out leaves nothing of a visit to read on this device. What the
// server has is wiped, what it has not stays locked until its owner signs in again.
import * as store from "./store.mjs";

const PATIENCE_MS = 3000;

async function lockOwn() {
  const owner = portal.writtenFor.split(".")[0];
  const own = (await store.leases()).filter((each) => each.owner.split(".")[0] === owner);
  for (const each of own) await store.lock(each.id);
}

if (window.indexedDB && portal.writtenFor)
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!/\/sign-out\/$/.test(new URL(form.getAttribute("action") || "", location.href).pathname) || form.dataset.left) return;
    event.preventDefault();
    form.dataset.left = "yes";
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    Promise.race([lockOwn().catch(() => {}), late]).then(() => form.submit());
  });
