/** Headless Chromium, driven over the DevTools protocol on two pipes: no port is opened and no package is needed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

/** Debian's package of the same name brings it. */
const COMMAND = 'chromium';

const missing = spawnSync(COMMAND, ['--version'], { stdio: 'ignore' }).status !== 0;
/** Tests skip where it is missing, saying so, except on CI: there a skipped test is a hidden failure. */
export const skip = missing && process.env['CI'] !== 'true';
if (skip) console.warn(`report page: skipped, Debian package missing: ${COMMAND}`);

const message = z.object({
  id: z.int().optional(),
  sessionId: z.string().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});

export type PageEvent = { readonly method: string; readonly params: Readonly<Record<string, unknown>> };
type Settle = { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void };

/** One browser with one page. `events` are all that were reported, in order. */
export class Browser implements AsyncDisposable {
  readonly events: PageEvent[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #pending = new Map<number, Settle>();
  readonly #waiting: { method: string; resolve: () => void }[] = [];
  #sent = 0;
  #session: string | undefined;

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
    const output = child.stdio[4] as Readable;
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#receive(message.parse(JSON.parse(part)));
    });
    child.on('exit', (code) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${COMMAND} ended with ${code}`));
    });
  }

  /** Starts it with a profile of its own and an empty page of the given size. */
  static async start(width: number, height: number): Promise<Browser> {
    if (missing) throw new Error(`Debian package missing: ${COMMAND}`);
    const profile = mkdtempSync(join(tmpdir(), 'coxswain-chromium-'));
    const flags = ['--headless', '--remote-debugging-pipe', '--disable-gpu', '--no-first-run', '--disable-extensions'];
    // As root there is no sandbox; the page is ours.
    const rooted = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const window = [`--window-size=${width},${height}`, `--user-data-dir=${profile}`];
    const child = spawn(COMMAND, [...flags, ...rooted, ...window], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const browser = new Browser(child, profile);
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.send(`${domain}.enable`);
    return browser;
  }

  #receive({ id, method, params, result, error }: z.infer<typeof message>): void {
    if (method !== undefined) {
      this.events.push({ method, params: params ?? {} });
      const heard = this.#waiting.findIndex((waiter) => waiter.method === method);
      if (heard >= 0) this.#waiting.splice(heard, 1)[0]?.resolve();
    }
    if (id === undefined) return;
    const settle = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) settle?.reject(new Error(error.message));
    else settle?.resolve(result ?? {});
  }

  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#sent;
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    this.#pending.set(id, { resolve, reject });
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return await promise;
  }

  /** Returns when the page's load event has come. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.#waiting.push({ method: 'Page.loadEventFired', resolve }));
    const { errorText } = await this.send('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${JSON.stringify(errorText)}`);
    await loaded;
  }

  /** Value of an expression in the page, awaited there; it must be JSON. Throws what the page throws. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', options);
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  /** Moves the pointer through places of the window; pressed on the way where there is more than one. */
  async point(...[first, ...rest]: readonly [Place, ...Place[]]): Promise<void> {
    const mouse = async (type: string, { x, y }: Place, pressed: boolean) => {
      const buttons = pressed ? { button: 'left', buttons: 1, clickCount: 1 } : {};
      await this.send('Input.dispatchMouseEvent', { type, x, y, ...buttons });
    };
    await mouse('mouseMoved', first, false);
    if (rest.length === 0) return;
    await mouse('mousePressed', first, true);
    for (const place of rest) await mouse('mouseMoved', place, true);
    await mouse('mouseReleased', rest.at(-1) ?? first, true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export type Place = { readonly x: number; readonly y: number };
