"use strict";
// Opens panels and details, and filters. Everything that is shown is in the page already: this script only
// shows, hides and dims, and never makes markup from text.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const make = (tag, text, set = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(set)) element.setAttribute(name, value);
    return element;
  };

  // Panels as tabs.
  const tabs = byId("tabs");
  const panels = all(".panel");
  const open = (panel, focus = false) => {
    for (const each of panels) {
      const chosen = each === panel;
      each.hidden = !chosen;
      const tab = byId("t-" + each.id);
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen && focus) tab.focus();
    }
  };
  for (const panel of panels) {
    const tab = make("button", panel.dataset.tab, {
      type: "button", role: "tab", id: "t-" + panel.id, "aria-controls": panel.id,
    });
    if (panel.dataset.count) tab.append(make("span", panel.dataset.count, { class: "n" }));
    tab.addEventListener("click", () => open(panel));
    panel.setAttribute("role", "tabpanel");
    tabs.append(tab);
  }
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const now = panels.findIndex((panel) => !panel.hidden);
    open(panels[(now + step + panels.length) % panels.length], true);
    event.preventDefault();
  });
  if (panels.length) {
    document.body.classList.add("tabbed");
    tabs.hidden = panels.length === 1;
    open(panels.find((panel) => "#" + panel.id === location.hash) || panels[0]);
  }

  // Paper cannot be opened: what is found and proved is printed open.
  const folds = all(".result, .proof");
  addEventListener("beforeprint", () => {
    for (const one of folds) { one.dataset.was = one.open ? "1" : ""; one.open = true; }
  });
  addEventListener("afterprint", () => { for (const one of folds) one.open = Boolean(one.dataset.was); });

  // Commands and remedies to copy.
  for (const block of all(".copyable")) {
    const button = make("button", "Copy", { type: "button", class: "copy" });
    button.addEventListener("click", async () => {
      const text = block.querySelector("pre").textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block.querySelector("pre"));
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.append(button);
  }

  // Dates of tokens, seen from today.
  for (const time of all("time")) {
    const days = Math.floor((Date.parse(time.dateTime) - Date.now()) / 86400000);
    if (days < 0) { time.className = "past"; time.append(" (expired)"); }
    else if (days <= 30) { time.className = "soon"; time.append(` (in ${days} days)`); }
  }

  const detail = byId("detail");
  if (!detail) return;

  // Details of a node or an edge.
  let chosen = null;
  const close = () => {
    if (!chosen) return;
    for (const section of all(".detail", detail)) section.hidden = true;
    chosen.classList.remove("chosen");
    detail.hidden = true;
    const back = chosen;
    chosen = null;
    back.focus();
  };
  const show = (id) => {
    const element = byId(id);
    if (!element) return;
    if (chosen) chosen.classList.remove("chosen");
    chosen = element;
    element.classList.add("chosen");
    for (const section of all(".detail", detail)) section.hidden = section.id !== "d-" + id;
    detail.hidden = false;
    detail.scrollTop = 0;
    if (element.getBoundingClientRect().width) element.scrollIntoView({ block: "nearest", inline: "nearest" });
    // In a narrow window the details stand above the map, and would begin out of sight.
    if (getComputedStyle(detail).position === "static") detail.scrollIntoView({ block: "start" });
    byId("d-" + id).focus({ preventScroll: true });
  };
  for (const element of all(".node, .edge")) {
    element.addEventListener("click", () => show(element.id));
    element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { show(element.id); event.preventDefault(); }
    });
  }
  byId("close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  for (const button of all("[data-show]")) {
    button.addEventListener("click", () => {
      const ids = button.dataset.show.split(" ");
      if (button.closest("#findings")) { open(byId("map")); light(new Set(ids)); }
      show(ids.find((id) => id.startsWith("e")) || ids[0]);
    });
  }

  for (const button of all("[data-result]")) {
    button.addEventListener("click", () => {
      const result = byId(button.dataset.result);
      open(byId("findings"));
      result.open = true;
      result.scrollIntoView({ block: "start" });
      result.querySelector("summary").focus({ preventScroll: true });
    });
  }

  // Filters: rows that fit light up what they are drawn as; the rest is dimmed, and left out of tables.
  const { texts, caches, rows } = JSON.parse(byId("index").textContent);
  const lower = texts.map((text) => text.toLowerCase());
  const form = byId("filters");
  form.hidden = false;
  const value = (name) => (byId("f-" + name) ? byId("f-" + name).value : "");
  const light = (lit) => {
    for (const element of all(".node, .edge")) {
      element.classList.toggle("dim", lit !== null && !lit.has(element.id));
    }
  };
  const filter = () => {
    const want = { text: value("text").trim().toLowerCase() };
    for (const name of ["account", "unit", "consumer", "cache", "level"]) want[name] = value(name);
    const active = Object.values(want).some(Boolean);
    const lit = new Set();
    const columns = new Set();
    const accounts = new Set();
    let number = 0;
    for (const [account, own, units, consumer, level, registry, edge, node, list, words] of rows) {
      if (want.account && texts[account] !== want.account && texts[own] !== want.account) continue;
      if (want.unit && !texts[units].split(" ").includes(want.unit)) continue;
      if (want.consumer && texts[consumer] !== want.consumer) continue;
      if (want.level && texts[level] !== want.level) continue;
      const about = [account, own, consumer, level, words].map((n) => lower[n] || "").join(" ");
      let fits = caches[list].length === 0 && !want.cache && (!want.text || about.includes(want.text));
      for (const [prefix, host, source, filling] of caches[list]) {
        if (want.cache && texts[prefix] !== want.cache) continue;
        if (want.text && !`${about} ${lower[prefix]} ${lower[host]}`.includes(want.text)) continue;
        fits = true;
        number += consumer >= 0 ? 1 : 0;
        lit.add("n" + source).add("e" + filling);
        columns.add("n" + registry + " " + texts[prefix]);
      }
      if (!fits) continue;
      lit.add("n" + registry);
      // The last word about a consumer is its account's id, its unit or the organization.
      for (const one of [texts[account], texts[own], (texts[words] || "").split(" ").pop()]) accounts.add(one);
      if (edge >= 0) lit.add("e" + edge).add("n" + node);
    }
    light(active ? lit : null);
    for (const row of all(".matrix tbody tr")) row.hidden = active && !lit.has(row.dataset.node);
    const heads = all(".matrix thead th[data-cache]");
    const shown = {};
    heads.forEach((head, index) => {
      const hide = active && !columns.has(head.dataset.node + " " + head.dataset.cache);
      head.hidden = hide;
      shown[head.dataset.node] = (shown[head.dataset.node] || 0) + (hide ? 0 : 1);
      for (const row of all(".matrix tbody tr")) row.cells[index + 1].hidden = hide;
    });
    for (const head of all(".matrix thead th[colspan]")) {
      head.hidden = !shown[head.dataset.node];
      head.colSpan = shown[head.dataset.node] || 1;
    }
    for (const row of all("tr[data-accounts]")) {
      row.hidden = active && !row.dataset.accounts.split(" ").some((one) => accounts.has(one));
    }
    byId("found").textContent = active ? `${number.toLocaleString("en")} ${number === 1 ? "grant fits" : "grants fit"}` : "";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
})();
