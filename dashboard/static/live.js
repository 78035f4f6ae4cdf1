"use strict";
// Asks for the page again and puts in only what changed: sections marked data-live, by their id.
(() => {
  const every = Number(document.body.dataset.refresh || 0) * 1000;
  if (!every) return;
  const parts = () => document.querySelectorAll("[data-live]");
  const known = new Map([...parts()].map((part) => [part.id, part.innerHTML]));
  let tag = "";
  let checked = new Date();

  const clock = (moment) => moment.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const say = (words, wrong) => {
    const status = document.querySelector("[data-status]");
    if (!status || status.textContent === words) return;
    status.textContent = words;
    status.classList.toggle("wrong", wrong);
  };
  const keyed = (part) => new Map([...part.querySelectorAll("[data-k]")].map((cell) => [cell.dataset.k, cell]));

  // What a person opened, scrolled or stands on is the same afterwards.
  const swap = (part, html) => {
    const opened = [...part.querySelectorAll("details")].map((found) => found.open);
    const scrolled = [...part.querySelectorAll(".scroll")].map((found) => [found.scrollLeft, found.scrollTop]);
    const before = new Map([...keyed(part)].map(([key, cell]) => [key, cell.textContent]));
    const ticked = new Set([...part.querySelectorAll("input:checked")].map((box) => `${box.name}=${box.value}`));
    const held = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = html;
    part.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked ||= ticked.has(`${box.name}=${box.value}`); });
    part.querySelectorAll("details").forEach((found, place) => { found.open = opened[place] ?? found.open; });
    part.querySelectorAll(".scroll").forEach((found, place) => {
      if (scrolled[place]) [found.scrollLeft, found.scrollTop] = scrolled[place];
    });
    keyed(part).forEach((cell, key) => {
      if (before.has(key) && before.get(key) !== cell.textContent) cell.classList.add("changed");
    });
    if (held) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === held)?.focus();
  };

  const renew = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.status !== 304) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = [...page.querySelectorAll("[data-live]")];
        if (fresh.map((part) => part.id).join() !== [...parts()].map((part) => part.id).join()) {
          location.reload();
          return;
        }
        for (const part of fresh) {
          if (known.get(part.id) === part.innerHTML) continue;
          known.set(part.id, part.innerHTML);
          swap(document.getElementById(part.id), part.innerHTML);
        }
        document.title = page.title;
        tag = answer.headers.get("ETag") || "";
      }
      checked = new Date();
      say("đang cập nhật", false);
    } catch {
      say(`mất kết nối từ ${clock(checked)}`, true);
    }
  };

  say("đang cập nhật", false);
  setInterval(renew, every);
  document.addEventListener("visibilitychange", renew);
})();
