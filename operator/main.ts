/**
 * The process: signals first, then everything else. As the first process of a container it would ignore SIGTERM until it has
 * a handler, and loading the rest takes half a second.
 */
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));

try {
  const { run } = await import('./replica.ts');
  process.exitCode = stop.signal.aborted ? 0 : await run(stop);
} catch (error) {
  const { ConfigError } = await import('./config.ts');
  const fault = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`coxswain cannot run: ${fault}\n`);
  process.exitCode = 2;
}
// Whatever still holds the event loop (a socket, a timer) must not keep a replica that has ended alive.
process.exit();
