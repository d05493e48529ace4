// Together: every two seconds, while somebody looks, the page asks what has changed since; rows, or
// the order that the page is of, are changed in place, and nothing moves under anybody's hands.

import { csrf, page, say, signIn } from "./desk.js";

const PACE = 2000;
const SLOWEST = 30000;
let timer = 0;
let failures = 0;
let liveUntil = Date.now();
let isAsking = false;
let again = false;
let isOver = false;

function next(delay) {
  clearTimeout(timer);
  timer = setTimeout(ask, delay);
}

const ofOrder = () => document.querySelector(".detail[data-changes]");

async function ask() {
  const desk = page() ?? ofOrder();
  if (!desk?.dataset.changes || document.hidden || isOver) return;
  if (isAsking) { again = true; return; }
  if (desk.matches(".is-old") && isInHands(desk)) { next(PACE); return; }
  isAsking = true;
  try {
    const answer = await fetch(...question(desk));
    if (answer.type === "opaqueredirect") { over(); return; }
    if (!answer.ok) throw new Error(answer.status);
    if (answer.status !== 204) {
      const text = await answer.text();
      if (desk.isConnected) (desk === page() ? show : showOrder)(desk, text);
    }
    works();
  } catch {
    fails();
  } finally {
    isAsking = false;
    if (!isOver) next(again ? 0 : Math.min(PACE * 2 ** failures, SLOWEST));
    again = false;
  }
}

function question(desk) {
  if (desk !== page()) return [`${desk.dataset.changes}&seen=${desk.dataset.version}`, { redirect: "manual" }];
  const rows = [...desk.querySelectorAll(".row[data-pk]")];
  const asked = new URLSearchParams(desk.dataset.query);
  const view = rows[0]?.matches("article") ? "card" : "list";
  asked.set("view", view);
  asked.set("token", desk.dataset.changes);
  asked.set("rows", rows.map(({ dataset: d }) => `${d.pk}:${d.version}`).join(","));
  const isLong = String(asked).length > 6000;
  return isLong
    ? ["/orders/changes/", { method: "POST", body: asked, headers: { "X-CSRFToken": csrf() }, redirect: "manual" }]
    : [`/orders/changes/?${asked}`, { redirect: "manual" }];
}

// --- what has changed ------------------------------------------------------------------------

function show(desk, text) {
  const answer = document.createElement("template");
  answer.innerHTML = text;
  const news = answer.content.getElementById("changes");
  desk.dataset.changes = news.dataset.changes;
  desk.dataset.count = news.dataset.count;
  const found = document.getElementById("found");
  if (found) found.textContent = news.dataset.found;
  desk.querySelector("[data-count-here]").textContent = news.dataset.found.replace("Found ", "");
  for (const fact of news.querySelectorAll("data")) recount(desk, fact);
  const swapped = [...answer.content.getElementById("fresh").content.querySelectorAll(".row")].map(swap).filter(Boolean);
  const gone = markGone(desk, news);
  refreshAges(desk, news);
  const noticed = refreshNotices(news.querySelector("#notice-bar"));
  refreshRail(news);
  refreshOutbox(news.querySelector("#outbox-news"));
  announce(news.querySelector("#news"));
  document.dispatchEvent(new CustomEvent("desk-changed"));
  const told = [swapped.length && `${swapped.length} order${swapped.length > 1 ? "s" : ""} changed here`, ...gone, noticed].filter(Boolean).join(". ");
  if (told) say(told);
}

function recount(desk, fact) {
  const { kind, name } = fact.dataset;
  const link = desk.querySelector(`[data-${kind}="${name}"]`);
  if (!link) return;
  link.dataset.count = fact.value;
  link.classList.toggle("is-zero", kind === "card" && fact.value === "0");
  link.querySelector(".count, .card-count").textContent = fact.textContent;
}

/** How old the shops' data is; not under anybody's hands. */
function refreshAges(desk, news) {
  const [old, fresh] = [desk, news].map((place) => place.querySelector(".ages"));
  if (old.contains(document.activeElement)) return;
  const isOpen = old.querySelector("details")?.open;
  old.replaceWith(fresh);
  if (isOpen) fresh.querySelector("details")?.setAttribute("open", "");
}

/** What stands of the shops' notices; gives what is new, to be said. Not under anybody's hands. */
function refreshNotices(fresh) {
  const old = document.getElementById("notice-bar");
  if (!old || old.contains(document.activeElement)) return "";
  const words = (bar) => [...bar.querySelectorAll(".told > span")].map((line) => line.textContent);
  const known = words(old);
  if (String(words(fresh)) === String(known)) return "";
  const isOpen = old.querySelector("details")?.open;
  old.replaceWith(fresh);
  if (isOpen) fresh.querySelector("details")?.setAttribute("open", "");
  return words(fresh).filter((line) => !known.includes(line)).join(" ");
}

/** How much waits, in the rail. */
function refreshRail(news) {
  for (const count of news.querySelectorAll(".rail-count")) document.getElementById(count.id)?.replaceWith(count);
}

/** What waits to leave, over the list. Not under anybody's hands. */
function refreshOutbox(fresh) {
  const bar = document.getElementById("outbox-bar");
  if (bar && !bar.contains(document.activeElement)) bar.replaceChildren(...fresh.childNodes);
}

/** The fresh row in the old one's place, with whatever was focused in it. */
function swap(fresh) {
  const old = document.getElementById(fresh.id);
  if (!old) return null;
  const parts = (row) => [...row.querySelectorAll("a, button, input, summary")];
  const focused = parts(old).indexOf(document.activeElement);
  const isNewer = fresh.dataset.version !== old.dataset.version;
  old.replaceWith(fresh);
  htmx.process(fresh);
  if (focused >= 0) (parts(fresh)[focused] ?? parts(fresh)[0]).focus({ preventScroll: true });
  if (!isNewer) return null; // the clock alone
  fresh.classList.add("is-fresh");
  setTimeout(() => fresh.classList.remove("is-fresh"), 2400);
  warn(fresh);
  return fresh;
}

/** Rows that left the list stay where they are, dim, until the page is asked for again. */
function markGone(desk, news) {
  const told = [];
  for (const row of desk.querySelectorAll(".row[data-pk]")) {
    const why = news.querySelector(`[data-gone="${row.dataset.pk}"]`)?.textContent ?? "";
    const note = row.querySelector(".gone");
    row.classList.toggle("is-gone", Boolean(why));
    if (note?.textContent === why) continue;
    note?.remove();
    if (!why) continue;
    const words = document.createElement("span");
    words.className = "gone";
    words.textContent = why;
    row.querySelector(".id").parentElement.append(words);
    told.push(`${row.dataset.order}: ${why}`);
  }
  return told;
}

function announce(news) {
  const place = document.getElementById("announce");
  if (!place || place.textContent.trim() === news.textContent.trim()) return;
  place.replaceChildren(...(news.textContent.trim() ? news.childNodes : []));
  const link = place.querySelector("a");
  if (!link) return;
  const first = new URL(location.href);
  for (const name of ["after", "before"]) first.searchParams.delete(name);
  link.href = first.pathname + first.search;
  htmx.process(place);
}

/** An open drawer is not changed under anybody's hands; it says that it is old. */
function warn(fresh) {
  const shown = document.querySelector(`#drawer[open] [data-pk="${fresh.dataset.pk}"][data-version]`);
  if (!shown || Number(shown.dataset.version) >= Number(fresh.dataset.version)) return;
  tellOld(shown, () => fresh.querySelector(".open").click());
}

/** Below the head of an order that is not shown as it is now. */
function tellOld(head, onReload) {
  head.parentElement.querySelector(".changed")?.remove();
  const box = document.createElement("p");
  box.className = "changed";
  box.setAttribute("role", "status");
  const reload = document.createElement("button");
  reload.type = "button";
  reload.className = "button";
  reload.textContent = "Reload";
  reload.addEventListener("click", onReload);
  head.after(box);
  box.append("Changed meanwhile. ", reload);
}

// --- the page of one order -------------------------------------------------------------------

/** Whether somebody reads, types or chooses something there that a fresh page would take away. */
function isInHands(detail) {
  const isTyped = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  return detail.matches(".is-kept") || document.querySelector("dialog[open], :popover-open, .detail details[open]")
    || document.activeElement.closest(".detail form") || getSelection().toString()
    || [...detail.querySelectorAll("input, textarea")].some(isTyped);
}

/** The order as it is now; in somebody's hands it says that it is old. */
function showOrder(old, text) {
  if (isInHands(old)) {
    old.classList.add("is-old");
    tellOld(document.querySelector("main > .head"), () => location.assign(old.dataset.changes));
    return;
  }
  const answer = new DOMParser().parseFromString(text, "text/html");
  const held = document.activeElement;
  document.querySelector("main > .changed")?.remove();
  for (const part of [".head", ".detail"]) {
    const fresh = document.adoptNode(answer.querySelector(`main > ${part}`));
    document.querySelector(`main > ${part}`).replaceWith(fresh);
    htmx.process(fresh);
  }
  if (!held.isConnected) {
    const again = held.id ? `[id="${held.id}"]` : `.detail [href="${held.getAttribute("href")}"]`;
    (document.querySelector(again) ?? document.getElementById("main")).focus({ preventScroll: true });
  }
  say("This order has changed; the page shows it as it is now.");
}

// --- whether the page is live at all ---------------------------------------------------------

function tell(text, link = null) {
  let place = document.getElementById("not-live");
  if (!place && !text) return;
  if (!place) {
    place = document.createElement("p");
    place.id = "not-live";
    place.setAttribute("role", "status");
    document.querySelector("main .head-note").after(place);
  }
  if (place.dataset.text === text) return;
  place.dataset.text = text;
  place.replaceChildren(text, ...(link ? [" ", link] : []));
}

function works() {
  failures = 0;
  liveUntil = Date.now();
  tell("");
}

function fails() {
  failures += 1;
  if (failures < 2) return; // one lost answer is nothing to speak of
  const at = new Date(liveUntil).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  tell(`Not live since ${at}`);
}

function over() {
  isOver = true;
  tell("Not live: your sign-in has ended.", signIn());
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) next(0); });
document.addEventListener("order-changed", () => next(0));
document.addEventListener("run-begun", () => next(0));
document.addEventListener("htmx:afterSwap", ({ detail }) => { if (detail.target?.id === "desk") next(PACE); });
addEventListener("online", () => next(0));
addEventListener("pageshow", () => next(PACE));
// The row that a drawer was opened from may have been replaced meanwhile.
document.addEventListener("close", ({ target }) => {
  const pk = target.querySelector?.(".drawer-head")?.dataset.pk;
  if (pk && document.activeElement === document.body) document.getElementById(`order-${pk}`)?.querySelector(".open").focus();
}, { capture: true });
