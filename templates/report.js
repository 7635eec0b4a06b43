"use strict";
// The table of all rows: only those in view are in the document. Without this script the page
// keeps its first rows. Nothing is loaded and nothing is sent.
(() => {
  const HEIGHT = 30, MARGIN = 12;
  const $ = id => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const column = {};
  for (const c of data.columns) {
    column[c.key] = "from" in c ? i => String(c.from + i) : c.words ? i => c.words[c.at[i]] : i => c.values[i];
  }
  column.handles = i =>
    ["net_handle", "customer_handle", "org_handle", "ticket"].map(k => column[k](i)).filter(Boolean).join(" ");
  const MARKS = { done: "✓", aside: "–", wait: "◷", person: "!" };
  const body = $("body"), scroll = $("scroll"), table = $("table");
  const printed = [...body.children].map(row => row.cloneNode(true));
  const SHOWN = ["row", "state", "block", "recipient", "message", "handles", "name"];
  const SEARCHED = ["row", "reference", "block", "name", "recipient", "handles", "parent_net", "code", "message"];
  let view = Array.from({ length: data.n }, (_, i) => i), order = view, sort = { key: "row", down: false }, texts = null;

  const cell = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  };
  function line(place) {
    const i = view[place], row = document.createElement("tr"), head = document.createElement("th");
    row.setAttribute("aria-rowindex", place + 2);
    head.scope = "row";
    const button = cell("button", column.row(i) || "–");
    button.type = "button";
    button.title = "Everything about this row";
    button.addEventListener("click", () => detail(i));
    head.append(button);
    row.append(head);
    for (const key of SHOWN.slice(1)) {
      const td = document.createElement("td"), text = column[key](i);
      if (key === "state") {
        const word = cell("span", MARKS[column.class(i)] + " " + text);
        word.className = "word " + column.class(i);
        td.append(word);
      } else {
        td.textContent = text;
        if (text.length > 20) td.title = text;
      }
      row.append(td);
    }
    return row;
  }
  function pad(rows) {
    const row = document.createElement("tr"), td = document.createElement("td");
    row.className = "pad";
    row.setAttribute("aria-hidden", "true");
    td.colSpan = SHOWN.length;
    td.style.height = rows * HEIGHT + "px";
    row.append(td);
    return row;
  }
  let first = -1, last = -1, printing = false;
  function draw(force) {
    if (printing) return;
    const begin = Math.max(0, Math.floor(scroll.scrollTop / HEIGHT) - MARGIN);
    const end = Math.min(view.length, begin + Math.ceil(scroll.clientHeight / HEIGHT) + 2 * MARGIN);
    if (!force && begin === first && end === last) return;
    // A focused row's button must not lose the focus while the table scrolls by keyboard.
    const focused = body.contains(document.activeElement);
    first = begin;
    last = end;
    const rows = [pad(begin)];
    for (let place = begin; place < end; place++) rows.push(line(place));
    rows.push(pad(view.length - end));
    body.replaceChildren(...rows);
    if (focused) scroll.focus({ preventScroll: true });
  }
  function compare() {
    const { key, down } = sort, get = column[key === "block" ? "rank" : key];
    const numeric = key === "row" || key === "block";
    const keys = new Map();
    const of = numeric ? i => Number(get(i) || Infinity) : get;
    for (let i = 0; i < data.n; i++) keys.set(i, of(i));
    const sign = down ? -1 : 1;
    order = Array.from({ length: data.n }, (_, i) => i).sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      return x < y ? -sign : x > y ? sign : a - b;
    });
  }
  function filter() {
    const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = $("state").value, parent = $("parent").value;
    if (words.length && !texts) {
      texts = Array.from({ length: data.n }, (_, i) => SEARCHED.map(k => column[k](i)).join("\n").toLowerCase());
    }
    view = order.filter(i =>
      (!state || column.state(i) === state) &&
      (!parent || column.parent_net(i) === parent) &&
      words.every(word => texts[i].includes(word)));
    table.setAttribute("aria-rowcount", view.length + 1);
    $("shown").textContent = view.length.toLocaleString("en").replaceAll(",", "\u202f") + " rows";
    scroll.scrollTop = 0;
    draw(true);
  }
  function choices(select, key) {
    const counts = new Map();
    for (let i = 0; i < data.n; i++) {
      const word = column[key](i);
      counts.set(word, (counts.get(word) || 0) + 1);
    }
    for (const [word, count] of counts) {
      if (word) select.append(new Option(word + " (" + count + ")", word));
    }
  }
  // A cell that a spreadsheet would take for a formula gets a quote, as in report.csv.
  const safe = text => (/^[=+\-@\t\r]/.test(text) ? "'" + text : text).replace(/[\t\r\n]+/g, " ");
  async function copy(text, button) {
    const said = button.textContent;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      (button.closest("dialog") || document.body).append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    button.textContent = done ? "Copied" : "Copying is not allowed here";
    setTimeout(() => { button.textContent = said; }, 1500);
  }
  const named = data.columns.filter(c => c.label);
  function detail(i) {
    $("detail-title").textContent = "Row " + column.row(i) + ": " + column.state(i);
    const list = $("detail-list");
    list.replaceChildren();
    for (const c of named) {
      const text = column[c.key](i);
      if (text) list.append(cell("dt", c.label), cell("dd", text));
    }
    $("detail-copy").onclick = () =>
      copy(named.map(c => c.label + "\t" + safe(column[c.key](i))).join("\n"), $("detail-copy"));
    $("detail").showModal();
  }
  $("detail-close").addEventListener("click", () => $("detail").close());
  $("copy").addEventListener("click", () => {
    const rows = [named.map(c => c.label)].concat(view.map(i => named.map(c => safe(column[c.key](i)))));
    copy(rows.map(row => row.join("\t")).join("\n"), $("copy"));
  });
  for (const head of table.tHead.rows[0].cells) {
    const key = head.dataset.key, button = cell("button", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    head.setAttribute("aria-sort", key === "row" ? "ascending" : "none");
    if (key === "row") button.textContent += " ↑";
    button.addEventListener("click", () => {
      sort = { key, down: sort.key === key && !sort.down };
      for (const other of table.tHead.rows[0].cells) {
        const now = other.dataset.key === key;
        other.setAttribute("aria-sort", now ? (sort.down ? "descending" : "ascending") : "none");
        const label = other.firstChild;
        label.textContent = label.textContent.replace(/ [↑↓]$/, "") + (now ? (sort.down ? " ↓" : " ↑") : "");
      }
      compare();
      filter();
    });
  }
  let waiting = 0;
  $("find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  $("state").addEventListener("change", filter);
  $("parent").addEventListener("change", filter);
  $("tools").addEventListener("submit", event => event.preventDefault());
  scroll.addEventListener("scroll", () => requestAnimationFrame(() => draw(false)), { passive: true });
  addEventListener("resize", () => draw(false));
  // On paper: the rows that stand in the page itself, not a window of all, with a word about
  // that; and headings that are text, since buttons are not repeated on every page.
  const cuts = document.querySelectorAll(".cut"), heads = [...table.tHead.rows[0].cells];
  const cut = shown => { for (const note of cuts) note.hidden = !shown; };
  let buttons = [];
  addEventListener("beforeprint", () => {
    printing = true;
    body.replaceChildren(...printed);
    cut(true);
    buttons = heads.map(head => head.firstChild);
    for (const head of heads) head.textContent = head.textContent.replace(/ [↑↓]$/, "");
  });
  addEventListener("afterprint", () => {
    printing = false;
    heads.forEach((head, at) => head.replaceChildren(buttons[at]));
    cut(false);
    draw(true);
  });
  choices($("state"), "state");
  choices($("parent"), "parent_net");
  $("tools").hidden = false;
  cut(false);
  scroll.classList.add("live");
  filter();
})();
