// Why something is so: what a badge, a clock or a refusal leads to opens over the page on hover, on
// the keyboard's focus and on a press, stays while somebody is in it, and goes with Esc. A label's
// rejection is on the page already (.why, a popover's button); the rest is asked of the server when
// it is opened (.why-link, a link to the order's explanations).

import { openDialog } from "./desk.js";

const LEAVE = 250; // milliseconds that a pointer may take from the button to the text
const PAUSE = 150; // and for which it must rest on a link before the server is asked
const FRESH = 5000; // for so long an explanation is not asked for again
const answers = new Map();
let leaving = 0;
let resting = 0;
let shownBy = null;
let closing = null; // what the focus goes back to, and must not open again

const shown = document.createElement("div");
Object.assign(shown, { id: "why-shown", className: "tag-text why-text", popover: "auto" });
shown.setAttribute("role", "group");

const textOf = (from) =>
  from.matches(".why-link") ? from === shownBy && shown : document.getElementById(from.getAttribute("popovertarget"));
const fromOf = (text) =>
  text === shown ? shownBy : document.querySelector(`[popovertarget="${text.id}"]`);
const pairOf = (target) => {
  const from = target.closest?.(".why[popovertarget], .why-link");
  if (from) return [from, textOf(from)];
  const text = target.closest?.(".why-text");
  return text ? [fromOf(text), text] : [null, null];
};

function open(from) {
  clearTimeout(leaving);
  if (from.matches(".why-link")) { explain(from); return; }
  const text = textOf(from);
  if (text && !text.matches(":popover-open")) text.showPopover({ source: from });
}

/** Show what the server says of a link, beside it; in an open dialog, for the rest is inert then. */
async function explain(link) {
  if (link === shownBy && shown.matches(":popover-open")) return;
  const mine = (shownBy = link);
  const said = await answer(link.dataset.asks);
  if (mine !== shownBy || !link.matches(":hover, :focus")) return;
  if (shown.matches(":popover-open")) shown.hidePopover();
  document.querySelector(`[aria-describedby="${shown.id}"]`)?.removeAttribute("aria-describedby");
  shownBy = link;
  (openDialog() ?? document.getElementById("main")).append(shown);
  shown.innerHTML = said;
  shown.setAttribute("aria-label", shown.querySelector("strong")?.textContent ?? "Why");
  link.setAttribute("aria-describedby", shown.id); // and stands beside it, in the sheet
  shown.showPopover({ source: link });
}

/** A row that was replaced while it was explained: the explanation stays, beside the new link. */
function stay() {
  if (!shownBy || shownBy.isConnected) return;
  const { asks } = shownBy.dataset;
  const fresh = [...document.querySelectorAll(".why-link")].find((link) => link.dataset.asks === asks);
  if (!fresh) { if (shown.matches(":popover-open")) shown.hidePopover(); return; }
  shownBy = fresh;
  fresh.setAttribute("aria-describedby", shown.id);
}

async function answer(address) {
  const kept = answers.get(address);
  if (kept && Date.now() - kept.at < FRESH) return kept.said;
  let said = "<strong>It cannot be told now</strong><p>The desk does not answer; try again.</p>";
  try {
    const response = await fetch(address, { headers: { "HX-Target": shown.id } });
    const isPage = response.redirected || !(response.ok || response.status === 404);
    if (isPage) return "<strong>It cannot be told now</strong><p>Your sign-in may have ended: load the page again.</p>";
    said = await response.text();
    answers.set(address, { said, at: Date.now() });
  } catch { /* said already */ }
  return said;
}

const texts = (heard) => (event) => { if (event.target.matches(".why-text")) heard(event); };
document.addEventListener("beforetoggle", texts(({ target, newState }) => {
  closing = newState === "closed" ? fromOf(target) : null;
}), { capture: true });
document.addEventListener("toggle", texts(({ target, newState }) => {
  closing = null;
  if (target !== shown || newState !== "closed") return;
  shownBy?.removeAttribute("aria-describedby");
  shownBy = null;
}), { capture: true });

function closeSoon(text) {
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    leaving = 0;
    const isUsed = [text, fromOf(text)].some((each) => each?.matches(":hover, :focus-within"));
    if (!isUsed && text.isConnected && text.matches(":popover-open")) text.hidePopover();
  }, LEAVE);
}

function keep() {
  clearTimeout(leaving);
  leaving = 0;
}

document.addEventListener("pointerover", ({ target, pointerType }) => {
  const [from, text] = pairOf(target);
  if (!from || pointerType === "touch") return;
  clearTimeout(resting);
  if (text && text.contains(target)) keep();
  else if (from.matches(".why-link")) resting = setTimeout(() => open(from), PAUSE);
  else open(from);
});
document.addEventListener("pointerout", ({ target }) => {
  if (pairOf(target)[0]?.contains(target)) clearTimeout(resting);
});
// Only a pointer that moves has left: the page may move under one that rests.
document.addEventListener("pointermove", ({ target }) => {
  const text = document.querySelector(".why-text:popover-open");
  if (!text) return;
  if (pairOf(target)[1] === text) keep();
  else if (!leaving) closeSoon(text);
}, { passive: true });
document.addEventListener("focusin", ({ target }) => {
  if (target !== closing && target.matches(".why:focus-visible, .why-link:focus-visible")) open(target);
});
document.addEventListener("focusout", ({ target }) => {
  const [, text] = pairOf(target);
  if (text) closeSoon(text);
});
document.addEventListener("desk-changed", stay);
// A press opens it; with a key held down, or where the link leads elsewhere, it is a link.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".why-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!link.getAttribute("href").startsWith(link.dataset.asks)) return;
  event.preventDefault();
  open(link);
});
