// Draws charts (Chart.js) of the tables that follow them; what a table does not say is in no chart.
"use strict";

const DASHES = [[], [6, 4], [2, 3]];
const POINTS = ["circle", "triangle", "rect"];

function styleOf(name) {
  return getComputedStyle(document.body).getPropertyValue(name).trim();
}

// Stripes, dots…: series differ by more than their colour. The first one is plain.
function pattern(number) {
  const colour = styleOf(`--chart-${number + 1}`);
  if (number === 0) return colour;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = styleOf("--surface");
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (number === 1) for (const at of [-4, 4, 12]) pen.moveTo(at - 4, 8), pen.lineTo(at + 4, 0);
  if (number === 2) pen.arc(4, 4, 1.75, 0, 7);
  if (number === 3) pen.moveTo(0, 4), pen.lineTo(8, 4);
  if (number === 4) pen.moveTo(4, 0), pen.lineTo(4, 8), pen.moveTo(0, 4), pen.lineTo(8, 4);
  number === 2 ? pen.fill() : pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function read(canvas) {
  const table = document.getElementById(canvas.dataset.table);
  const most = Number(canvas.dataset.rows) || Infinity;
  const rows = [...table.tBodies[0].rows].slice(0, most);
  const heads = table.tHead.rows[0].cells;
  return {
    labels: rows.map((row) => row.cells[0].textContent),
    series: canvas.dataset.columns.split(" ").map((column) => ({
      label: heads[column].textContent,
      data: rows.map((row) => Number(row.cells[column].dataset.value)),
    })),
  };
}

function draw(canvas) {
  const { labels, series } = read(canvas);
  const kind = canvas.dataset.chart;
  const text = styleOf("--text");
  const axis = { grid: { color: styleOf("--soft") }, stacked: kind !== "lines", ticks: { color: text, autoSkipPadding: 12 } };
  const dataset = (one, number) =>
    kind === "lines"
      ? {
          ...one,
          borderColor: styleOf(`--chart-${number + 1}`),
          borderDash: DASHES[number],
          borderWidth: 2,
          pointBackgroundColor: styleOf(`--chart-${number + 1}`),
          pointStyle: POINTS[number],
        }
      : { ...one, backgroundColor: pattern(number), borderColor: styleOf("--surface"), borderWidth: 1, maxBarThickness: 40 };
  return new Chart(canvas, {
    type: kind === "lines" ? "line" : "bar",
    data: { labels, datasets: series.map(dataset) },
    options: {
      animation: false,
      indexAxis: kind === "across" ? "y" : "x",
      maintainAspectRatio: false,
      locale: "fr-BE",
      scales: { x: axis, y: { ...axis, beginAtZero: true } },
      plugins: {
        legend: { labels: { color: text, usePointStyle: kind === "lines", boxWidth: 24 }, position: "bottom" },
        tooltip: { animation: false },
      },
    },
  });
}

let drawn = [];

function drawAll() {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 13;
  for (const chart of drawn) chart.destroy();
  drawn = [...document.querySelectorAll("canvas[data-chart]")].map(draw);
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
