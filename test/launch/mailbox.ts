// A client of the mailbox that may also say what no honest client says.

import { connect, type Socket } from 'node:net';

/** Sends the text on a new connection; resolves to the first line of the answer, or '' if it ends without one. */
export function request(port: number, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    const end = (): void => {
      socket.destroy();
      resolve(answer.split('\n')[0] ?? '');
    };
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.includes('\n')) end();
    });
    socket.on('close', end);
    socket.on('error', end);
  });
}

/** A connection that stays open, with the lines that came over it. */
export class Line {
  readonly socket: Socket;
  readonly lines: string[] = [];
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    let rest = '';
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => resolve());
      this.socket.on('error', () => resolve());
    });
  }

  say(line: string): void {
    this.socket.write(`${line}\n`);
  }
}
