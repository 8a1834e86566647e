import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendToMailbox } from '../../operator/controllers/mailbox.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A mailbox that answers every line with `answer`, or hangs up where there is none. */
async function listen(answer: string | undefined, heard: string[] = []): Promise<number> {
  server = createServer((socket) => {
    socket.on('data', (data) => {
      heard.push(data.toString());
      if (answer === undefined) socket.destroy();
      else socket.write(answer);
    });
    socket.on('error', () => socket.destroy());
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('a signal to the mailbox', () => {
  it('is one line with the token, and ends with ok', async () => {
    const heard: string[] = [];
    await sendToMailbox('127.0.0.1', await listen('ok\n', heard), 'f00d', 'stop Suspended');
    expect(heard.join('')).toBe('CX1 f00d stop Suspended\n');
  });

  it('a refusal is told in the mailbox’s words', async () => {
    await expect(sendToMailbox('127.0.0.1', await listen('no such verb\n'), 't', 'x')).rejects.toThrow(
      'the mailbox refused: no such verb',
    );
  });

  it('a mailbox that hangs up, or is not there, is an error and not a wait', async () => {
    await expect(sendToMailbox('127.0.0.1', await listen(undefined), 't', 'x')).rejects.toThrow(/closed|ECONNRESET/);
    const port = await listen('ok\n');
    server?.close();
    await expect(sendToMailbox('127.0.0.1', port, 't', 'x')).rejects.toThrow('ECONNREFUSED');
  });
});
