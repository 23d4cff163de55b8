// Solves the challenge of a form while it is filled in, and puts the proof into its field. Without it, or when it fails or takes too
// long, the form is sent as it is, and the next page says how to go on.
"use strict";
(() => {
  const field = document.querySelector("input[data-challenge]");
  if (!field || !window.crypto || !crypto.subtle) return;
  // In milliseconds. Nobody waits longer; a challenge is good for twenty minutes.
  const limit = 60 * 1000;
  const fresh = 15 * 60 * 1000;
  const form = field.form;
  const status = form.querySelector("[data-working]");
  const say = (text) => { if (status) status.textContent = text; };
  const encoder = new TextEncoder();
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (octet) => octet.toString(16).padStart(2, "0")).join("");

  const solve = async () => {
    const end = performance.now() + limit;
    const asked = { headers: { accept: "application/json" }, signal: AbortSignal.timeout(limit) };
    const task = await (await fetch(field.dataset.challenge, asked)).json();
    const hash = async (number) => hex(await crypto.subtle.digest(task.algorithm, encoder.encode(task.salt + number)));
    // Some at a time: the browser hashes beside the page, which stays usable.
    for (let start = 0; start <= task.maxnumber && performance.now() < end; start += 256) {
      const numbers = Array.from({ length: Math.min(256, task.maxnumber - start + 1) }, (_, place) => start + place);
      const hashes = await Promise.all(numbers.map(hash));
      const place = hashes.indexOf(task.challenge);
      if (place >= 0) {
        const { algorithm, challenge, salt, signature } = task;
        return btoa(JSON.stringify({ algorithm, challenge, number: start + place, salt, signature }));
      }
    }
    throw new Error("not solved in time");
  };

  let begun, done, work, waits = false;
  const begin = () => {
    begun = performance.now();
    done = false;
    field.value = "";
    work = solve().then(
      (proof) => { field.value = proof; say(""); },
      () => say(status.dataset.failed),
    ).then(() => { done = true; });
  };
  begin();
  form.addEventListener("submit", (event) => {
    if (done && performance.now() - begun > fresh) begin();
    if (done) return;
    event.preventDefault();
    if (waits) return;
    waits = true;
    say(status.dataset.working);
    const button = event.submitter;
    work.then(() => { waits = false; form.requestSubmit(button); });
  });
  // Back from the next page: the proof is used.
  window.addEventListener("pageshow", (event) => { if (event.persisted) begin(); });
})();
