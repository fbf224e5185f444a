// Keys: "/" search, "n" the newer or previous page or row, "p" the older or next one.
"use strict";
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const field = document.getElementById("searchbar");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  }
  const relation = { n: "prev", p: "next" }[event.key];
  const link = relation && document.querySelector(`a[rel="${relation}"]`);
  if (link) link.click();
});
