import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { each, raw, toTemplate } from '../../charts/raw.ts';

describe('toTemplate', () => {
  it('puts expressions in place without quotes, whole and inside a string', () => {
    expect(toTemplate({ a: raw('.Values.n'), b: `${raw('include "f" .')}-x`, c: '8080' })).toBe(
      'a: {{ .Values.n }}\nb: {{ include "f" . }}-x\nc: "8080"\n',
    );
  });

  it('spreads a list into a list', () => {
    expect(toTemplate({ env: [{ name: 'A' }, each('.Values.extraEnv')] })).toBe(
      ['env:', '  - name: A', '  {{- range .Values.extraEnv }}', '  - {{ toJson . }}', '  {{- end }}', ''].join('\n'),
    );
  });

  it('carries any expression through any YAML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (expression) => {
        expect(toTemplate({ a: [{ b: raw(expression) }] })).toBe(`a:\n  - b: {{ ${expression} }}\n`);
      }),
    );
  });

  it('refuses text that Helm would take for a template', () => {
    expect(() => toTemplate({ description: 'write {{ .x }}' })).toThrow('which Helm would expand');
  });
});
