/** A PostgreSQL server of the test's own: a temporary folder, a Unix socket in it, and no port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { postgresFolder } from '../../../../scripts/local/postgres.ts';
import { run } from '../../../cluster/sh.ts';
import { until } from '../../../support/until.ts';

const programs = postgresFolder();
/** Tests skip where it is missing, saying so, except on CI: there a skipped test is a hidden failure. */
export const skip = programs === undefined && process.env['CI'] !== 'true';
if (skip) console.warn('history in PostgreSQL: skipped, Debian package missing: postgresql');

/** PostgreSQL refuses to run as root: nobody runs it then. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

function unprivileged(command: string, args: readonly string[]): [string, string[]] {
  const drop = isRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  return ['setpriv', [...drop, '--pdeathsig', 'KILL', command, ...args]];
}

export class PostgresServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #programs: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, programs: string) {
    this.#folder = folder;
    this.#programs = programs;
  }

  static async start(): Promise<PostgresServer> {
    if (programs === undefined) throw new Error('Debian package missing: postgresql');
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-postgres-'));
    const data = join(folder, 'data');
    await chmod(folder, 0o711);
    await mkdir(data, { mode: 0o700 });
    if (isRoot) await Promise.all([folder, data].map(async (path) => await chown(path, NOBODY, NOBODY)));
    const args = [
      '--pgdata',
      data,
      '--username=coxswain',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    await run(...unprivileged(join(programs, 'initdb'), args), { cwd: folder });
    const settings = [`listen_addresses = ''`, `unix_socket_directories = '${folder}'`, `shared_buffers = 32MB`];
    await writeFile(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
    const server = new PostgresServer(folder, programs);
    await server.up();
    return server;
  }

  /** `name`: of the database. A socket is named by its folder, as libpq does. */
  url(name = 'postgres'): string {
    return `postgresql://coxswain@${encodeURIComponent(this.#folder)}/${name}`;
  }

  /** Makes an empty database and answers its URL. */
  async database(name: string): Promise<string> {
    await this.query('postgres', `CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** Rows that a statement answers. */
  async query(database: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts it, also again after `kill`. */
  async up(): Promise<void> {
    const [command, args] = unprivileged(join(this.#programs, 'postgres'), ['-D', join(this.#folder, 'data')]);
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (words: Buffer) => {
      said = `${said}${words.toString()}`.slice(-4000);
    });
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended: ${said}`);
      return await this.query('postgres', 'SELECT 1').then(
        () => true,
        () => false,
      );
    }, 60_000);
  }

  /** Ends it as a crash would, for its clients: SIGQUIT, PostgreSQL's immediate shutdown. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
