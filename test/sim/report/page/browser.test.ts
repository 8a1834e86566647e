import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../../../operator/sim/report/page/page.ts';
import { summary } from '../../../../operator/sim/report/summary.ts';
import type { RunResult } from '../../../../operator/sim/results.ts';
import { Browser, type Place, skip } from '../chromium.ts';
import { FCFS, toyRun, toyWorkload } from '../toySchedule.ts';

const machine = { nodes: 6, unitsPerNode: 8 };
const run = toyRun(toyWorkload(400, 31, machine), machine, FCFS);

/** Pixels of the drawing, in a part of it given by shares, that are painted in neither of the two quiet colours. */
const PAINTED = `(([x0, x1, y0, y1]) => {
  const canvas = document.getElementById('drawing');
  const [x, y] = [Math.round(canvas.width * x0), Math.round(canvas.height * y0)];
  const [width, height] = [Math.round(canvas.width * (x1 - x0)), Math.round(canvas.height * (y1 - y0))];
  const { data } = canvas.getContext('2d').getImageData(x, y, width, height);
  const colours = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = data.slice(i, i + 4).join(' ');
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  return { pixels: width * height, colours: [...colours.values()].filter((count) => count > 20).length };
})`;

/** What an action asked to be drawn is drawn in the next frame. */
const drawn = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))`;
const firstDrawn = `new Promise((resolve) => {
  const look = () => (document.getElementById('stage').dataset.bars === undefined ? requestAnimationFrame(look) : resolve(true));
  look();
})`;
const dataset = `({ ...document.getElementById('stage').dataset })`;

describe.skipIf(skip)('the report page in a browser', () => {
  let folder: string;
  let browser: Browser;
  let close = async () => {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coxswain-page-'));
    browser = await Browser.start(1280, 900);
    close = async () => await browser[Symbol.asyncDispose]();
  }, 60_000);

  afterAll(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the page of a result and waits for its first picture. */
  const open = async (result: RunResult) => {
    const file = join(folder, 'report.html');
    writeFileSync(file, reportPage(result, summary(result)));
    browser.events.length = 0;
    await browser.open(pathToFileURL(file).href);
    await browser.evaluate(firstDrawn);
  };

  const shown = async () => {
    const { bars, from, to } = (await browser.evaluate(dataset)) as Record<string, string>;
    return { bars: Number(bars), from: Number(from), to: Number(to) };
  };

  /** Where a share of the chart's width and so many pixels from its top are in the window. */
  const placeOf = async (share: number, down: number): Promise<Place> =>
    (await browser.evaluate(`(() => {
      const stage = document.getElementById('stage');
      stage.scrollIntoView();
      const { left, top, width } = stage.getBoundingClientRect();
      return { x: left + 92 + ${share} * (width - 102), y: top + ${down} };
    })()`)) as Place;

  const troubles = () =>
    browser.events.filter(
      ({ method, params }) =>
        method === 'Runtime.exceptionThrown' ||
        (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type']))) ||
        method === 'Log.entryAdded',
    );

  const requests = () =>
    browser.events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => (params['request'] as { url: string }).url.split(':')[0]);

  it('draws every bar without a complaint and without a request', async () => {
    await open(run);
    const { bars, from, to } = await shown();
    expect(bars).toBeGreaterThanOrEqual(run.jobs.length);
    expect([from, to]).toEqual([0, Math.max(...run.jobs.map(({ end }) => end)) - (run.jobs[0]?.submit ?? 0)]);
    expect(troubles()).toEqual([]);
    expect(requests()).toEqual(['file']);
    const nodes = (await browser.evaluate(`${PAINTED}([0.1, 0.99, 0.15, 0.5])`)) as { colours: number };
    const curves = (await browser.evaluate(`${PAINTED}([0.1, 0.99, 0.7, 1])`)) as { colours: number };
    expect(nodes.colours).toBeGreaterThan(6);
    expect(curves.colours).toBeGreaterThan(4);
    const legend = await browser.evaluate(`document.getElementById('legend').innerText`);
    expect(String(legend).split('\n')).toEqual(['1', '2–4', '5–8', '9–32', '33–128', 'over 128']);
  });

  it('looks closer at what is dragged over, and back at everything on a double click', async () => {
    await open(run);
    const all = await shown();
    const [left, right] = [await placeOf(0.25, 200), await placeOf(0.5, 200)];
    await browser.point(left, { x: left.x + 30, y: left.y }, right);
    await browser.evaluate(drawn);
    const closer = await shown();
    expect(closer.from / all.to).toBeCloseTo(0.25, 2);
    expect(closer.to / all.to).toBeCloseTo(0.5, 2);
    expect(closer.bars).toBeLessThan(all.bars);
    await browser.evaluate(`document.getElementById('stage').dispatchEvent(new MouseEvent('dblclick'))`);
    await browser.evaluate(drawn);
    expect(await shown()).toEqual(all);
    expect(troubles()).toEqual([]);
  });

  it('moves by its buttons and by keys', async () => {
    await open(run);
    const all = await shown();
    await browser.evaluate(`document.getElementById('in').click(); ${drawn}`);
    expect((await shown()).from / all.to).toBeCloseTo(0.25, 6);
    const press = (key: string) =>
      `document.getElementById('stage').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' })); ${drawn}`;
    await browser.evaluate(press('ArrowRight'));
    expect((await shown()).from / all.to).toBeCloseTo(0.5, 6);
    await browser.evaluate(press('0'));
    expect(await shown()).toEqual(all);
  });

  it('tells of the job under the pointer', async () => {
    const job = run.jobs.toSorted((a, b) => b.width * b.run - a.width * a.run)[0] ?? expect.fail('no job');
    const origin = run.jobs[0]?.submit ?? 0;
    await open(run);
    const { to } = await shown();
    const node = Number(job.placements[0]?.node.slice('node-'.length));
    const height = Number(await browser.evaluate(`document.getElementById('stage').clientHeight`));
    // The nodes begin below the strip of the run and its axis, and have ten pixels a lane.
    expect(height).toBeGreaterThan(64 + 480);
    await browser.point(await placeOf((job.start + job.run / 2 - origin) / to, 64 + node * 80 + 5));
    const text = String(await browser.evaluate(`document.getElementById('tooltip').innerText`));
    const found = run.jobs.find(({ id }) => text.startsWith(`${id}\n`)) ?? expect.fail(`no job in: ${text}`);
    expect(found.placements.map(({ node }) => node)).toContain(`node-${node}`);
    for (const word of ['queue', 'width', 'submitted', 'waited', 'ran', 'slowdown', 'predicted'])
      expect(text).toContain(word);
    expect(troubles()).toEqual([]);
  });

  it('colours by queue and in the dark', async () => {
    await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'dark' }] });
    await open(run);
    const background = await browser.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(17, 24, 28)');
    await browser.evaluate(`(() => {
      const colouring = document.getElementById('colouring');
      colouring.value = String([...colouring.options].findIndex(({ text }) => text === 'queue'));
      colouring.dispatchEvent(new Event('change'));
    })(); ${drawn}`);
    const legend = await browser.evaluate(`document.getElementById('legend').innerText`);
    expect(String(legend).split('\n').toSorted()).toEqual(['batch', 'urgent']);
    await browser.send('Emulation.setEmulatedMedia', { features: [] });
    expect(troubles()).toEqual([]);
  });

  it('shows one pool at a time, or all', async () => {
    const pools = [
      { pool: 'left', nodes: ['node-0', 'node-1'], units: 16 },
      { pool: 'right', nodes: ['node-2', 'node-3', 'node-4', 'node-5'], units: 32 },
    ];
    await open({ ...run, pools, series: run.series.map((point) => ({ ...point, pool: 'left' })) });
    const all = await shown();
    await browser.evaluate(`(() => {
      const pool = document.getElementById('pool');
      pool.value = '1';
      pool.dispatchEvent(new Event('change'));
    })(); ${drawn}`);
    expect((await shown()).bars).toBeLessThan(all.bars);
    expect((await shown()).bars).toBeGreaterThan(0);
    expect(troubles()).toEqual([]);
  });

  it('runs and loads nothing that a trace brings along', async () => {
    const evil = '</script><img src=x onerror="window.taken=1"><script>window.taken=1</script>';
    const jobs = run.jobs.map((job) => ({ ...job, id: `${evil}${job.index}`, user: evil, queue: evil }));
    await open({ ...run, jobs, setup: { title: evil } });
    await browser.point(await placeOf(0.5, 120));
    expect(await browser.evaluate('window.taken ?? null')).toBeNull();
    expect(await browser.evaluate(`document.querySelector('h1').textContent`)).toBe(evil);
    expect(requests()).toEqual(['file']);
    expect(troubles()).toEqual([]);
  });

  it('draws one job that took no time', async () => {
    const [job] = run.jobs;
    if (!job) return expect.fail('no job');
    await open({ ...run, jobs: [{ ...job, end: job.start, start: job.submit, run: 0 }], series: [] });
    expect(await shown()).toEqual({ bars: 0, from: 0, to: 1 });
    expect(troubles()).toEqual([]);
  });
});
