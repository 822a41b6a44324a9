"use strict";
/* Every kind of chart of the leaderboard, one function each. */
(() => {
  const {
    GENUINE, FRAUD, STOPPED, INK, PALETTE, NARROW_PX, two, percent, written, brief,
    distinct, legend, ramp, panels, panelTitle, bars, shade,
  } = drawing;
  const CARD = "var(--card)";
  const FEW_POINTS = 8; // of a line that shows its points

  /** Names that begin alike are told apart by their ends, so the middle is what goes. */
  function short(text, length) {
    if (text.length <= length) return text;
    const ending = Math.floor((length - 1) / 2);
    return `${text.slice(0, length - 1 - ending)}…${text.slice(text.length - ending)}`;
  }

  const draw = {
    /* Demsar's diagram: an axis of mean ranks, names with lines to it, bars over those alike. */
    ranks({ rows, extra }, width) {
      const many = rows.length / distinct(rows.map((row) => row.panel)).length > 10;
      return [panels(d3.groups(rows, (row) => row.panel), width, many ? 700 : 420, ([panel, shown], each) => [
        panelTitle(panel, ""),
        rankDiagram(shown, extra.differences[panel], each),
      ])];
    },

    /* A panel per detector: its lines, before those of the others. */
    curves({ rows, columns, extra }, width) {
      const names = extra.order.filter((name) => rows.some((row) => row.detector === name));
      const competing = names.filter((name) => !extra.references.includes(name));
      const shown = extra.styles || !competing.length ? names : competing;
      const look = extra.styles ? styled(extra.styles) : { key: null, of: () => ({ stroke: GENUINE }) };
      const others = extra.styles ? [] : rows.filter((row) => competing.includes(row.detector));
      const references = extra.styles ? [] : rows.filter((row) => extra.references.includes(row.detector));
      const grid = panels(shown, width, width < NARROW_PX ? 150 : 220, (name, each) => [
        panelTitle(name, ""),
        curvePanel(rows.filter((row) => row.detector === name), { others, references, look, rows, columns, extra }, each),
      ]);
      return look.key ? [look.key, grid] : [grid];
    },

    /* A line per detector, a dot per series; whiskers where there are intervals. */
    dots({ rows, columns, extra }, width) {
      const kind = columns.find(([key]) => key === "value")[2];
      const flat = rows.map((row) => (kind === "estimate" ? { ...row, value: row.value[0], low: row.value[1], high: row.value[2] } : { ...row, low: null, high: null }));
      const groups = d3.groups(flat, (row) => row.panel);
      const apart = groups.every(([, of]) => distinct(of.map((row) => row.series)).length < distinct(flat.map((row) => row.series)).length);
      const grid = panels(groups, width, groups.length > 1 ? 420 : width, ([panel, of], each) => [
        ...(panel ? [panelTitle(panel, "")] : []),
        ...(apart ? [legend([...coloured(of)])] : []),
        dotPanel(of, { kind, colour: coloured(apart ? of : flat), detectors: extra.detectors, log: extra.log, scaled: extra.own_scales ? of : flat }, each),
      ]);
      return apart ? [grid] : [legend([...coloured(flat)]), grid];
    },

    recalls({ rows, extra }, width) {
      return [
        ramp("0 %", "100 %", [`color-mix(in srgb, ${GENUINE} 4%, transparent)`, GENUINE]),
        ...cells(rows, extra.order, width, {
          least: 32, fill: () => GENUINE, strength: (row) => 0.85 * row.recall,
          text: (row) => String(Math.round(100 * row.recall)),
          told: (row) => `${row.detector}\n${row.attack}: ${percent(row.recall)}`,
        }),
      ];
    },

    gaps({ rows, extra }, width) {
      const whole = (share) => Math.round(100 * share);
      return [
        ramp("as much found, or more", "all lost", [`color-mix(in srgb, ${FRAUD} 4%, transparent)`, FRAUD]),
        ...cells(rows, extra.order, width, {
          least: 56, fill: () => FRAUD, strength: (row) => 0.85 * Math.max(0, row.gap),
          text: (row) => `${whole(row.seen)} → ${whole(row.unseen)}`,
          told: (row) => `${row.detector}\n${row.attack}\nseen ${percent(row.seen)}, unseen ${percent(row.unseen)}`,
        }),
      ];
    },

    bars({ rows, columns }, width) {
      const colours = [GENUINE, FRAUD, STOPPED];
      const measures = columns.slice(1).map(([key, label], i) => ({
        key, label, colour: colours[i % colours.length], value: (row) => row[key], text: (row) => brief(row[key]),
      }));
      return bars(rows, (row) => row.detector, measures, width);
    },
  };

  // Ranks

  function rankDiagram(rows, difference, width) {
    const margin = Math.round(Math.min(190, 0.34 * width));
    const letters = Math.max(6, Math.floor((margin - 60) / 6.8));
    const last = Math.max(2, rows.length);
    const x = d3.scaleLinear([1, last], [margin, width - margin]).clamp(true);
    const groups = distinct(rows.flatMap((row) => row.groups.split(" ").filter(Boolean)));
    const [axis, step] = [48, 18];
    const first = axis + 20 + 8 * groups.length;
    const half = Math.ceil(rows.length / 2);
    const svg = d3.create("svg").attr("viewBox", [0, 0, width, first + step * half])
      .attr("width", width).attr("height", first + step * half).attr("role", "img").attr("fill", INK);
    const path = (parent, d, thick = 1, opacity = 1) => parent.append("path").attr("d", d)
      .attr("fill", "none").attr("stroke", INK).attr("stroke-width", thick).attr("stroke-opacity", opacity);
    const text = (label, at, y, anchor) => svg.append("text").attr("x", at).attr("y", y)
      .attr("text-anchor", anchor).attr("dominant-baseline", "middle").text(label);
    path(svg, `M${x(1)} 20v-6H${x(1 + difference)}v6`, 1.5);
    text(`CD ${two.format(difference)}`, x(1), 6, "start");
    path(svg, `M${x(1)} ${axis}H${x(last)}`);
    const every = Math.ceil(last / Math.max(2, (width - 2 * margin) / 22));
    for (const rank of d3.range(1, last + 1, every)) {
      path(svg, `M${x(rank)} ${axis}v-5`);
      text(String(rank), x(rank), axis - 12, "middle");
    }
    const bands = svg.append("g").attr("aria-label", "line");
    groups.forEach((group, i) => {
      const [low, high] = d3.extent(rows.filter((row) => row.groups.split(" ").includes(group)), (row) => row.rank);
      path(bands, `M${x(low) - 3} ${axis + 9 + 8 * i}H${x(high) + 3}`, 4).attr("stroke", GENUINE);
    });
    const points = svg.append("g").attr("aria-label", "dot");
    rows.forEach((row, i) => {
      const left = i < half;
      const y = first + step * (left ? i : rows.length - 1 - i) + 4;
      const edge = left ? margin - 12 : width - margin + 12;
      path(svg, `M${x(row.rank)} ${axis}V${y}H${edge}`, 1, 0.45);
      points.append("circle").attr("cx", x(row.rank)).attr("cy", axis).attr("r", 3);
      text(`${short(row.detector, letters)} ${two.format(row.rank)}`, left ? edge - 4 : edge + 4, y, left ? "end" : "start")
        .append("title").text(`${row.detector}: mean rank ${two.format(row.rank)}`);
    });
    return svg.node();
  }

  // Curves

  function styled(styles) {
    const colour = (series) => PALETTE[styles[series][0] % PALETTE.length];
    const heads = new Map(Object.keys(styles).map((series) => [series.split(", ")[0], colour(series)]));
    return {
      key: legend([...heads]),
      of: (series) => ({ stroke: colour(series), strokeDasharray: styles[series][1] ? "4 3" : null }),
    };
  }

  function curvePanel(own, { others, references, look, rows, columns, extra }, width) {
    const kinds = new Map(columns.map(([key, , kind]) => [key, kind]));
    const labels = new Map(columns.map(([key, label]) => [key, label.toLowerCase()]));
    const shares = kinds.get("y") === "share";
    const format = (key) => (kinds.get(key) === "share" ? (value) => `${Math.round(100 * value)} %` : d3.format("~g"));
    const z = (row) => `${row.detector}\n${row.series}`;
    const line = { x: "x", y: "y", curve: extra.step ? "step-after" : "linear" };
    const series = d3.groups(own, (row) => row.series);
    const told = (row) => `${row.detector}${series.length > 1 ? `, ${row.series}` : ""}\n${labels.get("x")} ${written(row.x, kinds.get("x"))}\n${labels.get("y")} ${written(row.y, kinds.get("y"))}`;
    return Plot.plot({
      width, height: Math.round(Math.max(150, 0.72 * width)), marginLeft: 42, marginRight: 10, marginTop: 20, marginBottom: 34,
      x: {
        type: extra.log ? "log" : "linear", domain: extra.unit_square ? [0, 1] : d3.extent(rows, (row) => row.x),
        label: labels.get("x"), ticks: extra.ticks ?? (extra.unit_square ? [0, 0.5, 1] : 4), tickFormat: format("x"), inset: extra.ticks ? 8 : 0,
      },
      y: { domain: [0, shares ? 1 : d3.max(rows, (row) => row.y) || 1], label: labels.get("y"), grid: true, ticks: 4, tickFormat: format("y") },
      marks: [
        Plot.line(others, { ...line, z, stroke: INK, strokeOpacity: 0.14, strokeWidth: 1 }),
        Plot.line(references, { ...line, z, stroke: INK, strokeOpacity: 0.55, strokeWidth: 1, strokeDasharray: "2 3" }),
        ...series.flatMap(([name, points]) => [
          Plot.line(points, { ...line, ...look.of(name), strokeWidth: 2 }),
          ...(points.length <= FEW_POINTS ? [Plot.dot(points, { x: "x", y: "y", r: 3, fill: look.of(name).stroke })] : []),
        ]),
        Plot.tip(own, Plot.pointer({ x: "x", y: "y", title: told })),
        Plot.ruleY([0]),
      ],
    });
  }

  // Dots

  const coloured = (rows) => new Map(distinct(rows.map((row) => row.series)).map((name, i) => [name, PALETTE[i % PALETTE.length]]));

  function dotPanel(rows, { kind, colour, detectors, log, scaled }, width) {
    const narrow = width < NARROW_PX;
    const length = narrow ? 17 : 30;
    const margin = 20 + 6.6 * d3.max(detectors, (name) => Math.min(name.length, length));
    const ends = scaled.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
    const [low, high] = d3.extent(ends);
    const said = (row) => (row.low === null ? written(row.value, kind === "estimate" ? "number" : kind) : written([row.value, row.low, row.high], "estimate"));
    const count = Math.max(2, Math.floor((width - margin) / 90));
    const whiskers = rows.some((row) => row.low !== null && row.high !== null);
    // whiskers stand below each other; dots alone share a line, the later ones smaller, to be seen on the earlier
    const look = (i) => (whiskers ? { r: 4, dy: (i - (colour.size - 1) / 2) * Math.min(5, 14 / colour.size) } : { r: 6 - (2.4 * i) / Math.max(1, colour.size - 1), dy: 0 });
    const of = [...colour].map(([series, fill], i) => [rows.filter((row) => row.series === series), fill, look(i)]);
    return Plot.plot({
      width, height: 50 + 22 * detectors.length, marginLeft: margin, marginRight: 16, marginTop: 8, marginBottom: 32,
      x: {
        type: log ? "log" : "linear", domain: log ? [low, high > low ? high : 2 * low] : [Math.min(0, low), high > 0 ? high : 1],
        inset: 6, label: null, grid: true,
        ticks: kind === "count" ? d3.range(0, high + 1, Math.max(1, Math.ceil(high / count))) : count,
        tickFormat: kind === "share" ? (share) => `${d3.format(".3~g")(100 * share)} %` : d3.format(".3~g"),
      },
      y: { type: "point", label: null, domain: detectors, tickSize: 0, padding: 0.6, tickFormat: (name) => short(name, length) },
      marks: [
        Plot.ruleY(detectors, { strokeOpacity: 0.12 }),
        ...(whiskers ? [] : [Plot.ruleY(rows, Plot.groupY({ x1: "min", x2: "max" }, { y: "detector", x1: "value", x2: "value", stroke: INK, strokeOpacity: 0.35 }))]),
        ...of.flatMap(([shown, fill, { r, dy }]) => [
          Plot.ruleY(shown.filter((row) => row.low !== null && row.high !== null), { y: "detector", x1: "low", x2: "high", stroke: fill, strokeWidth: 1.5, dy }),
          Plot.dot(shown, { x: "value", y: "detector", r, fill, stroke: CARD, strokeWidth: 0.8, title: (row) => `${row.detector}\n${row.series}: ${said(row)}`, tip: true, dy }),
        ]),
      ],
    });
  }

  // Cells

  /** Attacks down, detectors across; in blocks of detectors where the page is narrow. */
  function cells(rows, order, width, { least, fill, strength, text, told }) {
    const narrow = width < NARROW_PX;
    const length = narrow ? 16 : 28;
    const attacks = distinct(rows.map((row) => row.attack));
    const names = order.filter((name) => rows.some((row) => row.detector === name));
    const margin = 16 + 6.6 * d3.max(attacks, (name) => Math.min(name.length, length));
    const letters = narrow ? 14 : 20;
    const tilted = (shown) => 4.6 * d3.max(shown, (name) => Math.min(name.length, letters));
    const right = Math.max(20, tilted(names) - 10);
    const blocks = Math.ceil(names.length / Math.max(1, Math.floor((width - margin - right) / least)));
    const each = Math.ceil(names.length / blocks);
    return d3.range(blocks).map((block) => names.slice(block * each, (block + 1) * each)).filter((shown) => shown.length).map((shown) => {
      const inside = rows.filter((row) => shown.includes(row.detector));
      const top = 24 + tilted(shown);
      return Plot.plot({
        width: Math.min(width, margin + right + Math.max(least, 70) * shown.length), height: top + 22 * attacks.length + 6,
        marginLeft: margin, marginTop: top, marginBottom: 6, marginRight: right,
        x: { axis: "top", label: null, domain: shown, tickRotate: -45, tickSize: 0, tickFormat: (name) => short(name, letters), padding: 0.04 },
        y: { label: null, domain: attacks, tickSize: 0, tickFormat: (name) => short(name, length), padding: 0.04 },
        marks: [
          Plot.cell(inside, { x: "detector", y: "attack", fill, fillOpacity: shade(strength), title: told, tip: true }),
          Plot.text(inside, { x: "detector", y: "attack", text }),
        ],
      });
    });
  }

  drawing.start(draw);
})();
