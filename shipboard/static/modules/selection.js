// Which orders are selected: kept for the tab by filter, so that it outlives paging, Back, a reload
// and the change of view. The functions above the line are pure; below it they meet the page.

import { csrf, page, say, toast } from "./desk.js";

/** `picked`: keys of orders; `all`: how many matched when all of them were chosen, else 0;
 *  `anchor`: where a range begins. `keys` below are those of the page, in its order. */
export const blank = () => ({ picked: new Set(), all: 0, anchor: null });
export const has = (chosen, key) => chosen.all > 0 || chosen.picked.has(key);
export const size = (chosen) => chosen.all || chosen.picked.size;
export const everything = (count) => ({ picked: new Set(), all: count, anchor: null });

/** Whoever takes orders out of "all" goes on with those of the page. */
const explicit = (chosen, keys) => new Set(chosen.all ? keys : chosen.picked);
const between = (keys, one, other) => {
  const [from, to] = [keys.indexOf(one), keys.indexOf(other)].sort((a, b) => a - b);
  return keys.slice(from, to + 1);
};

function set(chosen, keys, which, isOn) {
  if (isOn && chosen.all) return chosen.picked;
  const picked = explicit(chosen, keys);
  for (const key of which) isOn ? picked.add(key) : picked.delete(key);
  return picked;
}

export function toggle(chosen, keys, key) {
  const picked = set(chosen, keys, [key], !has(chosen, key));
  return { picked, all: 0, anchor: key };
}

/** From the anchor to `key`: all become what `key` becomes. */
export function range(chosen, keys, key) {
  if (!keys.includes(chosen.anchor)) return toggle(chosen, keys, key);
  const picked = set(chosen, keys, between(keys, chosen.anchor, key), !has(chosen, key));
  return { picked, all: 0, anchor: chosen.anchor };
}

/** One step with shift, from row `from` to row `to`: grows away from the anchor, shrinks towards it. */
export function extend(chosen, keys, from, to) {
  if (chosen.all) return chosen;
  const anchor = keys.includes(chosen.anchor) && chosen.picked.has(chosen.anchor) ? chosen.anchor : from;
  const far = (key) => Math.abs(keys.indexOf(key) - keys.indexOf(anchor));
  const isBack = far(to) < far(from);
  const picked = set(chosen, keys, isBack ? [from] : between(keys, anchor, to), !isBack);
  return { picked, all: 0, anchor };
}

/** The whole page in or out; out of "all" means nothing is left. */
export function wholePage(chosen, keys, isOn) {
  if (chosen.all) return isOn ? chosen : blank();
  return { picked: set(chosen, keys, keys, isOn), all: 0, anchor: null };
}

// ---------------------------------------------------------------------------------------------

let chosen = blank();
const place = () => `selection ${page().dataset.query}`;
export const rows = () => [...document.querySelectorAll("#desk .row[data-pk]")];
const keysHere = () => rows().map((row) => row.dataset.pk);

function recall() {
  if (!page()?.dataset.count) return;
  try {
    const kept = JSON.parse(sessionStorage.getItem(place()));
    chosen = kept ? { ...kept, picked: new Set(kept.picked) } : blank();
  } catch {
    chosen = blank();
  }
  paint();
  refresh(0);
}

function become(next) {
  const wasAll = chosen.all;
  chosen = next;
  if (size(chosen)) sessionStorage.setItem(place(), JSON.stringify({ ...chosen, picked: [...chosen.picked] }));
  else sessionStorage.removeItem(place());
  paint();
  refresh(150);
  say(wasAll && chosen.picked.size ? `No longer all that match, but this page's: ${words()}` : words());
}

const inWords = (count) => count.toLocaleString(document.documentElement.lang);
const words = () => (chosen.all ? `All ${inWords(chosen.all)} selected` : `${inWords(size(chosen))} selected`);

export const clear = () => become(blank());
export const isAny = () => size(chosen) > 0;
export const pick = (key) => become(toggle(chosen, keysHere(), key));
export const stretch = (from, to) => become(extend(chosen, keysHere(), from, to));
export const pickPage = () => become(wholePage(chosen, keysHere(), !keysHere().every((key) => has(chosen, key))));

/** The selection as it is sent to the server. */
export const sent = () => (chosen.all
  ? { query: page().dataset.query, count: chosen.all }
  : { orders: [...chosen.picked].join(",") });

export function paint() {
  const here = rows();
  let on = 0;
  for (const row of here) {
    const isOn = has(chosen, row.dataset.pk);
    on += isOn;
    row.classList.toggle("is-picked", isOn);
    const box = row.querySelector(".pick");
    if (box) box.checked = isOn;
  }
  const whole = document.getElementById("pick-page");
  if (!whole) return;
  whole.checked = on > 0 && on === here.length;
  whole.indeterminate = on > 0 && on < here.length;
}

// The bar: its count at once, what can be done from the server; the last answer wins.
let asked = null;
let timer = 0;

function refresh(delay) {
  const bar = document.getElementById("bulk");
  clearTimeout(timer);
  asked?.abort();
  if (!bar) return;
  if (!size(chosen)) { bar.replaceChildren(); return; }
  if (!bar.firstElementChild) bar.append(plainBar());
  fill(bar);
  bar.setAttribute("aria-busy", "true");
  timer = setTimeout(ask, delay, bar);
}

/** What only the page knows: how many are selected, and how many match. */
function fill(bar) {
  bar.querySelector("[data-bulk-count]").textContent = words();
  const whole = bar.querySelector("[data-bulk-all]");
  if (!whole) return;
  const matching = Number(page().dataset.count);
  whole.hidden = size(chosen) >= matching && !chosen.all;
  whole.textContent = `Select all ${inWords(matching)} that match`;
}

/** The bar until the server has said what can be done; for those who only look it is all. */
function plainBar() {
  const bar = document.createElement("div");
  bar.className = "bulk-bar";
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "Selected orders");
  bar.innerHTML = '<strong data-bulk-count></strong><button class="button" type="button" data-bulk-clear>Clear</button>';
  return bar;
}

async function ask(bar) {
  asked = new AbortController();
  const { signal } = asked;
  try {
    const answer = await fetch("/orders/selection/", {
      method: "POST", signal, redirect: "error", body: new URLSearchParams(sent()),
      headers: { "X-CSRFToken": csrf() },
    });
    const text = await answer.text();
    if (signal.aborted || !bar.isConnected) return;
    if (answer.status === 403) return;
    if (!answer.ok) { toast("What can be done with the selection is not known; it is kept."); return; }
    const held = document.activeElement.closest("#bulk button")?.dataset;
    bar.innerHTML = text;
    fill(bar);
    if (held) refocus(bar, held);
  } catch (problem) {
    if (!signal.aborted && problem.name !== "AbortError") toast("The desk does not answer. Your selection is kept.");
  } finally {
    if (!signal.aborted) bar.removeAttribute("aria-busy");
  }
}

/** The button of the new bar that does what the one before did, else the bar's first. */
function refocus(bar, { bulkVerb }) {
  (bar.querySelector(`[data-bulk-verb="${bulkVerb}"]`) ?? bar.querySelector("button"))?.focus();
}

const PAGES = { add_shipment: "/ship/", create_label: "/labels/batch/", cancel: "/orders/cancel/" };

/** Opens the form of `verb` for the selection, or for `only` one order. */
export function begin(verb, only = null) {
  if (PAGES[verb]) { toPage(PAGES[verb], only ? { orders: only } : sent()); return; }
  htmx.ajax("POST", verb === "export" ? "/exports/new/" : "/runs/form/", {
    target: "#panel-body", swap: "innerHTML", source: page(), select: "unset",
    values: { verb, ...(only ? { orders: only } : sent()) },
    headers: { "X-CSRFToken": csrf() },
  });
}

/** These have a page of their own. */
function toPage(address, values) {
  const form = document.createElement("form");
  [form.method, form.action, form.hidden] = ["post", address, true];
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: csrf(), ...values })) {
    const field = document.createElement("input");
    [field.name, field.value] = [name, value];
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on("#pick-page")) { pickPage(); return; }
  const box = on(".pick") ?? on(".c-pick")?.querySelector(".pick");
  const key = box?.closest(".row")?.dataset.pk;
  if (key) {
    become((event.shiftKey ? range : toggle)(chosen, keysHere(), key));
    return;
  }
  if (on("[data-bulk-all]")) become(everything(Number(page().dataset.count)));
  else if (on("[data-bulk-clear]")) { clear(); rows()[0]?.querySelector(".pick, .id").focus(); }
  else if (on("[data-bulk-verb]:not([aria-disabled=true])")) begin(on("[data-bulk-verb]").dataset.bulkVerb);
});

// A run has begun: the selection stays for the next verb, and so does the place.
document.addEventListener("run-begun", () => {
  const panel = document.getElementById("panel");
  const confirmed = Number(panel.querySelector("[name=count]")?.value);
  if (chosen.all && confirmed) chosen.all = confirmed; // the number may have changed, and been agreed to
  panel.close();
  refresh(0);
});
document.addEventListener("desk-changed", () => { paint(); refresh(150); });
document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target?.id === "desk") recall(); });
document.addEventListener("htmx:historyRestore", recall);
addEventListener("pageshow", recall);
