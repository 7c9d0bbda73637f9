// One way to draw for server and browser: formats that JSON cannot carry, and the drawing itself.
(function (scope) {
  "use strict";

  function number(value, decimals, signed) {
    if (value === null || value === undefined || isNaN(value)) return "…";
    var text = Math.abs(value).toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    if (!/[1-9]/.test(text)) return text;
    return (value < 0 ? "−" : signed ? "+" : "") + text;
  }

  function each(part, act) { (Array.isArray(part) ? part : part ? [part] : []).forEach(act); }

  // On a narrow screen a picture gives its room to the bars; names stand in the key.
  function narrowed(option) {
    Object.assign(option.grid, option.narrow);
    each(option.series, function (series) {
      if (series.type !== "scatter" || series.symbolSize >= 1) return;
      each(series.data, function (item) { if (item && item.label) item.label.show = false; });
    });
    return option;
  }

  // Names under an axis that states their width break so that each stays in its own place.
  function fitted(option, width) {
    var axis = option.xAxis, grid = option.grid;
    if (!axis || !axis.axisLabel || !axis.axisLabel.width) return;
    var room = (width - grid.left - grid.right) / axis.data.length - 6;
    axis.axisLabel.width = Math.max(24, Math.min(axis.axisLabel.width, Math.floor(room)));
  }

  function prepare(option, width) {
    var format = option.format || {};
    if (option.narrow && width < 560) narrowed(option);
    delete option.format;
    delete option.narrow;
    fitted(option, width);
    each(option.yAxis, function (axis) {
      var decimals = axis.decimals === undefined ? format.decimals : axis.decimals;
      axis.axisLabel = axis.axisLabel || {};
      axis.axisLabel.formatter = function (value) { return number(value, decimals, false); };
    });
    if (option.tooltip) {
      option.tooltip.renderMode = "richText";
      option.tooltip.valueFormatter = function (value) {
        return number(value, format.full, format.signed);
      };
    }
    return option;
  }

  function svg(text, width, height) {
    var chart = scope.echarts.init(null, null, {
      renderer: "svg", ssr: true, width: width, height: height
    });
    chart.setOption(prepare(JSON.parse(text), width));
    var drawn = chart.renderToSVGString();
    chart.dispose();
    return drawn;
  }

  // The colours of an option are names of tokens; the browser needs their values.
  function coloured(text) {
    var style = getComputedStyle(document.documentElement);
    return text.replace(/var\((--[a-z0-9-]+)\)/g, function (all, name) {
      return style.getPropertyValue(name).trim().replace(/"/g, "'");
    });
  }

  function draw(place) {
    var source = document.getElementById(place.dataset.chart);
    if (!source || !scope.echarts) return;
    var held = scope.echarts.getInstanceByDom(place);
    if (held) held.dispose();
    place.replaceChildren();
    place.classList.add("live");
    scope.echarts.init(place, null, { renderer: "svg" })
      .setOption(prepare(JSON.parse(coloured(source.textContent)), place.clientWidth));
  }

  function drawAll() { document.querySelectorAll("[data-chart]").forEach(draw); }

  function resizeAll() {
    document.querySelectorAll("[data-chart]").forEach(function (place) {
      var held = scope.echarts && scope.echarts.getInstanceByDom(place);
      if (held) held.resize();
    });
  }

  scope.dualcarbonCharts = { prepare: prepare, svg: svg, drawAll: drawAll };
  if (typeof window === "undefined") return;
  window.addEventListener("load", function () {
    drawAll();
    document.body.dataset.charts = "1";
  });
  window.addEventListener("resize", resizeAll);
  window.addEventListener("themechange", drawAll);
  window.addEventListener("beforeprint", resizeAll);
  document.addEventListener("htmx:afterSettle", drawAll);
})(globalThis);
