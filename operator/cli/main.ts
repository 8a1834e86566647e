/** The process of `kubectl-coxswain`. Ctrl-C ends it as it does any program: nothing is left that looks finished. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { EXIT } from './errors.ts';
import { program } from './program.ts';
import type { Terminal } from './terminal.ts';

const { stdin, stdout, stderr } = process;

/** `| head` stops reading when it has enough: not our failure. */
function quietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.pipe);
  throw error;
}

stdout.on('error', quietly);
stderr.on('error', quietly);

const terminal: Terminal = {
  out: (text) => void stdout.write(text),
  drained: async () => {
    if (stdout.writableNeedDrain) await once(stdout, 'drain');
  },
  err: (text) => void stderr.write(text),
  isLive: stderr.isTTY,
  monotonic: () => performance.now(),
  now: () => Date.now() / 1000,
  input: () => text(stdin),
};

process.exitCode = await program(process.argv.slice(2), terminal);
