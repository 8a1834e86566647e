import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DebugPage, debugPage } from '../../operator/controllers/debugPage.ts';
import { changesOf, Planner, plan } from '../../operator/core/plan/planner.ts';
import { readPolicy } from '../../operator/policyForm.ts';
import { readSaved } from '../../operator/sim/snapshot/schema.ts';
import { jsonText } from '../../operator/telemetry/jsonText.ts';
import { policies } from '../property/policies.ts';
import { NOW, worlds } from '../property/worlds.ts';

/** Made again from what was saved. */
function replayed(saved: string): string {
  const { snapshot, now, policy } = JSON.parse(saved) as DebugPage;
  const { starts, reservations, waits } = plan(snapshot, now, readPolicy(policy));
  return JSON.stringify({ starts, reservations, waits });
}

describe('/debug/plan', () => {
  it('is made again from itself, to the byte', () => {
    fc.assert(
      fc.property(worlds({ nodes: 6, waiting: 8 }), policies, (snapshot, drawn) => {
        const policy = readPolicy(JSON.parse(JSON.stringify(debugPage(latest(drawn))?.policy)));
        function latest(by: typeof drawn) {
          const planner = new Planner(by);
          planner.apply(changesOf(snapshot));
          return { now: NOW, snapshot, plan: planner.plan(NOW), policy: by };
        }
        const page = debugPage(latest(policy));
        const saved = [...jsonText(page)].join('');
        expect(replayed(saved)).toBe(JSON.stringify(page?.plan));
        expect(readSaved(saved)).toMatchObject({ now: NOW, snapshot });
      }),
      { numRuns: 300 },
    );
  });

  it('is not there before the first plan', () => {
    expect(debugPage(undefined)).toBeUndefined();
  });
});
