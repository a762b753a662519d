// Draws every element with data-chart="ID" from the JSON in the script element with that ID.
//
// The JSON is either a plain ECharts option or a short form:
//   {"kind": "hbar"|"column"|"line", "rows": [{"label", "value", "url"?, "tone"?}], "unit": "%"?, "max": 100?}
//   {"kind": "stack", "labels": [...], "series": [{"name", "tone"?, "values": [...], "urls"?: [...]}], "unit"?}
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

  function rowsOption(option) {
    const unit = option.unit || "";
    const labels = option.rows.map((row) => row.label);
    const data = option.rows.map(mark);
    const across = option.kind === "hbar";
    const measure = valueAxis({ max: option.max, interval: option.max ? option.max / 5 : undefined, axisLabel: { ...words, formatter: `{value}${unit}` } });
    const names = nameAxis(labels, across ? { inverse: true, axisLine: { show: false } } : {});
    const label = { show: true, position: across ? "right" : "top", formatter: `{c}${unit}`, color: INK, fontSize: 12.5 };
    const series =
      option.kind === "line"
        ? { type: "line", data, label, symbolSize: 7, lineStyle: { color: QUANTITY, width: 2 } }
        : { type: "bar", data, label, barMaxWidth: across ? 13 : 36 };
    return {
      grid: { left: 8, right: across ? 44 : 12, top: across ? 4 : 26, bottom: 4, containLabel: true },
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

  const builders = { hbar: rowsOption, column: rowsOption, line: rowsOption, stack: stackOption };

  function draw(element) {
    const source = document.getElementById(element.dataset.chart);
    if (!source || !window.echarts) return;
    const given = JSON.parse(source.textContent);
    const option = builders[given.kind] ? builders[given.kind](given) : given;
    const chart = echarts.init(element);
    chart.setOption({
      color: SHADES,
      animation: false,
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
      // Drawn on the canvas: the HTML tooltip would need inline styles.
      tooltip: { trigger: "item", confine: true, ...(option.tooltip || {}), renderMode: "richText" },
    });
    chart.on("click", (event) => {
      const url = event.data && event.data.url;
      if (url) location.assign(url);
    });
    new ResizeObserver(() => chart.resize()).observe(element);
  }

  const drawAll = (root) => root.querySelectorAll("[data-chart]:not([_echarts_instance_])").forEach(draw);
  drawAll(document);
  document.addEventListener("htmx:afterSwap", () => drawAll(document));
})();
