// Shipping Labels and cases: how many are chosen, the whole page at once, and the choice in one field
// when it is sent. What is drawn anew keeps its boxes (hx-preserve). Nothing chosen, or no reason why labels must
// not be used: that is said before anything is sent or confirmed.

const boxes = () => [...document.querySelectorAll(".pick-label")];

function count() {
  const here = boxes();
  const on = here.filter((box) => box.checked).length;
  const whole = document.getElementById("pick-labels");
  if (whole) {
    whole.checked = on > 0 && on === here.length;
    whole.indeterminate = on > 0 && on < here.length;
  }
  const said = document.querySelector("[data-picked]");
  if (!said) return;
  said.dataset.none ??= said.textContent;
  const words = on ? `${on.toLocaleString(document.documentElement.lang)} chosen` : said.dataset.none;
  if (said.textContent !== words) said.textContent = words;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "pick-labels") boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("#pick-labels, .pick-label")) count();
});
document.addEventListener("htmx:afterSettle", count);
addEventListener("submit", (event) => {
  if (!event.target.matches(".label-bar")) return;
  const said = document.querySelector("[data-picked]");
  const reason = document.getElementById("void-reason");
  if (!boxes().some((box) => box.checked)) said.textContent = `Choose ${boxes()[0]?.name ?? "labels"} first`;
  else if (event.submitter?.id === "void-labels" && !reason.value.trim()) {
    said.textContent = "Say first why they must not be used";
    reason.focus();
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".label-bar")) return;
  for (const name of ["labels", "orders", "cases"]) {
    const chosen = event.formData.getAll(name);
    if (chosen.length > 1) event.formData.set(name, chosen.join(","));
  }
});
count();
