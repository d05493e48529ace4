// A batch of labels: mark all parcels at once, say how many are marked, and no double purchase by a
// double click (the server takes a batch once in any case). A pick-up time is of a pick-up.

const form = document.getElementById("batch");
const whole = document.getElementById("mark-all");
const boxes = () => [...form.querySelectorAll(".mark-row")];

function count() {
  const all = boxes();
  const on = all.filter((box) => box.checked).length;
  whole.checked = on > 0 && on === all.length;
  whole.indeterminate = on > 0 && on < all.length;
  const said = form.querySelector("[data-marked]");
  said.textContent = on ? `${on.toLocaleString(document.documentElement.lang)} marked` : "";
}

whole.hidden = false;
whole.addEventListener("change", () => {
  for (const box of boxes()) box.checked = whole.checked;
  count();
});
form.addEventListener("change", (event) => { if (event.target.matches(".mark-row")) count(); });
form.addEventListener("change", ({ target }) => {
  const way = document.getElementById("many-handover");
  const slot = document.getElementById("many-slot");
  if (target === slot && slot.value) way.value = "pickup";
  if (target === way && slot && way.value !== "pickup") slot.value = "";
});
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { delete form.dataset.sent; count(); });
