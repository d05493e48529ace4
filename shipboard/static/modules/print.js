// Printing: the browser's dialog on the file in a frame, labels that go to the printer by themselves
// once they have come out, and codes from a barcode reader.

import { say } from "./desk.js";

// --- the print dialog --------------------------------------------------------------------------

const place = document.getElementById("print-place");
const button = document.getElementById("print-dialog");

function openPrint(frame) {
  try {
    frame.contentWindow.focus();
    frame.contentWindow.print();
  } catch {
    document.getElementById("open-pdf").focus();
    say("This browser opens no print dialog here. Open the PDF, and print it from there.");
  }
}

if (place) {
  const frame = document.createElement("iframe");
  frame.className = "print-frame";
  frame.title = "The file for the printer";
  frame.tabIndex = -1;
  frame.ariaHidden = "true";
  frame.src = place.dataset.file;
  frame.addEventListener("load", () => openPrint(frame), { once: true });
  place.append(frame);
  button.hidden = false;
  button.addEventListener("click", () => openPrint(frame));
  // Once: going back here, or loading the page again, prints nothing.
  history.replaceState(history.state, "", location.pathname);
}

// --- once more: all at one tick ----------------------------------------------------------------

// Before htmx hears of it, which counts anew what would be printed.
document.addEventListener("change", (event) => {
  if (event.target.id !== "again-all") return;
  for (const each of document.querySelectorAll(".print-again")) each.checked = event.target.checked;
}, true);

function showAll() {
  const all = document.getElementById("again-all");
  if (all) all.hidden = false;
}
document.addEventListener("htmx:afterSettle", showAll);
showAll();

// --- created and printed together --------------------------------------------------------------

function printByItself() {
  const run = document.querySelector("#print-run[data-opens-itself]");
  if (!run) return;
  delete run.dataset.opensItself;
  say("All labels have come out. They go to the printer now.");
  document.getElementById("print-form").requestSubmit();
}
document.addEventListener("htmx:afterSettle", printByItself);
printByItself();

// --- a barcode reader --------------------------------------------------------------------------

const code = document.getElementById("scan-code");
const last = document.getElementById("last-good");

document.addEventListener("scan", (event) => {
  if (code) {
    event.preventDefault();
    code.value = event.detail;
    code.form.requestSubmit();
  } else if (last) {
    event.preventDefault();
    last.value = event.detail;
    last.form.querySelector("button").focus();
    say("Press Enter to confirm up to this label.");
  }
});

// The next scan takes the place of this one, from the moment that this one is asked about: a reader
// may be at it already when the answer comes.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (code && event.target === code.form) {
    code.focus();
    code.select();
  }
});
