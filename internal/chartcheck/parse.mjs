// Holds charts to Mermaid's own parser: each must parse, and have as many bars as it was made with, so
// that no name became part of the chart's language. The charts come from standard input as JSON.
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

// Mermaid expects a browser.
const { window } = new JSDOM('<!DOCTYPE html><body></body>');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false });

// bars is how many different bars Mermaid would draw.
const bars = {
  xychart: (db) => {
    const { xAxis, plots } = db.getXYChartData();
    const names = new Set(xAxis.categories).size;
    return plots.length === 1 && plots[0].data.length === names ? names : -1;
  },
  gantt: (db) => db.getTasks().length,
};

async function fault({ kind, text, bars: want }) {
  const { diagramType } = await mermaid.parse(text);
  if (diagramType !== kind) return `it is a ${diagramType}`;
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  if (!db.getDiagramTitle()) return 'it has no title';
  const got = bars[kind](db);
  return got === want ? null : `it has ${got} bars, not ${want}`;
}

const charts = JSON.parse(readFileSync(0, 'utf8'));
const counts = {};
let faults = 0;
for (const chart of charts) {
  const found = await fault(chart).catch((error) => error.message);
  counts[chart.kind] = (counts[chart.kind] ?? 0) + 1;
  if (found !== null && ++faults <= 5) console.error(`${found}\n${chart.text}\n`);
}
console.log(`Mermaid read ${charts.length} charts (${Object.entries(counts).map(([kind, n]) => `${n} ${kind}`).join(', ')}): ${faults} faults`);
process.exit(faults > 0 || charts.length === 0 ? 1 : 0);
