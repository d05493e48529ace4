// What the platform and htmx do not do alone: dialogs, rows that open, copying, running clocks,
// the theme and a few keys. Every page works without this file; it only makes it quicker.

const root = document.documentElement;
const serverNow = Date.parse(root.dataset.now);
const offset = serverNow - Date.now();
// A desk clock fixed by SHIPBOARD_NOW stands still; a shifted one runs.
const isFixed = root.dataset.clock && !/^[+-]\d+[smhd]$/.test(root.dataset.clock);
const now = () => (isFixed ? serverNow : Date.now() + offset);

const say = (text) => { document.getElementById("live").textContent = text; };

function toast(text) {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = "toast";
  box.setAttribute("role", "status");
  box.textContent = text;
  (document.querySelector("dialog[open]") ?? document.body).append(box);
  setTimeout(() => box.remove(), 7000);
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
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500) toast("Something broke here. Nothing was changed; try again.");
});
// A boosted page without #desk (sign-in, an error page) is shown as a page of its own.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  if (detail.target?.id === "desk" && !detail.serverResponse.includes('id="desk"')) {
    detail.shouldSwap = false;
    location.assign(detail.pathInfo.finalRequestPath ?? location.href);
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
  const row = on("tr.row");
  if (row && !on("a, button, input, summary") && !getSelection().toString()) {
    const open = row.querySelector(".open");
    open.focus(); // where the dialog returns to
    open.click();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

function toggleTheme() {
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

// Keys: / search, f filter, j k move, o open, Enter on a row's link its page. Never while typing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea, dialog[open]")) return;
  const rows = [...document.querySelectorAll("tr.row")];
  const here = rows.indexOf(document.activeElement.closest("tr.row"));
  const go = (index) => rows[Math.max(0, Math.min(rows.length - 1, index))]?.querySelector(".id").focus();
  const keys = {
    "/": () => document.getElementById("q")?.focus(),
    f: () => document.getElementById("filter-button")?.click(),
    j: () => go(here + 1),
    k: () => go(here - 1),
    o: () => rows[here]?.querySelector(".open").click(),
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

// Clocks: text alone; the rules stay with the server.
function left(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const text = d ? `${d}d ${h}h` : h ? `${h}h ${m}m` : m ? `${m}m` : `${seconds}s`;
  return (milliseconds < 0 ? "−" : "") + text;
}

function tick() {
  for (const clock of document.querySelectorAll("[data-left]")) {
    const remaining = Date.parse(clock.dataset.left) - now();
    clock.textContent = left(remaining);
    if (remaining < 0 && clock.classList.contains("left-soon")) clock.classList.replace("left-soon", "left-late");
  }
}

if (!isFixed) setInterval(tick, 1000);
