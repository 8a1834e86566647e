import { describe, expect, it } from 'vitest';
import { predictorStatus as schema } from '../../../crds/predictor.ts';
import { predictorStatus } from '../../../operator/controllers/learning/predictorStatus.ts';
import { predictor } from '../fixtures.ts';

const losses = { refused: 0, unreadable: 0, buffered: 0, dropped: 0 };

describe('the status of the predictor', () => {
  it('of a cluster that has learned nothing yet says so', () => {
    const learner = {
      runs: 0,
      score: undefined,
      usesPredictions: false,
      leading: undefined,
      refits: { version: 0, backend: 'none' },
    };
    const status = predictorStatus(predictor(), { learner, history: { place: 'a.db', losses: () => losses } });
    expect(status).toEqual({
      observedGeneration: 1,
      runs: 0,
      planning: 'Limits',
      backend: 'none',
      version: 0,
      history: 'a.db',
    });
  });

  it('tells error, coverage, refits and what was lost', () => {
    const learner = {
      runs: 1234,
      score: { judged: 900, error: 0.43219, userError: 0.6744, coverage: 0.9012 },
      usesPredictions: true,
      leading: 'gbm',
      refits: { version: 7, backend: 'wasm', last: { at: 1_767_225_600, seconds: 1.23456 } },
    };
    const lost = { ...losses, refused: 2, dropped: 1 };
    const status = predictorStatus(predictor(), { learner, history: { place: 'PostgreSQL', losses: () => lost } });
    expect(status).toMatchObject({
      error: 0.432,
      userError: 0.674,
      coverage: 0.901,
      leading: 'gbm',
      planning: 'Learned',
      lastRefit: '2026-01-01T00:00:00.000Z',
      refitSeconds: 1.235,
      history: 'PostgreSQL; 2 refused; 1 dropped',
    });
    expect(schema.parse(status)).toEqual(status);
  });
});
