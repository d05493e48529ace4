// What the platform and htmx do not do alone: dialogs, rows that open, copying, running clocks and
// the theme. Every page works without scripts; they only make it quicker.

const root = document.documentElement;
const serverNow = Date.parse(root.dataset.now);
const offset = serverNow - Date.now();
// A desk clock fixed by SHIPBOARD_NOW stands still; a shifted one runs.
const isFixed = root.dataset.clock && !/^[+-]\d+[smhd]$/.test(root.dataset.clock);
const now = () => (isFixed ? serverNow : Date.now() + offset);

export const page = () => document.getElementById("desk");
export const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
export const say = (text) => { document.getElementById("live").textContent = text; };
export const openDialog = () => document.querySelector("dialog[open]");

export function toast(text, link = null) {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "status");
  box.append(text);
  if (link) box.append(" ", link);
  (openDialog() ?? document.body).append(box);
  if (!link) setTimeout(() => box.remove(), 7000);
}

/** A link that signs in and comes back here. */
export function signIn() {
  const link = document.createElement("a");
  link.href = `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = "Sign in again";
  return link;
}

// Dialogs: htmx fills them, the platform shows, traps and returns focus.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const dialog = detail.target?.closest?.("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  const found = document.querySelector("[data-live]");
  if (detail.target?.id === "desk" && found) say(found.textContent);
  tick();
});

document.addEventListener("htmx:sendError", () => toast("The desk does not answer. Nothing was changed; try again."));
// A whole page is no answer for a dialog or a corner: sign-in, a refusal, a breakdown.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, target, serverResponse } = detail;
  if (target?.id === "desk") {
    if (serverResponse.includes('id="desk"')) return;
    detail.shouldSwap = false;
    location.assign(detail.pathInfo.finalRequestPath ?? location.href);
  } else if (new URL(xhr.responseURL || location.href).pathname === "/login/") {
    detail.shouldSwap = false;
    toast("Your sign-in has ended. Nothing was changed.", signIn());
  } else if (xhr.status >= 400 && /^\s*<!doctype/i.test(serverResponse)) {
    detail.shouldSwap = false;
    const told = new DOMParser().parseFromString(serverResponse, "text/html");
    toast([...told.querySelectorAll("main h1, main p")].map((each) => each.textContent).join(". "));
  }
});

document.addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest(selector);
  const closes = on("[data-closes]");
  if (closes) { closes.closest("dialog").close(); return; }
  if (event.target.matches?.("dialog[open]")) { event.target.close(); return; } // the backdrop
  const copies = on("[data-copy]");
  if (copies) {
    try {
      await navigator.clipboard.writeText(copies.dataset.copy);
      toast(`Copied ${copies.dataset.copy}`);
    } catch {
      toast(`This browser does not let the page copy; select ${copies.dataset.copy} by hand.`);
    }
    return;
  }
  const unavailable = on("[data-why]");
  if (unavailable) { toast(unavailable.dataset.why); return; }
  if (on("[data-theme-toggle]")) { toggleTheme(); return; }
  const back = on("[data-back]");
  if (back && document.referrer.startsWith(`${location.origin}/orders/`)) {
    event.preventDefault();
    history.back();
    return;
  }
  // Anywhere on a row opens its drawer, unless something else was meant.
  const row = on(".row");
  if (row && !on("a, button, input, label, select, summary, [popover], .c-pick") && !getSelection().toString()) {
    const open = row.querySelector(".open");
    open.focus(); // where the dialog returns to
    open.click();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

export function toggleTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

// Clocks: text alone; the rules stay with the server.
function left(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const text = d ? `${d}d ${h}h` : h ? `${h}h ${m}m` : m ? `${m}m` : `${seconds}s`;
  return (milliseconds < 0 ? "−" : "") + text;
}

function ago(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** How old a shop's data is by now, by the server's own rule (desk/ages.py). */
function grow(age) {
  const { since, amber, red, amberWords, redWords } = age.dataset;
  const seconds = (now() - Date.parse(since)) / 1000;
  const level = seconds >= red ? "red" : seconds >= amber ? "amber" : "fresh";
  age.className = `age age-${level}`;
  age.querySelector(".age-ago").textContent = ago(seconds);
  const words = { red: redWords, amber: amberWords, fresh: "" }[level];
  age.querySelector(".age-words").textContent = words && `, ${words}`;
}

function tick() {
  document.querySelectorAll("[data-since]").forEach(grow);
  for (const clock of document.querySelectorAll("[data-left]")) {
    const remaining = Date.parse(clock.dataset.left) - now();
    clock.textContent = left(remaining);
    if (remaining < 0 && clock.classList.contains("left-soon")) clock.classList.replace("left-soon", "left-late");
  }
}

if (!isFixed) setInterval(tick, 1000);
