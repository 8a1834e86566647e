import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Cluster, down, everywhere, open, up } from './api.ts';

const USAGE = `usage: npm run cluster -- COMMAND
  up [--real N] [--fake N]   bring the cluster up, or repair it; N nodes of containerd and kubelet, N of KWOK
     [--features GATE,...]   with these feature gates of Kubernetes on; '' for none
  status                     what runs
  kubeconfig                 path of the administrator's kubeconfig
  kubectl ARGS...            kubectl with that kubeconfig
  down                       remove the cluster and all it left`;

async function main(argv: readonly string[]): Promise<number> {
  const [command = 'help', ...args] = argv;
  switch (command) {
    case 'up':
      return await commandUp(args);
    case 'status':
      return await withCluster(printStatus);
    case 'kubeconfig':
      return await withCluster(async (cluster) => {
        process.stdout.write(`${cluster.kubeconfig}\n`);
        return 0;
      });
    case 'kubectl':
      return await withCluster(async (cluster) => await passOn(cluster, args));
    case 'down':
      await down();
      return 0;
    default:
      process.stderr.write(`${USAGE}\n`);
      return 2;
  }
}

async function commandUp(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { real: { type: 'string' }, fake: { type: 'string' }, features: { type: 'string' } },
  });
  const began = performance.now();
  const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const cluster = await up({
    ...(values.real === undefined ? {} : { real: count('--real', values.real, 50) }),
    ...(values.fake === undefined ? {} : { fake: count('--fake', values.fake, 9999) }),
    ...(values.features === undefined
      ? {}
      : { features: everywhere(values.features.split(',').filter((gate) => gate !== '')) }),
    log: (line) => process.stdout.write(`[${seconds().padStart(7)}] ${line}\n`),
  });
  process.stdout.write(`up after ${seconds()}: ${cluster.nodes.length} real and ${cluster.fake} fake nodes\n`);
  process.stdout.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  return 0;
}

function count(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) throw new Error(`${option} takes a number, 0 to ${most}`);
  return value;
}

async function withCluster(work: (cluster: Cluster) => Promise<number>): Promise<number> {
  const cluster = await open();
  if (cluster !== undefined) return await work(cluster);
  process.stderr.write('no cluster is up, or it is damaged: npm run cluster -- up\n');
  return 1;
}

async function printStatus(cluster: Cluster): Promise<number> {
  const lines = [`${cluster.server}  ${cluster.nodes.length} real and ${cluster.fake} fake nodes  ${cluster.folder}`];
  for (const name of await cluster.processes()) {
    const pid = String((await cluster.pid(name)) ?? '-').padStart(8);
    lines.push(`${pid}  ${(await cluster.processState(name)).padEnd(7)}  ${name}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stdout.write(await cluster.kubectl(['get', 'nodes', '--selector=type!=kwok']));
  return 0;
}

/** Runs kubectl on this terminal, so that `exec -it`, `edit` and `logs -f` work. */
async function passOn(cluster: Cluster, args: readonly string[]): Promise<number> {
  const child = spawn(cluster.programs.kubectl, [...args], { env: cluster.env, stdio: 'inherit' });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

// The reader of a pipe (`| head`) may leave early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause)
    process.stderr.write(`  because: ${cause.message}\n`);
  process.exitCode = 1;
}
