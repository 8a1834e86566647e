/** The report page: one file that opens anywhere, without a network and without anything beside it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { RunResult } from '../../results.ts';
import type { Summary } from '../schema.ts';
import { pageData } from './data.ts';
import { foresight } from './foresight.ts';
import { header, titleOf } from './headline.ts';
import { type Html, html, trusted } from './html.ts';
import { distributions, longestWaits, whoWaited, whyTheyWaited } from './tables.ts';
import { timeline } from './timeline.ts';

/** Modules of the page's script, each after those that it uses; main.js starts it. */
const MODULES = [
  'text',
  'view',
  'colours',
  'heat',
  'gantt',
  'curves',
  'plots',
  'stage',
  'tooltip',
  'marks',
  'chart',
  'pointer',
  'main',
] as const;

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

/** One module out of all: they share one scope, so imports and exports fall away. */
function script(): string {
  const sources = MODULES.map((name) => read(`client/${name}.js`));
  return sources.map((text) => text.replaceAll(/^import .*;\n/gm, '').replaceAll(/^export /gm, '')).join('\n');
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing may be loaded, and nothing may run but the page's own script. */
function policyFor(style: string, code: string): string {
  const own = `style-src ${hash(style)}; script-src ${hash(code)}`;
  return `default-src 'none'; ${own}; base-uri 'none'; form-action 'none'`;
}

/**
 * The whole page as text; the same bytes for the same result. Its policy of content keeps what a trace holds from
 * loading or running anything, should it ever slip through the escaping.
 */
export function reportPage(result: RunResult, summary: Summary): string {
  const [style, code] = [read('style.css'), script()];
  const chart = pageData(result);
  const payload = chart ? gzipSync(JSON.stringify(chart.data)).toString('base64') : '';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(style, code)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${titleOf(summary)} · Coxswain</title>
<style>${trusted(style)}</style>
</head>
<body>
${header(summary)}
<main>
${chart ? body(result, summary, timeline(chart.data, chart.notes)) : ''}
</main>
<footer><p>Beside this page: jobs.jsonl, never.jsonl, series.jsonl, summary.json, timing.json.</p></footer>
<script type="application/gzip" id="data">${payload}</script>
<script type="module">${trusted(code)}</script>
</body>
</html>
`.html;
}

function body({ jobs }: RunResult, summary: Summary, chart: Html): Html {
  return html`${chart}
${distributions(jobs)}
${whoWaited(summary)}
${whyTheyWaited(summary)}
${longestWaits(jobs)}
${foresight(summary)}`;
}
