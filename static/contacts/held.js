// Scans that wait for the network: always counted on the page; listed by their time, sent now, or discarded after a question.

import { clockTime, word } from "./wording.js";

const at = (id) => document.getElementById(id);
const GRACE_MS = 1500; // a scan on its way right now needs no words; one that stays does

/** Shows the count on the page and the list in its sheet; `zone()` is the event's time zone where it is known. */
export function showHeld(queue, zone) {
  const [pill, sheet] = [at("held-pill"), at("held-sheet")];
  let timer = 0;

  function count(number) {
    pill.hidden = number === 0;
    pill.textContent = words(number);
  }

  const words = (number) => word(number === 0 ? "none-waits" : number === 1 ? "one-waits" : "many-wait", { n: number });
  const timeOf = (scan) => clockTime(new Date(scan.scanned_at), zone());

  async function list() {
    const scans = await queue.waiting();
    at("held-title").textContent = words(scans.length);
    at("held-send").hidden = scans.length === 0;
    // Whoever is about to answer a question is not interrupted.
    const asked = at("held-rows").querySelector("[data-asked]")?.dataset.asked;
    at("held-rows").replaceChildren(...scans.map((scan) => row(scan, scan.id === asked)));
  }

  function row(scan, isAsked) {
    const line = document.createElement("li");
    line.className = "row";
    const label = document.createElement("span");
    label.className = "grow";
    const time = timeOf(scan);
    label.append(element("span", "name", isAsked ? word("discard-question", { time }) : word("held-from", { time })));
    if (!isAsked && (scan.note || scan.promise || scan.tags)) label.append(element("span", "detail", word("held-note")));
    line.append(label);
    if (isAsked) {
      line.dataset.asked = scan.id;
      line.append(choice("discard-yes", "danger small", () => discard(scan)), choice("discard-no", "line small", () => ask(line, scan, false)));
    } else {
      const button = choice("discard", "quiet small", () => ask(line, scan, true));
      button.setAttribute("aria-label", word("discard-from", { time }));
      line.append(button);
    }
    return line;
  }

  function element(kind, className, text) {
    const made = document.createElement(kind);
    [made.className, made.textContent] = [className, text];
    return made;
  }

  function choice(name, kind, onClick) {
    const button = element("button", `button ${kind}`, word(name));
    button.type = "button";
    button.addEventListener("click", onClick);
    return button;
  }

  function ask(line, scan, isAsked) {
    const next = row(scan, isAsked);
    line.replaceWith(next);
    next.querySelector("button:last-child").focus();
  }

  async function discard(scan) {
    await queue.discard([scan.id]);
    at("held-said").textContent = word("discarded");
    await list();
    at("held-title").focus();
  }

  pill.addEventListener("click", async () => {
    at("held-said").textContent = "";
    await list();
    sheet.showModal();
  });
  at("held-send").addEventListener("click", async () => {
    at("held-said").textContent = word("sending");
    await queue.send();
    const left = (await queue.waiting()).length;
    at("held-said").textContent = left ? word("still-away") : "";
    if (!left) at("held-title").focus();
  });
  sheet.addEventListener("close", () => at("held-rows").replaceChildren());
  queue.addEventListener("change", ({ detail }) => {
    clearTimeout(timer);
    if (detail === 0) count(0);
    else timer = setTimeout(() => count(detail), pill.hidden ? GRACE_MS : 0);
    if (sheet.open) list();
  });
  queue.addEventListener("trouble", async () => count((await queue.waiting()).length));
  queue.waiting().then((scans) => count(scans.length));
}
