// Copyright (c) 2026, the damops.elvis authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Shows what the server is doing, anew each second. Whatever comes from a client goes into the page as text only.
"use strict";

const EVERY = 1000;
const LONG = new Set(["path", "url", "eventTypes", "changed", "form"]);
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const tables = [...document.querySelectorAll("[data-table]")].map(place => ({
  place,
  name: place.dataset.table,
  columns: place.dataset.columns.split(" ").map(column => column.split(":")),
  known: null,
  text: "",
}));

function time(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString(undefined, {hour12: false}) + "." + String(milliseconds % 1000).padStart(3, "0");
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function cellText(value, kind) {
  if (value === null || value === undefined) return "";
  if (kind === "time") return time(value);
  if (kind === "size") return size(value);
  if (value === true) return "yes";
  if (value === false) return "no";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

function isBad(row) {
  return row.status >= 400 || Boolean(row.errorcode) || row.failed === true || row.state === "failed" || row.state === "dropped";
}

function show(table, rows) {
  const text = JSON.stringify(rows);
  if (text === table.text) return;
  table.text = text;
  const before = table.known;
  table.known = new Set(rows.map(row => JSON.stringify(row)));
  if (rows.length === 0) {
    table.place.replaceChildren(element("p", "none"));
    return;
  }
  const head = element("tr");
  for (const [name] of table.columns) {
    const cell = element("th", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = rows.map(row => {
    const line = element("tr");
    for (const [name, kind] of table.columns) {
      const cell = element("td", cellText(row[name], kind));
      cell.dataset.name = name;
      if (LONG.has(name)) cell.className = "long";
      line.append(cell);
    }
    line.classList.toggle("bad", isBad(row));
    line.classList.toggle("new", before !== null && !before.has(JSON.stringify(row)));
    return line;
  });
  const made = element("table");
  made.append(element("thead"), element("tbody"));
  made.tHead.append(head);
  made.tBodies[0].append(...body);
  table.place.replaceChildren(made);
}

async function refresh() {
  try {
    const reply = await fetch("/_emulator/state", {cache: "no-store"});
    if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    const now = await reply.json();
    for (const table of tables) show(table, now[table.name]);
    for (const place of document.querySelectorAll("[data-count]")) {
      const name = place.dataset.count;
      place.textContent = `(${now.counts[name] ?? now[name].length})`;
    }
    state.className = "";
    state.textContent = `as of ${time(Date.now())}; of each kind the latest 100`;
  } catch (problem) {
    state.className = "lost";
    state.textContent = `The server does not answer: ${problem.message}`;
  }
}

pause.addEventListener("click", () => {
  const paused = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Continue" : "Pause";
  if (paused) state.textContent = `paused at ${time(Date.now())}`;
});

async function live() {
  if (pause.getAttribute("aria-pressed") !== "true" && !document.hidden) await refresh();
  setTimeout(live, EVERY);
}

live();
