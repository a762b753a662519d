// One request to the portal with a time-out. What came back is named here once: only an answer in the portal's own
// words counts; whatever a proxy, a dead session or a cut line make of it is tried again.
const TIMEOUT_MS = 30000;

const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1] || "";

export async function ask(path, { owner = "", body, headers = {}, timeout = TIMEOUT_MS } = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), timeout);
  const given = { "X-Requested-With": "autosave", Accept: "application/json", ...headers };
  if (body !== undefined) given["X-CSRFToken"] = token();
  if (owner && body !== undefined) given["X-Written-For"] = owner;
  try {
    const method = body === undefined ? "GET" : "POST";
    const answer = await fetch(path, { method, body, headers: given, redirect: "manual", credentials: "same-origin", signal: giveUp.signal });
    return await named(answer);
  } catch {
    return { outcome: "failed" };
  } finally {
    clearTimeout(timer);
  }
}

async function named(answer) {
  const json = (answer.headers.get("content-type") || "").includes("json");
  if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !json) || (answer.ok && !json)) return { outcome: "signin" };
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { outcome: "failed" };
  const data = json ? await answer.json() : {};
  if ("stranger" in data) return { outcome: "signin", sentence: data.stranger };
  if (data.outcome) return data;
  if (answer.ok) return { outcome: "done", result: data };
  const said = data.errors ? Object.values(data.errors).flat().join("；") : `门户没有接受（${answer.status}）。`;
  return { outcome: "refused", sentence: said };
}

// Whether there is a network, who is signed in, and what time it is there; null without an answer.
export async function who() {
  const before = Date.now();
  const { outcome, result } = await ask("/onsite/who/", { timeout: 8000 });
  if (outcome !== "done") return null;
  return { ...result, skew: result.now - (before + Date.now()) / 2 };
}
