// Draws every element with data-chart="ID" from the JSON in the script element with that ID.
//
// The JSON is either a plain ECharts option or a short form:
//   {"kind": "hbar"|"column"|"line", "rows": [{"label", "value", "url"?, "tone"?, "note"?}], "unit": "%"?,
//     "max": 100?, "compact"?: true}; a note stands in grey beside its figure; compact has no value axis
//   {"kind": "band", "rows": [{"label", "value", "limit", "tone"?, "note"?, "url"?}], "both": true, "unit": "MPa"?}
//     results against their limits: a band of ±limit (both) or up to the limit; note is written at the mark
//   {"kind": "stack", "labels": [...], "series": [{"name", "tone"?, "values": [...], "urls"?: [...]}], "unit"?}
//   {"kind": "spans", "from", "to", "today"?, "todayWord"?, "band"?: {"from", "to", "label"}, "lanes": [{"label", "note"?}],
//    "bars": [{"lane", "from", "to", "tone": now|past|bad, "label"?, "tip"?, "url"?, "mark"?: true}], "strip"?: true}
//     days as YYYY-MM-DD, the last day included; a mark is one day. The height follows the lanes.
// One colour for quantity; tone (ok|warn|bad|muted) only where the mark is a state. No animation.
// A mark with a url leads there.
(() => {
  "use strict";

  const INK = "#1a2533";
  const GREY = "#5b6675";
  const GRID = "#e6ebf1";
  const QUANTITY = "#1d4f91";
  const TONES = { ok: "#1b7f4b", warn: "#b26a00", bad: "#b3261e", muted: "#8793a1", info: QUANTITY };
  const SHADES = [QUANTITY, "#6f93c0", "#b3c7e0", "#3a6fb0", "#8fabd0"];
  const FONT = getComputedStyle(document.body).fontFamily;

  const words = { color: GREY, fontSize: 12.5, fontFamily: FONT };
  const valueAxis = (more) => ({
    type: "value",
    axisLabel: words,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: GRID } },
    splitNumber: 4,
    ...more,
  });
  const nameAxis = (data, more) => ({
    type: "category",
    data,
    axisLabel: { ...words, color: INK, interval: 0 },
    axisLine: { lineStyle: { color: "#c5cfdb" } },
    axisTick: { show: false },
    ...more,
  });
  const mark = (row) => ({
    value: row.value,
    url: row.url,
    itemStyle: { color: TONES[row.tone] || QUANTITY, borderRadius: 2 },
  });

  // A compact list of bars is as high as its rows; what does not fit of a name is cut, the table has it whole.
  const ROW = 21;
  const NAME_WIDTH = 148;

  function rowsOption(option, element) {
    const unit = option.unit || "";
    const labels = option.rows.map((row) => row.label);
    const data = option.rows.map(mark);
    const across = option.kind === "hbar";
    // Things that are counted have no halves on their axis.
    const counted = option.rows.every((row) => Number.isInteger(row.value));
    const measure = valueAxis({
      show: !option.compact,
      max: option.max,
      minInterval: counted ? 1 : undefined,
      interval: option.max ? option.max / 5 : undefined,
      axisLabel: { ...words, formatter: `{value}${unit}` },
    });
    const names = nameAxis(labels, across ? { inverse: true, axisLine: { show: false } } : {});
    if (across && option.compact) {
      element.style.height = `${labels.length * ROW + 8}px`;
      Object.assign(names.axisLabel, { width: NAME_WIDTH, overflow: "truncate" });
    }
    const note = (row) => (row && row.note ? ` {note|${row.note}}` : "");
    const label = {
      show: true,
      position: across ? "right" : "top",
      formatter: (at) => `${at.value}${unit}${note(option.rows[at.dataIndex])}`,
      color: INK,
      fontSize: 12.5,
      rich: { note: { color: GREY, fontSize: 12 } },
    };
    const series =
      option.kind === "line"
        ? { type: "line", data, label, symbolSize: 7, lineStyle: { color: QUANTITY, width: 2 } }
        : { type: "bar", data, label, barMaxWidth: across ? 13 : option.compact ? 72 : 36 };
    return {
      grid: { left: 8, right: across ? (option.compact ? 84 : 44) : 12, top: across ? 4 : 26, bottom: 4, containLabel: true },
      xAxis: across ? measure : names,
      yAxis: across ? names : measure,
      series: [series],
    };
  }

  function stackOption(option) {
    const unit = option.unit || "";
    return {
      grid: { left: 8, right: 16, top: 28, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, icon: "rect", textStyle: words },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      xAxis: valueAxis({ axisLabel: { ...words, formatter: `{value}${unit}` } }),
      yAxis: nameAxis(option.labels, { inverse: true, axisLine: { show: false } }),
      series: option.series.map((each, index) => ({
        type: "bar",
        stack: "all",
        name: each.name,
        barMaxWidth: 16,
        itemStyle: { color: TONES[each.tone] || SHADES[index % SHADES.length] },
        data: each.values.map((value, at) => ({ value, url: (each.urls || [])[at] })),
      })),
    };
  }

  // Periods in lanes: when each thing was valid, what was missing, where today and a larger period lie.
  const SPAN = { now: QUANTITY, past: "#b3c7e0", bad: TONES.bad };
  const LANE = 46;
  const STRIP = 50;
  const DAY_MS = 24 * 3600 * 1000;
  const SPAN_FRAME = { top: 26, bottom: 24 };
  const dayMs = (text) => Date.parse(`${text}T00:00:00`);

  function drawSpan(params, api) {
    const [x1, y] = api.coord([api.value(1), api.value(0)]);
    const [x2] = api.coord([api.value(2), api.value(0)]);
    const bar = params.context.bars[params.dataIndex];
    const clip = params.coordSys;
    const left = Math.max(x1, clip.x);
    const right = Math.min(Math.max(x2, x1 + 2), clip.x + clip.width);
    const fill = SPAN[bar.tone] || QUANTITY;
    if (bar.mark) {
      return { type: "path", shape: { pathData: "M0 -6 L6 0 L0 6 L-6 0 Z" }, position: [x1, y], style: { fill } };
    }
    const children = [{ type: "rect", shape: { x: left, y: y - 7, width: Math.max(right - left, 2), height: 14, r: 1 }, style: { fill } }];
    if (bar.label) {
      const { narrow, today } = params.context;
      const text = narrow ? bar.label.split(" ")[0] : bar.label;
      const half = text.length * 5 + 8;
      // What lasts until today is named on the left of today's line.
      const at = bar.to === today ? right - half : (left + right) / 2;
      const x = Math.min(Math.max(at, clip.x + half), clip.x + clip.width - half);
      // What is over is drawn too pale to be read.
      const ink = fill === SPAN.past ? GREY : fill;
      children.push({ type: "text", style: { text, x, y: y + 9, align: "center", verticalAlign: "top", fill: ink, font: `11.5px ${FONT}` } });
    }
    return { type: "group", children };
  }

  function spansOption(option, element) {
    const frame = option.strip ? { top: 16, bottom: 18 } : SPAN_FRAME;
    element.style.height = `${option.lanes.length * (option.strip ? STRIP : LANE) + frame.top + frame.bottom}px`;
    const narrow = element.clientWidth < 560;
    // A strip has one lane without a name, and the months below it.
    const left = option.strip ? 8 : narrow ? 96 : 132;
    const lane = (value, index) => {
      const { label, note } = option.lanes[index];
      return note ? `${label}\n{note|${note}}` : label;
    };
    const bars = option.bars.map((bar) => ({
      value: [bar.lane, dayMs(bar.from), dayMs(bar.to || bar.from) + DAY_MS],
      url: bar.url,
      tip: bar.tip,
    }));
    const extra = { type: "line", data: [], silent: true };
    if (option.band) {
      // Its name stands over the end that is further from today.
      const early = option.today && dayMs(option.today) * 2 < dayMs(option.band.from) + dayMs(option.band.to);
      extra.markArea = {
        itemStyle: { color: "rgba(29, 79, 145, .07)" },
        label: { position: early ? ["100%", -17] : [0, -17], align: early ? "right" : "left", color: GREY, fontSize: 12 },
        data: [
          [
            { name: narrow ? option.band.label.split(" ")[0] : option.band.label, xAxis: dayMs(option.band.from) },
            { xAxis: dayMs(option.band.to) + DAY_MS },
          ],
        ],
      };
    }
    if (option.today) {
      extra.markLine = {
        symbol: "none",
        lineStyle: { color: INK, type: "dashed", width: 1 },
        label: { formatter: option.todayWord || "今天", position: "start", color: INK, fontSize: 12, distance: 4 },
        data: [{ xAxis: dayMs(option.today) }],
      };
    }
    return {
      grid: { left, right: 20, ...frame },
      tooltip: { formatter: (event) => (event.data && event.data.tip) || "" },
      xAxis: {
        type: "time",
        min: dayMs(option.from),
        max: dayMs(option.to),
        minInterval: (option.strip ? 28 : 180) * DAY_MS,
        axisLabel: { ...words, formatter: (at) => spanTick(at), hideOverlap: true },
        axisLine: { lineStyle: { color: "#c5cfdb" } },
        axisTick: { show: false },
        splitLine: { show: true, lineStyle: { color: GRID } },
      },
      yAxis: nameAxis(option.lanes.map((each, index) => index), {
        inverse: true,
        axisLine: { show: false },
        splitLine: { show: true, lineStyle: { color: GRID } },
        axisLabel: {
          color: INK,
          fontSize: 12.5,
          interval: 0,
          width: narrow ? 88 : 122,
          overflow: "truncate",
          formatter: lane,
          rich: { note: { color: GREY, fontSize: 11.5, lineHeight: 16 } },
        },
      }),
      series: [
        extra,
        {
          type: "custom",
          clip: true,
          data: bars,
          encode: { x: [1, 2], y: 0 },
          renderItem: (params, api) => {
            Object.assign(params.context, { bars: option.bars, today: option.today, narrow });
            return drawSpan(params, api);
          },
        },
      ],
    };
  }

  function spanTick(at) {
    const day = new Date(at);
    return day.getMonth() === 0 ? `${day.getFullYear()}年` : `${day.getMonth() + 1}月`;
  }

  function bandOption(option) {
    const { rows, both } = option;
    const unit = option.unit ? ` ${option.unit}` : "";
    const limits = rows.map((row) => row.limit);
    const reach = 1.4 * Math.max(...rows.map((row) => Math.max(Math.abs(row.value), row.limit || 0)));
    const bound = (name, sign) => ({
      type: "line",
      name,
      step: "middle",
      symbol: "none",
      silent: true,
      data: limits.map((limit) => (limit === null ? null : sign * limit)),
      lineStyle: { color: TONES.warn, width: 1, type: "dashed" },
      areaStyle: { color: TONES.ok, opacity: 0.07, origin: 0 },
    });
    const same = limits.every((limit) => limit !== null && limit === limits[0]);
    const even = same && {
      silent: true,
      symbol: "none",
      label: { color: GREY, fontSize: 12, position: "insideEndTop", formatter: (at) => `${at.value > 0 ? "+" : ""}${both ? at.value : limits[0]}${unit}` },
      lineStyle: { color: TONES.warn, width: 1, type: "dashed" },
      data: (both ? [limits[0], -limits[0]] : [limits[0]]).map((yAxis) => ({ yAxis })),
    };
    const results = {
      type: "line",
      name: "结果",
      symbol: "circle",
      symbolSize: 8,
      lineStyle: { color: QUANTITY, width: 1.5 },
      data: rows.map((row) => ({
        ...mark(row),
        label: {
          position: row.value < 0 ? "bottom" : "top",
          color: TONES[row.tone] || INK,
          fontWeight: row.note ? 600 : 400,
          formatter: `${row.note ? `${row.note} ` : ""}${+row.value.toPrecision(3)}`,
        },
      })),
      label: { show: true, position: "top", fontSize: 12.5 },
      ...(even && {
        markLine: even,
        markArea: { silent: true, itemStyle: { color: TONES.ok, opacity: 0.07 }, data: [[{ yAxis: both ? -limits[0] : 0 }, { yAxis: limits[0] }]] },
      }),
    };
    return {
      grid: { left: 8, right: 12, top: 14, bottom: 4, containLabel: true },
      xAxis: nameAxis(rows.map((row) => row.label), { axisLine: { onZero: false, lineStyle: { color: "#c5cfdb" } } }),
      yAxis: valueAxis({
        min: both ? -reach : 0,
        max: reach,
        axisLabel: { ...words, showMinLabel: false, showMaxLabel: false, formatter: (value) => `${+value.toPrecision(2)}` },
      }),
      series: even ? [results] : [bound("上限", 1), ...(both ? [bound("下限", -1)] : []), results],
    };
  }

  const builders = { hbar: rowsOption, column: rowsOption, line: rowsOption, stack: stackOption, spans: spansOption, band: bandOption };

  const chartOf = new WeakMap();

  function draw(element) {
    const source = document.getElementById(element.dataset.chart);
    if (!source || !window.echarts) return;
    const given = JSON.parse(source.textContent);
    const option = builders[given.kind] ? builders[given.kind](given, element) : given;
    const chart = echarts.init(element);
    const whole = {
      color: SHADES,
      animation: false,
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
      // Drawn on the canvas: the HTML tooltip would need inline styles.
      tooltip: { trigger: "item", confine: true, ...(option.tooltip || {}), renderMode: "richText" },
    };
    chart.setOption(whole);
    chartOf.set(element, { chart, whole });
    chart.on("click", (event) => {
      const url = event.data && event.data.url;
      if (url) location.assign(url);
    });
    new ResizeObserver(() => chart.resize()).observe(element);
  }

  // ECharts is the heaviest file of the portal: it is asked for when the first chart comes near the screen.
  const { echarts: address, pictures, vectors } = document.currentScript.dataset;
  const coming = new Map();
  // A script that is fetched once, when it is first wanted.
  const arrived = (src) => {
    if (!coming.has(src)) {
      coming.set(
        src,
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = src;
          script.onload = resolve;
          script.onerror = () => {
            coming.delete(src); // the next chart asks again
            script.remove();
            reject(new Error("ECharts did not arrive"));
          };
          document.head.append(script);
        }),
      );
    }
    return coming.get(src);
  };
  const library = () => arrived(address);

  const show = (element) => {
    if (element.dataset.chartDrawn) return;
    element.dataset.chartDrawn = "yes";
    library().then(
      () => {
        draw(element);
        quietly(showNext);
      },
      () => delete element.dataset.chartDrawn,
    );
  };
  // Once the library is here the charts further down follow one by one while nothing else is to do: nobody scrolls to
  // an empty frame, and a picture of the whole page has them all.
  const quietly = window.requestIdleCallback || ((then) => setTimeout(then, 100));
  const showNext = () => {
    const next = [...charts()].find((element) => element.clientWidth > 0);
    if (next) show(next);
  };
  const near = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => show(entry.target)),
    { rootMargin: "300px" },
  );
  const charts = () => document.querySelectorAll("[data-chart]:not([data-chart-drawn])");
  const watchAll = () => charts().forEach((element) => near.observe(element));
  watchAll();
  document.addEventListener("htmx:afterSwap", watchAll);
  // For chart-pictures.js: a chart that has been drawn, and what it is drawn with.
  window.portalCharts = {
    arrived,
    vectors,
    FONT,
    INK,
    drawn: async (element) => {
      show(element);
      await library();
      return chartOf.get(element);
    },
  };
  // Few take a chart out: what makes its picture comes when somebody does.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    if (button) arrived(pictures).then(() => portalCharts.takeOut(button));
  });
  // On paper everything is near.
  window.addEventListener("beforeprint", () => charts().forEach(show));
})();
