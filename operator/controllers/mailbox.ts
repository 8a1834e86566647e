/** Speaks to member 0's mailbox (docs/launch-protocol.md): one line out, one line back. */
import { connect } from 'node:net';

/** Milliseconds for the whole exchange. */
const TIMEOUT = 3_000;
const MAX_ANSWER = 1024;

/**
 * Sends `words` to the mailbox at `host`:`port` and resolves when it says `ok`.
 * Rejects when nobody answers in time, or with the mailbox's own words when it refuses.
 */
export function sendToMailbox(host: string, port: number, token: string, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = '';
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => end(new Error(`no answer from the mailbox within ${TIMEOUT / 1000} s`)), TIMEOUT);
    socket.on('connect', () => socket.write(`CX1 ${token} ${words}\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('utf8');
      if (!answer.includes('\n') && answer.length < MAX_ANSWER) return;
      const line = answer.split('\n', 1)[0] ?? '';
      end(line.startsWith('ok') ? undefined : new Error(`the mailbox refused: ${line.slice(0, 200)}`));
    });
    socket.on('error', end);
    socket.on('close', () => end(new Error('the mailbox closed the connection')));
  });
}
