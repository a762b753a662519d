// IndexedDB as far as the portal's scripts use it, in memory: one store a database, transactions one after the other.
// Several pages may share one disk, as tabs and reloads do. What is asked is answered in a later turn, never at once.
import { setImmediate as later } from "node:timers/promises";

// How much of the browser's work behind the scenes is not done yet.
let open = 0;

export async function counted(work) {
  open += 1;
  try {
    return await work;
  } finally {
    open -= 1;
  }
}

export const isBusy = () => open > 0;

function request(work) {
  const made = {};
  counted(later().then(() => {
    made.result = work();
    made.onupgradeneeded?.();
    made.onsuccess?.();
  }));
  return made;
}

class Transaction {
  constructor(rows) {
    this.rows = rows;
    counted(later().then(later).then(() => this.oncomplete?.()));
  }

  objectStore() {
    return {
      put: (row) => request(() => void this.rows.set(row.place, row)),
      delete: (place) => request(() => void this.rows.delete(place)),
      getAll: () => request(() => [...this.rows.values()]),
    };
  }
}

export class Disk {
  rows = new Map();

  open() {
    return request(() => ({ createObjectStore: () => {}, transaction: () => new Transaction(this.rows) }));
  }

  // What somebody who holds the tablet can read.
  get text() {
    return [...this.rows.values()].map(({ place, data }) => place + Buffer.from(data).toString("latin1")).join("\n");
  }

  get places() {
    return [...this.rows.keys()];
  }
}
