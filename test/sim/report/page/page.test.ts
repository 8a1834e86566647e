import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { escape, html } from '../../../../operator/sim/report/page/html.ts';
import { reportPage } from '../../../../operator/sim/report/page/page.ts';
import { summary } from '../../../../operator/sim/report/summary.ts';
import type { RunResult } from '../../../../operator/sim/results.ts';
import { FCFS, toyRun, toyWorkload } from '../toySchedule.ts';

const machine = { nodes: 4, unitsPerNode: 8 };
const run = toyRun(toyWorkload(300, 13, machine), machine, FCFS);
const page = (result: RunResult) => reportPage(result, summary(result));

describe('markup', () => {
  it('escapes what it is given, and only that', () => {
    expect(html`<b title="${'"\''}">${'<i>&'}</b>${[html`<hr>`, 'x<']}${7}${false}`.html).toBe(
      '<b title="&quot;&#39;">&lt;i&gt;&amp;</b><hr>x&lt;7',
    );
    expect(escape('a & b')).toBe('a &amp; b');
  });
});

describe('the report page', () => {
  it('says what matters in words, without its script', () => {
    const text = page(run);
    for (const part of [
      '<h1>EASY on a toy</h1>',
      'Every invariant held.',
      'Mean wait',
      'Mean bounded slowdown',
      'Utilisation',
      'Longest waits',
      'By width',
      'WaitingForRoom',
      'Promised starts',
      'Estimated starts',
      'Predicted run times',
    ])
      expect(text).toContain(part);
    const words = text.slice(text.indexOf('<body>'), text.indexOf('<script'));
    expect(words).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('names nothing outside itself', () => {
    const text = page(run);
    expect(text).not.toMatch(/\b(src|href|action)=/);
    expect(text).not.toMatch(/https?:|@import\s*["'u]|url\(/);
    expect(text).toContain('content="default-src &#39;none&#39;;');
  });

  it('tells of broken invariants and of jobs that never start', () => {
    const never = [{ id: '<wide>', reason: 'ExceedsPool', message: 'needs 9 nodes' }];
    const text = page({ ...run, broken: ['two gangs on one & the same unit'], never });
    expect(text).toContain('1 broken invariant: the figures below cannot be trusted.');
    expect(text).toContain('two gangs on one &amp; the same unit');
    expect(text).toContain('e.g. &lt;wide&gt;: needs 9 nodes');
    expect(text).not.toContain('Every invariant held.');
  });

  it('turns nothing of a trace into markup', () => {
    const evil = '</script><script>alert(1)</script><img onerror=alert(2)>';
    const jobs = run.jobs.map((job, i) => ({
      ...job,
      id: `${evil}${i}`,
      queue: `${evil}${i % 3}`,
      user: evil,
      reasons: { [evil]: 5 },
    }));
    const never = [{ id: evil, reason: evil, message: evil }];
    const pools = run.pools.map((pool) => ({ ...pool, pool: evil }));
    const text = page({ ...run, jobs, never, pools, setup: { title: evil, [evil]: evil }, broken: [evil] });
    const count = (part: string) => text.split(part).length - 1;
    expect([count('<script'), count('</script'), count('<img')]).toEqual([2, 2, 0]);
    expect(count('&lt;script&gt;')).toBeGreaterThan(10);
  });

  it('of a run without a job says so', () => {
    const text = page({ ...run, jobs: [], series: [] });
    expect(text).toContain('No job ended on 4 nodes with 32 units.');
    expect(text).not.toContain('id="stage"');
  });

  it('spends so little on a job that a year of a machine of 100 processors stays below 8 MB', () => {
    const year = { nodes: 1, unitsPerNode: 100 };
    const part = toyRun(toyWorkload(5000, 17, year, 0.7), year, FCFS);
    expect((page(part).length * 28_500) / 5000).toBeLessThan(8e6);
  });

  it('has a script whose types hold', () => {
    const project = fileURLToPath(
      new URL('../../../../operator/sim/report/page/client/tsconfig.json', import.meta.url),
    );
    const { status, stdout } = spawnSync('npx', ['tsc', '-p', project], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
