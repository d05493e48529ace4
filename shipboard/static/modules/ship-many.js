// The grid of shipments: checked while it is typed into, filled by pasting and by a barcode reader.
// What comes from outside is only ever set as text or value.

import { csrf, openDialog, say, toast } from "./desk.js";
import { AGAIN, feed, pair, quiet } from "./scan.js";

const AT_ONCE = 50; // rows of one check, and orders of one look-up
const form = document.getElementById("ship-many");
const body = document.getElementById("ship-rows");
const forAll = document.getElementById("carrier-all");
const most = Number(form.dataset.most);

const rows = () => [...body.rows];
const number = (row) => row.querySelector(".ship-number");
const carrier = (row) => row.querySelector(".ship-carrier");
const rowOf = (pk) => document.getElementById(`ship-${pk}`);
const plain = (text) => text.replace(/[\s-]/g, "").toUpperCase();
const inWords = (count) => count.toLocaleString(document.documentElement.lang);

async function ask(path, fields = null) {
  const answer = await fetch(path, fields && { method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": csrf() } });
  if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) {
    throw new Error("The desk did not answer as it should: nothing was changed. Reload the page, and sign in again if it asks.");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.problem);
  return told;
}

const wrong = (problem) => toast(problem instanceof TypeError ? "The desk does not answer. What stands here is kept." : problem.message);

// --- checks ----------------------------------------------------------------------------------

const dirty = new Set(); // keys of rows whose verdict is not known
let timer = 0;
let isChecking = false;

function changed(row, delay = 300) {
  dirty.add(row);
  clearTimeout(timer);
  timer = setTimeout(check, delay);
}

/** Rows that are judged together with it: of the same number, now or before, or the same package. */
function mates(row, all) {
  const said = [plain(number(row).value), row.dataset.checked].filter(Boolean);
  const ids = (row.dataset.together ?? "").split(" ");
  return all.filter((other) => other !== row && (said.includes(plain(number(other).value)) || ids.includes(other.dataset.order)));
}

function batch() {
  const all = rows().filter((row) => number(row)?.value.trim());
  const found = new Set();
  for (const row of dirty) {
    if (found.size >= AT_ONCE) break;
    dirty.delete(row);
    for (const mate of mates(row, all)) if (found.size < AT_ONCE - 1) found.add(mate);
    if (number(row).value.trim()) found.add(row);
    else paint(row, null);
  }
  return [...found];
}

async function check() {
  if (isChecking) return;
  isChecking = true;
  let last = [];
  try {
    while (dirty.size) {
      const some = batch();
      if (some.length) await judge(some);
      last = some;
    }
  } catch (problem) {
    wrong(problem);
  } finally {
    isChecking = false;
  }
  count();
  say(last.length === 1 ? `Order ${last[0].dataset.order}: ${verdict(last[0])}` : document.getElementById("ship-tally").textContent);
}

async function judge(some) {
  const fields = [["carrier_all", forAll.value]];
  const sent = new Map(some.map((row) => [row, number(row).value]));
  for (const row of some) {
    const { pk } = row.dataset;
    fields.push(["order", pk], [`number-${pk}`, sent.get(row)], [`carrier-${pk}`, own(row)]);
  }
  const told = await ask("/ship/check/", fields);
  for (const row of some) if (number(row).value === sent.get(row)) paint(row, told[row.dataset.pk] ?? null);
}

/** The carrier that a person chose, not the one that the number says. */
const own = (row) => (carrier(row).value === row.dataset.guessed ? "" : carrier(row).value);
const verdict = (row) => row.querySelector(".ship-verdict").textContent.trim();

function paint(row, said) {
  const place = row.querySelector(".ship-verdict");
  place.replaceChildren();
  // Without what a label's barcode has before it; not under anybody's hands.
  if (said?.number && number(row) !== document.activeElement) number(row).value = said.number;
  row.dataset.kind = said?.kind ?? "";
  row.dataset.checked = said ? plain(number(row).value) : "";
  if (said?.kind === "refused") number(row).setAttribute("aria-invalid", "true");
  else number(row).removeAttribute("aria-invalid");
  if (said) {
    const badge = document.createElement("span");
    badge.className = `badge verdict-${said.level}`;
    badge.textContent = said.word;
    place.append(badge, ` ${said.sentence}`);
  }
  guess(row, said);
  if (row === lastRow) showLast(row);
}

function guess(row, said) {
  const chosen = own(row);
  narrow(carrier(row), said?.fitting ?? []);
  carrier(row).value = chosen || said?.carrier || "";
  row.dataset.guessed = chosen ? "" : carrier(row).value;
}

/** Carriers that the number fits come first. */
function narrow(select, fitting) {
  if ((select.dataset.fitting ?? "") === fitting.join()) return;
  select.dataset.fitting = fitting.join();
  const [blank, ...others] = [...select.options];
  const groups = [["Fits this number", others.filter((each) => fitting.includes(each.value))], ["Others", others.filter((each) => !fitting.includes(each.value))]];
  others.sort((one, other) => one.text.localeCompare(other.text));
  select.replaceChildren(blank);
  for (const [label, some] of groups) {
    if (!some.length) continue;
    const group = document.createElement("optgroup");
    group.label = label;
    group.append(...some);
    select.append(group);
  }
}

function count() {
  const kinds = { good: 0, warned: 0, refused: 0, open: 0 };
  for (const row of rows()) if (row.dataset.kind) kinds[row.dataset.kind] += 1;
  const words = { good: "good", warned: "with a warning", refused: "refused", open: "open" };
  const said = Object.keys(kinds).filter((kind) => kinds[kind]).map((kind) => `${inWords(kinds[kind])} ${words[kind]}`);
  document.getElementById("ship-tally").textContent = [`${inWords(body.rows.length)} here`, ...said].join(", ");
  const going = kinds.good + kinds.warned;
  document.getElementById("ship-send").textContent = going ? `Ship ${inWords(going)} order${going === 1 ? "" : "s"}` : "Ship";
  document.getElementById("ship-empty").hidden = body.rows.length > 0;
}

body.addEventListener("input", ({ target }) => { if (target.matches(".ship-number")) changed(target.closest("tr")); });
body.addEventListener("change", ({ target }) => {
  if (!target.matches(".ship-carrier")) return;
  target.closest("tr").dataset.guessed = "";
  changed(target.closest("tr"), 0);
});
forAll.addEventListener("change", () => rows().filter((row) => number(row)?.value && !own(row)).forEach((row) => changed(row, 0)));

// --- rows and what is put into them ------------------------------------------------------------

/** Rows of these orders, at the end; the answer says which key each has, and what is not known. */
async function addRows(codes) {
  const told = await ask(`/ship/rows/?${new URLSearchParams({ orders: codes.join(",") })}`);
  const made = document.createElement("template");
  made.innerHTML = told.rows; // our own template's
  for (const row of made.content.querySelectorAll("tr")) {
    if (rowOf(row.dataset.pk)) continue;
    if (body.rows.length >= most) tell(0, row.dataset.order, `The grid is full: it holds ${most} orders. Send these first, or send a file.`);
    else body.append(row);
  }
  const names = new Set([...forAll.options].map((option) => option.text));
  for (const { text, value } of body.querySelectorAll("tr:last-child .ship-carrier option")) {
    if (value && !names.has(text)) forAll.append(new Option(text));
  }
  count();
  return told;
}

function tell(line, text, sentence) {
  const section = document.getElementById("ship-problems");
  const cells = [line || "—", text, sentence].map((said) => {
    const cell = document.createElement("td");
    cell.textContent = said;
    return cell;
  });
  cells[1].className = "mono";
  section.querySelector("tbody").insertRow().append(...cells);
  section.hidden = false;
}

function put(row, text, carrierId = "", delay = 300) {
  const field = number(row);
  const before = field.value.trim();
  if (before && plain(before) !== plain(text)) tell(0, row.dataset.order, `${text} takes the place of ${before}, which stood there.`);
  field.value = text;
  if (carrierId) [carrier(row).value, row.dataset.guessed] = [carrierId, ""];
  changed(row, delay);
}

document.getElementById("problems-away").addEventListener("click", () => {
  const section = document.getElementById("ship-problems");
  section.querySelector("tbody").replaceChildren();
  section.hidden = true;
  document.getElementById("h-grid").scrollIntoView({ block: "nearest" });
});

// --- pasting -----------------------------------------------------------------------------------

async function takePaste(text) {
  try {
    const { pairs, problems } = await ask("/ship/paste/", { text });
    const missing = pairs.filter(({ pk }) => !rowOf(pk)).map(({ order }) => order);
    for (let at = 0; at < missing.length; at += AT_ONCE) await addRows(missing.slice(at, at + AT_ONCE));
    const here = pairs.filter(({ pk }) => rowOf(pk) && number(rowOf(pk)));
    for (const { pk, number: read, carrier: id } of here) put(rowOf(pk), read, id);
    for (const { line, text: written, sentence } of problems) tell(line, written, sentence);
    document.getElementById("ship-text").value = "";
    const filled = `${inWords(here.length)} number${here.length === 1 ? "" : "s"} filled in`;
    toast(problems.length ? `${filled}; ${inWords(problems.length)} line${problems.length === 1 ? "" : "s"} to look at` : filled);
    if (problems.length) document.getElementById("h-problems").focus();
  } catch (problem) {
    wrong(problem);
  }
}

document.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  const isOurs = event.target.closest?.("#ship-many, body") && !openDialog();
  if (!isOurs || !text.trim() || event.target.matches?.("textarea")) return;
  // One number belongs into the field that one is in; lines and columns are for the grid.
  if (event.target.matches?.("input") && !/[\t\n\r]/.test(text.trim())) return;
  event.preventDefault();
  takePaste(text);
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.id === "fill-in") {
    event.preventDefault();
    takePaste(document.getElementById("ship-text").value);
    return;
  }
  const send = document.getElementById("ship-send");
  if (send.disabled) event.preventDefault();
  setTimeout(() => { send.disabled = true; });
});
addEventListener("pageshow", () => { document.getElementById("ship-send").disabled = false; });
// What was typed, pasted or scanned is nowhere else: the browser asks before it goes.
addEventListener("beforeunload", (event) => {
  const isSent = document.getElementById("ship-send").disabled;
  if (!isSent && rows().some((row) => number(row)?.value)) event.preventDefault();
});

// --- the barcode reader ------------------------------------------------------------------------

let half = null; // key of the order that waits for its number
let lastRow = null;
let reading = Promise.resolve(); // one code after the other

const inGrid = (code) => {
  const found = body.querySelectorAll(`tr[data-order="${CSS.escape(code)}"]`);
  return found.length === 1 ? found[0] : null;
};

function show(text, state) {
  const place = document.getElementById("scan-now");
  place.textContent = text;
  place.dataset.state = state;
  say(text);
  if (state === "wrong") beep();
}

/** A low tone: whoever packs looks at the parcel. */
function beep() {
  try {
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.frequency.value = 220;
    tone.connect(context.destination);
    tone.onended = () => context.close();
    tone.start();
    tone.stop(context.currentTime + 0.25);
  } catch { /* no sound here; the text stays */ }
}

function showLast(row) {
  const place = document.getElementById("scan-last");
  place.textContent = `${row.dataset.order} → ${number(row).value} ${verdict(row)}`;
  place.dataset.state = { good: "good", warned: "warned", refused: "wrong", open: "warned" }[row.dataset.kind] ?? "";
  place.hidden = false;
  if (row.dataset.kind === "refused") beep();
}

async function take(code) {
  let row = inGrid(code);
  let unknown = "";
  if (!row && half === null) {
    const told = await addRows([code]);
    row = rowOf(told.pks[code]);
    unknown = told.unknown[code] ?? `The grid is full: it holds ${most} orders.`;
  }
  if (half === null && row && !number(row)) {
    show(`Order ${row.dataset.order}: ${verdict(row)}`, "wrong");
    return;
  }
  const next = pair(half, row?.dataset.pk ?? null, code);
  half = next.half;
  const waiting = half && rowOf(half).dataset.order;
  if (next.says === "filled") {
    lastRow = rowOf(next.order);
    put(lastRow, next.number, "", 0);
    showLast(lastRow);
    lastRow.scrollIntoView({ block: "nearest" });
    show("Now the next order’s code.", "idle");
  } else if (next.says === "waits") show(`Order ${waiting}: now its tracking number.`, "half");
  else if (next.says === "again") show(`Order ${waiting} still waits for its tracking number.`, "half");
  else if (next.says === "other") show(`That is order ${row.dataset.order}, but order ${waiting} still waits for its tracking number. Scan that, or press Esc.`, "wrong");
  else show(`${code}: ${unknown} Scan the order’s code first, then the tracking number.`, "wrong");
}

const read = (code) => { reading = reading.then(() => take(code)).catch(wrong); };
document.addEventListener("scan", (event) => { event.preventDefault(); read(event.detail); });
document.addEventListener("misread", (event) => { event.preventDefault(); show(AGAIN, "wrong"); });

function next(field) {
  const fields = [...body.querySelectorAll(".ship-number")];
  fields[fields.indexOf(field) + 1]?.focus(); // never a button: a slow reader's Enter would press it
}

// In fields too: the first letter of a code looks like a hand's, so what stood there is remembered.
let reader = quiet();
let before = "";
let place = null;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && half !== null && !openDialog()) {
    show(`Order ${rowOf(half).dataset.order} is forgotten. Scan an order’s code.`, "idle");
    half = null;
  }
  const field = event.target.closest?.("#ship-many :is(.ship-number, select)");
  if (!field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  reader = feed(reader, event.key, event.timeStamp, event.repeat);
  const isFirst = !reader.isBurst && !reader.isRest;
  if (event.key.length === 1 && (isFirst || place !== field)) [before, place] = [field.value, field];
  const isNumber = field.matches(".ship-number");
  if (reader.code) {
    event.preventDefault();
    const isForHere = isNumber && half === null && !inGrid(reader.code);
    field.value = isForHere ? reader.code : before;
    if (isNumber) changed(field.closest("tr"));
    place = null; // whatever comes next, what stands there now is what stood there
    if (isForHere) next(field);
    else read(reader.code);
  } else if (reader.isMisread) {
    event.preventDefault();
    if (place === field) field.value = before;
    place = null;
    if (isNumber) changed(field.closest("tr"));
    show(AGAIN, "wrong");
  } else if (event.key === "Enter" && isNumber) {
    event.preventDefault();
    next(field);
  } else if (reader.isBurst && event.key.length === 1 && !isNumber) event.preventDefault();
}, { capture: true });

// What the browser or the server has filled in.
for (const row of rows()) if (number(row)?.value) changed(row, 0);
count();
