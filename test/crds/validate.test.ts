import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../crds/index.ts';
import { SimulationJobKind } from '../../crds/job.ts';
import { validate } from '../../crds/validate.ts';
import { ACCEPTED, JOB, manifest, REFUSALS } from './cases.ts';

const problemsOf = (...[kind, object, options]: Parameters<typeof validate>) => {
  const judged = validate(kind, object, options);
  return judged.ok ? [] : judged.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe('validate', () => {
  it.each(REFUSALS.map((r) => [r.name, r] as const))('refuses %s', (_, { kind, object, offline }) => {
    expect(problemsOf(kind, object).join('\n')).toContain(offline);
  });

  it.each(ACCEPTED.map((a) => [JSON.stringify(a.object), a] as const))('accepts %s', (_, { kind, object }) => {
    expect(problemsOf(kind, object)).toEqual([]);
  });

  it('fills in the defaults and leaves the rest as it is', () => {
    const object = { ...manifest(SimulationJobKind, { ...JOB, volumes: [] }), status: { state: 'Running' } };
    const judged = validate(SimulationJobKind, object);
    expect(judged).toMatchObject({
      ok: true,
      value: {
        metadata: { name: 'a-job', namespace: 'default' },
        spec: { ...JOB, volumes: [], nodes: 1, queue: 'default', restarts: 0, infrastructureRetries: 10, shm: '256Mi' },
        status: { state: 'Running' },
      },
    });
  });

  it('names every problem at once', () => {
    const object = manifest(SimulationJobKind, { image: 3, nodes: 0, comand: [] });
    expect(problemsOf(SimulationJobKind, object)).toEqual([
      'spec.comand: unknown field; did you mean command?',
      expect.stringContaining('spec.image: '),
      'spec.command: is required',
      expect.stringContaining('spec.nodes: '),
    ]);
  });

  it('refuses another kind and another version by name', () => {
    expect(problemsOf(SimulationJobKind, { ...manifest(SimulationJobKind, JOB), kind: 'Job' })).toEqual([
      'kind: must be SimulationJob',
    ]);
    expect(problemsOf(SimulationJobKind, { ...manifest(SimulationJobKind, JOB), apiVersion: 'batch/v1' })).toEqual([
      'apiVersion: must be coxswain.dev/v1alpha1',
    ]);
  });

  it('passes over fields of other versions when it is asked to, and takes them out', () => {
    const object = manifest(SimulationJobKind, { ...JOB, objective: 'energy', topology: { spine: 'x' } });
    const judged = validate(SimulationJobKind, object, { unknownFields: 'ignore' });
    expect(judged.ok && judged.value.spec).toMatchObject({ ...JOB, topology: {} });
    expect(judged.ok && judged.value.spec).not.toHaveProperty('objective');
  });

  it('is a verdict on anything at all, never an exception', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.anything(), fc.anything(), (kind, anything, spec) => {
        expect(validate(kind, anything).ok).toBe(false);
        expect(() => validate(kind, manifest(kind, spec))).not.toThrow();
      }),
    );
  });

  it('finds its own result valid and changes nothing in it', () => {
    for (const { kind, object } of ACCEPTED) {
      const first = validate(kind, object);
      expect(first.ok && validate(kind, first.value)).toEqual(first);
    }
  });
});
