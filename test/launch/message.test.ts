// What reaches the operator and the reader of the log: the result, the tail, and output as the program wrote it.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChecked, missing } from './build.ts';
import { type Ended, Gang } from './gang.ts';

const reason = missing(['make', 'gcc']);

describe.skipIf(reason !== undefined)('the termination message', { concurrent: true }, () => {
  let launcher = '';

  beforeAll(async () => {
    launcher = await buildChecked();
  }, 120_000);

  afterAll(() => Gang.closeAll());

  async function ended(script: string): Promise<Ended> {
    const gang = await Gang.start(launcher, { members: 1 }, 'bash', '-c', script);
    return gang.ended(0);
  }

  /** A program that leaves this text in the file. */
  const leave = (text: string): string => `printf '%s' '${text}' > $COXSWAIN_TERMINATION_LOG`;

  test('the file’s result is taken, without its blanks', async () => {
    const e = await ended(leave('\n{ "fom" : 1.5e3,\n "ok": [true, null, "a\\u00e9 \\" b"] }\n'));
    expect(e.outcome?.result).toEqual({ fom: 1500, ok: [true, null, 'aé " b'] });
    expect(e.outcome?.message).not.toContain('result');
  });

  test('without the file, the last marked line of stdout', async () => {
    const e = await ended(
      `echo 'COXSWAIN_RESULT {"a":1}'; echo between; echo 'COXSWAIN_RESULT {"a":2}'; echo 'not COXSWAIN_RESULT {"a":3}'`,
    );
    expect(e.outcome?.result).toEqual({ a: 2 });
  });

  test('a last line without its end counts', async () => {
    expect((await ended(`printf 'COXSWAIN_RESULT {"a":4}'`)).outcome?.result).toEqual({ a: 4 });
  });

  test('the file goes before the line', async () => {
    expect((await ended(`echo 'COXSWAIN_RESULT {"a":1}'; ${leave('{"a":9}')}`)).outcome?.result).toEqual({ a: 9 });
  });

  test('a failed program’s result is kept too', async () => {
    const e = await ended(`${leave('{"step":12}')}; exit 3`);
    expect(e.outcome).toMatchObject({ cause: 'ProgramFailed', code: 3, result: { step: 12 } });
  });

  test.each([
    'no json',
    '[1,2]',
    '"text"',
    '{"a":1} {"b":2}',
    '{"a":1,}',
    '{"a":01}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":nul}',
    '{a:1}',
    '{"a":1',
    '{"a":-}',
    '{"a":1.}',
    `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  ])('what is not a JSON object is left out: %s', async (text) => {
    const e = await ended(leave(text));
    expect(e.outcome).toMatchObject({ cause: 'Completed', result: null });
    expect(e.outcome?.message).toContain('its result');
  });

  test('what is not UTF-8 is left out', async () => {
    expect((await ended(`printf '{"a":"\\xff"}' > $COXSWAIN_TERMINATION_LOG`)).outcome?.result).toBeNull();
  });

  test('2,000 bytes fit, 2,001 do not', async () => {
    const fits = `{"a":"${'x'.repeat(1992)}"}`;
    expect((await ended(leave(fits))).outcome?.result).toEqual(JSON.parse(fits));
    const e = await ended(leave(fits.replace('x', 'xx')));
    expect(e.outcome).toMatchObject({ cause: 'Completed', result: null });
    expect(e.outcome?.message).toContain('2000 bytes');
  });

  test.each(['file', 'line'])('a huge result in a %s does no harm', async (where) => {
    const huge = `head -c 3000000 /dev/zero | tr '\\0' x`;
    const e = await ended(
      where === 'file' ? `${huge} > $COXSWAIN_TERMINATION_LOG` : `printf 'COXSWAIN_RESULT '; ${huge}; echo`,
    );
    expect(e.outcome).toMatchObject({ cause: 'Completed', result: null });
  });

  test('the tail is the end of stderr', async () => {
    const e = await ended('echo out; for i in $(seq 1000); do echo line $i >&2; done; exit 1');
    expect(e.outcome?.tail?.endsWith('line 999\nline 1000\n')).toBe(true);
    expect(e.outcome?.tail).not.toContain('out');
  });

  test('without stderr, the end of stdout', async () => {
    expect((await ended('echo last words; exit 1')).outcome?.tail).toBe('last words\n');
  });

  test('the tail gives way to the largest result, and bytes of any kind stay JSON', async () => {
    const e = await ended(
      `${leave(`{"a":"${'x'.repeat(1992)}"}`)}; head -c 3000 /dev/urandom >&2; printf 'é\\001"\\\\ \\xff end' >&2`,
    );
    expect(e.outcome?.result).not.toBeNull();
    expect(e.outcome?.tail?.endsWith('é\u0001"\\ \ufffd end')).toBe(true);
  });

  test('all output passes, in order and unchanged', async () => {
    const e = await ended('seq 200000; seq 100000 >&2');
    const numbers = (n: number): string => Array.from({ length: n }, (_, i) => `${i + 1}\n`).join('');
    expect(e.stdout === numbers(200000)).toBe(true);
    expect(e.stderr.startsWith(numbers(100000))).toBe(true);
  });

  test('a grandchild that keeps the pipes open does not keep the member', async () => {
    const e = await ended('setsid sleep 30 & echo done');
    expect(e.outcome?.cause).toBe('Completed');
  });
});
