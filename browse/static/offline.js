/* The search of the offline site. Words with marks are found as written, words without in every
   spelling, exact ones first; all words must occur. Files of the index are loaded as they are needed. */
"use strict";

const luutru = {
  shards: new Map(),
  chunks: new Map(),
  words(start, found) { this.shards.set(start, found); },
  articles(number, rows) { this.chunks.set(number, rows); },
};

const PER_CHUNK = 500, SHOWN = 100;

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");
const wordsOf = (text) => text.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
const startOf = (folded) =>
  [...folded].slice(0, 2).map((letter) => letter.codePointAt(0).toString(16)).join("-");

function load(path) {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = path;
    script.onload = resolve;
    script.onerror = resolve; // No file: no article has such a word.
    document.head.append(script);
  });
}

function* numbers(gaps) {
  let number = 0;
  for (const gap of gaps) yield (number += gap);
}

/* Points of each article for one word: in the title more than in the text, as typed more than not. */
async function pointsFor(word) {
  const folded = fold(word), start = startOf(folded), points = new Map();
  if (!luutru.shards.has(start)) await load(`find/words-${start}.js`);
  const spellings = luutru.shards.get(start)?.[folded] || {};
  for (const [spelling, [titles, texts]] of Object.entries(spellings)) {
    if (word !== folded && spelling !== word) continue;
    const weight = spelling === word ? 2 : 1;
    for (const [gaps, value] of [[titles, 5], [texts, 1]])
      for (const article of numbers(gaps))
        points.set(article, Math.max(points.get(article) || 0, weight * value));
  }
  return points;
}

async function find(query) {
  const all = await Promise.all([...new Set(wordsOf(query))].map(pointsFor));
  if (!all.length) return [];
  const [first, ...rest] = all.sort((a, b) => a.size - b.size);
  const found = [];
  for (const [article, points] of first) {
    if (rest.every((other) => other.has(article)))
      found.push([article, rest.reduce((sum, other) => sum + other.get(article), points)]);
  }
  return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([article]) => article);
}

async function rowOf(article) {
  const chunk = Math.floor(article / PER_CHUNK);
  if (!luutru.chunks.has(chunk)) await load(`find/articles-${chunk}.js`);
  return luutru.chunks.get(chunk)[article % PER_CHUNK];
}

function made(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}

async function show(query) {
  const found = await find(query), count = document.getElementById("found");
  const list = document.getElementById("hits");
  const rows = await Promise.all(found.slice(0, SHOWN).map(rowOf));
  list.replaceChildren(...rows.map(([path, title, facts, beginning]) => {
    const item = document.createElement("li"), heading = document.createElement("h2");
    heading.append(made("a", title, { href: path, lang: "vi" }));
    item.append(heading, made("p", facts, { className: "facts", lang: "vi" }),
      made("p", beginning, { className: "snippet", lang: "vi" }));
    return item;
  }));
  count.textContent = found.length
    ? count.dataset.some.replace("{shown}", rows.length).replace("{total}", found.length)
    : count.dataset.none;
}

document.addEventListener("DOMContentLoaded", () => {
  const query = new URLSearchParams(location.search).get("q") || "";
  document.getElementById("q").value = query;
  if (query.trim()) show(query);
});
