"use strict";
/* What our pages draw with: each chart of a page from its rows in #data, by a function of the page.
   Text from data enters by textContent or through Plot, which does the same; nothing is parsed as
   HTML and nothing is fetched. */
const drawing = (() => {
  const GENUINE = "var(--genuine)";
  const FRAUD = "var(--fraud)";
  const STOPPED = "var(--stopped)";
  const INK = "currentColor";
  // Observable 10, its blue a little lighter: ten colours that differ for most kinds of colour blindness, on light and dark
  const PALETTE = ["#5b8def", "#efb118", "#ff725c", "#6cc5b0", "#3ca951",
    "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"];
  const NARROW_PX = 620;
  const GAP_PX = 24;

  const number = new Intl.NumberFormat("en-GB");
  const fixed = (digits) => new Intl.NumberFormat("en-GB",
    { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [one, two, three] = [1, 2, 3].map(fixed);
  const percent = (share) => (share === null ? "–" : `${one.format(100 * share)}\u00a0%`);
  const finePercent = (share) => `${two.format(100 * share)} %`;
  const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

  /** Write a value as the tables of the page do. */
  function written(value, kind) {
    if (value === null) return "–";
    switch (kind) {
      case "count": return number.format(value);
      case "number": return three.format(value);
      case "money": return two.format(value);
      case "share": return percent(value);
      case "bps": case "days": return one.format(value);
      case "hour": return `${String(value).padStart(2, "0")}:00`;
      case "flag": return value ? "yes" : "no";
      case "estimate": return estimate(value);
      default: return String(value);
    }
  }

  function estimate([value, low, high]) {
    const shown = brief(value);
    return low === null || high === null ? shown : `${shown} (${brief(low)} to ${brief(high)})`;
  }

  const brief = (value) => (value === null ? "–" : Math.abs(value) >= 100 ? number.format(Math.round(value)) : three.format(value));
  const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
  const distinct = (values) => [...new Set(values)];
  const sum = (rows, key) => d3.sum(rows, (row) => row[key]);

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /** entries: [label, colour, hollow]. */
  function legend(entries) {
    const list = element("ul", "legend");
    for (const [label, colour, hollow] of entries) {
      const item = element("li");
      const swatch = element("span", "swatch");
      swatch.style.borderColor = colour;
      swatch.style.background = hollow ? "none" : colour;
      item.append(swatch, element("span", "", label));
      list.append(item);
    }
    return list;
  }

  function ramp(low, high, colours) {
    const list = element("ul", "legend");
    const item = element("li");
    const bar = element("span", "ramp");
    bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
    item.append(element("span", "", low), bar, element("span", "", high));
    list.append(item);
    return list;
  }

  /** Lay panels out in columns; each is made for the width it gets. */
  function panels(items, width, minimum, make) {
    const columns = Math.max(1, Math.min(items.length, Math.floor((width + GAP_PX) / (minimum + GAP_PX))));
    const each = Math.floor((width - (columns - 1) * GAP_PX) / columns);
    const grid = element("div", items.length > 6 ? "panels long" : "panels");
    grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    for (const item of items) {
      const panel = element("div");
      panel.append(...make(item, each));
      grid.append(panel);
    }
    return grid;
  }

  function panelTitle(text, note) {
    const title = element("p", "panel-title", `${text} `);
    title.append(element("span", "", note));
    return title;
  }

  /** One bar per row and measure; every measure has its own scale and its value in words. */
  function bars(rows, label, measures, width) {
    const wide = width >= NARROW_PX;
    const length = wide ? 30 : 20;
    const domain = distinct(rows.map(label));
    const margin = Math.min(wide ? 220 : 140, 24 + 7 * d3.max(domain, (text) => Math.min(text.length, length)));
    const perLine = wide ? Math.max(1, Math.floor((width - margin) / 135)) : 1;
    const lines = Math.ceil(measures.length / perLine);
    return d3.range(lines).map((line) => {
      const each = Math.ceil(measures.length / lines);
      const shown = measures.slice(line * each, (line + 1) * each);
      return Plot.plot({
        width, marginLeft: margin, marginTop: 40, marginBottom: 4, marginRight: 10,
        height: 44 + 24 * domain.length,
        fx: { label: null, padding: 0.06, domain: shown.map((m) => m.label) },
        x: { axis: null, domain: [0, roomForText(rows, shown, 0.94 * (width - margin - 10) / shown.length)] },
        y: { label: null, domain, tickSize: 0, tickFormat: (text) => cut(text, length), padding: 0.25 },
        marks: [
          Plot.axisFx({ anchor: "top", label: null, fontWeight: 600, lineWidth: Math.floor((width - margin) / shown.length / 13) }),
          ...shown.flatMap((measure) => barsOf(rows, label, measure)),
        ],
      });
    });
  }

  /** Where the scale must end so that the words behind the longest bar stay in its column. */
  function roomForText(rows, measures, column) {
    const letters = d3.max(measures, (m) => d3.max(rows, (row) => m.text(row).length));
    return column / Math.max(30, column - 16 - 7 * letters);
  }

  function barsOf(rows, label, measure) {
    const ends = measure.ends ?? (() => null);
    const all = rows.flatMap((row) => [measure.value(row) ?? 0, ...(ends(row) ?? [])]);
    const [low, high] = [Math.min(0, d3.min(all)), Math.max(0, d3.max(all))];
    const along = (value) => (value - low) / (high - low || 1);
    const value = (row) => along(measure.value(row) ?? 0);
    const at = { fx: () => measure.label, y: label };
    return [
      Plot.barX(rows, { ...at, x1: () => along(0), x2: value, fill: measure.colour, title: (row) => `${label(row)}\n${measure.label}: ${measure.text(row)}` }),
      Plot.ruleY(rows.filter((row) => ends(row)), { ...at, x1: (row) => along(ends(row)[0]), x2: (row) => along(ends(row)[1]), stroke: INK, strokeWidth: 1.5 }),
      Plot.text(rows, { ...at, x: (row) => Math.max(along(0), value(row), along(ends(row)?.[1] ?? 0)), text: measure.text, textAnchor: "start", dx: 5 }),
    ];
  }

  /** Opacity from 0 to 1 as it is, above a trace that shows where a cell is. */
  const shade = (value) => ({ value: (row) => 0.05 + 0.95 * value(row), scale: null });

  function withObjects(chart) {
    const keys = chart.columns.map(([key]) => key);
    return { ...chart, rows: chart.rows.map((row) => Object.fromEntries(keys.map((key, i) => [key, row[i]]))) };
  }

  function drawInto(box, chart, draw) {
    const name = box.dataset.chart;
    try {
      if (!chart) throw new Error("its data is missing");
      const title = box.parentElement.querySelector("h3").textContent;
      box.replaceChildren(...draw[name.split(".")[0]](withObjects(chart), box.clientWidth));
      for (const svg of box.querySelectorAll("svg")) svg.setAttribute("aria-label", title);
    } catch (error) {
      console.error(`chart ${name}: ${error.message}`);
      box.replaceChildren(element("p", "failed", "This chart could not be drawn."));
    }
  }

  function figures(chart) {
    const details = element("details", "figures");
    details.append(element("summary", "", "Figures"));
    details.addEventListener("toggle", () => {
      if (details.childElementCount === 1) details.append(figuresTable(chart));
    });
    return details;
  }

  function figuresTable({ columns, rows }) {
    const frame = element("div", "scroll");
    const table = element("table");
    const head = table.createTHead().insertRow();
    for (const [, label] of columns) head.append(element("th", "", label));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((value, i) => { line.insertCell().textContent = written(value, columns[i][2]); });
    }
    frame.append(table);
    return frame;
  }

  /** Draw every chart now and when the page's width changes. draw: what a chart is called -> (chart, width) -> nodes; what follows a dot in a name tells charts of a kind apart. */
  function start(draw) {
    const charts = JSON.parse(document.getElementById("data").textContent);
    const boxes = [...document.querySelectorAll(".chart")];
    const widths = new Map();
    const drawAll = () => {
      for (const box of boxes) {
        if (widths.get(box) === box.clientWidth) continue;
        widths.set(box, box.clientWidth);
        drawInto(box, charts[box.dataset.chart], draw);
      }
    };
    drawAll();
    for (const box of boxes) {
      const chart = charts[box.dataset.chart];
      if (chart) box.parentElement.append(figures(chart));
    }
    let waiting = 0;
    window.addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(drawAll, 150);
    });
  }

  return {
    GENUINE, FRAUD, STOPPED, INK, PALETTE, NARROW_PX, number, one, two, three, percent,
    finePercent, compact, written, brief, cut, distinct, sum, element, legend, ramp, panels,
    panelTitle, bars, shade, start,
  };
})();
