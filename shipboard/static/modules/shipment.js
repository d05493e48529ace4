// Shipments: the seconds until one leaves, what a dialog leaves behind once it is done, and the
// outbox as it empties. Text alone counts down; whoever listens has heard it once.

const ends = new WeakMap(); // when each countdown is over, by this machine's own clock
const PACE = 4000;

function count(place) {
  const { countdown } = place.dataset;
  if (!ends.has(place)) ends.set(place, performance.now() + Number(countdown) * 1000);
  const seconds = Math.max(0, Math.ceil((ends.get(place) - performance.now()) / 1000));
  const text = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "a moment";
  if (place.textContent === text) return;
  place.textContent = text;
  if (!seconds) place.closest(".ship-notice")?.querySelector("form")?.remove(); // nothing to take back
}

const countAll = () => document.querySelectorAll("[data-countdown]").forEach(count);
setInterval(countAll, 1000);
document.addEventListener("htmx:afterSettle", countAll);
countAll();

// It is asked for: the dialog is done, an open drawer shows the order as it is now.
document.addEventListener("shipment-asked", () => {
  document.getElementById("panel").close();
  const drawer = document.querySelector("#drawer[open] .drawer-head");
  if (drawer) htmx.ajax("GET", drawer.querySelector("h1 a").getAttribute("href"), { target: "#drawer-body", swap: "innerHTML" });
});

document.addEventListener("click", ({ target }) => {
  const dismisses = target.closest("[data-dismisses]");
  dismisses?.closest(dismisses.dataset.dismisses).remove();
});

// A pick-up time is of a pick-up.
document.addEventListener("change", ({ target }) => {
  const pickup = target.id === "label-slot" && target.value && target.form.querySelector("[name=handover][value=pickup]");
  if (pickup) pickup.checked = true;
});

document.addEventListener("submit", (event) => {
  const { sure } = event.submitter?.dataset ?? {};
  if (sure && !confirm(sure)) event.preventDefault();
}, { capture: true });

// The outbox is looked at again and again, but not under anybody's hands.
setInterval(() => {
  const outbox = document.getElementById("outbox");
  if (!outbox || document.hidden || outbox.querySelector(":checked") || outbox.contains(document.activeElement)) return;
  htmx.ajax("GET", "/outbox/", { target: "#outbox", select: "#outbox", swap: "outerHTML" });
}, PACE);
