// Slow work of the server: send a file, and ask until the work is over.
const EVERY_MS = 400;

export async function sendFile(url, file, csrf) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream", Accept: "application/json", "X-CSRF-Token": csrf },
      body: file,
    });
  } catch {
    return { ok: false, status: 0, told: {} };
  }
  return { ok: response.ok, status: response.status, told: await response.json().catch(() => ({})) };
}

export async function standing(url, progress = () => {}) {
  for (;;) {
    const response = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (response && !response.ok) return { state: "lost", told: {} };
    const told = response ? await response.json() : { state: "waiting", page: 0 };
    if (!["waiting", "working"].includes(told.state)) return told;
    progress(told);
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}
