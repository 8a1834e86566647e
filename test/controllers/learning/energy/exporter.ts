/** Serves energy as dcgm-exporter and Kepler do: every series draws a known, constant power. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One series of constant power. */
export type Draw = {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly watts: number;
  /** Of a gauge the power is served, of a counter the energy, in so many units to the joule. */
  readonly type: 'counter' | 'gauge';
  readonly perJoule?: number;
  /** Where the counter begins, and after how many seconds it falls back to zero. */
  readonly base?: number;
  readonly resetAfter?: number;
  /** Seconds after which the series is first and last served. */
  readonly since?: number;
  readonly until?: number;
};

function line(draw: Draw, seconds: number): string {
  const {
    metric,
    labels,
    watts,
    type,
    perJoule = 1,
    base = 0,
    resetAfter = Infinity,
    since = 0,
    until = Infinity,
  } = draw;
  if (seconds < since || seconds >= until) return '';
  const units = watts * perJoule;
  const counted = seconds >= resetAfter ? units * (seconds - resetAfter) : base + units * seconds;
  const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${text.join(',')}} ${type === 'gauge' ? watts : counted}\n`;
}

export class Exporter {
  readonly #server: Server;
  /** Seconds since the epoch at which all series begin. */
  began = Infinity;

  private constructor(paths: Readonly<Record<string, readonly Draw[]>>) {
    this.#server = createServer((request, response) => {
      const seconds = Date.now() / 1000 - this.began;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end((paths[request.url ?? ''] ?? []).map((draw) => line(draw, seconds)).join(''));
    });
  }

  static async start(paths: Readonly<Record<string, readonly Draw[]>>): Promise<Exporter> {
    const exporter = new Exporter(paths);
    await new Promise<void>((resolve) => exporter.#server.listen(0, '127.0.0.1', resolve));
    return exporter;
  }

  get target(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
