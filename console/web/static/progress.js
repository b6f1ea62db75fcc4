// How a run goes, kept up to date: a stream of events (EventSource), and where there is none, asking every few seconds.
//
//   follow(url, { beat(now) {…}, over(now) {…}, gone(message) {…}, away(isAway) {…} })
//
// `url` is the run's own address (/runs/ID). `beat` gets what the server tells (console/web/run_words.py), `over` the
// last of it, `gone` why nothing more is told (signed out, right taken away), `away` whether the server is out of reach.
// A hidden page closes its stream: a browser has few connections to one machine.
const ASK_AGAIN_MS = 5000;

export function follow(url, hear) {
  let stream = null;
  let timer = 0;
  let ended = false;

  function stop() {
    stream?.close();
    stream = null;
    clearTimeout(timer);
  }

  function take(now) {
    if (ended) return;
    hear.away?.(false);
    hear.beat?.(now);
    if (!now.over) return;
    ended = true;
    stop();
    hear.over?.(now);
  }

  function leave(message) {
    ended = true;
    stop();
    hear.gone?.(message);
  }

  // Asks once; `then` is what comes next while the run goes on.
  async function ask(then) {
    let answer;
    try {
      answer = await fetch(`${url}/progress`, { headers: { Accept: "application/json" }, cache: "no-store" });
    } catch {
      hear.away?.(true);
      timer = setTimeout(() => ask(then), ASK_AGAIN_MS);
      return;
    }
    const told = await answer.json().catch(() => ({}));
    if (ended || document.hidden) return;
    if (answer.ok) take(told);
    else if (answer.status === 429 || answer.status >= 500) hear.away?.(true);
    else return leave(told.message ?? "");
    if (!ended) then();
  }

  const askAgain = () => {
    timer = setTimeout(() => ask(askAgain), ASK_AGAIN_MS);
  };

  function open() {
    stop();
    if (ended || document.hidden) return;
    if (!("EventSource" in window)) return ask(askAgain);
    stream = new EventSource(`${url}/events`);
    stream.addEventListener("progress", (event) => take(JSON.parse(event.data)));
    // The session of this stream is over; the browser may have a newer one by now.
    stream.addEventListener("goodbye", () => {
      stop();
      ask(open);
    });
    stream.addEventListener("error", () => {
      hear.away?.(true);
      if (stream?.readyState !== EventSource.CLOSED) return; // the browser opens it again by itself
      stop();
      ask(askAgain);
    });
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : open()));
  window.addEventListener("pagehide", stop);
  open();
}
