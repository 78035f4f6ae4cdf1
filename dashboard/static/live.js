"use strict";
// htmx asks for the page again and morphs the parts marked data-live (page.html.j2). This adds what it leaves to us: rest while
// nobody looks, take only what changed (304), mark changed figures, say when the line is lost, start anew when a part came or went.
(() => {
  const body = document.body;
  if (!body.hasAttribute("hx-get")) return; // the answer to a form: asking for it again would send nothing
  let tag = "";
  let checked = new Date();
  let before = new Map();

  const clock = (moment) => moment.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const say = (key, after, wrong) => {
    const status = document.querySelector("[data-status]");
    if (!status) return;
    const words = status.dataset[key] + after; // in the language of the page
    if (status.textContent === words) return;
    status.textContent = words;
    status.classList.toggle("wrong", wrong);
  };
  const parts = (page) => [...page.querySelectorAll("[data-live]")];
  const ids = (page) => parts(page).map((part) => part.id).join();
  const cells = () => parts(document).flatMap((part) =>
    [...part.querySelectorAll("[data-k]")].map((cell) => [`${part.id} ${cell.dataset.k}`, cell]));
  const on = (name, act) => body.addEventListener(`htmx:${name}`, (event) => {
    if (event.detail.ctx?.sourceElement === body) act(event.detail.ctx, event);
  });
  const lost = () => say("lost", ` ${clock(checked)}`, true);

  on("config:request", (ctx, event) => {
    if (document.hidden) event.preventDefault();
    if (tag) ctx.request.headers["If-None-Match"] = tag;
  });
  on("after:request", (ctx) => {
    if (ctx.response.status >= 400) return;
    checked = new Date();
    say("fresh", "", false);
    if (ctx.response.status === 304) return;
    if (ids(new DOMParser().parseFromString(ctx.text, "text/html")) !== ids(document)) location.reload();
    tag = ctx.response.headers.get("ETag") || "";
  });
  on("before:swap", () => { before = new Map(cells().map(([key, cell]) => [key, cell.textContent])); });
  on("after:swap", (ctx) => {
    for (const [key, cell] of cells()) {
      if (before.has(key) && before.get(key) !== cell.textContent) cell.classList.add("changed");
    }
    if (ctx.title) document.title = ctx.title;
  });
  on("response:error", lost);
  on("error", lost);
  body.addEventListener("animationend", (event) => event.target.classList.remove("changed"));
  say("fresh", "", false);
})();
