// Columns of a file are dragged into their order; the buttons beside them do the same.

const row = (event) => event.target.closest?.(".places > li");
let dragged = null;

document.addEventListener("pointerover", (event) => {
  const over = row(event);
  if (over) over.draggable = Boolean(over.querySelector(":checked"));
});
document.addEventListener("dragstart", (event) => {
  dragged = row(event) ?? null;
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = dragged && row(event);
  if (!over) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  if (over !== dragged) over[event.clientY < top + height / 2 ? "before" : "after"](dragged);
});
document.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
document.addEventListener("dragend", () => {
  if (dragged) renumber(dragged.parentElement);
  dragged = null;
});
document.addEventListener("change", (event) => {
  const ticked = row(event);
  if (ticked) renumber(ticked.parentElement);
});

// What the buttons say of where their column is; the eye sees a counter.
function renumber(list) {
  let place = 0;
  for (const each of list.children) {
    if (each.querySelector(":checked")) place += 1;
    for (const at of each.querySelectorAll(".at")) at.textContent = place;
  }
}
