"use strict";
// A menu that opened over the page closes again when a person turns to something else; without this a second click closes it.
(() => {
  const close = (but) => document.querySelectorAll(".menu details[open]").forEach((menu) => {
    if (!menu.contains(but)) menu.open = false;
  });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("focusin", (event) => close(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelector(".menu details[open] summary")?.focus();
    close(null);
  });
})();
