import { expect, test } from 'vitest';
import { createLog, type LogLevel } from '../../operator/telemetry/log.ts';

function logged(level: LogLevel = 'info'): {
  log: ReturnType<typeof createLog>;
  lines: () => Record<string, unknown>[];
} {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const log = createLog({ level, base: { pod: 'p' }, destination });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('one JSON line each, with stable keys', () => {
  const { log, lines } = logged();
  log.child({ controller: 'c' }).child({ reconcileID: 'r' }).warn('careful', { name: 'x' });
  expect(lines()).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      pod: 'p',
      controller: 'c',
      reconcileID: 'r',
      name: 'x',
      msg: 'careful',
    },
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = logged('warn');
  log.debug('no');
  log.info('no');
  log.error('yes');
  expect(lines().map(({ msg }) => msg)).toEqual(['yes']);
});

test('secrets are blotted out, where they are expected', () => {
  const { log, lines } = logged();
  log.info('oops', {
    token: 'hunter2',
    headers: { authorization: 'Bearer hunter2' },
    deep: { er: { password: 'hunter2' } },
    name: 'kept',
  });
  expect(JSON.stringify(lines())).not.toContain('hunter2');
  expect(lines()[0]).toMatchObject({ token: '[redacted]', name: 'kept' });
});
