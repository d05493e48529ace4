// The keyboard. A single key waits for a moment before it acts: a barcode scanner types faster than
// any hand, and its letters are an order number for the search box, never commands.

import { openDialog, toast, toggleTheme } from "./desk.js";
import { AGAIN, feed, quiet } from "./scan.js";
import { begin, clear, isAny, pick, pickPage, rows as orders, stretch } from "./selection.js";

const WAIT = 60; // how long a key is held back, in milliseconds
const OFF = "single keys off";
const CHOOSE = "Select orders, or go to one with j, first.";

const press = (selector) => document.querySelector(selector)?.click();
const rowHere = () => document.activeElement?.closest(".row");
const pkHere = () => rowHere()?.dataset.pk;
/** Orders, or the cases of their own page. */
const rows = () => (document.getElementById("cases") ? [...document.querySelectorAll("#cases .row")] : orders());
const tab = (number) => document.querySelectorAll(".tab")[number - 1]?.click();

// --- moving ----------------------------------------------------------------------------------

function go(row) {
  row?.querySelector(".id").focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

/** The row or card `step` further on; cards go down by what stands below. */
function neighbour(step, isByLine) {
  const here = rows();
  const from = here.indexOf(rowHere());
  if (from < 0) return here[step > 0 ? 0 : here.length - 1];
  const wide = here.filter((row) => row.offsetTop === here[from].offsetTop).length;
  const isGrid = here[from].matches("article");
  return here[Math.max(0, Math.min(here.length - 1, from + step * (isGrid && isByLine ? wide : 1)))];
}

function move(step, { isByLine = false, isStretching = false } = {}) {
  const from = pkHere();
  const row = neighbour(step, isByLine);
  go(row);
  if (isStretching && row?.dataset.pk) from ? stretch(from, row.dataset.pk) : pick(row.dataset.pk);
}

// The list of cases is drawn anew under the keyboard, and an answered case leaves it: the focus goes
// to where its row is, or to the one that has its place.
let last = null;

function recover() {
  if (!last || openDialog() || document.activeElement !== document.body) return;
  const here = rows();
  go(document.getElementById(last.id) ?? here[Math.min(last.at, here.length - 1)]);
}

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest("#cases .row");
  if (row) last = { id: row.id, at: rows().indexOf(row) };
  else if (!target.closest("dialog")) last = null;
});
document.addEventListener("pointerdown", ({ target }) => { if (!target.closest("dialog")) last = null; });
document.addEventListener("close", recover, { capture: true });
document.addEventListener("htmx:afterSettle", recover);

// --- what each key does ----------------------------------------------------------------------

function work(verb) {
  if (isAny()) begin(verb);
  else if (pkHere()) begin(verb, pkHere());
  else toast(CHOOSE);
}

/** Ship what is selected, or the order that the keyboard is on or the page is of, by `verb`, whose
 *  link in a row is `link`; or say why it cannot be. */
function ship(verb, link, instead) {
  if (isAny()) begin(verb);
  else if (!pkHere()) orders().length ? toast(CHOOSE) : press(`#do-${verb}`);
  else {
    const way = rowHere().querySelector(link);
    if (way) way.click();
    else toast(rowHere().dataset.stays || instead);
  }
}

/** Answer the case that the keyboard is on, or that the page is of; or say why it cannot be. */
function answer() {
  const isList = document.getElementById("cases");
  const place = isList ? rowHere() : document;
  const link = place?.querySelector(".answer-link");
  if (link) link.click();
  else if (isList) toast(place ? place.dataset.stays : "Go to a case with j first.");
  else press("[aria-labelledby=h-answer] [data-why]");
}

const KEYS = {
  "?": () => press("#keys-link"),
  "/": () => document.querySelector("#q, #case-q")?.focus(),
  f: () => press("#filter-button"),
  j: () => move(1),
  k: () => move(-1),
  J: () => move(1, { isStretching: true }),
  K: () => move(-1, { isStretching: true }),
  x: () => (pkHere() ? pick(pkHere()) : rowHere()?.querySelector(".pick-label")?.click()),
  a: () => (orders().length ? pickPage() : answer()),
  o: () => rowHere()?.querySelector(".open").click(),
  p: () => { const link = rowHere()?.querySelector(".id"); if (link) location.assign(link.href); },
  c: () => press("#columns"),
  v: () => press("#desk button[name=view][aria-pressed=false]"),
  n: () => work("note"),
  g: () => work("flag"),
  h: () => work("hold"),
  r: () => work("release"),
  s: () => ship("add_shipment", ".ship-link[data-opens]:not(.label-link)", "The platform makes its label: press l."),
  l: () => ship("create_label", ".label-link", "You ship this order yourself: press s."),
  "[": () => press("#desk [rel=prev], #desk [rel=first], #cases [rel=prev]"),
  "]": () => press("#desk [rel=next], #cases [rel=next]"),
  t: toggleTheme,
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [String(number), () => tab(number)])),
};

/** Keys that no text holds: they act at once, and stay when the single keys are switched off. */
function plainKey(event) {
  const { key, shiftKey: isStretching } = event;
  const row = rowHere();
  if (key === "Escape" && isAny()) { clear(); return true; }
  if (!row) return false;
  const onLink = event.target.matches(".id");
  if (key === "ArrowDown") move(1, { isByLine: true, isStretching });
  else if (key === "ArrowUp") move(-1, { isByLine: true, isStretching });
  else if (key === "ArrowRight" && row.matches("article")) move(1, { isStretching });
  else if (key === "ArrowLeft" && row.matches("article")) move(-1, { isStretching });
  else if (key === "Enter" && onLink) row.querySelector(".open").click();
  else return false;
  return true;
}

// --- people and scanners ---------------------------------------------------------------------

let reader = quiet();
let waiting = null; // the single key that is held back, and the timer of its act

function scanned(text) {
  if (openDialog()) { toast("Close this first, then scan again."); return; }
  // A page of its own use for codes takes them.
  if (!document.dispatchEvent(new CustomEvent("scan", { detail: text, cancelable: true }))) return;
  const box = document.getElementById("q");
  if (!box) { location.assign(`/orders/?q=${encodeURIComponent(text)}`); return; }
  box.value = text;
  box.form.requestSubmit();
}

function act(key) {
  KEYS[key === " " ? "x" : key]();
}

function actSoon(key) {
  waiting = { key, timer: setTimeout(() => { waiting = null; act(key); }, WAIT) };
}

/** The key that still waits acts before the one that follows it, also where the page is slow; where
 *  a machine typed on, it does not act at all. */
function settle(isBurst) {
  if (!waiting) return;
  const { key, timer } = waiting;
  waiting = null;
  clearTimeout(timer);
  if (!isBurst) act(key);
}

/** Whether `key` means something where the focus is. */
function isCommand(key, target) {
  if (openDialog() || localStorage.getItem(OFF)) return key === " " && !openDialog() && target.matches(".row .id");
  return key === " " ? target.matches(".row .id") : Object.hasOwn(KEYS, key);
}

/** The key as the list above writes it, whatever Caps Lock says. */
function named({ key, shiftKey }) {
  return key.length > 1 ? key : shiftKey ? key.toUpperCase() : key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  const key = named(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.closest("select, textarea, input:not([type=checkbox], [type=radio]), [contenteditable]")) return;
  reader = feed(reader, key, event.timeStamp, event.repeat);
  if (key.length === 1 || !reader.isBurst) settle(reader.isBurst); // a machine writes capitals by Shift
  if (reader.code) {
    event.preventDefault();
    scanned(reader.code);
    return;
  }
  if (reader.isMisread) {
    event.preventDefault();
    if (document.dispatchEvent(new CustomEvent("misread", { cancelable: true }))) toast(AGAIN);
    return;
  }
  if (key.length > 1) {
    if (!openDialog() && plainKey(event)) event.preventDefault();
    return;
  }
  if (event.repeat && isCommand(key, target)) { event.preventDefault(); act(key); return; }
  if (reader.isBurst) {
    event.preventDefault(); // a scan presses no button either
  } else if (isCommand(key, target)) {
    event.preventDefault();
    if (key === "/") act(key); // at once: whatever follows, typed or scanned, belongs in that box
    else actSoon(key);
  }
}, { capture: true });

// --- the help dialog -------------------------------------------------------------------------

document.addEventListener("change", ({ target }) => {
  if (target.id !== "keys-off") return;
  target.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF);
});
document.addEventListener("htmx:afterSwap", () => showChoice());

function showChoice() {
  const box = document.getElementById("keys-off");
  if (box) box.checked = Boolean(localStorage.getItem(OFF));
}
showChoice();
