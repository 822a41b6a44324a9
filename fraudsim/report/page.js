"use strict";
/* Every chart of the report, one function each. */
(() => {
  const {
    GENUINE, FRAUD, STOPPED, INK, PALETTE, NARROW_PX, number, one, two, percent,
    finePercent, compact, written, brief, cut, distinct, sum, legend, ramp, panels, panelTitle,
    bars, shade,
  } = drawing;

  const draw = {
    daily({ rows, extra }, width) {
      const interval = d3[extra.every === "week" ? "utcMonday" : "utcDay"];
      const days = rows.map((row) => new Date(row.day));
      const domain = [d3.min(days), interval.offset(d3.max(days), 1)];
      const dense = width / rows.length < 5;
      const common = { width, marginLeft: 56, marginRight: 12, x: { type: "utc", domain, label: null } };
      const bar = { x: (d) => new Date(d.day), interval, inset: 0, insetLeft: dense ? 0 : 0.5, insetRight: dense ? 0 : 0.5 };
      const parts = rows.flatMap((row) => [
        { day: row.day, kind: "approved", count: row.fraud_approved },
        { day: row.day, kind: "declined", count: row.fraud_declined },
      ]);
      const tip = { format: { x: (d) => d.toISOString().slice(0, 10) } };
      return [
        legend([["genuine payments", GENUINE], ["fraud approved", FRAUD], ["fraud declined", STOPPED]]),
        Plot.plot({ ...common, height: 170, marginBottom: 10, x: { ...common.x, axis: null }, y: { label: "genuine payments", grid: true, ticks: 4, tickFormat: compact.format },
          marks: [Plot.rectY(rows, { ...bar, y: "genuine", fill: GENUINE, tip }), Plot.ruleY([0])] }),
        Plot.plot({ ...common, height: 170, y: { label: "fraudulent payments", grid: true, ticks: 4, tickFormat: compact.format },
          color: { domain: ["approved", "declined"], range: [FRAUD, STOPPED] },
          marks: [Plot.rectY(parts, { ...bar, y: "count", fill: "kind", tip }), Plot.ruleY([0])] }),
      ];
    },

    hours({ rows }, width) {
      return [panels([["genuine", "Genuine", GENUINE], ["fraud", "Fraud", FRAUD]], width, 420, ([key, name, colour], each) => {
        const total = sum(rows, key) || 1;
        const most = d3.max(rows, (row) => row[key]) / total;
        return [
          panelTitle(name, `${number.format(sum(rows, key))} payments`),
          Plot.plot({
            width: each, height: 210, marginLeft: 38, marginBottom: 34, marginTop: 6, marginRight: 4,
            x: { label: "hour", tickFormat: (hour) => (hour % 3 ? "" : String(hour)), tickSize: 0, padding: 0.06 },
            y: { label: null, domain: distinct(rows.map((row) => row.weekday)), tickFormat: (day) => day.slice(0, 3), tickSize: 0, padding: 0.06 },
            marks: [Plot.cell(rows, { x: "hour", y: "weekday", fill: colour, fillOpacity: shade((row) => row[key] / total / (most || 1)),
              title: (row) => `${row.weekday} ${written(row.hour, "hour")}\n${number.format(row[key])} payments (${percent(row[key] / total)})`, tip: true })],
          }),
          ramp("0 %", percent(most), [`color-mix(in srgb, ${colour} 5%, transparent)`, colour]),
        ];
      })];
    },

    amounts({ rows }, width) {
      const edges = distinct(rows.flatMap((row) => [row.low, row.high])).sort(d3.ascending);
      const domain = [edges[0], edges[edges.length - 1]];
      const groups = d3.groups(rows, (row) => row.channel)
        .sort((a, b) => d3.descending(sum(a[1], "genuine"), sum(b[1], "genuine")));
      return [
        legend([["genuine", GENUINE], ["fraud", FRAUD, true]]),
        panels(groups, width, 300, ([channel, bins], each) => [
          panelTitle(channel, `${number.format(sum(bins, "genuine"))} genuine, ${number.format(sum(bins, "fraud"))} fraud`),
          Plot.plot({
            width: each, height: 180, marginLeft: 40, marginBottom: 34, marginRight: 14,
            x: { type: "log", domain, label: "amount", ticks: each < 400 ? 4 : 6, tickFormat: compact.format },
            y: { label: null, grid: true, ticks: 4, tickFormat: (share) => `${Math.round(100 * share)} %`, zero: true },
            marks: [
              Plot.areaY(steps(bins, edges, "genuine"), { x: "x", y1: 0, y2: "y", fill: GENUINE, fillOpacity: 0.45 }),
              Plot.lineY(steps(bins, edges, "fraud"), { x: "x", y: "y", stroke: FRAUD, strokeWidth: 2 }),
              Plot.ruleY([0]),
            ],
          }),
        ]),
      ];
    },

    channels({ rows }, width) {
      const rate = (key) => (row) => written(row[key], "bps");
      return bars(rows, (row) => row.channel, [
        { key: "payments", label: "Approved payments", value: (row) => row.payments, text: (row) => number.format(row.payments), colour: GENUINE },
        { key: "by_count", label: "Fraud by count (bps)", value: (row) => row.by_count, text: rate("by_count"), colour: FRAUD },
        { key: "by_value", label: "Fraud by value (bps)", value: (row) => row.by_value, text: rate("by_value"), colour: FRAUD },
      ], width);
    },

    attacks({ rows, columns }, width) {
      const colours = { attempts: GENUINE, taken: FRAUD, victims: GENUINE, approved: FRAUD, reported: STOPPED, delay: STOPPED };
      const measures = columns.filter(([key]) => key in colours).map(([key, label, kind]) => ({
        key, label, colour: colours[key], value: (row) => row[key],
        text: (row) => (kind === "money" ? compact.format(row[key]) : written(row[key], kind)),
      }));
      return bars(rows, (row) => row.attack, measures, width);
    },

    delay({ rows, extra }, width) {
      const names = distinct(rows.map((row) => row.attack)).filter((name) => name !== extra.all);
      const colour = new Map(names.map((name, i) => [name, PALETTE[i % PALETTE.length]]));
      const last = lastRise(rows);
      const kept = rows.filter((row) => row.days <= last);
      const line = { x: "days", y: "known", z: "attack", curve: "step-after" };
      return [
        legend([[extra.all, INK], ...colour]),
        Plot.plot({
          width, height: 320, marginLeft: 48, marginRight: 16, marginBottom: 36,
          x: { type: "sqrt", domain: [0, last], label: "days since the payment", ticks: (width < NARROW_PX ? [0, 1, 7, 30, 90, 180, 365] : [0, 1, 2, 4, 7, 14, 30, 60, 90, 180, 365]).filter((d) => d <= last), tickFormat: String },
          y: { domain: [0, 1], label: "reported", grid: true, tickFormat: (share) => `${Math.round(100 * share)} %` },
          marks: [
            Plot.line(kept.filter((row) => row.attack !== extra.all), { ...line, stroke: (row) => colour.get(row.attack), strokeWidth: 1.6 }),
            Plot.line(kept.filter((row) => row.attack === extra.all), { ...line, stroke: INK, strokeWidth: 3 }),
            Plot.tip(kept, Plot.pointer({ x: "days", y: "known", title: (row) => `${row.attack}\n${percent(row.known)} within ${row.days} days` })),
          ],
        }),
      ];
    },

    distance({ rows }, width) {
      const long = rows.flatMap((row) => [
        { km: row.km, kind: "genuine", share: row.genuine_share, count: row.genuine },
        { km: row.km, kind: "fraud", share: row.fraud_share, count: row.fraud },
      ]).filter((d) => d.share !== null);
      return [
        legend([["genuine", GENUINE], ["fraud", FRAUD]]),
        Plot.plot({
          width, height: 20 + 34 * rows.length, marginLeft: 122, marginRight: 60, marginTop: 6, marginBottom: 6,
          x: { axis: null },
          y: { axis: null, domain: ["genuine", "fraud"], padding: 0.05 },
          fy: { label: null, domain: rows.map((row) => row.km), padding: 0.2 },
          color: { domain: ["genuine", "fraud"], range: [GENUINE, FRAUD] },
          marks: [
            Plot.axisFy({ anchor: "left", label: null, text: (km) => `${km} km`, textAnchor: "end" }),
            Plot.barX(long, { fy: "km", y: "kind", x: "share", fill: "kind", title: (d) => `${d.km} km, ${d.kind}: ${percent(d.share)} (${number.format(d.count)})`, tip: true }),
            Plot.text(long, { fy: "km", y: "kind", x: "share", text: (d) => percent(d.share), textAnchor: "start", dx: 5 }),
            Plot.ruleX([0]),
          ],
        }),
      ];
    },

    places({ rows }, width) {
      const colours = ["#9fb4cc", "#d1495b"];
      const corners = geoFrame(rows);
      return [panels(d3.groups(rows, (row) => row.kind), width, 340, ([kind, cities], each) => {
        const homes = kind === "homes";
        const top = shownUpTo(cities);
        const largest = d3.max(cities, (city) => city.total);
        const radius = (city) => Math.max(1.5, (each / 28) * Math.sqrt(city.total / largest));
        const told = (city) => `${city.city}\n${number.format(city.hit)} of ${number.format(city.total)} (${finePercent(city.share)})`;
        const total = number.format(sum(cities, "total"));
        return [
          panelTitle(homes ? "Homes" : "Shops and cash machines", homes ? `${total} customers` : `${total} payments in person`),
          ramp(homes ? "victims: 0 %" : "fraud: 0 %", `${finePercent(top)} or more`, colours),
          Plot.plot({
            width: each, height: Math.round(each * 1.05), margin: 4,
            projection: { type: "mercator", domain: corners, inset: 28 },
            r: { type: "identity" },
            color: { type: "linear", domain: [0, top], range: colours, clamp: true },
            marks: [
              Plot.graticule({ stepMinor: [2, 2], strokeOpacity: 0.12 }),
              Plot.frame({ strokeOpacity: 0.2 }),
              Plot.dot(cities, { x: "lon", y: "lat", r: radius, fill: "share", fillOpacity: 0.85, stroke: "var(--card)", strokeWidth: 0.8, title: told, tip: true }),
              ...apart(cities, 6).map((city) => Plot.text([city], { x: "lon", y: "lat", text: () => cut(city.city, 18), dy: -radius(city) - 8, stroke: "var(--card)", strokeWidth: 3, fill: INK })),
            ],
          }),
        ];
      })];
    },

    responses({ rows }, width) {
      const refused = rows.filter((row) => row.code !== "00");
      return bars(refused.length ? refused : rows, (row) => `${row.code} ${row.meaning}`, [
        { key: "genuine", label: "Share of genuine requests", value: (row) => row.genuine_share, text: (row) => answered(row.genuine_share, row.genuine), colour: GENUINE },
        { key: "fraud", label: "Share of fraudulent requests", value: (row) => row.fraud_share, text: (row) => answered(row.fraud_share, row.fraud), colour: FRAUD },
      ], width);
    },

    metrics({ rows, columns }, width) {
      const measures = columns.filter(([, , kind]) => kind === "estimate").map(([key, label]) => ({
        key, label, colour: GENUINE, value: (row) => row[key] && row[key][0], text: (row) => brief(row[key] && row[key][0]),
        ends: (row) => (row[key] && row[key][1] !== null && row[key][2] !== null ? row[key].slice(1) : null),
      }));
      return bars(rows, (row) => `${row.detector} + ${row.rebalancer}`, measures, width);
    },

    curves({ rows }, width) {
      const names = distinct(rows.map((row) => row.rebalancer));
      const colour = new Map(names.map((name, i) => [name, PALETTE[i % PALETTE.length]]));
      return [
        legend([...colour]),
        panels(d3.groups(rows, (row) => row.detector), width, 300, ([detector, points], each) => [
          panelTitle(detector, ""),
          Plot.plot({
            width: each, height: Math.min(320, Math.round(each * 0.85)), marginLeft: 46, marginBottom: 36, marginRight: 14,
            x: { domain: [0, 1], label: "recall", ticks: 5, tickFormat: (share) => `${Math.round(100 * share)} %` },
            y: { domain: [0, 1], label: "precision", ticks: 5, grid: true, tickFormat: (share) => `${Math.round(100 * share)} %` },
            marks: [
              Plot.line(points, { x: "recall", y: "precision", z: "rebalancer", stroke: (row) => colour.get(row.rebalancer), strokeWidth: 2 }),
              Plot.tip(points, Plot.pointer({ x: "recall", y: "precision", title: (row) => `${row.rebalancer}\nrecall ${percent(row.recall)}\nprecision ${percent(row.precision)}` })),
              Plot.ruleY([0]), Plot.ruleX([0]),
            ],
          }),
        ]),
      ];
    },

    recalls({ rows }, width) {
      const label = (row) => `${row.detector} + ${row.rebalancer}`;
      const domain = distinct(rows.map(label));
      const narrow = width < NARROW_PX;
      const margin = narrow ? 140 : 220;
      const tilted = (width - margin) / distinct(rows.map((row) => row.attack)).length < 120;
      return [
        ramp("0 %", "100 %", [`color-mix(in srgb, ${GENUINE} 4%, transparent)`, GENUINE]),
        Plot.plot({
          width, height: (tilted ? 116 : 30) + 26 * domain.length, marginLeft: margin, marginTop: tilted ? 110 : 24, marginBottom: 6, marginRight: tilted ? 60 : 10,
          x: { axis: "top", label: null, tickRotate: tilted ? -45 : 0, tickSize: 0, tickFormat: (text) => cut(text, 20), padding: 0.04 },
          y: { label: null, domain, tickSize: 0, tickFormat: (text) => cut(text, narrow ? 20 : 30), padding: 0.04 },
          marks: [
            Plot.cell(rows.filter((row) => row.recall !== null), { x: "attack", y: label, fill: GENUINE, fillOpacity: shade((row) => 0.85 * row.recall), title: (row) => `${label(row)}\n${row.attack}: ${percent(row.recall)}`, tip: true }),
            Plot.text(rows, { x: "attack", y: label, text: (row) => (row.recall === null ? "" : String(Math.round(100 * row.recall))) }),
          ],
        }),
      ];
    },

    campaigns({ rows }, width) {
      const groups = d3.groups(rows, (row) => `${row.attack} ${row.campaign}`);
      return [
        legend([["approved (filled)", INK], ["declined (hollow)", INK, true]]),
        panels(groups, width, 440, ([, acts], each) => timeline(acts, each)),
      ];
    },
  };

  const answered = (share, count) => `${percent(share)} (${number.format(count)})`;

  const dayOfMonth = d3.utcFormat("%-d %b");
  const longDay = d3.utcFormat("%-d %B %Y");
  const hourOfDay = d3.utcFormat("%H:%M");
  const moment = (at) => (at - d3.utcDay(at) ? hourOfDay(at) : dayOfMonth(at));

  /** Round moments between the first and the last, at most so many: d3 takes a count as a hint. */
  function momentsOf(times, count) {
    const [first, last] = d3.extent(times);
    if (first >= last) return [first];
    const hint = d3.range(count, 0, -1).find((n) => d3.utcTicks(first, last, n).length <= count);
    return d3.utcTicks(first, last, hint ?? 1);
  }

  function timeline(acts, width) {
    const stages = distinct(acts.map((act) => act.stage));
    const colour = new Map(stages.map((stage, i) => [stage, PALETTE[i % PALETTE.length]]));
    const victims = distinct(acts.map((act) => act.victim)).sort(d3.ascending);
    const dots = acts.map((act) => ({ ...act, at: new Date(`${act.time.replace(" ", "T")}Z`) }));
    const told = (act) => `${act.time}, ${act.stage}\n${two.format(act.amount)}, ${act.approved ? "approved" : "declined"}`;
    const dot = { x: "at", y: "victim", r: "amount", title: told };
    return [
      panelTitle(acts[0].attack, `${acts[0].campaign}, from ${longDay(d3.min(dots, (act) => act.at))}`),
      legend([...colour]),
      Plot.plot({
        width, height: 56 + 22 * victims.length, marginLeft: 62, marginRight: 16, marginTop: 10, marginBottom: 34,
        x: { type: "utc", label: null, inset: 10, grid: true, ticks: momentsOf(dots.map((act) => act.at), Math.floor(width / 80)), tickFormat: moment },
        y: { type: "point", label: null, domain: victims, tickSize: 0, padding: 0.6, tickFormat: (victim) => victim.trim() },
        r: { range: [2.5, 9] },
        marks: [
          Plot.ruleY(victims, { strokeOpacity: 0.12 }),
          Plot.dot(dots.filter((act) => act.approved), { ...dot, fill: (act) => colour.get(act.stage), fillOpacity: 0.75, tip: true }),
          Plot.dot(dots.filter((act) => !act.approved), { ...dot, stroke: (act) => colour.get(act.stage), strokeWidth: 1.6, tip: true }),
        ],
      }),
    ];
  }

  /** The outline of a histogram as points, a zero where no payment fell in. */
  function steps(bins, edges, key) {
    const total = sum(bins, key);
    if (!total) return [];
    const share = new Map(bins.map((bin) => [bin.low, bin[key] / total]));
    return edges.slice(0, -1).flatMap((low, i) => {
      const y = share.get(low) ?? 0;
      return [{ x: low, y }, { x: edges[i + 1], y }];
    });
  }

  /** The limit after the last at which a line rises, so that its end is seen to be level. */
  function lastRise(rows) {
    let last = 1;
    for (const [, line] of d3.groups(rows, (row) => row.attack)) {
      line.forEach((row, i) => {
        if (i && row.known > line[i - 1].known) last = Math.max(last, (line[i + 1] ?? row).days);
      });
    }
    return last;
  }

  /** The share at which the colour ends: a small city with one victim must not set the scale. */
  function shownUpTo(cities) {
    const shares = cities.filter((city) => city.total >= 20).map((city) => city.share).sort(d3.ascending);
    return d3.quantile(shares, 0.95) || d3.max(cities, (city) => city.share) || 1;
  }

  /** Two corners around all cities, a little apart even when there is only one. */
  function geoFrame(cities) {
    const [west, east] = d3.extent(cities, (city) => city.lon);
    const [south, north] = d3.extent(cities, (city) => city.lat);
    return { type: "MultiPoint", coordinates: [[west - 0.3, south - 0.3], [east + 0.3, north + 0.3]] };
  }

  /** The largest cities whose names do not cover each other. */
  function apart(cities, count) {
    const span = d3.max(cities, (city) => city.lat) - d3.min(cities, (city) => city.lat);
    const named = [];
    for (const city of cities) {
      const free = named.every((other) => Math.abs(other.lat - city.lat) > span / 12 || Math.abs(other.lon - city.lon) > span / 4);
      if (free && named.length < count) named.push(city);
    }
    return named;
  }

  drawing.start(draw);
})();
