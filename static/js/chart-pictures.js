// A chart taken out as a picture: as dots for a slide, as lines for a paper that is printed large.
(() => {
  "use strict";

  // The picture of a chart: its title above, drawn twice as fine as on a usual screen.
  const { FONT, INK } = portalCharts;
  const MARGIN = 16;
  const FINE = 2;

  function picture(chart, title) {
    const drawn = chart.renderToCanvas({ pixelRatio: FINE, backgroundColor: "#fff" });
    const sheet = document.createElement("canvas");
    const head = 40 * FINE;
    sheet.width = drawn.width + 2 * MARGIN * FINE;
    sheet.height = drawn.height + head + MARGIN * FINE;
    const pen = sheet.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.drawImage(drawn, MARGIN * FINE, head);
    pen.fillStyle = INK;
    pen.font = `600 ${15 * FINE}px ${FONT}`;
    pen.textBaseline = "middle";
    pen.fillText(title, MARGIN * FINE, head / 2, sheet.width - 2 * MARGIN * FINE);
    return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  }

  // The same for a document that is printed large: drawn anew without a canvas, in the size of the screen.
  async function vectors({ chart, whole }, title) {
    await portalCharts.arrived(portalCharts.vectors);
    const [width, height, head] = [chart.getWidth(), chart.getHeight(), 40];
    const made = echartsVectors.init(null, null, { renderer: "svg", ssr: true, width, height });
    made.setOption(whole);
    // Names of faces come in quotation marks, which would end the attribute they stand in.
    const face = FONT.replaceAll(/["']/g, "");
    const inner = made.renderToSVGString().replaceAll(FONT, face).replace("<svg ", `<svg x="${MARGIN}" y="${head}" `);
    made.dispose();
    const said = Object.assign(document.createElement("i"), { textContent: title }).innerHTML;
    const [w, h] = [width + 2 * MARGIN, height + head + MARGIN];
    const text = `<text x="${MARGIN}" y="${head / 2 + 5}" font-family="${face}" font-size="15" font-weight="600" fill="${INK}">${said}</text>`;
    const ground = '<rect width="100%" height="100%" fill="#fff"/>';
    const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">${ground}${text}${inner}</svg>`;
    return new Blob([sheet], { type: "image/svg+xml" });
  }

  async function takeOut(button) {
    const element = document.querySelector(`.chart[data-chart="${button.dataset.picture}"]`);
    const title = button.dataset.pictureTitle;
    const { format } = button.dataset;
    const drawn = await portalCharts.drawn(element);
    const blob = await (format === "svg" ? vectors(drawn, title) : picture(drawn.chart, title));
    button.closest("details").open = false;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${title}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  portalCharts.takeOut = takeOut;
})();
